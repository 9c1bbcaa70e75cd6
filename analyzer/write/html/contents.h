/*
 * What a page is made of.
 */
#ifndef ANALYZER_WRITE_HTML_CONTENTS_H
#define ANALYZER_WRITE_HTML_CONTENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "analyzer/model/compare/quality.h"
#include "analyzer/model/match/binaries.h"
#include "analyzer/model/profile/profile.h"
#include "analyzer/model/view/function_costs.h"
#include "analyzer/model/view/source_text.h"

struct html_page {
    const struct profile *profile; /* normalised */
    struct binaries *binaries;
    const struct function_costs *costs;
    const struct quality *quality; /* NULL: not known */
    uint32_t judged;               /* the module that `quality` is of */
    uint64_t cpu_time_ns;          /* 0: not known */
    struct source_texts *texts;
    size_t functions; /* how many are shown with their code */
    /* A profile of the relinked program, to show both layouts; NULL: none. */
    const struct profile *after;
    bool demangled;
};

/*
 * The name of a function for people, "[module]" where no symbol is known.  Returns `text`.
 */
char *html_page_name(const struct html_page *page, const struct function_cost *cost, char *text,
                     size_t size);

/* The same as code, short; the whole name stands where the mouse rests. */
void html_page_name_write(const struct html_page *page, const struct function_cost *cost,
                          FILE *stream);

#endif
