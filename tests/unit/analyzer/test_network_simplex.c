/* The cheapest circulation really is one, and really the cheapest; large networks take bounded
 * work. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "analyzer/model/counts/network_simplex.h"

#define NODES 12
#define WORK 100000000

static struct error error;
static unsigned state = 1;

static unsigned next(unsigned below)
{
    state = state * 1664525u + 1013904223u;
    return (state >> 8) % below;
}

static void add(struct network *network, uint32_t from, uint32_t to, int64_t capacity, int64_t cost)
{
    assert_true(network_add(network, from, to, capacity, cost, &error));
}

static void assert_circulates(const struct network *network)
{
    int64_t *sums = calloc(network->node_count, sizeof(*sums));
    for (size_t i = 0; i < network->arc_count; i++) {
        const struct network_arc *arc = &network->arcs[i];
        assert_true(arc->flow >= 0 && arc->flow <= arc->capacity);
        sums[arc->from] -= arc->flow;
        sums[arc->to] += arc->flow;
    }
    for (uint32_t i = 0; i < network->node_count; i++)
        assert_int_equal(sums[i], 0);
    free(sums);
}

/* Klein's criterion: no cycle along which more could be sent has a negative cost. */
static bool is_cheapest(const struct network *network)
{
    int64_t distance[NODES] = {0};
    bool changed = true;
    for (unsigned round = 0; changed && round <= NODES; round++) {
        changed = false;
        for (size_t i = 0; i < network->arc_count; i++) {
            const struct network_arc *arc = &network->arcs[i];
            if (arc->flow < arc->capacity && distance[arc->from] + arc->cost < distance[arc->to]) {
                distance[arc->to] = distance[arc->from] + arc->cost;
                changed = true;
            }
            if (arc->flow > 0 && distance[arc->to] - arc->cost < distance[arc->from]) {
                distance[arc->from] = distance[arc->to] - arc->cost;
                changed = true;
            }
        }
    }
    return !changed;
}

static void random_networks_are_solved(void **unused)
{
    (void)unused;
    unsigned moving = 0;
    for (unsigned round = 0; round < 3000; round++) {
        struct network network = {.node_count = 2 + next(NODES - 1)};
        bool is_best;
        for (unsigned arcs = next(40); arcs > 0; arcs--) {
            int64_t cost = (int64_t)next(40) - 15;
            /* Ties and full arcs are what goes wrong: few capacities, some of them 0. */
            add(&network, next(network.node_count), next(network.node_count),
                cost > 0 && next(3) == 0 ? NETWORK_UNLIMITED : next(4), cost);
        }
        assert_true(network_solve(&network, WORK, &is_best, &error));
        assert_true(is_best);
        assert_circulates(&network);
        assert_true(is_cheapest(&network));
        for (size_t i = 0; i < network.arc_count; i++)
            moving += network.arcs[i].flow > 0;
        network_free(&network);
    }
    assert_true(moving > 3000);
}

/* A function of 50,000 blocks as an interpreter's: one switch, every case goes back to it. */
static void add_interpreter(struct network *network, uint32_t blocks)
{
    network->node_count = 2 * blocks;
    for (uint32_t i = 0; i < blocks; i++) {
        int64_t samples = next(3) ? 0 : next(1000);
        add(network, 2 * i, 2 * i + 1, samples, -(int64_t)(1 + next(1000)));
        add(network, 2 * i, 2 * i + 1, NETWORK_UNLIMITED, 1 + next(1000));
        if (i > 0 && i % 4 == 1)
            add(network, 1, 2 * i, NETWORK_UNLIMITED, 1 + next(20));
        add(network, 2 * i + 1, i % 4 == 0 ? 0 : 2 * ((i + 1) % blocks), NETWORK_UNLIMITED, 1);
        if (i > 4 && next(2))
            add(network, 2 * i + 1, 2 * (i - next(4)), NETWORK_UNLIMITED, 1 + next(20));
    }
}

static void work_is_bounded(void **unused)
{
    (void)unused;
    struct network network = {0};
    bool is_best;
    add_interpreter(&network, 50000);
    assert_true(network_solve(&network, 2000000000, &is_best, &error));
    assert_circulates(&network);
    assert_true(is_best);
    assert_true(network_solve(&network, 1000000, &is_best, &error));
    assert_circulates(&network);
    assert_false(is_best);
    network_free(&network);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_networks_are_solved),
        cmocka_unit_test(work_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
