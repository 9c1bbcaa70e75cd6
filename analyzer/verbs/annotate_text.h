/* An annotated function as people read it. */
#ifndef ANALYZER_VERBS_ANNOTATE_TEXT_H
#define ANALYZER_VERBS_ANNOTATE_TEXT_H

#include <stdbool.h>
#include <stdio.h>

#include "analyzer/base/error.h"
#include "analyzer/verbs/annotated_function.h"

bool annotate_print(const struct annotate_view *view, const struct annotated_function *function,
                    FILE *stream, struct error *error);

#endif
