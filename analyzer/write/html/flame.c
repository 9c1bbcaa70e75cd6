/*
 * The flame graph (Brendan Gregg, "The flame graph", CACM 59(6), 2016), with its root on top: a
 * frame is a function, what is above it called it, and it is as wide as samples have both.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/count.h"
#include "analyzer/base/memory.h"
#include "analyzer/base/text.h"
#include "analyzer/write/html/sections.h"
#include "analyzer/write/html/text.h"
#include "analyzer/write/stackless.h"

#define NAME_SIZE 200
#define PAGE_WIDTH 1200
#define ROW 17
/* Frames that are narrower than this share are not drawn, nor more than that many. */
#define NARROWEST 0.0005
#define MOST_FRAMES 3000
#define NO_FRAME UINT32_MAX
/* Not an index of costs: samples without a call stack stand on this. */
#define ITEM_NO_STACK (UINT32_MAX - 1)
#define COLOURS 7

struct flame_frame {
    uint32_t item; /* of costs */
    uint32_t child, sibling;
    uint64_t total, self;
};

struct flame_tree {
    const struct html_page *page;
    struct flame_frame *frames; /* the first is all samples */
    size_t count, capacity;
    uint64_t narrowest; /* samples of a frame that is drawn */
    size_t drawn, left_out, deepest;
};

/* --- the tree --------------------------------------------------------------------------------- */

static bool add_frame(struct flame_tree *tree, uint32_t parent, uint32_t item, uint32_t *frame,
                      struct error *error)
{
    for (*frame = tree->frames[parent].child; *frame != NO_FRAME;
         *frame = tree->frames[*frame].sibling) {
        if (tree->frames[*frame].item == item)
            return true;
    }
    if (!memory_reserve(&tree->frames, &tree->capacity, tree->count + 1, sizeof(*tree->frames),
                        error))
        return false;
    *frame = (uint32_t)tree->count++;
    tree->frames[*frame] = (struct flame_frame){item, NO_FRAME, tree->frames[parent].child, 0, 0};
    tree->frames[parent].child = *frame;
    return true;
}

/* Samples with these functions in their stack, from what stands below. */
static bool add_stack(struct flame_tree *tree, const uint32_t *items, size_t depth, uint64_t count,
                      bool inverted, struct error *error)
{
    uint32_t frame = 0;
    tree->frames[0].total = count_add(tree->frames[0].total, count);
    for (size_t i = 0; i < depth; i++) {
        uint32_t item = items[inverted ? i : depth - 1 - i];
        if (!add_frame(tree, frame, item, &frame, error))
            return false;
        tree->frames[frame].total = count_add(tree->frames[frame].total, count);
        /* Of an inverted graph, the sampled function is at the bottom. */
        if (i == (inverted ? 0 : depth - 1))
            tree->frames[frame].self = count_add(tree->frames[frame].self, count);
    }
    return true;
}

static uint32_t item_at(const struct html_page *page, struct location location)
{
    const struct binary *binary = binaries_get(page->binaries, location.module);
    const struct function *function = binary ? binary_function_at(binary, location.address) : NULL;
    return (uint32_t)function_costs_at(page->costs, location.module, function);
}

static bool add_stacks(struct flame_tree *tree, bool inverted, uint32_t *path, struct error *error)
{
    const struct profile *profile = tree->page->profile;
    for (size_t i = 0; i < profile->stack_count; i++) {
        size_t depth = 0;
        if (tree->page->costs->stack_samples[i] == 0)
            continue;
        for (uint32_t node = (uint32_t)i + 1; node; node = profile->stacks[node - 1].parent) {
            const struct stack_node *frame = &profile->stacks[node - 1];
            path[depth++] =
                frame->truncated
                    ? (uint32_t)function_costs_at(tree->page->costs, PROFILE_MODULE_NONE, NULL)
                    : item_at(tree->page, frame->location);
        }
        if (!add_stack(tree, path, depth, tree->page->costs->stack_samples[i], inverted, error))
            return false;
    }
    return true;
}

static bool add_stackless(struct flame_tree *tree, bool inverted, struct error *error)
{
    const struct function_costs *costs = tree->page->costs;
    for (size_t i = 0; i < costs->count; i++) {
        uint32_t items[] = {(uint32_t)i, ITEM_NO_STACK};
        if (costs->items[i].stackless > 0 && !add_stack(tree, items, costs->stacks > 0 ? 2 : 1,
                                                        costs->items[i].stackless, inverted, error))
            return false;
    }
    return true;
}

static bool build(struct flame_tree *tree, bool inverted, struct error *error)
{
    uint32_t *path = calloc(tree->page->profile->stack_count + 1, sizeof(*path));
    if (!path || !memory_reserve(&tree->frames, &tree->capacity, 1, sizeof(*tree->frames), error)) {
        free(path);
        memory_exhausted(error);
        return false;
    }
    tree->frames[tree->count++] = (struct flame_frame){NO_FRAME, NO_FRAME, NO_FRAME, 0, 0};
    bool done = add_stacks(tree, inverted, path, error) && add_stackless(tree, inverted, error);
    free(path);
    return done;
}

/* --- drawing ---------------------------------------------------------------------------------- */

static int compare_totals(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left;
    uint64_t b = *(const uint64_t *)right;
    return a > b ? -1 : a < b;
}

/* So wide that no more than MOST_FRAMES are drawn. */
static bool find_narrowest(struct flame_tree *tree, struct error *error)
{
    uint64_t *totals = calloc(tree->count + 1, sizeof(*totals));
    if (!totals) {
        memory_exhausted(error);
        return false;
    }
    tree->narrowest = (uint64_t)(NARROWEST * (double)tree->frames[0].total);
    for (size_t i = 0; i < tree->count; i++)
        totals[i] = tree->frames[i].total;
    qsort(totals, tree->count, sizeof(*totals), compare_totals);
    if (tree->count > MOST_FRAMES && totals[MOST_FRAMES] >= tree->narrowest)
        tree->narrowest = totals[MOST_FRAMES] + 1;
    free(totals);
    return true;
}

static char *frame_name(const struct flame_tree *tree, uint32_t item, char *text, size_t size)
{
    if (item == NO_FRAME)
        snprintf(text, size, "all samples");
    else if (item == ITEM_NO_STACK)
        snprintf(text, size, "%s", STACKLESS_CALLER);
    else
        html_page_name(tree->page, &tree->page->costs->items[item], text, size);
    return text;
}

static unsigned colour_of(const char *name)
{
    unsigned hash = 0;
    while (*name)
        hash = hash * 31 + (unsigned char)*name++;
    return hash % COLOURS;
}

static void draw_frame(struct flame_tree *tree, const struct flame_frame *frame, uint64_t offset,
                       size_t depth, FILE *stream)
{
    double whole = (double)tree->frames[0].total;
    double scale = PAGE_WIDTH / (whole > 0 ? whole : 1);
    char name[NAME_SIZE], number[32];
    frame_name(tree, frame->item, name, sizeof(name));
    fprintf(stream,
            "<g class=\"f c%u\" data-x=\"%" PRIu64 "\" data-w=\"%" PRIu64 "\" data-d=\"%zu\" "
            "data-s=\"%" PRIu64 "\"><title>",
            colour_of(name), offset, frame->total, depth, frame->self);
    html_text(stream, name);
    fprintf(
        stream,
        "\n%s samples, %.2f %%</title><rect x=\"%.2f\" y=\"%zu\" width=\"%.2f\" height=\"%d\"/>",
        text_count(frame->total, number), 100 * (double)frame->total / (whole > 0 ? whole : 1),
        (double)offset * scale, depth * ROW, (double)frame->total * scale, ROW - 1);
    fprintf(stream, "<text x=\"%.2f\" y=\"%zu\"></text></g>\n", (double)offset * scale + 3,
            depth * ROW + 12);
    tree->drawn++;
    tree->deepest = depth > tree->deepest ? depth : tree->deepest;
}

struct sibling {
    uint32_t frame;
    uint64_t total;
    uint32_t item;
};

static int compare_siblings(const void *left, const void *right)
{
    const struct sibling *a = left;
    const struct sibling *b = right;
    if ((a->item == ITEM_NO_STACK) != (b->item == ITEM_NO_STACK))
        return a->item == ITEM_NO_STACK ? 1 : -1; /* it says least */
    if (a->total != b->total)
        return a->total > b->total ? -1 : 1;
    return (a->item > b->item) - (a->item < b->item);
}

/* A frame that waits to be drawn. */
struct waiting_frame {
    uint32_t frame;
    uint64_t offset;
    size_t depth;
};

/* The widest first: their order is then the same however the tree was made. */
static bool push_children(struct flame_tree *tree, struct waiting_frame from,
                          struct waiting_frame **waiting, size_t *count, size_t *capacity,
                          struct error *error)
{
    size_t children = 0;
    for (uint32_t c = tree->frames[from.frame].child; c != NO_FRAME; c = tree->frames[c].sibling)
        children++;
    struct sibling *sorted = calloc(children + 1, sizeof(*sorted));
    bool done = sorted != NULL;
    if (!sorted) {
        memory_exhausted(error);
        return false;
    }
    size_t found = 0;
    for (uint32_t c = tree->frames[from.frame].child; c != NO_FRAME && found < children;
         c = tree->frames[c].sibling)
        sorted[found++] = (struct sibling){c, tree->frames[c].total, tree->frames[c].item};
    qsort(sorted, children, sizeof(*sorted), compare_siblings);
    uint64_t offset = from.offset;
    for (size_t i = 0; done && i < children; i++) {
        if (sorted[i].total < tree->narrowest) {
            tree->left_out++;
            continue;
        }
        done = memory_reserve(waiting, capacity, *count + 1, sizeof(**waiting), error);
        if (done)
            (*waiting)[(*count)++] =
                (struct waiting_frame){sorted[i].frame, offset, from.depth + 1};
        offset += sorted[i].total;
    }
    free(sorted);
    return done;
}

static bool draw(struct flame_tree *tree, FILE *stream, struct error *error)
{
    struct waiting_frame *waiting = NULL;
    size_t count = 0;
    size_t capacity = 0;
    bool done = find_narrowest(tree, error) &&
                memory_reserve(&waiting, &capacity, 1, sizeof(*waiting), error);
    if (done)
        waiting[count++] = (struct waiting_frame){0, 0, 0};
    while (done && count > 0) {
        struct waiting_frame next = waiting[--count];
        draw_frame(tree, &tree->frames[next.frame], next.offset, next.depth, stream);
        done = push_children(tree, next, &waiting, &count, &capacity, error);
    }
    free(waiting);
    return done;
}

static bool write_graph(const struct html_page *page, bool inverted, FILE *stream,
                        struct error *error)
{
    struct flame_tree tree = {.page = page};
    char *frames = NULL;
    size_t size;
    FILE *inner = open_memstream(&frames, &size);
    if (!inner) {
        memory_exhausted(error);
        return false;
    }
    bool done = build(&tree, inverted, error) && draw(&tree, inner, error);
    if (fclose(inner) != 0)
        done = memory_exhausted(error);
    if (done) {
        assert(tree.frames); /* the first is always there */
        fprintf(stream,
                "<div class=\"flame\" id=\"%s\"%s><svg role=\"img\" tabindex=\"0\" width=\"%d\" "
                "height=\"%zu\" data-total=\"%" PRIu64
                "\" aria-label=\"Flame graph, %s. Arrow keys "
                "move, Enter zooms, Escape shows all.\">\n%s</svg>",
                inverted ? "flame-inverted" : "flame-plain", inverted ? " hidden" : "", PAGE_WIDTH,
                (tree.deepest + 1) * ROW, tree.frames[0].total,
                inverted ? "callers below what was sampled" : "callees below callers", frames);
        if (tree.left_out > 0)
            fprintf(stream,
                    "<p class=\"small\">Not drawn: %zu frames with fewer than %" PRIu64
                    " samples, and what is below them.</p>",
                    tree.left_out, tree.narrowest);
        fputs("</div>\n", stream);
    }
    free(frames);
    free(tree.frames);
    return done;
}

static void write_stackless(const struct function_costs *costs, FILE *stream)
{
    uint64_t unknown = 0;
    char stacks[32], samples[32], number[32];
    for (size_t i = 0; i < costs->count; i++)
        unknown = count_add(unknown, costs->items[i].stackless);
    if (costs->stacks == 0 || costs->stacks >= costs->samples)
        return;
    fprintf(
        stream,
        "<p class=\"small\">%s of %s samples have a call stack. Those of a function stand for its "
        "other samples too",
        text_count(costs->stacks, stacks), text_count(costs->samples, samples));
    if (unknown > 0)
        fprintf(stream, "; %s are of functions without any, below " STACKLESS_CALLER,
                text_count(unknown, number));
    fputs(". For more: pgo-record --stacks 1</p>\n", stream);
}

bool html_flame_write(const struct html_page *page, FILE *stream, struct error *error)
{
    fputs("<section aria-labelledby=\"h-flame\"><h2 id=\"h-flame\">Flame graph</h2>\n"
          "<div class=\"bar\"><label>Search <input type=\"search\" id=\"search\" "
          "autocomplete=\"off\"></label>\n"
          "<button type=\"button\" id=\"invert\" aria-pressed=\"false\">Inverted</button>\n"
          "<button type=\"button\" id=\"reset\">Show all</button>\n"
          "<output id=\"found\" aria-live=\"polite\"></output></div>\n"
          "<p id=\"status\" class=\"small\" aria-live=\"polite\">Each frame is a function, below "
          "its caller, and as wide as its part of the samples. Click one to zoom, Escape shows "
          "all.</p>\n",
          stream);
    write_stackless(page->costs, stream);
    bool done = write_graph(page, false, stream, error) && write_graph(page, true, stream, error);
    fputs("</section>\n", stream);
    return done;
}
