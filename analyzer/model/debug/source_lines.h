/*
 * From addresses to source lines, through DWARF 4 and 5: which function, in which inlined
 * functions, on which line after the function's declaration.  What is not touched is not
 * read.
 */
#ifndef ANALYZER_MODEL_DEBUG_SOURCE_LINES_H
#define ANALYZER_MODEL_DEBUG_SOURCE_LINES_H

#include <elfutils/libdw.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/binary/address_ranges.h"
#include "analyzer/model/binary/binary.h"
#include "analyzer/model/debug/source_range.h"

/* One of the functions that an address is in. */
struct source_frame {
    const char *function;   /* its linkage name */
    uint32_t line_offset;   /* lines after its declaration, modulo 65536 */
    uint32_t discriminator; /* as it is in the debug information */
    uint32_t line;          /* itself; 0 where it is not known */
    uint32_t column;        /* 0 where it is not known or not kept */
    uint32_t declared;      /* the line of the function's declaration; 0 where it is not known */
    Dwarf_Die die;          /* for source_frame_file */
    bool is_trampoline;     /* the compiler made it, to call another (Go's method wrappers) */
};

struct source_lines;

/*
 * The path of the file that declares the frame's function, as the compiler had it, or NULL
 * where it is not known.  It reads the file names of the whole unit when it is first asked.
 */
const char *source_frame_file(struct source_lines *lines, const struct source_frame *frame);

/* Where the frame's unit was compiled, for paths that are relative; NULL: not known. */
const char *source_frame_directory(const struct source_frame *frame);

/*
 * The binary must outlive it.  `with_symbols`: functions without debug
 * information, or all of them, are known by their symbols.  `touched` (joined;
 * NULL: all code) is what may be asked for: the functions that are there, whole,
 * and all of their names.  ERROR_NO_DEBUG_INFO where no function has a name.
 * source_lines_free takes NULL.
 */
struct source_lines *source_lines_open(const struct binary *binary, bool with_symbols,
                                       const struct address_ranges *touched, struct error *error);
void source_lines_free(struct source_lines *lines);

/* Before it is asked: frames have columns, which are 0 without this, and parts are smaller. */
void source_lines_keep_columns(struct source_lines *lines);

/* All ranges that are known, by address; of several that start at one address the first counts.
 */
const struct source_range *source_ranges(const struct source_lines *lines, size_t *count);

/* The range that contains the address, or NULL. */
const struct source_range *source_range_at(const struct source_lines *lines, uint64_t address);

/* The next range of a function of the same name, from `after` on (NULL: the first), or NULL. */
const struct source_range *source_range_of_name(const struct source_lines *lines, const char *name,
                                                const struct source_range *after);

/*
 * The functions that the address is in, outermost first, until the next call;
 * *count is 0 where they are not known.  They are the same up to *until.
 */
bool source_frames_at(struct source_lines *lines, uint64_t address,
                      const struct source_frame **frames, size_t *count, uint64_t *until,
                      struct error *error);

#endif
