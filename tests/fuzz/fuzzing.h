/*
 * What the fuzzing harnesses share.  A harness is fuzz_READER.c, with seeds in
 * seeds/READER; `make fuzz` runs all of them under libFuzzer, and `make check`
 * goes through the seeds.
 */
#ifndef TESTS_FUZZ_FUZZING_H
#define TESTS_FUZZ_FUZZING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "analyzer/read/format.h"

/* What libFuzzer and replay.c call. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* The path of a file in memory with those bytes, for readers, who want one.  Until the next call.
 */
const char *fuzzing_file(const uint8_t *bytes, size_t size);

/* Where output goes that nobody reads. */
FILE *fuzzing_nowhere(void);

/*
 * Reads the bytes by a reader of profiles by address and, where they are one,
 * does with it what the verbs do: normalises it, places it in a binary, merges
 * it and writes it in every format that needs no binary, and in two that do.
 */
void fuzzing_profile(const struct reader *reader, const uint8_t *bytes, size_t size);

/* The same for a reader of sample profiles: adds up, compares, and writes both forms. */
void fuzzing_sample_profile(const struct reader *reader, const uint8_t *bytes, size_t size);

/* Opens a binary and writes a made-up profile of its first functions in every format. */
void fuzzing_binary(const char *path);

#endif
