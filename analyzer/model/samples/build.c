#include "analyzer/model/samples/build.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/count.h"
#include "analyzer/base/memory.h"
#include "analyzer/base/message.h"
#include "analyzer/model/debug/pseudo_probes.h"
#include "analyzer/model/samples/build_by_lines.h"
#include "analyzer/model/samples/build_by_probes.h"
#include "analyzer/model/samples/context_name.h"
#include "analyzer/model/samples/sample_order.h"
#include "include/pgoshim/raw.h"

/* Initialisers have the same names in every source file and are not the same function. */
static bool is_ambiguous(const char *context)
{
    const char *name = context_name_last(context).name;
    return strncmp(name, "__cxx_global_var_init", 21) == 0 || strncmp(name, "__tls_init", 10) == 0;
}

/* --- the finished profile -------------------------------------------------------------- */

/* A place that calls counts as often as it called; llvm-profgen does so at the top alone. */
static void raise_to_calls(struct sample_function *function)
{
    for (size_t i = 0; i < function->record_count; i++) {
        struct sample_record *record = &function->records[i];
        uint64_t called = 0;
        for (size_t k = 0; k < record->target_count; k++)
            called = count_add(called, record->targets[k].count);
        if (record->count < called)
            record->count = called;
    }
}

static void drop_ambiguous(struct sample_function *function)
{
    size_t kept = 0;
    for (size_t i = 0; i < function->inlined_count; i++) {
        struct sample_function *inlined = function->inlined[i];
        if (is_ambiguous(inlined->name)) {
            sample_function_free(inlined);
            continue;
        }
        drop_ambiguous(inlined);
        function->inlined[kept++] = inlined;
    }
    function->inlined_count = kept;
}

/*
 * The functions that most samples fell into must have counts.  Where they have
 * none, the code that ran has no debug information or runs do not fit it, and
 * what is left would make clang take the hottest code for cold.
 */
static bool check_hottest(const struct source_lines *lines,
                          const struct ranges_and_branches *counts, const struct profile *profile,
                          uint32_t module, const struct binary *binary, struct error *error)
{
    size_t range_count;
    const struct source_range *ranges = source_ranges(lines, &range_count);
    bool *has_counts = calloc(range_count + 1, sizeof(*has_counts));
    uint64_t counted = 0, described = 0, all = 0;
    if (!has_counts)
        return memory_exhausted(error);
    for (size_t i = 0; i < counts->range_count; i++) {
        const struct source_range *range = source_range_at(lines, counts->ranges[i].from);
        if (range)
            has_counts[range - ranges] = true;
    }
    for (size_t i = 0; i < profile->trace_count; i++) {
        const struct trace *trace = &profile->traces[i];
        if (trace->from.module != PROFILE_MODULE_NONE || trace->to.module != module)
            continue;
        const struct source_range *range = source_range_at(lines, trace->to.address);
        all = count_add(all, trace->count);
        described = count_add(described, range ? trace->count : 0);
        counted = count_add(counted, range && has_counts[range - ranges] ? trace->count : 0);
    }
    free(has_counts);
    if (counted < described / 2) {
        error_set(error, ERROR_OTHER_BINARY, binary_path(binary),
                  "functions that %" PRIu64 " of %" PRIu64
                  " samples fell into would have no counts",
                  described - counted, described);
        return false;
    }
    if (described < all / 2)
        message_warning("%s: only %.0f%% of the samples are in functions with debug information",
                        binary_path(binary), 100 * (double)described / (double)all);
    return true;
}

/* What of the counts is in code that nothing is known of: see address_accounts_tell(). */
static void account(struct sample_profile *samples, const struct source_lines *lines,
                    const struct ranges_and_branches *counts)
{
    samples->accounts = counts->accounts;
    for (size_t i = 0; i < counts->range_count; i++)
        if (!source_range_at(lines, counts->ranges[i].from))
            samples->accounts.runs_without_lines =
                count_add(samples->accounts.runs_without_lines, counts->ranges[i].count);
}

static bool finish(struct sample_profile *samples, const struct binary *binary,
                   enum sample_rules rules, struct error *error)
{
    if (rules == SAMPLE_RULES_LLVM)
        drop_ambiguous(&samples->top);
    if (samples->top.inlined_count == 0) {
        error_set(error, ERROR_NO_DEBUG_INFO, binary_path(binary), "none for the code that ran");
        return false;
    }
    for (size_t i = 0;
         rules == SAMPLE_RULES_LLVM && !samples->has_contexts && i < samples->top.inlined_count;
         i++)
        raise_to_calls(samples->top.inlined[i]);
    sample_profile_sort(samples);
    return true;
}

/*
 * What debug information is needed of: where runs went, where branches came from
 * and led, and where samples fell, whatever becomes of them.
 */
static bool find_touched(struct address_ranges *touched, const struct ranges_and_branches *counts,
                         const struct profile *profile, uint32_t module, struct error *error)
{
    bool done = true;
    for (size_t i = 0; done && i < counts->range_count; i++)
        done = address_ranges_add(touched, counts->ranges[i].from, counts->ranges[i].to + 1, error);
    for (size_t i = 0; done && i < profile->trace_count; i++) {
        const struct trace *trace = &profile->traces[i];
        if (trace->from.module == module)
            done = address_ranges_add(touched, trace->from.address, trace->from.address + 1, error);
        if (done && trace->to.module == module)
            done = address_ranges_add(touched, trace->to.address, trace->to.address + 1, error);
    }
    address_ranges_join(touched);
    return done;
}

/* Probes are of functions by name, wherever those are: all that the binary has. */
static struct source_lines *open_lines(const struct ranges_and_branches *counts,
                                       const struct profile *profile, uint32_t module,
                                       const struct binary *binary, bool by_probes,
                                       struct error *error)
{
    struct address_ranges touched = {0};
    struct source_lines *lines = NULL;
    if (by_probes || find_touched(&touched, counts, profile, module, error))
        lines = source_lines_open(binary, by_probes, by_probes ? NULL : &touched, error);
    address_ranges_free(&touched);
    return lines;
}

static bool build(struct sample_profile *samples, const struct profile *profile, uint32_t module,
                  const struct binary *binary, enum sample_rules rules,
                  const struct context_options *contexts, struct error *error)
{
    struct ranges_and_branches counts;
    bool is_llvm = rules == SAMPLE_RULES_LLVM, has_contexts = contexts->wanted != CONTEXTS_OFF;
    *samples = (struct sample_profile){
        .by_probes = is_llvm && !contexts->by_lines && binary_has_probes(binary),
        .has_contexts = has_contexts,
        .has_fs_discriminators = is_llvm && binary_has_fs_discriminators(binary),
    };
    if (samples->by_probes && !binary_has_symbols(binary)) {
        error_set(error, ERROR_STRIPPED, binary_path(binary), NULL);
        return false;
    }
    bool done = ranges_and_branches_build(&counts, profile, module, binary, error);
    struct source_lines *lines =
        done ? open_lines(&counts, profile, module, binary, samples->by_probes, error) : NULL;
    done = lines && check_hottest(lines, &counts, profile, module, binary, error);
    if (done && has_contexts)
        done = build_by_callers(samples, lines, &counts, profile, module, binary, contexts, error);
    else if (done && samples->by_probes)
        done = build_by_probes(samples, lines, &counts, binary, error);
    else if (done)
        done = build_by_lines(samples, lines, &counts, binary, rules, error);
    done = done && finish(samples, binary, rules, error);
    if (done)
        account(samples, lines, &counts);
    ranges_and_branches_free(&counts);
    source_lines_free(lines);
    return done;
}

bool sample_profile_build(struct sample_profile *samples, const struct profile *profile,
                          uint32_t module, const struct binary *binary, struct error *error)
{
    static const struct context_options none = {0};
    return build(samples, profile, module, binary, SAMPLE_RULES_LLVM, &none, error);
}

bool sample_profile_build_gcc(struct sample_profile *samples, const struct profile *profile,
                              uint32_t module, const struct binary *binary, struct error *error)
{
    static const struct context_options none = {0};
    return build(samples, profile, module, binary, SAMPLE_RULES_GCC, &none, error);
}

/* Where only few samples have callers, the profile is of those few. */
static void check_callers(const struct profile *profile)
{
    uint64_t known = 0, all = 0, full = 0;
    for (size_t i = 0; i < profile->traces_by_caller.count; i++)
        known = count_add(known, profile->traces_by_caller.items[i].count);
    for (size_t i = 0; i < profile->trace_count; i++)
        all = count_add(all, profile->traces[i].count);
    for (size_t i = 0; i < profile->recording_count; i++)
        full = count_add(full, profile->recordings[i].counters[PGORAW_COUNT_CONTEXTS_FULL]);
    message_detail("%" PRIu64 " branches and samples: the callers of %" PRIu64 " are known", all,
                   known);
    if (known > 0 && known < all / 2)
        message_warning("callers are known of only %.1f %% of what ran: record with "
                        "pgo-record --stacks 1%s",
                        100 * (double)known / (double)all, full > 0 ? " and a larger --limit" : "");
}

bool sample_profile_build_contexts(struct sample_profile *samples, const struct profile *profile,
                                   uint32_t module, const struct binary *binary,
                                   const struct context_options *options, struct error *error)
{
    *samples = (struct sample_profile){0};
    if (options->wanted == CONTEXTS_OFF)
        return build(samples, profile, module, binary, SAMPLE_RULES_LLVM, options, error);
    if (!binary_has_probes(binary)) {
        error_set(error, ERROR_NO_PROBES, binary_path(binary), NULL);
        return false;
    }
    if (profile->hybrid_samples.count == 0 && profile->traces_by_caller.count == 0) {
        error_set(error, ERROR_NO_CALLERS,
                  profile->recording_count > 0 ? profile->recordings[0].file : "the profile", NULL);
        return false;
    }
    check_callers(profile);
    return build(samples, profile, module, binary, SAMPLE_RULES_LLVM, options, error);
}
