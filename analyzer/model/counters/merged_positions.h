/*
 * Positions of code that a compiler made one of several places.  Where these are calls of a
 * function that is inlined at each, its own positions stay, in a call that has no line any more.
 * Frames are counted from the outermost, 0.
 */
#ifndef ANALYZER_MODEL_COUNTERS_MERGED_POSITIONS_H
#define ANALYZER_MODEL_COUNTERS_MERGED_POSITIONS_H

#include <stddef.h>
#include <stdint.h>

#include "analyzer/model/ir/positions.h"

/* The calls that a position is inlined by: frames 0 and up of which the line can be gone. */
size_t merged_position_calls(const struct positions *positions, uint32_t position);

/* A position whose call at `frame` has no line; POSITION_NONE where that is not among them. */
uint32_t merged_position_find(const struct positions *positions, uint32_t position, size_t frame);

/*
 * What a position in the same code was where that was at `place`, before its call at `frame` lost
 * its line: POSITION_NONE where that is not among them.  One that is in no such call is as it was.
 */
uint32_t merged_position_part(const struct positions *positions, uint32_t position, uint32_t place,
                              size_t frame);

#endif
