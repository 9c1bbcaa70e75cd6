/*
 * Builds small perf.data files for the tests, byte by byte.  Samples have
 * IDENTIFIER, IP, TID, TIME, CALLCHAIN and BRANCH_STACK.  Ends the test program
 * where memory is short.
 */
#ifndef TESTS_SUPPORT_PERF_BUILDER_H
#define TESTS_SUPPORT_PERF_BUILDER_H

#include <stddef.h>
#include <stdint.h>

#define PERF_BUILDER_SIZE 65536

struct perf_builder {
    uint8_t records[PERF_BUILDER_SIZE]; /* as they will follow the header */
    size_t size;
    uint64_t time;        /* of the next record */
    const char *machine;  /* as uname tells it; NULL: the file does not say */
    uint16_t sample_misc; /* of samples, besides that they are in user code */
    int was_not_ended;    /* the file's header does not know how much there is, nor what follows */
};

void perf_builder_comm(struct perf_builder *builder, uint32_t process, int is_exec);
void perf_builder_fork(struct perf_builder *builder, uint32_t child, uint32_t parent);
/* `build_id` of 20 bytes may be NULL. */
void perf_builder_mmap(struct perf_builder *builder, uint32_t process, uint64_t start,
                       uint64_t length, uint64_t offset, const char *path, const char *build_id);
/* `frames` and `branches` (from and to, newest first) may be NULL with a count of 0. */
void perf_builder_sample(struct perf_builder *builder, uint32_t process, uint64_t address,
                         const uint64_t *frames, size_t frame_count, const uint64_t (*branches)[2],
                         size_t branch_count);
/* A record of any type with `size` bytes after its header. */
void perf_builder_record(struct perf_builder *builder, uint32_t type, uint16_t misc,
                         const void *bytes, size_t size);

/* The whole file, or what a pipe would carry.  The caller frees it. */
uint8_t *perf_builder_file(const struct perf_builder *builder, size_t *size);
uint8_t *perf_builder_pipe(const struct perf_builder *builder, size_t *size);

#endif
