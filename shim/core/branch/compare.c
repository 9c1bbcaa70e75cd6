/*
 * The comparator: look-ahead first, then the same instructions stepped for
 * real.  Path and registers must agree.  A test mode; what disagrees is counted
 * and, with PGOSHIM_LOG, listed.
 */
#include "shim/core/branch/compare.h"

#include "shim/core/branch/lookahead_source.h"
#include "shim/core/branch/sources.h"
#include "shim/core/branch/stepping.h"
#include "shim/core/commit/window_commit.h"
#include "shim/core/ground/log.h"
#include "shim/core/lookahead/context.h"
#include "shim/core/store/store.h"
#include "shim/core/thread/thread.h"

/* Registers that look-ahead claims to know and has wrong; their number, or -1. */
static int register_wrong(const struct registers *predicted, const ucontext_t *context)
{
    for (int number = 0; number < REGISTER_COUNT; number++) {
        uint64_t differs = predicted->general[number] ^ context_register(context, (unsigned)number);
        for (unsigned byte = 0; byte < 8; byte++)
            if (!(predicted->poison[number] >> byte & 1) && differs >> byte * 8 & 0xff)
                return number;
    }
    return -1;
}

static bool flags_wrong(const struct registers *predicted, const ucontext_t *context)
{
    uint32_t differs = (uint32_t)predicted->flags ^ (uint32_t)context->uc_mcontext.gregs[REG_EFL];
    return differs & FLAGS_ARITHMETIC & ~predicted->flags_poison;
}

/* The first branch at which the two paths part; their common length where they do not. */
static uint32_t paths_part(const struct window *predicted, const struct window *real)
{
    uint32_t i = 0;
    while (i < predicted->count && i < real->count &&
           predicted->branches[i].from == real->branches[i].from &&
           predicted->branches[i].to == real->branches[i].to)
        i++;
    return i;
}

void compare_judge(const struct lookahead *lookahead, const struct window *predicted,
                   const struct window *real, const ucontext_t *context, enum pgoraw_counter stop)
{
    const struct registers *registers = &lookahead->registers;
    uint32_t same = paths_part(predicted, real);
    struct pgoraw_header *header = store_header();
    int number;

    /* Stepping ended before the prediction did: by a signal of the application. */
    if (stop == PGORAW_COUNT_STOP_FAULT || stop == PGORAW_COUNT_STOP_UNSUPPORTED)
        return;
    window_commit(predicted);
    store_count(header, PGORAW_COUNT_COMPARED, 1);
    if (same < predicted->count || same < real->count) {
        static const struct branch none;
        const struct branch *ours = same < predicted->count ? &predicted->branches[same] : &none;
        const struct branch *true_one = same < real->count ? &real->branches[same] : &none;
        store_count(header, PGORAW_COUNT_COMPARED_PATH_WRONG, 1);
        log_event("path wrong: branch number, from, predicted target, real from, real target", same,
                  ours->from, ours->to, true_one->from, true_one->to);
        return;
    }
    number = register_wrong(registers, context);
    if (number < 0 && !flags_wrong(registers, context))
        return;
    store_count(header, PGORAW_COUNT_COMPARED_VALUE_WRONG, 1);
    log_event("value wrong: register (-1: flags), window start, last address, instructions, stop",
              (uint64_t)(int64_t)number, predicted->sample, registers->instruction,
              lookahead->instructions, stop);
}

static void compare_ended(struct thread *thread, const ucontext_t *context,
                          enum pgoraw_counter stop)
{
    compare_judge(&thread->lookahead, &thread->predicted, &thread->window, context, stop);
}

static bool compare_start(char *why, size_t why_size)
{
    return branch_source_lookahead.start(why, why_size) &&
           stepping_start(compare_ended, why, why_size);
}

static void compare_sample(struct thread *thread, ucontext_t *context)
{
    if (stepping_active(thread)) {
        store_count(store_header(), PGORAW_COUNT_DROP_STEP_BUSY, 1);
        return;
    }
    lookahead_predict(thread, context, &thread->predicted);
    window_begin(&thread->window, thread->predicted.sample);
    if (thread->lookahead.instructions)
        stepping_begin(thread, context, thread->lookahead.instructions);
}

const struct branch_source branch_source_compare = {.kind = PGORAW_BRANCHES_LOOKAHEAD,
                                                    .name = "compare",
                                                    .start = compare_start,
                                                    .sample = compare_sample};
