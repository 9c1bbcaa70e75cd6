#include "analyzer/model/ir/ir_program.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/base/hash.h"

const struct ir_function *ir_program_find(const struct ir_program *program, const char *symbol)
{
    uint64_t hash = hash_bytes(symbol, strlen(symbol));
    size_t slot = HASH_INDEX_FIRST;
    uint32_t number;
    while ((number = hash_index_next(&program->by_name, hash, &slot)) != HASH_INDEX_NONE) {
        if (strcmp(program->functions[number].name, symbol) == 0)
            return &program->functions[number];
    }
    return NULL;
}

void ir_program_free(struct ir_program *program)
{
    positions_free(&program->positions);
    hash_index_free(&program->by_name);
    hash_index_free(&program->by_profile_name);
    free(program->functions);
    free(program->blocks);
    free(program->block_positions);
    free(program->calls);
    free(program->edges);
    free(program->counters);
    free(program->sites);
    names_free(&program->compilers.producers);
    *program = (struct ir_program){0};
}
