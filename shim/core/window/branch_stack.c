#include "shim/core/window/branch_stack.h"

bool branch_stack_decode(const uint64_t *entries, uint64_t count, uint64_t sample,
                         struct window *window)
{
    window_begin(window, sample);
    if (count == 0 || count > WINDOW_MOST_BRANCHES)
        return false;
    for (uint64_t i = count; i-- > 0;)
        window_add(window, entries[i * 3], entries[i * 3 + 1], BRANCH_ANY, 0);
    /* The sample follows its newest branch in one range, unless an interrupt came between. */
    if (sample >= window->branches[window->count - 1].to)
        window->last = sample;
    return true;
}
