#include "analyzer/model/counts/virtual_unwinder.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/base/count.h"
#include "analyzer/base/hash.h"
#include "analyzer/base/memory.h"
#include "analyzer/base/progress.h"
#include "analyzer/model/code/function_instructions.h"

#define OUTSIDE 1 /* stands for all addresses that are not the module's code */
#define NOT_A_CALL 0

/* Adding up runs when there are this many more than twice the distinct ones. */
#define COMPACT_SLACK 65536

struct stored_context {
    size_t first; /* in calls */
    size_t count;
    uint32_t compressed; /* the context that stands for it; UINT32_MAX: not known yet */
};

struct virtual_unwinder {
    uint64_t *calls;
    size_t call_count, call_capacity;
    struct stored_context *items;
    size_t count, capacity;
    uint32_t *index; /* hash table over items: number + 1, 0 = free */
    size_t index_size;
    struct unwound_count *counts;
    size_t count_count, count_capacity, compact_count;
};

/* --- contexts -------------------------------------------------------------------------- */

size_t context_compress(void *items, size_t count, size_t item_size)
{
    char *bytes = items;
    for (size_t length = 1; length <= count / 2; length++) {
        size_t next = length;
        size_t kept = length;
        while (next + length <= count) {
            if (memcmp(bytes + (next - length) * item_size, bytes + next * item_size,
                       length * item_size) == 0) {
                next += length;
            } else {
                memmove(bytes + kept++ * item_size, bytes + next++ * item_size, item_size);
            }
        }
        memmove(bytes + kept * item_size, bytes + next * item_size, (count - next) * item_size);
        count = kept + count - next;
    }
    return count;
}

static uint64_t hash_calls(const uint64_t *calls, size_t count)
{
    uint64_t hash = count;
    for (size_t i = 0; i < count; i++)
        hash = hash_mix(hash, calls[i]);
    return hash;
}

/* The slot of the context, or the free one where it belongs. */
static uint32_t *find_slot(const struct virtual_unwinder *contexts, const uint64_t *calls,
                           size_t count)
{
    size_t mask = contexts->index_size - 1;
    size_t i = (size_t)hash_calls(calls, count) & mask;
    for (; contexts->index[i]; i = (i + 1) & mask) {
        const struct stored_context *known = &contexts->items[contexts->index[i] - 1];
        if (known->count == count && (count == 0 || memcmp(contexts->calls + known->first, calls,
                                                           count * sizeof(*calls)) == 0))
            break;
    }
    return &contexts->index[i];
}

static bool grow_index(struct virtual_unwinder *contexts, struct error *error)
{
    size_t size = contexts->index_size > 0 ? contexts->index_size * 2 : 1024;
    if (contexts->count < contexts->index_size / 2)
        return true;
    uint32_t *grown = calloc(size, sizeof(*grown));
    if (!grown)
        return memory_exhausted(error);
    free(contexts->index);
    contexts->index = grown;
    contexts->index_size = size;
    for (size_t i = 0; i < contexts->count; i++)
        *find_slot(contexts, contexts->calls + contexts->items[i].first, contexts->items[i].count) =
            (uint32_t)i + 1;
    return true;
}

static bool find_context(struct virtual_unwinder *contexts, const uint64_t *calls, size_t count,
                         uint32_t *number, struct error *error)
{
    if (!grow_index(contexts, error))
        return false;
    uint32_t *slot = find_slot(contexts, calls, count);
    if (*slot == 0) {
        if (!memory_reserve(&contexts->items, &contexts->capacity, contexts->count + 1,
                            sizeof(*contexts->items), error) ||
            !memory_reserve(&contexts->calls, &contexts->call_capacity,
                            contexts->call_count + count + 1, sizeof(*calls), error))
            return false;
        if (count > 0)
            memcpy(contexts->calls + contexts->call_count, calls, count * sizeof(*calls));
        contexts->items[contexts->count] =
            (struct stored_context){contexts->call_count, count, UINT32_MAX};
        contexts->call_count += count;
        *slot = (uint32_t)++contexts->count;
    }
    *number = *slot - 1;
    return true;
}

/* The same without repetitions, and no deeper than `depth`. */
static bool compress_context(struct virtual_unwinder *contexts, uint32_t depth, uint32_t *number,
                             struct error *error)
{
    struct stored_context context = contexts->items[*number];
    if (context.compressed == UINT32_MAX) {
        uint64_t *calls = calloc(context.count + 1, sizeof(*calls));
        if (!calls)
            return memory_exhausted(error);
        memcpy(calls, contexts->calls + context.first, context.count * sizeof(*calls));
        size_t count = context_compress(calls, context.count, sizeof(*calls));
        size_t left_out = count > depth ? count - depth : 0;
        bool done =
            find_context(contexts, calls + left_out, count - left_out, &context.compressed, error);
        free(calls);
        if (!done)
            return false;
        contexts->items[*number].compressed = context.compressed;
    }
    *number = context.compressed;
    return true;
}

/* --- runs and branches ----------------------------------------------------------------- */

static int compare_counts(const void *left, const void *right)
{
    const struct unwound_count *a = left;
    const struct unwound_count *b = right;
    if (a->context != b->context)
        return a->context < b->context ? -1 : 1;
    if (a->is_branch != b->is_branch)
        return a->is_branch ? 1 : -1;
    if (a->from != b->from)
        return a->from < b->from ? -1 : 1;
    return a->to < b->to ? -1 : a->to > b->to;
}

static void add_up_counts(struct virtual_unwinder *contexts)
{
    struct unwound_count *items = contexts->counts;
    size_t kept = 0;
    if (contexts->count_count > 1)
        qsort(items, contexts->count_count, sizeof(*items), compare_counts);
    for (size_t i = 0; i < contexts->count_count; i++) {
        if (kept > 0 && compare_counts(&items[kept - 1], &items[i]) == 0)
            items[kept - 1].count = count_add(items[kept - 1].count, items[i].count);
        else
            items[kept++] = items[i];
    }
    contexts->count_count = kept;
    contexts->compact_count = kept;
}

static bool add_count(struct virtual_unwinder *contexts, struct unwound_count counted,
                      struct error *error)
{
    if (contexts->count_count > 2 * contexts->compact_count + COMPACT_SLACK)
        add_up_counts(contexts);
    if (!memory_reserve(&contexts->counts, &contexts->count_capacity, contexts->count_count + 1,
                        sizeof(counted), error))
        return false;
    contexts->counts[contexts->count_count++] = counted;
    return true;
}

/* --- unwinding ------------------------------------------------------------------------- */

/* A branch as far as the module's code goes; OUTSIDE at most one of the two. */
struct inside_branch {
    uint64_t from;
    uint64_t to;
};

struct sample_unwinder {
    const struct profile *profile;
    uint32_t module;
    const struct binary *binary;
    uint32_t depth;
    struct function_instructions *instructions;
    struct virtual_unwinder *contexts;
    struct inside_branch *steps; /* of the sample, newest first */
    size_t step_count, step_capacity;
    uint64_t *path; /* calls of the callers, outermost first, then where the thread is */
    size_t path_count, path_capacity;
    bool is_lost;     /* the stack is not known any more */
    bool has_context; /* `context` is that of the path's callers */
    uint32_t context;
    uint32_t *node_contexts; /* of callers that end with a node of the stacks; 0: nobody's */
    struct error *error;
};

static uint64_t inside(struct sample_unwinder *unwinder, struct location location)
{
    return location.module == unwinder->module &&
                   function_instructions_at(unwinder->instructions, location.address)
               ? location.address
               : OUTSIDE;
}

/* The call that returns to the address. */
static uint64_t call_before(struct sample_unwinder *unwinder, uint64_t address)
{
    const struct instruction *before =
        address == OUTSIDE ? NULL : function_instructions_before(unwinder->instructions, address);
    if (address == OUTSIDE)
        return OUTSIDE;
    return before && before->kind == INSTRUCTION_CALL ? before->address : NOT_A_CALL;
}

static bool is_kind(struct sample_unwinder *unwinder, uint64_t address, enum instruction_kind kind)
{
    const struct instruction *instruction =
        address == OUTSIDE ? NULL : function_instructions_at(unwinder->instructions, address);
    return instruction && instruction->kind == kind;
}

/* The leaf's stack frame may not be there yet, or no more: its caller is then not known. */
static bool is_at_frame_change(struct sample_unwinder *unwinder, uint64_t address)
{
    const struct function *function = binary_function_at(unwinder->binary, address);
    const struct instruction *instruction =
        function_instructions_at(unwinder->instructions, address);
    if (address == OUTSIDE || !instruction || !function)
        return false;
    if (instruction->kind == INSTRUCTION_RETURN || address == function->address)
        return true;
    uint64_t next = instruction->address + instruction->size;
    const struct instruction *before =
        function_instructions_before(unwinder->instructions, address);
    return (before && before->address == function->address) ||
           is_kind(unwinder, next, INSTRUCTION_RETURN);
}

static bool push(struct sample_unwinder *unwinder, uint64_t address)
{
    if (!memory_reserve(&unwinder->path, &unwinder->path_capacity, unwinder->path_count + 1,
                        sizeof(*unwinder->path), unwinder->error))
        return false;
    unwinder->path[unwinder->path_count++] = address;
    unwinder->has_context = false;
    return true;
}

/* The context of the path's first frames: up to the last one outside. */
static bool find_callers(struct sample_unwinder *unwinder, size_t count, uint32_t *context)
{
    size_t first = count;
    while (first > 0 && unwinder->path[first - 1] != OUTSIDE)
        first--;
    return find_context(unwinder->contexts, unwinder->path + first, count - first, context,
                        unwinder->error) &&
           compress_context(unwinder->contexts, unwinder->depth, context, unwinder->error);
}

static bool record(struct sample_unwinder *unwinder, bool is_branch, uint64_t from, uint64_t to,
                   uint64_t count)
{
    if (!unwinder->has_context) {
        if (!find_callers(unwinder, unwinder->path_count - 1, &unwinder->context))
            return false;
        unwinder->has_context = true;
    }
    struct unwound_count counted = {unwinder->context, is_branch, from, to, count};
    return add_count(unwinder->contexts, counted, unwinder->error);
}

/* From the branch's target to where the newer branch left. */
static bool unwind_run(struct sample_unwinder *unwinder, struct inside_branch step, uint64_t end,
                       uint64_t count)
{
    if (end == OUTSIDE && step.to == OUTSIDE)
        return true;
    if (end == OUTSIDE || step.to == OUTSIDE ||
        !function_instructions_are_straight(unwinder->instructions, step.to, end)) {
        unwinder->is_lost = true;
        return true;
    }
    return record(unwinder, false, step.to, end, count);
}

/* Before the branch was taken, what was innermost? */
static bool unwind_branch(struct sample_unwinder *unwinder, struct inside_branch step)
{
    uint64_t *leaf = &unwinder->path[unwinder->path_count - 1];
    uint64_t call = step.from == OUTSIDE ? call_before(unwinder, step.to) : NOT_A_CALL;
    if (unwinder->is_lost) {
        unwinder->path_count = 0;
        return push(unwinder, step.from);
    }
    if (is_kind(unwinder, step.from, INSTRUCTION_CALL) ||
        (step.from == OUTSIDE && call == NOT_A_CALL)) {
        if (unwinder->path_count > 1 && leaf[-1] == step.from) {
            unwinder->path_count--;
            unwinder->has_context = false;
        } else {
            *leaf = step.from; /* the caller is not in the stack */
        }
        return true;
    }
    if (is_kind(unwinder, step.from, INSTRUCTION_RETURN) || step.from == OUTSIDE) {
        *leaf = call_before(unwinder, step.to);
        return push(unwinder, step.from);
    }
    *leaf = step.from;
    return true;
}

static bool record_branch(struct sample_unwinder *unwinder, struct inside_branch step,
                          uint64_t count)
{
    /* Calls from outside have no place that could call. */
    return step.to == OUTSIDE || step.from == OUTSIDE ||
           record(unwinder, true, step.from, step.to, count);
}

/* The sample's branches, without those from and to somewhere else. */
static bool read_steps(struct sample_unwinder *unwinder, const struct hybrid_sample *sample)
{
    unwinder->step_count = 0;
    for (size_t i = 0; i < sample->branch_count; i++) {
        uint32_t number = unwinder->profile->hybrid_samples.branches[sample->first_branch + i];
        const struct trace *trace = &unwinder->profile->traces[number];
        struct inside_branch step = {inside(unwinder, trace->from), inside(unwinder, trace->to)};
        if (step.from == OUTSIDE && step.to == OUTSIDE)
            continue;
        if (!memory_reserve(&unwinder->steps, &unwinder->step_capacity, unwinder->step_count + 1,
                            sizeof(step), unwinder->error))
            return false;
        unwinder->steps[unwinder->step_count++] = step;
    }
    return true;
}

/* A node and its callers, innermost first, up to one that nothing can have been called from. */
static bool read_frames(struct sample_unwinder *unwinder, uint32_t first, bool is_sample)
{
    const struct stack_node *nodes = unwinder->profile->stacks;
    unwinder->path_count = 0;
    for (uint32_t node = first; node; node = nodes[node - 1].parent) {
        struct location location = nodes[node - 1].location;
        bool is_caller = !is_sample || node != first;
        location.address += is_caller; /* where it goes on */
        uint64_t address = nodes[node - 1].truncated ? OUTSIDE : inside(unwinder, location);
        if (is_caller && address != OUTSIDE)
            address = call_before(unwinder, address);
        if (address == NOT_A_CALL)
            break;
        bool is_repeated = address == OUTSIDE && unwinder->path_count > 0 &&
                           unwinder->path[unwinder->path_count - 1] == OUTSIDE;
        if (!is_repeated && !push(unwinder, address))
            return false;
    }
    return true;
}

static void turn_path(struct sample_unwinder *unwinder)
{
    for (size_t i = 0; i < unwinder->path_count / 2; i++) {
        uint64_t *other = &unwinder->path[unwinder->path_count - 1 - i];
        uint64_t outer = *other;
        *other = unwinder->path[i];
        unwinder->path[i] = outer;
    }
}

static bool read_stack(struct sample_unwinder *unwinder, const struct hybrid_sample *sample,
                       bool *is_of_use)
{
    if (!read_frames(unwinder, sample->stack, true))
        return false;
    if (unwinder->path_count > 1 && unwinder->path[unwinder->path_count - 1] == OUTSIDE)
        unwinder->path_count--;
    *is_of_use = unwinder->path_count > 0 && !is_at_frame_change(unwinder, unwinder->path[0]);
    turn_path(unwinder);
    return true;
}

static bool unwind(struct sample_unwinder *unwinder, const struct hybrid_sample *sample)
{
    bool is_of_use;
    if (!read_steps(unwinder, sample) || !read_stack(unwinder, sample, &is_of_use))
        return false;
    if (!is_of_use || unwinder->step_count == 0)
        return true;
    unwinder->is_lost = false;
    unwinder->has_context = false;
    unwinder->path[unwinder->path_count - 1] = unwinder->steps[0].to;
    for (size_t i = 0; i < unwinder->step_count; i++) {
        struct inside_branch step = unwinder->steps[i];
        if (i > 0 && !unwind_run(unwinder, step, unwinder->steps[i - 1].from, sample->count))
            return false;
        if (!unwind_branch(unwinder, step) || !record_branch(unwinder, step, sample->count))
            return false;
    }
    return true;
}

/* --- traces by callers ----------------------------------------------------------------- */

/* The context of callers that end with this node; `call`: with this call after it. */
static bool find_context_of(struct sample_unwinder *unwinder, uint32_t node, uint64_t call,
                            uint32_t *context)
{
    uint32_t *known = &unwinder->node_contexts[node];
    if (call == NOT_A_CALL && *known != UINT32_MAX) {
        *context = *known;
        return true;
    }
    if (!read_frames(unwinder, node, false))
        return false;
    turn_path(unwinder);
    if ((call != NOT_A_CALL && !push(unwinder, call)) ||
        !find_callers(unwinder, unwinder->path_count, context))
        return false;
    if (call == NOT_A_CALL)
        *known = *context;
    return true;
}

/* The branch of a trace whose run has these callers: a call has come from the innermost of them. */
static bool add_branch_of(struct sample_unwinder *unwinder, const struct trace_by_caller *item,
                          struct unwound_count branch)
{
    uint32_t node = item->callers;
    uint64_t call = NOT_A_CALL;
    if (node && is_kind(unwinder, branch.from, INSTRUCTION_CALL))
        node = unwinder->profile->stacks[node - 1].parent;
    else if (is_kind(unwinder, branch.from, INSTRUCTION_RETURN))
        call = call_before(unwinder, branch.to);
    return find_context_of(unwinder, node, call, &branch.context) &&
           add_count(unwinder->contexts, branch, unwinder->error);
}

/* Runs that no code allows are left out. */
static bool add_trace_of(struct sample_unwinder *unwinder, const struct trace_by_caller *item)
{
    const struct trace *trace = &unwinder->profile->traces[item->trace];
    uint64_t from = inside(unwinder, trace->from);
    uint64_t to = inside(unwinder, trace->to);
    uint64_t end =
        inside(unwinder, (struct location){trace->to.module, trace->has_range ? trace->end : 0});
    struct unwound_count run = {0, false, to, end, item->count};
    if (to == OUTSIDE)
        return true;
    if (trace->has_range && end != OUTSIDE &&
        function_instructions_are_straight(unwinder->instructions, to, end) &&
        (!find_context_of(unwinder, item->callers, NOT_A_CALL, &run.context) ||
         !add_count(unwinder->contexts, run, unwinder->error)))
        return false;
    return from == OUTSIDE ||
           add_branch_of(unwinder, item, (struct unwound_count){0, true, from, to, item->count});
}

static bool add_context_traces(struct sample_unwinder *unwinder)
{
    const struct traces_by_caller *traces = &unwinder->profile->traces_by_caller;
    size_t nodes = unwinder->profile->stack_count + 1;
    bool done = true;
    unwinder->node_contexts = malloc(nodes * sizeof(*unwinder->node_contexts));
    if (!unwinder->node_contexts)
        return memory_exhausted(unwinder->error);
    memset(unwinder->node_contexts, 0xff, nodes * sizeof(*unwinder->node_contexts));
    done = memory_reserve(&unwinder->path, &unwinder->path_capacity, 1, sizeof(*unwinder->path),
                          unwinder->error);
    for (size_t i = 0; done && i < traces->count; i++) {
        progress_step("following callers", i, traces->count);
        done = add_trace_of(unwinder, &traces->items[i]);
    }
    free(unwinder->node_contexts);
    return done;
}

struct virtual_unwinder *virtual_unwinder_run(const struct profile *profile, uint32_t module,
                                              const struct binary *binary, uint32_t depth,
                                              struct error *error)
{
    const struct hybrid_samples *samples = &profile->hybrid_samples;
    struct sample_unwinder unwinder = {
        .profile = profile,
        .module = module,
        .binary = binary,
        .depth = depth,
        .instructions = function_instructions_new(binary, error),
        .contexts = calloc(1, sizeof(struct virtual_unwinder)),
        .error = error,
    };
    bool done = unwinder.instructions && unwinder.contexts;
    if (unwinder.instructions && !unwinder.contexts)
        memory_exhausted(error);
    for (size_t i = 0; done && i < samples->count; i++) {
        progress_step("unwinding call stacks", i, samples->count);
        done = unwind(&unwinder, &samples->items[i]);
    }
    done = done && add_context_traces(&unwinder);
    if (done && function_instructions_failed(unwinder.instructions))
        done = memory_exhausted(error);
    function_instructions_free(unwinder.instructions);
    free(unwinder.steps);
    free(unwinder.path);
    if (done) {
        add_up_counts(unwinder.contexts);
        return unwinder.contexts;
    }
    virtual_unwinder_free(unwinder.contexts);
    return NULL;
}

void virtual_unwinder_free(struct virtual_unwinder *contexts)
{
    if (!contexts)
        return;
    free(contexts->calls);
    free(contexts->items);
    free(contexts->index);
    free(contexts->counts);
    free(contexts);
}

size_t virtual_unwinder_context_count(const struct virtual_unwinder *contexts)
{
    return contexts->count;
}

struct calling_context virtual_unwinder_context(const struct virtual_unwinder *contexts,
                                                size_t index)
{
    const struct stored_context *context = &contexts->items[index];
    return (struct calling_context){contexts->calls + context->first, context->count};
}

const struct unwound_count *virtual_unwinder_counts(const struct virtual_unwinder *contexts,
                                                    size_t *count)
{
    *count = contexts->count_count;
    return contexts->counts;
}
