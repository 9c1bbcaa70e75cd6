/*
 * A report as one HTML file that needs nothing else: flame graph, code of the hottest functions
 * with its branches, their control flow, where hot code lies in memory, and how good the profile
 * is.  Pictures are SVG; page.js moves them, page.css colours them.
 */
#ifndef ANALYZER_WRITE_HTML_PAGE_H
#define ANALYZER_WRITE_HTML_PAGE_H

#include <stdbool.h>
#include <stdio.h>

#include "analyzer/base/error.h"
#include "analyzer/write/html/contents.h"

/* The same input gives the same page. */
bool html_page_write(const struct html_page *page, FILE *stream, struct error *error);

#endif
