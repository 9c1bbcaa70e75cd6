/*
 * The shapes of an annotated function: annotate.c finds it, annotate_text.c and annotate_json.c
 * print it.
 */
#ifndef ANALYZER_VERBS_ANNOTATED_FUNCTION_H
#define ANALYZER_VERBS_ANNOTATED_FUNCTION_H

#include <stdbool.h>

#include "analyzer/model/code/disassembler.h"
#include "analyzer/model/view/annotation.h"
#include "analyzer/model/view/function_costs.h"
#include "analyzer/model/view/source_places.h"
#include "analyzer/model/view/source_text.h"

/* What all functions of one command are shown with. */
struct annotate_view {
    const struct profile *profile;
    struct binaries *binaries;
    struct function_costs costs;
    struct source_texts *texts;
    bool demangled; /* names as people wrote them; in text alone */
    bool source_only;
};

/* One of them. */
struct annotated_function {
    struct annotation annotation;
    struct disassembler *disassembler;
    struct source_places *places; /* of all of its instructions */
    bool is_inferred;             /* executions are, from samples */
    bool is_corrected;            /* or corrected by the weights of windows */
};

/* The instruction in words; empty where bytes are none. */
void annotate_instruction_text(const struct annotated_function *function,
                               const struct annotated_instruction *item,
                               char text[DISASSEMBLER_TEXT]);

#endif
