#include "shim/core/branch/window.h"

#include "shim/core/modules/modules.h"
#include "shim/core/store/store.h"

/* Addresses come in runs of one module: remember the last. */
static uint64_t locate(struct loaded_module *recent, uint64_t address)
{
    if (address - recent->start >= recent->end - recent->start && !modules_find(address, recent)) {
        recent->start = recent->end = 0;
        return PGORAW_LOCATION(0, address);
    }
    return PGORAW_LOCATION(recent->number, address - recent->load_bias);
}

/* Length of the straight run from `first` to `last`, where there is one. */
static uint32_t run_length(uint64_t first, uint64_t last)
{
    return last >= first && last - first < PGORAW_NO_RUN ? (uint32_t)(last - first) : PGORAW_NO_RUN;
}

void window_commit(const struct window *window)
{
    struct pgoraw_header *header = store_header();
    struct loaded_module recent = {0};
    uint64_t sample = locate(&recent, window->sample);
    uint64_t first_end = window->count ? window->branches[0].from : window->last;

    store_add_trace(PGORAW_LOCATION_NONE, sample,
                    window->begins_at_sample && first_end ? run_length(window->sample, first_end)
                                                          : PGORAW_NO_RUN,
                    1);
    store_count(header, PGORAW_COUNT_SAMPLES, 1);
    if (PGORAW_MODULE(sample) == 0)
        store_count(header, PGORAW_COUNT_DROP_MODULES, 1);
    if (window->count == 0)
        return;
    store_count(header, PGORAW_COUNT_WINDOWS, 1);
    store_count(header, PGORAW_COUNT_BRANCHES, window->count);
    for (uint32_t i = 0; i < window->count; i++) {
        const struct branch *branch = &window->branches[i];
        uint64_t end = i + 1 < window->count ? window->branches[i + 1].from : window->last;
        uint64_t from = locate(&recent, branch->from);
        uint64_t to = locate(&recent, branch->to);
        store_add_trace(from, to, end ? run_length(branch->to, end) : PGORAW_NO_RUN, 1);
    }
}
