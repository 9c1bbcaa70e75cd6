/*
 * The sections of the page, each a file of this room.
 */
#ifndef ANALYZER_WRITE_HTML_SECTIONS_H
#define ANALYZER_WRITE_HTML_SECTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include "analyzer/base/error.h"
#include "analyzer/model/code/disassembler.h"
#include "analyzer/model/view/annotation.h"
#include "analyzer/model/view/source_places.h"
#include "analyzer/write/html/contents.h"

/* Call stacks from the outermost in, and from the sampled function out. */
bool html_flame_write(const struct html_page *page, FILE *stream, struct error *error);

/* The hottest functions: code and control flow. */
bool html_functions_write(const struct html_page *page, FILE *stream, struct error *error);

/* One of them, as functions.c has it. */
struct html_function {
    const struct html_page *page;
    const struct function_cost *cost;
    struct annotation annotation;
    struct disassembler *disassembler;
    struct source_places *places;
    bool is_inferred; /* runs are, from samples */
    size_t number;    /* from 1, for links */
    size_t rows;      /* of code that may be shown */
};

bool html_code_write(const struct html_function *function, FILE *stream, struct error *error);
bool html_graph_write(const struct html_function *function, FILE *stream, struct error *error);

/* Lines and pages of memory with hot code, before and after. */
bool html_layout_write(const struct html_page *page, FILE *stream, struct error *error);

#endif
