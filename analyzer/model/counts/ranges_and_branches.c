#include "analyzer/model/counts/ranges_and_branches.h"

#include <inttypes.h>
#include <stdlib.h>

#include "analyzer/base/count.h"
#include "analyzer/base/memory.h"
#include "analyzer/base/message.h"
#include "analyzer/base/progress.h"
#include "analyzer/model/code/decoder.h"
#include "analyzer/model/counts/edges.h"

static bool is_code(const struct binary *binary, uint64_t address)
{
    size_t size;
    return binary_code_at(binary, address, &size) != NULL;
}

static bool add(struct counted_pair **items, size_t *count, size_t *capacity,
                struct counted_pair item, struct error *error)
{
    if (!memory_reserve(items, capacity, *count + 1, sizeof(item), error))
        return false;
    (*items)[(*count)++] = item;
    return true;
}

static void add_to(uint64_t *sum, uint64_t count)
{
    *sum = count_add(*sum, count);
}

/* `has_run`: of the trace, as add_trace() sees it. */
static void account(struct address_accounts *accounts, const struct trace *trace, uint32_t module,
                    const struct binary *binary, bool has_run)
{
    bool is_elsewhere = trace->to.module != module;
    bool is_outside = !is_elsewhere && !is_code(binary, trace->to.address);
    if (trace->from.module != PROFILE_MODULE_NONE)
        add_to(is_elsewhere ? &accounts->branches_elsewhere
               : is_outside ? &accounts->branches_outside
                            : &accounts->branches_kept,
               trace->count);
    /* What the code does not allow is told apart later. */
    add_to(!has_run       ? &accounts->without_run
           : is_elsewhere ? &accounts->runs_elsewhere
           : is_outside   ? &accounts->runs_outside
                          : &accounts->runs_kept,
           trace->count);
}

/* `has_branches`: of the module; then a sampled address alone says nothing of a run. */
static bool add_trace(struct ranges_and_branches *counts, const struct trace *trace,
                      uint32_t module, const struct binary *binary, bool has_branches,
                      struct error *error)
{
    bool starts_at_sample = trace->from.module == PROFILE_MODULE_NONE;
    bool is_inside = trace->from.module == module && is_code(binary, trace->from.address);
    struct counted_pair branch = {is_inside ? trace->from.address : BRANCH_OUTSIDE,
                                  trace->to.address, trace->count};
    struct counted_pair range = {trace->to.address,
                                 trace->has_range ? trace->end : trace->to.address, trace->count};

    /* After a branch whose run is not known, not even its target is known to have run. */
    bool has_run = trace->has_range || (starts_at_sample && !has_branches);

    account(&counts->accounts, trace, module, binary, has_run);
    if (trace->to.module != module || !is_code(binary, trace->to.address))
        return true;
    if (!starts_at_sample &&
        !add(&counts->branches, &counts->branch_count, &counts->branch_capacity, branch, error))
        return false;
    return !has_run ||
           add(&counts->ranges, &counts->range_count, &counts->range_capacity, range, error);
}

static int compare(const void *left, const void *right)
{
    const struct counted_pair *a = left;
    const struct counted_pair *b = right;
    if (a->from != b->from)
        return a->from < b->from ? -1 : 1;
    return a->to < b->to ? -1 : a->to > b->to;
}

static void add_up(struct counted_pair *items, size_t *count)
{
    size_t kept = 0;
    if (*count == 0)
        return;
    qsort(items, *count, sizeof(*items), compare);
    for (size_t i = 1; i < *count; i++) {
        if (compare(&items[kept], &items[i]) == 0)
            items[kept].count = count_add(items[kept].count, items[i].count);
        else
            items[++kept] = items[i];
    }
    *count = kept + 1;
}

/*
 * Leaves out ranges that end before they start or between two instructions, and
 * those that go on behind what never does or only comes back: no straight run.
 * Ranges with one start are next to each other, so that code is read once.
 */
static void drop_impossible(struct ranges_and_branches *counts, struct decoder *decoder)
{
    struct instruction instruction = {0};
    uint64_t start = 0, impossible = 0;
    bool known = false; /* `instruction` is on the way from `start` */
    size_t kept = 0;
    for (size_t i = 0; i < counts->range_count; i++) {
        const struct counted_pair range = counts->ranges[i];
        progress_step("following runs", i, counts->range_count);
        if (i == 0 || range.from != start)
            known = decoder_decode(decoder, range.from, &instruction);
        start = range.from;
        while (known && instruction.address < range.to) {
            known = instruction_falls_through(&instruction) &&
                    instruction.kind != INSTRUCTION_CALL &&
                    decoder_decode(decoder, instruction.address + instruction.size, &instruction);
        }
        if (known && instruction.address == range.to)
            counts->ranges[kept++] = range;
        else
            add_to(&impossible, range.count);
    }
    counts->range_count = kept;
    counts->accounts.runs_impossible = impossible;
    counts->accounts.runs_kept -=
        impossible < counts->accounts.runs_kept ? impossible : counts->accounts.runs_kept;
}

bool ranges_and_branches_build(struct ranges_and_branches *counts, const struct profile *profile,
                               uint32_t module, const struct binary *binary, struct error *error)
{
    bool has_branches = profile_has_branches(profile, module);

    *counts = (struct ranges_and_branches){0};
    for (size_t i = 0; i < profile->trace_count; i++) {
        if (!add_trace(counts, &profile->traces[i], module, binary, has_branches, error))
            return false;
    }
    add_up(counts->ranges, &counts->range_count);
    add_up(counts->branches, &counts->branch_count);
    struct decoder *decoder = decoder_of(binary, error);
    if (!decoder)
        return false;
    drop_impossible(counts, decoder);
    return true;
}

void address_accounts_tell(const struct address_accounts *accounts)
{
    message_detail(
        "%" PRIu64 " taken branches: %" PRIu64 " into its code, %" PRIu64
        " outside of its code, %" PRIu64 " into other binaries",
        accounts->branches_kept + accounts->branches_outside + accounts->branches_elsewhere,
        accounts->branches_kept, accounts->branches_outside, accounts->branches_elsewhere);
    message_detail("%" PRIu64 " runs of code: %" PRIu64 " counted, %" PRIu64
                   " without source lines or probes, %" PRIu64 " impossible in this code, %" PRIu64
                   " outside of its code, %" PRIu64 " of other binaries; %" PRIu64
                   " branches and samples beside them have none",
                   accounts->runs_kept + accounts->runs_impossible + accounts->runs_outside +
                       accounts->runs_elsewhere,
                   accounts->runs_kept - accounts->runs_without_lines, accounts->runs_without_lines,
                   accounts->runs_impossible, accounts->runs_outside, accounts->runs_elsewhere,
                   accounts->without_run);
}

void ranges_and_branches_free(struct ranges_and_branches *counts)
{
    free(counts->ranges);
    free(counts->branches);
    *counts = (struct ranges_and_branches){0};
}
