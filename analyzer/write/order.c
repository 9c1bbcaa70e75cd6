/*
 * Orders of functions for linkers, a line each, the first in memory first: names
 * of symbols for ld.lld --symbol-ordering-file, and patterns of sections for gold
 * --section-ordering-file.  Object files need a section for each function
 * (-ffunction-sections).
 */
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/names.h"
#include "analyzer/model/counts/call_graph.h"
#include "analyzer/write/formats.h"

/* Functions of one name (local ones of several files) are one to the linker: the first counts. */
static bool write_order(const struct writer_input *input, const char *before, FILE *stream,
                        struct error *error)
{
    struct call_graph graph;
    struct names names = {0};
    bool done = call_graph_build(&graph, input->profile, input->module, input->binary, error);
    uint32_t *order = done ? call_graph_order(&graph, error) : NULL;
    done = order != NULL;
    for (size_t i = 0; done && i < graph.node_count; i++) {
        const char *name = graph.nodes[order[i]].function->name;
        size_t known = names.count;
        done = names_intern(&names, name, strlen(name), error) != NULL;
        if (names.count > known)
            fprintf(stream, "%s%s\n", before, name);
    }
    free(order);
    names_free(&names);
    call_graph_free(&graph);
    return done;
}

static bool write_symbol_order(const struct writer_input *input, FILE *stream, struct error *error)
{
    return write_order(input, "", stream, error);
}

/* Compilers put .startup, .hot and the like between: .text.startup.main. */
static bool write_section_order(const struct writer_input *input, FILE *stream, struct error *error)
{
    return write_order(input, ".text*.", stream, error);
}

const struct writer writer_order = {
    .name = "order",
    .suffix = "order",
    .description = "order of functions for ld.lld --symbol-ordering-file",
    .needs_binary = true,
    .needs_symbols = true,
    .has_no_accounts = true,
    .write = write_symbol_order,
};

const struct writer writer_order_gold = {
    .name = "order-gold",
    .suffix = "order",
    .description = "the same for gold --section-ordering-file",
    .needs_binary = true,
    .needs_symbols = true,
    .has_no_accounts = true,
    .write = write_section_order,
};
