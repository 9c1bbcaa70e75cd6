#include "analyzer/model/samples/build_by_callers.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/count.h"
#include "analyzer/base/memory.h"
#include "analyzer/model/samples/context_name.h"
#include "analyzer/model/samples/counted_probes.h"
#include "analyzer/model/samples/sample_merge.h"
#include "analyzer/model/samples/sample_summary.h"

#define ENTRY 1 /* the number of a function's first probe */

/* A function, and at which of its probes it called; compared by its bytes. */
struct frame {
    const char *function; /* from sample_profile_name */
    uint32_t probe;
    uint32_t zero;
};

struct frames {
    struct frame *items;
    size_t count, capacity;
};

/* A copy of a function under the callers that are being counted. */
struct counted_copy {
    uint32_t context; /* + 1 of the context that the rest is about */
    bool has_all;     /* all probes of the copy are in the profile, if only with 0 */
    struct sample_function *function;
    struct sample_function *caller; /* where it is inlined, and it has been entered */
    uint32_t call;                  /* the probe in the caller */
};

struct context_count {
    struct sample_profile *samples;
    struct counted_probes copies;
    const struct virtual_unwinder *contexts;
    uint32_t depth;
    struct counted_copy *counted;      /* by number of a copy */
    const struct pseudo_probe *probes; /* all */
    size_t *first_of_copy;             /* where a copy's probes begin in of_copy */
    size_t *of_copy;                   /* indices of probes, by copy */
    struct frames prefix;              /* the frames of the context's callers */
    struct frames frames;              /* and of a copy under them */
    uint32_t prefix_context;           /* + 1 of the context that the prefix is of */
    struct error *error;
};

bool contexts_parse(const char *text, enum contexts_wanted *wanted)
{
    static const char *const texts[] = {
        [CONTEXTS_OFF] = "off", [CONTEXTS_ON] = "on", [CONTEXTS_ALL] = "all"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        if (strcmp(text, texts[i]) == 0) {
            *wanted = (enum contexts_wanted)i;
            return true;
        }
    }
    return false;
}

/* --- frames ---------------------------------------------------------------------------- */

static bool add_frame(struct context_count *counting, struct frames *frames,
                      const struct probe_function *function, uint32_t probe)
{
    const char *name = sample_profile_name(counting->samples, function->name, function->name_size,
                                           counting->error);
    if (!name || !memory_reserve(&frames->items, &frames->capacity, frames->count + 1,
                                 sizeof(*frames->items), counting->error))
        return false;
    frames->items[frames->count++] = (struct frame){name, probe, 0};
    return true;
}

/* The functions that a copy is inlined into, outermost first, and the copy itself, at `probe`. */
static bool add_copy(struct context_count *counting, struct frames *frames, uint32_t number,
                     uint32_t probe)
{
    const struct probe_copy *copy = pseudo_probes_copy(counting->copies.probes, number);
    if (copy->caller != PROBE_NO_COPY) {
        if (!counted_probes_is_inlined(&counting->copies, copy))
            frames->count = 0; /* what is outside an unknown call is not known either */
        else if (!add_copy(counting, frames, copy->caller, copy->call))
            return false;
    }
    return add_frame(counting, frames, copy->function, probe);
}

/* The callers' frames: up to the innermost call that no probe tells of. */
static bool find_prefix(struct context_count *counting, uint32_t number)
{
    struct calling_context context = virtual_unwinder_context(counting->contexts, number);
    size_t first = context.count;
    if (counting->prefix_context == number + 1)
        return true;
    while (first > 0 && counted_probes_call(&counting->copies, context.calls[first - 1]))
        first--;
    counting->prefix.count = 0;
    for (size_t i = first; i < context.count; i++) {
        const struct pseudo_probe *call = counted_probes_call(&counting->copies, context.calls[i]);
        if (!add_copy(counting, &counting->prefix, call->copy, call->number))
            return false;
    }
    counting->prefix_context = number + 1;
    return true;
}

/* "[main:3 @ f:1 @ g]"; NULL with ERROR_MEMORY. */
static const char *context_name(struct context_count *counting, const struct frame *frames,
                                size_t count)
{
    char *text = NULL;
    size_t size;
    const char *name = NULL;
    FILE *stream = open_memstream(&text, &size);
    for (size_t i = 0; stream && i < count; i++) {
        fprintf(stream, "%s%s", i == 0 ? "[" : " @ ", frames[i].function);
        if (i + 1 < count)
            fprintf(stream, ":%" PRIu32, frames[i].probe);
    }
    if (stream)
        fputc(']', stream);
    if (stream && fclose(stream) == 0)
        name = sample_profile_name(counting->samples, text, size, counting->error);
    else
        memory_exhausted(counting->error);
    free(text);
    return name;
}

static struct sample_function *find_function(struct context_count *counting,
                                             const struct frame *frames, size_t count,
                                             const struct probe_function *function)
{
    const char *name = context_name(counting, frames, count);
    struct sample_function *found =
        name ? sample_function_inlined(&counting->samples->top, (struct sample_place){0, 0}, name,
                                       counting->error)
             : NULL;
    if (found)
        found->checksum = function->checksum;
    return found;
}

/* The function of a copy under the callers of a context; NULL with ERROR_MEMORY. */
static struct counted_copy *find_copy(struct context_count *counting, uint32_t context,
                                      uint32_t number, bool is_entered)
{
    const struct probe_copy *copy = pseudo_probes_copy(counting->copies.probes, number);
    struct counted_copy *counted = &counting->counted[number];
    struct frames *frames = &counting->frames;
    bool is_inlined = copy->caller != PROBE_NO_COPY;
    if (counted->function && counted->context == context + 1 &&
        (!is_entered || !is_inlined || counted->caller))
        return counted;
    if (!find_prefix(counting, context))
        return NULL;
    frames->count = 0;
    for (size_t i = 0; i < counting->prefix.count; i++) {
        if (!memory_reserve(&frames->items, &frames->capacity, frames->count + 1,
                            sizeof(*frames->items), counting->error))
            return NULL;
        frames->items[frames->count++] = counting->prefix.items[i];
    }
    if (!add_copy(counting, frames, number, 0))
        return NULL;
    struct frame leaf = frames->items[--frames->count];
    size_t callers = context_compress(frames->items, frames->count, sizeof(*frames->items));
    struct frame *kept = frames->items;
    if (callers > counting->depth) {
        kept += callers - counting->depth;
        callers = counting->depth;
    }
    kept[callers] = leaf;
    if (counted->context != context + 1)
        *counted = (struct counted_copy){.context = context + 1};
    counted->function = find_function(counting, kept, callers + 1, copy->function);
    if (counted->function && is_inlined)
        counted->function->attributes |= SAMPLE_WAS_INLINED;
    const struct probe_function *inliner =
        is_inlined ? pseudo_probes_copy(counting->copies.probes, copy->caller)->function : NULL;
    if (counted->function && is_entered && inliner && callers > 0) {
        counted->call = kept[callers - 1].probe;
        counted->caller = find_function(counting, kept, callers, inliner);
        if (!counted->caller)
            return NULL;
    }
    return counted->function ? counted : NULL;
}

/* --- counts ---------------------------------------------------------------------------- */

static struct sample_record *add_count(struct context_count *counting,
                                       struct sample_function *function, struct sample_place place,
                                       uint64_t count)
{
    struct sample_record *record = sample_function_record(function, place, counting->error);
    if (record) {
        record->count = count_add(record->count, count);
        function->total = count_add(function->total, count);
    }
    return record;
}

/* An inlined function that is entered has been called as often by what it is inlined into. */
static bool add_entry(struct context_count *counting, const struct counted_copy *counted,
                      uint64_t count)
{
    counted->function->head = count_add(counted->function->head, count);
    if (!counted->caller)
        return true;
    struct context_frame last = context_name_last(counted->function->name);
    const char *name =
        sample_profile_name(counting->samples, last.name, last.size, counting->error);
    struct sample_record *record =
        name ? add_count(counting, counted->caller, (struct sample_place){counted->call, 0}, count)
             : NULL;
    return record && sample_record_add_target(record, name, count, counting->error);
}

/* What did not run of a copy that ran is known to be cold. */
static bool add_all_of_copy(struct context_count *counting, struct counted_copy *counted,
                            uint32_t number)
{
    for (size_t i = counting->first_of_copy[number]; i < counting->first_of_copy[number + 1]; i++) {
        const struct pseudo_probe *probe = &counting->probes[counting->of_copy[i]];
        struct sample_place place = {probe->number, probe->discriminator};
        if (!sample_function_record(counted->function, place, counting->error))
            return false;
    }
    counted->has_all = true;
    return true;
}

static bool add_run(struct context_count *counting, const struct unwound_count *run)
{
    size_t count;
    const struct pseudo_probe *probes =
        pseudo_probes_between(counting->copies.probes, run->from, run->to + 1, &count);
    for (size_t i = 0; i < count; i++) {
        const struct pseudo_probe *probe = &probes[i];
        if (probe->is_call || !counting->copies.is_counted[probe->copy])
            continue;
        struct counted_copy *counted =
            find_copy(counting, run->context, probe->copy, probe->number == ENTRY);
        struct sample_place place = {probe->number, probe->discriminator};
        if (!counted || !add_count(counting, counted->function, place, run->count) ||
            (probe->number == ENTRY && !add_entry(counting, counted, run->count)) ||
            (!counted->has_all && !add_all_of_copy(counting, counted, probe->copy)))
            return false;
    }
    return true;
}

static bool add_branch(struct context_count *counting, const struct unwound_count *branch)
{
    const struct pseudo_probe *call = counted_probes_call(&counting->copies, branch->from);
    const char *callee = NULL;
    if (!call)
        return true;
    struct counted_copy *counted = find_copy(counting, branch->context, call->copy, false);
    if (!counted || !add_count(counting, counted->function, (struct sample_place){call->number, 0},
                               branch->count))
        return false;
    if (!counted_probes_callee(&counting->copies, counting->samples, branch->to, &callee,
                               counting->error))
        return false;
    struct sample_record *record =
        callee ? sample_function_record(counted->function,
                                        (struct sample_place){call->number, call->discriminator},
                                        counting->error)
               : NULL;
    return !callee ||
           (record && sample_record_add_target(record, callee, branch->count, counting->error));
}

/* Sorts the probes by copy. */
static bool index_copies(struct context_count *counting)
{
    size_t copy_count = pseudo_probes_copy_count(counting->copies.probes);
    size_t count;
    counting->probes = pseudo_probes_between(counting->copies.probes, 0, UINT64_MAX, &count);
    counting->counted = calloc(copy_count + 1, sizeof(*counting->counted));
    counting->first_of_copy = calloc(copy_count + 2, sizeof(size_t));
    counting->of_copy = calloc(count + 1, sizeof(size_t));
    if (!counting->counted || !counting->first_of_copy || !counting->of_copy)
        return memory_exhausted(counting->error);
    /* Counts one place further on become beginnings while the places are filled. */
    for (size_t i = 0; i < count; i++)
        counting->first_of_copy[counting->probes[i].copy + 2]++;
    for (size_t i = 2; i < copy_count + 2; i++)
        counting->first_of_copy[i] += counting->first_of_copy[i - 1];
    for (size_t i = 0; i < count; i++)
        counting->of_copy[counting->first_of_copy[counting->probes[i].copy + 1]++] = i;
    return true;
}

static bool count_transfers(struct context_count *counting)
{
    size_t count;
    const struct unwound_count *counts = virtual_unwinder_counts(counting->contexts, &count);
    bool done = index_copies(counting);
    for (size_t i = 0; done && i < count; i++)
        done =
            counts[i].is_branch ? add_branch(counting, &counts[i]) : add_run(counting, &counts[i]);
    free(counting->counted);
    free(counting->first_of_copy);
    free(counting->of_copy);
    free(counting->prefix.items);
    free(counting->frames.items);
    return done;
}

/* --- cold functions -------------------------------------------------------------------- */

/*
 * Functions that are not hot in a context are added up over all contexts.  What is hot
 * is what the hottest places that have most of all counts are counted.
 */
static bool merge_cold(struct sample_profile *samples, struct error *error)
{
    struct sample_summary summary;
    struct sample_function *top = &samples->top;
    bool done = sample_summary_build(&summary, samples, error);
    uint64_t hot = done ? sample_summary_cutoff(&summary, SAMPLE_HOT).smallest : 0;
    sample_summary_free(&summary);
    for (size_t i = 0; done && i < top->inlined_count; i++) {
        struct sample_function *function = top->inlined[i];
        if (function->total >= hot)
            continue;
        struct context_frame last = context_name_last(function->name);
        char *text = malloc(last.size + 3);
        if (!text)
            return memory_exhausted(error);
        snprintf(text, last.size + 3, "[%.*s]", (int)last.size, last.name);
        function->name = sample_profile_name(samples, text, last.size + 2, error);
        function->attributes = 0;
        free(text);
        done = function->name != NULL;
    }
    return done && sample_profile_unite(samples, "the profile", error);
}

/* --- all of it ------------------------------------------------------------------------- */

/* Where calls are is needed to know which functions ran. */
static bool collect_calls(const struct virtual_unwinder *contexts, uint64_t **calls, size_t *count,
                          struct error *error)
{
    size_t capacity = 0;
    *calls = NULL;
    *count = 0;
    for (size_t i = 0; i < virtual_unwinder_context_count(contexts); i++) {
        struct calling_context context = virtual_unwinder_context(contexts, i);
        if (!memory_reserve(calls, &capacity, *count + context.count + 1, sizeof(**calls), error))
            return false;
        for (size_t k = 0; k < context.count; k++)
            (*calls)[(*count)++] = context.calls[k];
    }
    return true;
}

static bool count_contexts(struct sample_profile *samples, const struct source_lines *lines,
                           const struct ranges_and_branches *counts,
                           const struct virtual_unwinder *contexts, uint32_t depth,
                           const struct binary *binary, struct error *error)
{
    struct context_count counting = {
        .samples = samples, .contexts = contexts, .depth = depth, .error = error};
    uint64_t *calls = NULL;
    size_t call_count = 0;
    bool done =
        collect_calls(contexts, &calls, &call_count, error) &&
        counted_probes_open(&counting.copies, lines, counts, calls, call_count, binary, error) &&
        count_transfers(&counting);
    counted_probes_close(&counting.copies);
    free(calls);
    return done;
}

bool build_by_callers(struct sample_profile *samples, const struct source_lines *lines,
                      const struct ranges_and_branches *counts, const struct profile *profile,
                      uint32_t module, const struct binary *binary,
                      const struct context_options *options, struct error *error)
{
    struct virtual_unwinder *contexts =
        virtual_unwinder_run(profile, module, binary, options->depth, error);
    bool done = contexts &&
                count_contexts(samples, lines, counts, contexts, options->depth, binary, error) &&
                (options->wanted == CONTEXTS_ALL || merge_cold(samples, error));
    virtual_unwinder_free(contexts);
    return done;
}
