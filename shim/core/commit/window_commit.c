#include "shim/core/commit/window_commit.h"

#include "shim/core/commit/contexts.h"
#include "shim/core/commit/predictor.h"
#include "shim/core/commit/weights.h"
#include "shim/core/modules/modules.h"
#include "shim/core/store/store.h"
#include "shim/core/store/tables.h"

/* A mispredicted branch takes the time of this many others: some 16 cycles beside 4. */
#define MISS_COST 4

/* Neighbouring addresses are mostly of one module: remember the last. */
static uint64_t locate(struct loaded_module *recent, uint64_t address)
{
    if (address - recent->start >= recent->end - recent->start && !modules_find(address, recent)) {
        recent->start = recent->end = 0;
        return PGORAW_LOCATION(0, address);
    }
    return PGORAW_LOCATION(recent->number, address - recent->load_bias);
}

/* Length of the range from `first` to `last`, where there is one. */
static uint32_t range_length(uint64_t first, uint64_t last)
{
    return last >= first && last - first < PGORAW_NO_RUN ? (uint32_t)(last - first) : PGORAW_NO_RUN;
}

/* Address of the last instruction of the range after branch `i`; 0: not known. */
static uint64_t range_end(const struct window *window, uint32_t i)
{
    return i + 1 < window->count ? window->branches[i + 1].from : window->last;
}

struct located_trace {
    uint64_t from, to;
    uint32_t length; /* PGORAW_NO_RUN: not known */
};

/* The traces of one window, each once, and which of them is at each place. */
struct window_traces {
    uint32_t count;
    struct window_trace traces[WINDOW_MOST_BRANCHES];
    struct located_trace located[WINDOW_MOST_BRANCHES];
    uint8_t order[WINDOW_MOST_BRANCHES];
    uint8_t places[WINDOW_MOST_BRANCHES];     /* the first place of each trace */
    uint16_t slots[2 * WINDOW_MOST_BRANCHES]; /* hash table: trace + 1, 0 = free */
};

_Static_assert(WINDOW_MOST_BRANCHES <= UINT8_MAX + 1, "places and traces fit their bytes");

/* Windows go round in loops: a trace is looked up in the store once a window. */
static void traces_gather(struct window_traces *traces, const struct window *window)
{
    const uint32_t mask = 2 * WINDOW_MOST_BRANCHES - 1;
    traces->count = 0;
    for (uint32_t slot = 0; slot <= mask; slot++)
        traces->slots[slot] = 0;
    for (uint32_t i = 0; i < window->count; i++) {
        const struct branch *branch = &window->branches[i];
        uint64_t end = range_end(window, i);
        uint64_t hash =
            (branch->from ^ branch->to << 17 ^ end << 31) * UINT64_C(0x9e3779b97f4a7c15);
        uint32_t slot = (uint32_t)(hash >> 40) & mask;
        for (; traces->slots[slot]; slot = (slot + 1) & mask) {
            uint32_t place = traces->places[traces->slots[slot] - 1];
            if (window->branches[place].from == branch->from &&
                window->branches[place].to == branch->to && range_end(window, place) == end)
                break;
        }
        if (!traces->slots[slot]) {
            traces->places[traces->count] = (uint8_t)i;
            traces->traces[traces->count] = (struct window_trace){0};
            traces->slots[slot] = (uint16_t)++traces->count;
        }
        traces->order[i] = (uint8_t)(traces->slots[slot] - 1);
        traces->traces[traces->order[i]].times++;
    }
}

/* Asks for the memory of all: the table is seldom in the cache. */
static void traces_locate(struct window_traces *traces, const struct window *window,
                          struct loaded_module *recent)
{
    for (uint32_t i = 0; i < traces->count; i++) {
        const struct branch *branch = &window->branches[traces->places[i]];
        uint64_t end = range_end(window, traces->places[i]);
        struct located_trace *located = &traces->located[i];
        located->from = locate(recent, branch->from);
        located->to = locate(recent, branch->to);
        located->length = end ? range_length(branch->to, end) : PGORAW_NO_RUN;
        store_prefetch_trace(located->from, located->to, located->length);
    }
}

static void traces_store(struct window_traces *traces)
{
    for (uint32_t i = 0; i < traces->count; i++) {
        const struct located_trace *located = &traces->located[i];
        if (PGORAW_MODULE(located->from) ||
            PGORAW_MODULE(located->to)) /* else nobody can name it */
            traces->traces[i].entry = store_add_trace(located->from, located->to, located->length,
                                                      traces->traces[i].times);
    }
}

static void weight_add(struct pgoraw_trace *entry, uint64_t amount)
{
    if (entry)
        __atomic_fetch_add(&entry->weighted, amount, __ATOMIC_RELAXED);
}

static void traces_add_weight(const struct window_traces *traces, uint64_t weight)
{
    for (uint32_t i = 0; i < traces->count; i++)
        weight_add(traces->traces[i].entry, traces->traces[i].times * weight);
}

/* Weights are learned from the first windows: only those after them count as weighed. */
static void window_count(const struct window *window)
{
    struct pgoraw_header *header = store_header();
    uint64_t before =
        __atomic_fetch_add(&header->counters[PGORAW_COUNT_WINDOWS], 1, __ATOMIC_RELAXED);

    store_count(header, PGORAW_COUNT_BRANCHES, window->count);
    if (window->begins_at_sample && before >= PGORAW_WEIGHED_AFTER)
        store_count(header, PGORAW_COUNT_WINDOWS_WEIGHED, 1);
}

/*
 * Executions that the window stands for, in 1/PGORAW_WEIGHT_ONE: by what its beginning says of the
 * code around the sample, and its branches of all code like it.  A window that came before its
 * sample does not begin with what took the time, and counts as one.
 */
static uint64_t window_weigh(struct window_traces *traces, const struct window *window)
{
    uint32_t branches = window->count, misses;
    uint64_t weight;

    if (!window->begins_at_sample)
        return PGORAW_WEIGHT_ONE;
    weight = weights_learn(traces->traces, traces->order, branches);
    misses = predictor_misses(traces->traces, traces->order, branches);
    return weight * branches / (branches + MISS_COST * misses);
}

/* The sample itself: a trace from nowhere, with the range up to the first branch, if it is known.
 */
static struct pgoraw_trace *beginning_store(const struct window *window, uint64_t sample,
                                            bool runs_on)
{
    struct pgoraw_header *header = store_header();
    uint64_t end = window->count ? window->branches[0].from : window->last;
    uint32_t length = runs_on && window->begins_at_sample && end ? range_length(window->sample, end)
                                                                 : PGORAW_NO_RUN;

    store_count(header, PGORAW_COUNT_SAMPLES, 1);
    if (PGORAW_MODULE(sample) == 0)
        store_count(header, PGORAW_COUNT_DROP_MODULES, 1);
    return store_add_trace(PGORAW_LOCATION_NONE, sample, length, 1);
}

static void beginning_weigh(struct pgoraw_trace *beginning, const struct window *window,
                            uint64_t weight)
{
    weight_add(beginning, weight);
    if (beginning && window->callers.known)
        store_add_context(window->callers.node, beginning, 1, weight);
}

void window_commit(const struct window *window)
{
    struct loaded_module recent = {0};
    struct window_traces traces;
    uint32_t generation = modules_generation();
    uint64_t sample = locate(&recent, window->sample), weight = PGORAW_WEIGHT_ONE;
    struct pgoraw_trace *beginning;
    bool is_true;

    traces_gather(&traces, window);
    traces_locate(&traces, window, &recent);
    is_true = generation == modules_generation();
    beginning = beginning_store(window, sample, is_true);
    if (!is_true) {
        store_count(store_header(), PGORAW_COUNT_DROP_REPLACED, window->count);
    } else if (window->count > 0) {
        window_count(window);
        traces_store(&traces);
        weight = window_weigh(&traces, window);
        traces_add_weight(&traces, weight);
        contexts_count(window, traces.traces, traces.order, weight);
    }
    beginning_weigh(beginning, window, weight);
}
