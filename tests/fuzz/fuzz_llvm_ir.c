/* libFuzzer harness of LLVM's textual intermediate representation, and of the flow in it. */
#include <assert.h>
#include <stdlib.h>

#include "analyzer/model/counters/block_flow.h"
#include "analyzer/model/ir/ir_read.h"
#include "tests/fuzz/fuzzing.h"

/* Flow of all functions, as if each block had been seen as often as its number says. */
static void solve(const struct ir_program *program)
{
    for (size_t i = 0; i < program->function_count; i++) {
        const struct ir_function *function = &program->functions[i];
        struct error error;
        struct block_weight *weights = calloc(function->block_count, sizeof(*weights));
        uint64_t *counts = calloc(function->block_count, sizeof(*counts));
        uint64_t *seen = calloc(program->edge_count + 1, sizeof(*seen));
        assert(weights && counts && seen && function->block_count > 0);
        for (uint32_t k = 0; k < function->block_count; k++)
            weights[k] = (struct block_weight){(enum weight_source)(k % WEIGHT_SOURCES), k};
        for (size_t k = 0; k < program->edge_count; k++)
            seen[k] = k % 7;
        block_flow_solve(program, function, weights, seen, counts, &error);
        free(seen);
        free(weights);
        free(counts);
    }
}

static void check(const struct ir_program *program)
{
    for (size_t i = 0; i < program->function_count; i++) {
        const struct ir_function *function = &program->functions[i];
        const struct ir_block *blocks = &program->blocks[function->first_block];
        for (uint32_t k = blocks[0].first_edge; k < blocks[function->block_count].first_edge; k++)
            assert(program->edges[k] < function->block_count);
        for (uint32_t k = blocks[0].first_counter; k < blocks[function->block_count].first_counter;
             k++)
            assert(program->counters[k].number < function->counter_count);
    }
    for (size_t i = 0; i < program->position_count; i++)
        assert(program->block_positions[i] == POSITION_NONE ||
               program->block_positions[i] < program->positions.count);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct ir_program program = {0};
    struct error error;
    FILE *stream = size > 0 ? fmemopen((void *)(uintptr_t)bytes, size, "r") : NULL;
    if (!stream)
        return 0;
    if (ir_program_read(&program, stream, "input", &error)) {
        check(&program);
        solve(&program);
    }
    fclose(stream);
    ir_program_free(&program);
    return 0;
}
