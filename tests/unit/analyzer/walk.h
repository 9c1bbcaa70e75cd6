/*
 * A made-up execution of a real program: starts in its functions, takes branches
 * by chance, follows calls and returns, and keeps what it did as a raw profile.
 * It needs no recorder, and the same seed always walks the same way.
 */
#ifndef TESTS_UNIT_ANALYZER_WALK_H
#define TESTS_UNIT_ANALYZER_WALK_H

#include <elf.h>
#include <string.h>

#include "analyzer/model/binary/binary.h"
#include "analyzer/model/code/decoder.h"
#include "analyzer/model/code/instruction.h"
#include "analyzer/model/profile/normalise.h"
#include "analyzer/model/profile/profile.h"
#include "analyzer/read/reader.h"
#include "tests/support/raw_builder.h"
#include "tests/support/temporary.h"

#define WALK_DEPTH 64
#define WALK_BRANCHES 32
/* Where the code of other modules is, in a made-up library. */
#define WALK_LIBRARY PGORAW_LOCATION(2, 0x1230)

struct walk {
    struct decoder *decoder;
    struct raw_builder *builder;
    uint64_t state;
    uint64_t callers[WALK_DEPTH];
    unsigned depth;
};

static inline unsigned walk_chance(struct walk *walk, unsigned of)
{
    walk->state = walk->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(walk->state >> 33) % of;
}

/*
 * Where control goes after the instruction.  UINT64_MAX: out of the program, and
 * back behind the call that led there.  0: nobody knows.
 */
static inline uint64_t walk_target(struct walk *walk, const struct instruction *instruction)
{
    uint64_t next = instruction->address + instruction->size;
    switch (instruction->kind) {
    case INSTRUCTION_CALL:
        if (walk->depth < WALK_DEPTH)
            walk->callers[walk->depth++] = next;
        return instruction->is_indirect ? UINT64_MAX : instruction->target;
    case INSTRUCTION_RETURN:
        return walk->depth > 0 ? walk->callers[--walk->depth] : 0;
    case INSTRUCTION_JUMP:
        return instruction->is_indirect ? UINT64_MAX : instruction->target;
    case INSTRUCTION_CONDITIONAL:
        return walk_chance(walk, 3) ? next : instruction->target;
    case INSTRUCTION_STOP:
        return 0;
    default:
        return next;
    }
}

/* One window: from a sampled address over at most WALK_BRANCHES branches. */
static inline void walk_window(struct walk *walk, uint64_t start)
{
    uint64_t from = PGORAW_LOCATION_NONE;
    uint64_t run = start;
    uint64_t address = start;
    struct instruction instruction;
    walk->depth = 0;
    for (unsigned branches = 0; branches < WALK_BRANCHES;) {
        if (!decoder_decode(walk->decoder, address, &instruction))
            return;
        uint64_t target = walk_target(walk, &instruction);
        if (target == address + instruction.size) {
            address = target;
            continue;
        }
        raw_builder_trace(walk->builder, from, PGORAW_LOCATION(1, run), (uint32_t)(address - run),
                          1 + walk_chance(walk, 9));
        branches++;
        from = PGORAW_LOCATION(1, address);
        if (target == 0)
            return;
        if (target == UINT64_MAX) { /* out, and back where the caller goes on */
            raw_builder_trace(walk->builder, from, WALK_LIBRARY, PGORAW_NO_RUN, 3);
            if (walk->depth == 0)
                return;
            from = WALK_LIBRARY;
            target = walk->callers[--walk->depth];
        }
        run = address = target;
    }
    raw_builder_trace(walk->builder, from, PGORAW_LOCATION(1, run), PGORAW_NO_RUN, 2);
}

/* The raw profile of `windows` windows through the binary; the caller frees it. */
static inline struct raw_builder *walk_binary(const struct binary *binary, unsigned windows,
                                              unsigned seed)
{
    struct error error;
    struct walk walk = {.builder = raw_builder_new(), .state = seed};
    uint32_t size;
    uint64_t low, high;
    const uint8_t *build_id = binary_build_id(binary, &size);
    binary_range(binary, &low, &high);
    raw_builder_module(walk.builder, binary_path(binary), PGORAW_MODULE_MAIN, low, high,
                       (const char *)build_id, size);
    raw_builder_module(walk.builder, "/nowhere/library.so", 0, 0, 0x2000, "\x01", 1);
    walk.decoder = decoder_of(binary, &error);
    for (unsigned i = 0; walk.decoder && i < windows;) {
        const struct function *function =
            binary_function(binary, walk_chance(&walk, (unsigned)binary_function_count(binary)));
        /* What the compiler's start files hold is not always code that can be walked. */
        bool is_mangled =
            strncmp(function->name, "_Z", 2) == 0 || strncmp(function->name, "_R", 2) == 0;
        if (function->is_plt || (*function->name == '_' && !is_mangled))
            continue;
        walk_window(&walk, function->address);
        i++;
    }
    return walk.builder;
}

/* The profile of such an execution, normalised; the caller frees it.  Fails the test on errors. */
static inline struct profile *walk_profile(const struct binary *binary, unsigned windows)
{
    struct error error;
    const char *raw = temporary_path("walk.pgoraw");
    struct raw_builder *builder = walk_binary(binary, windows, 1);
    struct profile *profile = profile_new(&error);

    assert_non_null(profile);
    raw_builder_write(builder, raw);
    raw_builder_free(builder);
    if (!profile_read(raw, profile, &error) || !profile_normalise(profile, &error))
        fail_msg("%s: %s", error.subject, error.detail);
    return profile;
}

#endif
