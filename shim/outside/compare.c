#include "shim/outside/compare.h"

#include "shim/core/branch/compare.h"
#include "shim/core/branch/stepping.h"

static uint64_t address_of(const struct stopped *stopped)
{
    return (uint64_t)stopped->context.uc_mcontext.gregs[REG_RIP];
}

bool compare_stopped(pid_t thread, struct stopped *stopped, const struct lookahead *lookahead,
                     const struct window *predicted)
{
    enum pgoraw_counter stop = PGORAW_COUNT_STOP_INSTRUCTION_LIMIT;
    uint32_t left = lookahead->instructions;
    struct window real;

    window_begin(&real, predicted->sample);
    while (left && real.count < lookahead->branch_limit &&
           stepping_may(address_of(stopped), &stop)) {
        uint64_t before = address_of(stopped);
        enum stepping step;
        if (!stop_step(thread, stopped))
            return false;
        step = stepping_follow(&real, before, address_of(stopped), &stop);
        if (step == STEPPING_LOST)
            break;
        left -= step == STEPPING_DONE;
    }
    compare_judge(lookahead, predicted, &real, &stopped->context, stop);
    return true;
}
