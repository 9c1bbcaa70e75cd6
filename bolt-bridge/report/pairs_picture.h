/*
 * The pairs of a comparison as a picture: how they are distributed, the intervals, and what A
 * differs from itself by.
 */
#ifndef BOLT_BRIDGE_REPORT_PAIRS_PICTURE_H
#define BOLT_BRIDGE_REPORT_PAIRS_PICTURE_H

#include <stdio.h>

#include "bolt-bridge/process/measurement.h"

/* SVG for a page of analyzer/write/html.  The report is of programs that behave the same. */
void pairs_picture_write(FILE *stream, const struct measure_request *request,
                         const struct measure_report *report, const struct measure_pairs *pairs);

#endif
