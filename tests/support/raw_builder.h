/*
 * Builds raw profiles (include/pgoshim/raw.h) for the tests of every room: by
 * hand, byte for byte, so that it checks the recorder and the analyzer instead
 * of agreeing with either.  Uses nothing but libc; ends the test program where
 * memory is short or an argument makes no sense.
 *
 *     struct raw_builder *builder = raw_builder_new();
 *     uint32_t program = raw_builder_module(builder, "/usr/bin/app", PGORAW_MODULE_MAIN,
 *                                           0x1000, 0x9000, "\x12\x34", 2);
 *     raw_builder_trace(builder, PGORAW_LOCATION(program, 0x1100),
 *                       PGORAW_LOCATION(program, 0x1180), 16, 42);
 *     raw_builder_write(builder, "app.pgoraw");
 *     raw_builder_free(builder);
 */
#ifndef TESTS_SUPPORT_RAW_BUILDER_H
#define TESTS_SUPPORT_RAW_BUILDER_H

#include <stddef.h>
#include <stdint.h>

#include "include/pgoshim/raw.h"

struct raw_builder;

/* An empty profile of an x86-64 process, with a plausible header and no chunks. */
struct raw_builder *raw_builder_new(void);
void raw_builder_free(struct raw_builder *builder);

/* The header, to be edited freely; the chunk directory and the sizes are filled in by _bytes. */
struct pgoraw_header *raw_builder_header(struct raw_builder *builder);

/* Adds a module and returns its number (from 1).  `build_id` may be NULL with size 0. */
uint32_t raw_builder_module(struct raw_builder *builder, const char *path, uint32_t flags,
                            uint64_t low_address, uint64_t high_address, const char *build_id,
                            uint32_t build_id_size);

/* Adds a trace.  `from` and `to` are PGORAW_LOCATIONs; run_length may be PGORAW_NO_RUN. */
void raw_builder_trace(struct raw_builder *builder, uint64_t from, uint64_t to, uint32_t run_length,
                       uint64_t count);

/* The sum of the weights of the trace added last, in 1/PGORAW_WEIGHT_ONE; without it, its count. */
void raw_builder_weighted(struct raw_builder *builder, uint64_t weighted);

/* Before any trace: entries as they were before there were weights. */
void raw_builder_unweighed(struct raw_builder *builder);

/* Adds a node of the call tree and returns its number (from 1).  `parent` 0: outermost. */
uint32_t raw_builder_stack(struct raw_builder *builder, uint32_t parent, uint64_t location,
                           uint64_t count);

/* Adds how often a trace (its number, from 1 in the order of adding) was taken under a node. */
void raw_builder_context(struct raw_builder *builder, uint32_t callers, uint32_t trace,
                         uint64_t count);

/* The state of the entry added last; for entries whose writer died (PGORAW_BUSY). */
void raw_builder_last_state(struct raw_builder *builder, uint32_t state);

/* Spreads the entries of each kind over chunks of that many; without it, one chunk a kind. */
void raw_builder_chunk_entries(struct raw_builder *builder, uint32_t entries);

/* The file's bytes, with the number of them in `size`.  The caller frees them. */
uint8_t *raw_builder_bytes(struct raw_builder *builder, size_t *size);

/* Writes those bytes to a file, replacing what is there. */
void raw_builder_write(struct raw_builder *builder, const char *path);

/* Writes any bytes to a file, replacing what is there. */
void raw_builder_write_bytes(const char *path, const void *bytes, size_t size);

#endif
