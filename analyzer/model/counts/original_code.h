/*
 * From code that BOLT wrote back to the code that it started from, address by address, by the
 * table that it left (bolt_translation.h).
 */
#ifndef ANALYZER_MODEL_COUNTS_ORIGINAL_CODE_H
#define ANALYZER_MODEL_COUNTS_ORIGINAL_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/binary/binary.h"
#include "analyzer/model/binary/bolt_translation.h"
#include "analyzer/model/binary/function_pairs.h"
#include "analyzer/model/code/decoder.h"

struct original_code {
    const struct binary *rewritten, *original;
    struct decoder *of_rewritten, *of_original;
    struct bolt_translation table;
    struct function_pairs functions;
    uint64_t *starts; /* where blocks begin in the original, sorted */
    size_t start_count, start_capacity;
};

/* Both binaries must outlive it.  The caller closes it, also after a failure. */
bool original_code_open(struct original_code *code, const struct binary *rewritten,
                        const struct binary *original, struct error *error);
void original_code_close(struct original_code *code);

/*
 * The fragment that the address is in and where its function begins in the original; both NULL
 * and unset where the code stayed where it was.  False: it is in no code of the original.
 */
bool original_code_fragment(const struct original_code *code, uint64_t address,
                            const struct bolt_fragment **fragment, uint64_t *function);

/* The instruction of the original that control comes to there, or that was sampled there. */
bool original_code_target(const struct original_code *code, uint64_t address, uint64_t *original);

/* The byte of the original that the byte there was, of a frame of a call stack: inside a call. */
bool original_code_inside(const struct original_code *code, uint64_t address, uint64_t *original);

/*
 * The instruction of the original that a branch there is, which leads to `target` in the
 * original (0: to elsewhere): where BOLT put the branch in, the last of the block.
 */
bool original_code_source(const struct original_code *code, uint64_t address, uint64_t target,
                          uint64_t *original);

/* Whether the address of the original is behind the block that `start` is in. */
bool original_code_is_past(const struct original_code *code, uint64_t start, uint64_t address);

/* The last instruction of the block of the original that `start` is in. */
uint64_t original_code_block_end(const struct original_code *code, uint64_t start);

/* The same, where control goes on to `target`: by a jump behind a branch, if there is one. */
uint64_t original_code_block_end_to(const struct original_code *code, uint64_t start,
                                    uint64_t target);

/* Where the run ends in the original that ends there, of a block whose run began at `start`. */
uint64_t original_code_run_end(const struct original_code *code,
                               const struct bolt_fragment *fragment, uint64_t function,
                               uint64_t address, uint64_t start);

#endif
