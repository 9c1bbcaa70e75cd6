/*
 * A function's control flow as a picture: blocks that ran, in layers from the entry down; ways
 * back go round on the right.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "analyzer/base/memory.h"
#include "analyzer/base/text.h"
#include "analyzer/write/html/frame.h"
#include "analyzer/write/html/sections.h"
#include "analyzer/write/html/text.h"

/* Larger graphs are no picture any more: the most frequent blocks are shown. */
#define MOST_BLOCKS 48
#define NODE_WIDTH 184
#define NODE_HEIGHT 40
#define COLUMN 208
#define LAYER 74
/* Edges with this share of the most frequent one have their count beside them. */
#define TOLD_SHARE 0.03

struct graph_node {
    bool is_shown;
    uint32_t rank; /* in reverse postorder */
    unsigned layer, column;
};

struct graph_view {
    const struct annotation *annotation;
    struct graph_node *nodes; /* by block */
    uint32_t *order;          /* blocks by rank */
    size_t shown, ran;
    unsigned layers, columns;
    uint64_t most;
};

static bool is_shown_edge(const struct graph_view *view, const struct annotated_edge *edge)
{
    return edge->count > 0 && view->nodes[edge->from].is_shown && view->nodes[edge->to].is_shown;
}

/* Depth first; the path is at most as long as there are blocks. */
static void visit(struct graph_view *view, uint32_t start, uint32_t *path, size_t *next,
                  size_t *finished)
{
    const struct annotation *annotation = view->annotation;
    size_t depth = 0;
    if (!view->nodes[start].is_shown || view->nodes[start].rank != UINT32_MAX)
        return;
    path[depth++] = start;
    view->nodes[start].rank = 0;
    while (depth > 0) {
        uint32_t block = path[depth - 1];
        size_t *at = &next[block];
        while (*at < annotation->edge_count &&
               (annotation->edges[*at].from != block ||
                !is_shown_edge(view, &annotation->edges[*at]) ||
                view->nodes[annotation->edges[*at].to].rank != UINT32_MAX))
            ++*at;
        if (*at == annotation->edge_count) {
            view->order[--*finished] = block;
            depth--;
            continue;
        }
        uint32_t to = annotation->edges[*at].to;
        view->nodes[to].rank = 0;
        path[depth++] = to;
    }
}

static bool order_blocks(struct graph_view *view, struct error *error)
{
    size_t count = view->annotation->block_count;
    uint32_t *path = calloc(count + 1, sizeof(*path));
    size_t *next = calloc(count + 1, sizeof(*next));
    size_t finished = view->shown;
    bool done = path && next;
    if (!done)
        memory_exhausted(error);
    for (uint32_t i = 0; done && i < count; i++)
        visit(view, i, path, next, &finished);
    for (size_t i = 0; done && i < view->shown; i++)
        view->nodes[view->order[i]].rank = (uint32_t)i;
    free(path);
    free(next);
    return done;
}

/* A layer below all that leads there, but for ways back; the way that was taken most to the left.
 */
static bool place_blocks(struct graph_view *view, struct error *error)
{
    const struct annotation *annotation = view->annotation;
    unsigned *used = calloc(view->shown + 2, sizeof(*used));
    bool *has_hot = calloc(view->shown + 2, sizeof(*has_hot));
    if (!used || !has_hot) {
        free(used);
        free(has_hot);
        memory_exhausted(error);
        return false;
    }
    for (size_t i = 0; i < view->shown + 2; i++)
        used[i] = 1;
    for (size_t i = 0; i < view->shown; i++) {
        struct graph_node *node = &view->nodes[view->order[i]];
        for (size_t e = 0; e < annotation->edge_count; e++) {
            const struct annotated_edge *edge = &annotation->edges[e];
            if (edge->to == view->order[i] && is_shown_edge(view, edge) &&
                view->nodes[edge->from].rank < i && view->nodes[edge->from].layer + 1 > node->layer)
                node->layer = view->nodes[edge->from].layer + 1;
        }
        bool is_hot = annotation->blocks[view->order[i]].is_hot;
        node->column = is_hot && !has_hot[node->layer] ? 0 : used[node->layer]++;
        has_hot[node->layer] = has_hot[node->layer] || is_hot;
        view->layers = node->layer >= view->layers ? node->layer + 1 : view->layers;
        view->columns = node->column >= view->columns ? node->column + 1 : view->columns;
    }
    free(used);
    free(has_hot);
    return true;
}

static int compare_falling(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left;
    uint64_t b = *(const uint64_t *)right;
    return (a < b) - (a > b);
}

/* Executions of the last block that is among the most frequent. */
static bool find_least(struct graph_view *view, uint64_t *least, struct error *error)
{
    const struct annotation *annotation = view->annotation;
    uint64_t *runs = calloc(annotation->block_count + 1, sizeof(*runs));
    if (!runs) {
        memory_exhausted(error);
        return false;
    }
    for (size_t i = 0; i < annotation->block_count; i++)
        runs[i] = annotation->blocks[i].runs;
    qsort(runs, annotation->block_count, sizeof(*runs), compare_falling);
    view->most = runs[0];
    *least =
        annotation->block_count > MOST_BLOCKS && runs[MOST_BLOCKS] > 0 ? runs[MOST_BLOCKS] + 1 : 1;
    free(runs);
    return true;
}

static bool find_nodes(struct graph_view *view, struct error *error)
{
    const struct annotation *annotation = view->annotation;
    uint64_t least;
    view->nodes = calloc(annotation->block_count + 1, sizeof(*view->nodes));
    view->order = calloc(annotation->block_count + 1, sizeof(*view->order));
    if (!view->nodes || !view->order) {
        memory_exhausted(error);
        return false;
    }
    if (!find_least(view, &least, error))
        return false;
    for (size_t i = 0; i < annotation->block_count; i++) {
        view->nodes[i].is_shown = annotation->blocks[i].runs >= least;
        view->nodes[i].rank = UINT32_MAX;
        view->shown += view->nodes[i].is_shown;
        view->ran += annotation->blocks[i].runs > 0;
    }
    return true;
}

static void write_node(const struct graph_view *view, uint32_t block, FILE *stream)
{
    const struct annotation *annotation = view->annotation;
    const struct annotated_block *counts = &annotation->blocks[block];
    const struct graph_node *node = &view->nodes[block];
    const struct instruction *first = &annotation->instructions[counts->first].code;
    unsigned x = node->column * COLUMN + 8;
    unsigned y = node->layer * LAYER + 8;
    char runs[32];
    fprintf(stream,
            "<g class=\"node h%u%s\"><rect x=\"%u\" y=\"%u\" width=\"%d\" height=\"%d\" rx=\"4\"/>"
            "<text x=\"%u\" y=\"%u\">%" PRIx64 "%s</text><text x=\"%u\" y=\"%u\">%s runs · %zu "
            "instr.</text></g>\n",
            html_heat(counts->runs, view->most), counts->is_hot ? " hot" : "", x, y, NODE_WIDTH,
            NODE_HEIGHT, x + 6, y + 16, first->address, counts->is_hot ? " *" : "", x + 6, y + 32,
            text_count(counts->runs, runs), counts->count);
}

/* The way of an edge: down, or on the right side: back, or round blocks that stand between. */
struct edge_way {
    bool goes_back, is_aside;
    unsigned x1, y1, x2, y2, reach;
};

static struct edge_way find_way(const struct graph_view *view, const struct annotated_edge *edge)
{
    const struct graph_node *from = &view->nodes[edge->from];
    const struct graph_node *to = &view->nodes[edge->to];
    struct edge_way way = {.goes_back = to->rank <= from->rank};
    way.is_aside = way.goes_back || (from->column == to->column && to->layer > from->layer + 1);
    unsigned side = way.is_aside ? NODE_WIDTH : NODE_WIDTH / 2;
    unsigned depth = from->layer > to->layer ? from->layer - to->layer : to->layer - from->layer;
    way.x1 = from->column * COLUMN + 8 + side;
    way.x2 = to->column * COLUMN + 8 + side;
    way.y1 = from->layer * LAYER + 8 + (way.is_aside ? NODE_HEIGHT / 2 : NODE_HEIGHT);
    way.y2 = to->layer * LAYER + 8 + (way.is_aside ? NODE_HEIGHT / 2 : 0);
    if (from == to) {
        way.y1 += NODE_HEIGHT / 4;
        way.y2 -= NODE_HEIGHT / 4;
    }
    way.reach = (way.x1 > way.x2 ? way.x1 : way.x2) + 18 + 4 * depth;
    return way;
}

static void write_edge(const struct graph_view *view, const struct annotated_edge *edge,
                       FILE *stream)
{
    struct edge_way way = find_way(view, edge);
    unsigned bend1 = way.y1 + (way.is_aside ? 0 : 20);
    unsigned bend2 = way.y2 - (way.is_aside ? 0 : 20);
    char number[32];
    fprintf(stream,
            "<g class=\"b h%u%s\"><title>%s times%s</title><path stroke-width=\"%.1f\" d=\"",
            html_heat(edge->count, view->most), way.goes_back ? " back" : "",
            text_count(edge->count, number), edge->is_fall_through ? ", falling through" : "",
            1 + 3 * (double)edge->count / (double)view->most);
    fprintf(stream, "M%u %uC%u %u %u %u %u %u", way.x1, way.y1, way.is_aside ? way.reach : way.x1,
            bend1, way.is_aside ? way.reach : way.x2, bend2, way.x2, way.y2);
    fprintf(stream, "\"/><path class=\"tip\" d=\"M%u %u%s\"/></g>\n", way.x2, way.y2,
            way.is_aside ? "l6 -3v6z" : "l-3 -6h6z");
}

/* Above edges and blocks, in the middle of the way. */
static void write_count(const struct graph_view *view, const struct annotated_edge *edge,
                        FILE *stream)
{
    struct edge_way way = find_way(view, edge);
    char number[32];
    if ((double)edge->count < TOLD_SHARE * (double)view->most)
        return;
    bool is_centred = way.is_aside && edge->from != edge->to;
    fprintf(stream, "<text class=\"told\" x=\"%u\" y=\"%u\"%s>%s</text>\n",
            way.is_aside ? (way.x1 + way.x2 + 6 * way.reach) / 8 + (is_centred ? 0 : 4)
                         : (way.x1 + way.x2) / 2 + 4,
            (way.y1 + way.y2) / 2 + 4, is_centred ? " text-anchor=\"middle\"" : "",
            text_count(edge->count, number));
}

static void write_picture(const struct graph_view *view, FILE *stream)
{
    fprintf(
        stream,
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"control flow\"><svg "
        "class=\"graph\" role=\"img\" width=\"%u\" height=\"%u\" aria-label=\"Control flow of %zu "
        "basic blocks that ran\">\n",
        view->columns * COLUMN + 60 + 4 * view->layers, view->layers * LAYER + 8, view->shown);
    for (size_t i = 0; i < view->annotation->edge_count; i++) {
        if (is_shown_edge(view, &view->annotation->edges[i]))
            write_edge(view, &view->annotation->edges[i], stream);
    }
    for (size_t i = 0; i < view->shown; i++)
        write_node(view, view->order[i], stream);
    for (size_t i = 0; i < view->annotation->edge_count; i++) {
        if (is_shown_edge(view, &view->annotation->edges[i]))
            write_count(view, &view->annotation->edges[i], stream);
    }
    fputs("</svg></div>\n", stream);
}

bool html_graph_write(const struct html_function *function, FILE *stream, struct error *error)
{
    struct graph_view view = {.annotation = &function->annotation};
    bool done =
        find_nodes(&view, error) && order_blocks(&view, error) && place_blocks(&view, error);
    fputs("<h3>Control flow</h3>\n", stream);
    if (done && view.shown < view.ran)
        fprintf(stream, "<p class=\"small\">Of %zu blocks that ran, the %zu most frequent.</p>\n",
                view.ran, view.shown);
    if (done && view.shown > 0)
        write_picture(&view, stream);
    free(view.nodes);
    free(view.order);
    return done;
}
