#include "analyzer/model/counts/network_simplex.h"

#include <math.h>
#include <stdlib.h>

#include "analyzer/base/memory.h"

#define NONE UINT32_MAX
#define SMALLEST_SEARCH 64 /* arcs that are compared before the best of them enters */

/* Of an arc: in the tree, or carrying nothing or all it can. */
enum state { STATE_FULL = -1, STATE_TREE = 0, STATE_EMPTY = 1 };

struct node {
    uint32_t parent;
    uint32_t first_child, next, previous; /* the children of a node are a list */
    uint32_t depth;
    size_t arc; /* to or from the parent */
    int64_t potential;
};

/* The tree spans all nodes and a root of its own, joined by arcs that never carry anything. */
struct simplex {
    struct network *network;
    struct network_arc *arcs;
    size_t arc_count; /* those of the network; then one for each node */
    struct node *nodes;
    uint32_t root;
    size_t next_arc; /* where the search goes on */
    size_t search_size;
    uint64_t work; /* left */
};

bool network_add(struct network *network, uint32_t from, uint32_t to, int64_t capacity,
                 int64_t cost, struct error *error)
{
    if (!memory_reserve(&network->arcs, &network->arc_capacity, network->arc_count + 1,
                        sizeof(*network->arcs), error))
        return false;
    network->arcs[network->arc_count++] =
        (struct network_arc){.from = from, .to = to, .capacity = capacity, .cost = cost};
    return true;
}

void network_free(struct network *network)
{
    free(network->arcs);
    *network = (struct network){0};
}

/* --- the tree ------------------------------------------------------------------ */

static void take_out(struct simplex *simplex, uint32_t child)
{
    struct node *node = &simplex->nodes[child];
    if (node->previous != NONE)
        simplex->nodes[node->previous].next = node->next;
    else
        simplex->nodes[node->parent].first_child = node->next;
    if (node->next != NONE)
        simplex->nodes[node->next].previous = node->previous;
}

static void hang(struct simplex *simplex, uint32_t child, uint32_t parent, size_t arc)
{
    struct node *node = &simplex->nodes[child];
    uint32_t first = simplex->nodes[parent].first_child;
    node->parent = parent;
    node->arc = arc;
    node->previous = NONE;
    node->next = first;
    if (first != NONE)
        simplex->nodes[first].previous = child;
    simplex->nodes[parent].first_child = child;
}

static void spend(struct simplex *simplex, uint64_t work)
{
    simplex->work = simplex->work > work ? simplex->work - work : 0;
}

/* The node after `number` in the subtree of `top`, parents before their children; else NONE. */
static uint32_t next_below(const struct simplex *simplex, uint32_t number, uint32_t top)
{
    if (simplex->nodes[number].first_child != NONE)
        return simplex->nodes[number].first_child;
    while (number != top && simplex->nodes[number].next == NONE)
        number = simplex->nodes[number].parent;
    return number == top ? NONE : simplex->nodes[number].next;
}

/* Depths and potentials of a node and all below it, by their arcs to their parents. */
static void update_subtree(struct simplex *simplex, uint32_t top)
{
    uint64_t seen = 0;
    for (uint32_t number = top; number != NONE; number = next_below(simplex, number, top)) {
        struct node *node = &simplex->nodes[number];
        const struct node *parent = &simplex->nodes[node->parent];
        const struct network_arc *arc = &simplex->arcs[node->arc];
        node->depth = parent->depth + 1;
        node->potential =
            arc->from == number ? parent->potential - arc->cost : parent->potential + arc->cost;
        seen++;
    }
    spend(simplex, seen);
}

/* Hangs the subtree of `top` under `parent` by its node `inner`, which `arc` joins to it. */
static void move_subtree(struct simplex *simplex, uint32_t top, uint32_t inner, uint32_t parent,
                         size_t arc)
{
    uint32_t child = inner;
    for (;;) {
        uint32_t old_parent = simplex->nodes[child].parent;
        size_t old_arc = simplex->nodes[child].arc;
        take_out(simplex, child);
        hang(simplex, child, parent, arc);
        if (child == top)
            break;
        parent = child;
        arc = old_arc;
        child = old_parent;
        spend(simplex, 1);
    }
    update_subtree(simplex, inner);
}

static bool set_up(struct simplex *simplex, struct error *error)
{
    struct network *network = simplex->network;
    uint32_t count = network->node_count;
    int64_t dearest = 1;
    simplex->nodes = calloc((size_t)count + 1, sizeof(*simplex->nodes));
    if (!simplex->nodes)
        return memory_exhausted(error);
    for (size_t i = 0; i < network->arc_count; i++) {
        network->arcs[i].flow = 0;
        /* What can carry nothing must not enter: trees would not stay strongly feasible. */
        network->arcs[i].state = network->arcs[i].capacity > 0 ? STATE_EMPTY : STATE_TREE;
        dearest += llabs(network->arcs[i].cost);
    }
    simplex->arc_count = network->arc_count;
    simplex->root = count;
    simplex->nodes[count] = (struct node){.parent = NONE, .first_child = NONE, .next = NONE};
    for (uint32_t i = 0; i < count; i++) {
        if (!network_add(network, i, count, NETWORK_UNLIMITED, dearest, error))
            return false;
        network->arcs[network->arc_count - 1].state = STATE_TREE;
        simplex->nodes[i].first_child = NONE;
        simplex->nodes[i].depth = 1;
        simplex->nodes[i].potential = -dearest;
        hang(simplex, i, count, network->arc_count - 1);
    }
    simplex->arcs = network->arcs;
    simplex->search_size = (size_t)sqrt((double)simplex->arc_count) + SMALLEST_SEARCH;
    return true;
}

/* --- steps --------------------------------------------------------------------- */

static int64_t gain(const struct simplex *simplex, const struct network_arc *arc)
{
    return -arc->state *
           (arc->cost + simplex->nodes[arc->from].potential - simplex->nodes[arc->to].potential);
}

/* The arc that gains most per unit in the next blocks of arcs, or SIZE_MAX where none gains. */
static size_t find_entering(struct simplex *simplex)
{
    size_t best = SIZE_MAX;
    int64_t best_gain = 0;
    size_t searched = 0;
    for (size_t i = 0; i < simplex->arc_count; i++) {
        size_t at = simplex->next_arc;
        int64_t this_gain = gain(simplex, &simplex->arcs[at]);
        simplex->next_arc = at + 1 < simplex->arc_count ? at + 1 : 0;
        if (this_gain > best_gain) {
            best = at;
            best_gain = this_gain;
        }
        if (++searched >= simplex->search_size && best != SIZE_MAX)
            break;
    }
    spend(simplex, searched);
    return best;
}

static int64_t room(const struct network_arc *arc, bool forwards)
{
    return forwards ? arc->capacity - arc->flow : arc->flow;
}

static uint32_t find_join(const struct simplex *simplex, uint32_t a, uint32_t b)
{
    while (a != b) {
        if (simplex->nodes[a].depth >= simplex->nodes[b].depth)
            a = simplex->nodes[a].parent;
        else
            b = simplex->nodes[b].parent;
    }
    return a;
}

/* Sends `amount` along the tree between a node and one above it, upwards or down to it. */
static void send(struct simplex *simplex, uint32_t node, uint32_t top, bool upwards, int64_t amount)
{
    uint64_t steps = 0;
    for (; node != top; node = simplex->nodes[node].parent) {
        struct network_arc *arc = &simplex->arcs[simplex->nodes[node].arc];
        arc->flow += (arc->from == node) == upwards ? amount : -amount;
        steps++;
    }
    spend(simplex, steps);
}

/*
 * Sends what it can around the cycle that the arc makes with the tree.  Of the
 * arcs that limit it the last one leaves, as seen along the cycle from its top:
 * that keeps the tree strongly feasible, so that steps do not go in circles.
 */
static void step(struct simplex *simplex, size_t entering)
{
    struct network_arc *arc = &simplex->arcs[entering];
    bool forwards = arc->state == STATE_EMPTY;
    uint32_t first = forwards ? arc->from : arc->to; /* the cycle goes first -> second */
    uint32_t second = forwards ? arc->to : arc->from;
    uint32_t join = find_join(simplex, first, second);
    int64_t amount = arc->capacity;
    uint32_t leaving = NONE; /* the node whose arc to its parent leaves */
    bool on_first_side = false;

    for (uint32_t node = first; node != join; node = simplex->nodes[node].parent) {
        const struct network_arc *tree = &simplex->arcs[simplex->nodes[node].arc];
        int64_t limit = room(tree, tree->to == node);
        if (limit < amount) {
            amount = limit;
            leaving = node;
            on_first_side = true;
        }
    }
    for (uint32_t node = second; node != join; node = simplex->nodes[node].parent) {
        const struct network_arc *tree = &simplex->arcs[simplex->nodes[node].arc];
        int64_t limit = room(tree, tree->from == node);
        if (limit <= amount) {
            amount = limit;
            leaving = node;
            on_first_side = false;
        }
    }
    if (amount > 0) {
        arc->flow += forwards ? amount : -amount;
        send(simplex, first, join, false, amount);
        send(simplex, second, join, true, amount);
    }
    if (leaving == NONE) {
        arc->state = -arc->state;
        return;
    }
    struct network_arc *left = &simplex->arcs[simplex->nodes[leaving].arc];
    left->state = left->flow == 0 ? STATE_EMPTY : STATE_FULL;
    arc->state = STATE_TREE;
    if (on_first_side)
        move_subtree(simplex, leaving, first, second, entering);
    else
        move_subtree(simplex, leaving, second, first, entering);
}

bool network_solve(struct network *network, uint64_t work, bool *is_best, struct error *error)
{
    struct simplex simplex = {.network = network, .work = work};
    size_t arc_count = network->arc_count;
    bool done = set_up(&simplex, error);
    *is_best = simplex.arc_count == 0;
    while (done && simplex.arc_count > 0 && simplex.work > 0) {
        size_t entering = find_entering(&simplex);
        *is_best = entering == SIZE_MAX;
        if (*is_best)
            break;
        step(&simplex, entering);
    }
    network->arc_count = arc_count;
    free(simplex.nodes);
    return done;
}
