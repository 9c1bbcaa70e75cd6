#include "analyzer/model/counts/virtual_unwinder.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/base/count.h"
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

struct calling_contexts {
    uint64_t *calls;
    size_t call_count, call_capacity;
    struct stored_context *items;
    size_t count, capacity;
    uint32_t *index; /* hash table over items: number + 1, 0 = free */
    size_t index_size;
    struct context_transfer *transfers;
    size_t transfer_count, transfer_capacity, compact_count;
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
    for (size_t i = 0; i < count; i++) {
        hash = (hash ^ calls[i]) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 29;
    }
    return hash;
}

/* The slot of the context, or the free one where it belongs. */
static uint32_t *find_slot(const struct calling_contexts *contexts, const uint64_t *calls,
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

static bool grow_index(struct calling_contexts *contexts, struct error *error)
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

static bool find_context(struct calling_contexts *contexts, const uint64_t *calls, size_t count,
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
static bool compress_context(struct calling_contexts *contexts, uint32_t depth, uint32_t *number,
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

static int compare_transfers(const void *left, const void *right)
{
    const struct context_transfer *a = left;
    const struct context_transfer *b = right;
    if (a->context != b->context)
        return a->context < b->context ? -1 : 1;
    if (a->is_branch != b->is_branch)
        return a->is_branch ? 1 : -1;
    if (a->from != b->from)
        return a->from < b->from ? -1 : 1;
    return a->to < b->to ? -1 : a->to > b->to;
}

static void add_up_transfers(struct calling_contexts *contexts)
{
    struct context_transfer *items = contexts->transfers;
    size_t kept = 0;
    if (contexts->transfer_count > 1)
        qsort(items, contexts->transfer_count, sizeof(*items), compare_transfers);
    for (size_t i = 0; i < contexts->transfer_count; i++) {
        if (kept > 0 && compare_transfers(&items[kept - 1], &items[i]) == 0)
            items[kept - 1].count = count_add(items[kept - 1].count, items[i].count);
        else
            items[kept++] = items[i];
    }
    contexts->transfer_count = kept;
    contexts->compact_count = kept;
}

static bool add_transfer(struct calling_contexts *contexts, struct context_transfer transfer,
                         struct error *error)
{
    if (contexts->transfer_count > 2 * contexts->compact_count + COMPACT_SLACK)
        add_up_transfers(contexts);
    if (!memory_reserve(&contexts->transfers, &contexts->transfer_capacity,
                        contexts->transfer_count + 1, sizeof(transfer), error))
        return false;
    contexts->transfers[contexts->transfer_count++] = transfer;
    return true;
}

/* --- unwinding ------------------------------------------------------------------------- */

/* A branch as far as the module's code goes; OUTSIDE at most one of the two. */
struct step {
    uint64_t from;
    uint64_t to;
};

struct unwinder {
    const struct profile *profile;
    uint32_t module;
    const struct binary *binary;
    uint32_t depth;
    struct instructions *instructions;
    struct calling_contexts *contexts;
    struct step *steps; /* of the sample, newest first */
    size_t step_count, step_capacity;
    uint64_t *path; /* calls of the callers, outermost first, then where the thread is */
    size_t path_count, path_capacity;
    bool is_lost;     /* the stack is not known any more */
    bool has_context; /* `context` is that of the path's callers */
    uint32_t context;
    uint32_t *node_contexts; /* of callers that end with a node of the stacks; 0: nobody's */
    struct error *error;
};

static uint64_t inside(struct unwinder *unwinder, struct location location)
{
    return location.module == unwinder->module &&
                   instructions_at(unwinder->instructions, location.address)
               ? location.address
               : OUTSIDE;
}

/* The call that returns to the address. */
static uint64_t call_before(struct unwinder *unwinder, uint64_t address)
{
    const struct instruction *before =
        address == OUTSIDE ? NULL : instructions_before(unwinder->instructions, address);
    if (address == OUTSIDE)
        return OUTSIDE;
    return before && before->kind == INSTRUCTION_CALL ? before->address : NOT_A_CALL;
}

static bool is_kind(struct unwinder *unwinder, uint64_t address, enum instruction_kind kind)
{
    const struct instruction *instruction =
        address == OUTSIDE ? NULL : instructions_at(unwinder->instructions, address);
    return instruction && instruction->kind == kind;
}

/* The leaf's stack frame may not be there yet, or no more: its caller is then not known. */
static bool is_at_frame_change(struct unwinder *unwinder, uint64_t address)
{
    const struct function *function = binary_function_at(unwinder->binary, address);
    const struct instruction *instruction = instructions_at(unwinder->instructions, address);
    if (address == OUTSIDE || !instruction || !function)
        return false;
    if (instruction->kind == INSTRUCTION_RETURN || address == function->address)
        return true;
    uint64_t next = instruction->address + instruction->size;
    const struct instruction *before = instructions_before(unwinder->instructions, address);
    return (before && before->address == function->address) ||
           is_kind(unwinder, next, INSTRUCTION_RETURN);
}

static bool push(struct unwinder *unwinder, uint64_t address)
{
    if (!memory_reserve(&unwinder->path, &unwinder->path_capacity, unwinder->path_count + 1,
                        sizeof(*unwinder->path), unwinder->error))
        return false;
    unwinder->path[unwinder->path_count++] = address;
    unwinder->has_context = false;
    return true;
}

/* The context of the path's first frames: up to the last one outside. */
static bool find_callers(struct unwinder *unwinder, size_t count, uint32_t *context)
{
    size_t first = count;
    while (first > 0 && unwinder->path[first - 1] != OUTSIDE)
        first--;
    return find_context(unwinder->contexts, unwinder->path + first, count - first, context,
                        unwinder->error) &&
           compress_context(unwinder->contexts, unwinder->depth, context, unwinder->error);
}

static bool record(struct unwinder *unwinder, bool is_branch, uint64_t from, uint64_t to,
                   uint64_t count)
{
    if (!unwinder->has_context) {
        if (!find_callers(unwinder, unwinder->path_count - 1, &unwinder->context))
            return false;
        unwinder->has_context = true;
    }
    struct context_transfer transfer = {unwinder->context, is_branch, from, to, count};
    return add_transfer(unwinder->contexts, transfer, unwinder->error);
}

/* From the branch's target to where the newer branch left. */
static bool unwind_run(struct unwinder *unwinder, struct step step, uint64_t end, uint64_t count)
{
    if (end == OUTSIDE && step.to == OUTSIDE)
        return true;
    if (end == OUTSIDE || step.to == OUTSIDE ||
        !instructions_run(unwinder->instructions, step.to, end)) {
        unwinder->is_lost = true;
        return true;
    }
    return record(unwinder, false, step.to, end, count);
}

/* Before the branch was taken, what was innermost? */
static bool unwind_branch(struct unwinder *unwinder, struct step step)
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

static bool record_branch(struct unwinder *unwinder, struct step step, uint64_t count)
{
    /* Calls from outside have no place that could call. */
    return step.to == OUTSIDE || step.from == OUTSIDE ||
           record(unwinder, true, step.from, step.to, count);
}

/* The sample's branches, without those from and to somewhere else. */
static bool read_steps(struct unwinder *unwinder, const struct hybrid_sample *sample)
{
    unwinder->step_count = 0;
    for (size_t i = 0; i < sample->branch_count; i++) {
        uint32_t number = unwinder->profile->hybrid_samples.branches[sample->first_branch + i];
        const struct trace *trace = &unwinder->profile->traces[number];
        struct step step = {inside(unwinder, trace->from), inside(unwinder, trace->to)};
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
static bool read_frames(struct unwinder *unwinder, uint32_t first, bool is_sample)
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

static void turn_path(struct unwinder *unwinder)
{
    for (size_t i = 0; i < unwinder->path_count / 2; i++) {
        uint64_t *other = &unwinder->path[unwinder->path_count - 1 - i];
        uint64_t outer = *other;
        *other = unwinder->path[i];
        unwinder->path[i] = outer;
    }
}

static bool read_stack(struct unwinder *unwinder, const struct hybrid_sample *sample,
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

static bool unwind(struct unwinder *unwinder, const struct hybrid_sample *sample)
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
        struct step step = unwinder->steps[i];
        if (i > 0 && !unwind_run(unwinder, step, unwinder->steps[i - 1].from, sample->count))
            return false;
        if (!unwind_branch(unwinder, step) || !record_branch(unwinder, step, sample->count))
            return false;
    }
    return true;
}

/* --- traces by callers ----------------------------------------------------------------- */

/* The context of callers that end with this node; `call`: with this call after it. */
static bool find_context_of(struct unwinder *unwinder, uint32_t node, uint64_t call,
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
static bool add_branch_of(struct unwinder *unwinder, const struct context_trace *item,
                          struct context_transfer branch)
{
    uint32_t node = item->callers;
    uint64_t call = NOT_A_CALL;
    if (node && is_kind(unwinder, branch.from, INSTRUCTION_CALL))
        node = unwinder->profile->stacks[node - 1].parent;
    else if (is_kind(unwinder, branch.from, INSTRUCTION_RETURN))
        call = call_before(unwinder, branch.to);
    return find_context_of(unwinder, node, call, &branch.context) &&
           add_transfer(unwinder->contexts, branch, unwinder->error);
}

/* Runs that no code allows are left out. */
static bool add_trace_of(struct unwinder *unwinder, const struct context_trace *item)
{
    const struct trace *trace = &unwinder->profile->traces[item->trace];
    uint64_t from = inside(unwinder, trace->from);
    uint64_t to = inside(unwinder, trace->to);
    uint64_t end =
        inside(unwinder, (struct location){trace->to.module, trace->has_run ? trace->end : 0});
    struct context_transfer run = {0, false, to, end, item->count};
    if (to == OUTSIDE)
        return true;
    if (trace->has_run && end != OUTSIDE && instructions_run(unwinder->instructions, to, end) &&
        (!find_context_of(unwinder, item->callers, NOT_A_CALL, &run.context) ||
         !add_transfer(unwinder->contexts, run, unwinder->error)))
        return false;
    return from == OUTSIDE ||
           add_branch_of(unwinder, item, (struct context_transfer){0, true, from, to, item->count});
}

static bool add_context_traces(struct unwinder *unwinder)
{
    const struct context_traces *traces = &unwinder->profile->context_traces;
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

struct calling_contexts *calling_contexts_build(const struct profile *profile, uint32_t module,
                                                const struct binary *binary, uint32_t depth,
                                                struct error *error)
{
    const struct hybrid_samples *samples = &profile->hybrid_samples;
    struct unwinder unwinder = {
        .profile = profile,
        .module = module,
        .binary = binary,
        .depth = depth,
        .instructions = instructions_new(binary, error),
        .contexts = calloc(1, sizeof(struct calling_contexts)),
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
    if (done && instructions_failed(unwinder.instructions))
        done = memory_exhausted(error);
    instructions_free(unwinder.instructions);
    free(unwinder.steps);
    free(unwinder.path);
    if (done) {
        add_up_transfers(unwinder.contexts);
        return unwinder.contexts;
    }
    calling_contexts_free(unwinder.contexts);
    return NULL;
}

void calling_contexts_free(struct calling_contexts *contexts)
{
    if (!contexts)
        return;
    free(contexts->calls);
    free(contexts->items);
    free(contexts->index);
    free(contexts->transfers);
    free(contexts);
}

size_t calling_contexts_count(const struct calling_contexts *contexts)
{
    return contexts->count;
}

struct calling_context calling_contexts_at(const struct calling_contexts *contexts, size_t index)
{
    const struct stored_context *context = &contexts->items[index];
    return (struct calling_context){contexts->calls + context->first, context->count};
}

const struct context_transfer *calling_contexts_transfers(const struct calling_contexts *contexts,
                                                          size_t *count)
{
    *count = contexts->transfer_count;
    return contexts->transfers;
}
