/* An annotated function as JSON; docs/annotate.md has its schema. */
#ifndef ANALYZER_VERBS_ANNOTATE_JSON_H
#define ANALYZER_VERBS_ANNOTATE_JSON_H

#include <jansson.h>

#include "analyzer/verbs/annotated_function.h"

/* A new reference; NULL where memory is short. */
json_t *annotate_json(const struct annotate_view *view, const struct annotated_function *function);

#endif
