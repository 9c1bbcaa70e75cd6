/*
 * Folded call stacks, for flame graphs: `outermost;…;innermost count`, one line
 * a stack.  Samples without one are the sampled function, under "[no stack]" where others
 * have one.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/count.h"
#include "analyzer/base/memory.h"
#include "analyzer/base/text.h"
#include "analyzer/write/formats.h"
#include "analyzer/write/stackless.h"

struct folded_line {
    char *text;
    uint64_t count;
};

struct folded_lines {
    struct folded_line *items;
    size_t count, capacity;
};

/* Frames are separated by semicolons and the count by the last blank. */
static void print_frame(FILE *stream, const char *name)
{
    char visible[4096];
    for (char *c = text_printable(name, visible, sizeof(visible)); *c; c++)
        fputc(*c == ';' ? ':' : *c == ' ' ? '_' : *c, stream);
}

static void print_location(const struct writer_input *input, struct location location, FILE *stream)
{
    const struct binary *binary = binaries_get(input->binaries, location.module);
    const struct function *function = binary ? binary_function_at(binary, location.address) : NULL;
    if (function) {
        print_frame(stream, function->name);
    } else if (location.module < input->profile->module_count) {
        fputc('[', stream);
        print_frame(stream, text_file_name(input->profile->modules[location.module].path));
        fputc(']', stream);
    } else {
        fputs("[unknown]", stream);
    }
}

/* The frames from the outermost in.  `path` has room for as many nodes as there are. */
static void print_stack(const struct writer_input *input, size_t leaf, uint32_t *path, FILE *stream)
{
    const struct stack_node *stacks = input->profile->stacks;
    size_t depth = 0;
    for (uint32_t node = (uint32_t)leaf + 1; node; node = stacks[node - 1].parent)
        path[depth++] = node - 1;
    while (depth-- > 0) {
        const struct stack_node *node = &stacks[path[depth]];
        if (node->truncated)
            fputs("[truncated]", stream);
        else
            print_location(input, node->location, stream);
        if (depth > 0)
            fputc(';', stream);
    }
}

static void print_sample(const struct writer_input *input, const struct stackless_sample *sample,
                         bool has_stacks, FILE *stream)
{
    if (has_stacks) {
        print_frame(stream, STACKLESS_CALLER);
        fputc(';', stream);
    }
    print_location(input, sample->place, stream);
}

/* The stack of the node `leaf`, or, where it is not NULL, the sample. */
static bool add_line(struct folded_lines *lines, const struct writer_input *input, size_t leaf,
                     uint32_t *path, const struct stackless_sample *sample, bool has_stacks,
                     struct error *error)
{
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);
    if (!stream)
        return memory_exhausted(error);
    if (sample)
        print_sample(input, sample, has_stacks, stream);
    else
        print_stack(input, leaf, path, stream);
    if (fclose(stream) != 0 || !memory_reserve(&lines->items, &lines->capacity, lines->count + 1,
                                               sizeof(*lines->items), error)) {
        free(text);
        return memory_exhausted(error);
    }
    lines->items[lines->count++] =
        (struct folded_line){text, sample ? sample->count : input->profile->stacks[leaf].count};
    return true;
}

static bool collect(struct folded_lines *lines, const struct writer_input *input,
                    struct error *error)
{
    const struct profile *profile = input->profile;
    struct stackless without;
    uint32_t *path = calloc(profile->stack_count + 1, sizeof(*path));
    bool done = stackless_find(&without, profile, error) && path != NULL;
    if (!path)
        memory_exhausted(error);
    for (size_t i = 0; done && i < profile->stack_count; i++) {
        if (profile->stacks[i].count > 0)
            done = add_line(lines, input, i, path, NULL, true, error);
    }
    for (size_t i = 0; done && i < without.count; i++)
        done = add_line(lines, input, 0, path, &without.items[i], without.has_stacks, error);
    if (done)
        stackless_tell(&without, profile);
    stackless_free(&without);
    free(path);
    return done;
}

static int compare_lines(const void *left, const void *right)
{
    const struct folded_line *a = left;
    const struct folded_line *b = right;
    return strcmp(a->text, b->text);
}

static bool write_folded(const struct writer_input *input, FILE *stream, struct error *error)
{
    struct folded_lines lines = {0};
    bool done = collect(&lines, input, error);
    if (done && lines.count > 0)
        qsort(lines.items, lines.count, sizeof(*lines.items), compare_lines);
    for (size_t i = 0, next; done && i < lines.count; i = next) {
        uint64_t count = 0;
        for (next = i;
             next < lines.count && strcmp(lines.items[next].text, lines.items[i].text) == 0; next++)
            count = count_add(count, lines.items[next].count);
        fprintf(stream, "%s %" PRIu64 "\n", lines.items[i].text, count);
    }
    for (size_t i = 0; i < lines.count; i++)
        free(lines.items[i].text);
    free(lines.items);
    return done;
}

const struct writer writer_folded = {
    .name = "folded",
    .suffix = "folded",
    .description = "call stacks for flame graphs, all modules",
    .write = write_folded,
};
