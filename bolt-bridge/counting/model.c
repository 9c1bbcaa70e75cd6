#include "bolt-bridge/counting/model.h"

uint64_t model_cycles_of(const struct counts *counts, enum count_kind kind)
{
    static const unsigned weights[COUNT_KINDS] = {
        [COUNT_INSTRUCTIONS] = 1, [COUNT_JUMPS] = 1,        [COUNT_MISPREDICTED] = 10,
        [COUNT_CODE_MISSES] = 10, [COUNT_DATA_MISSES] = 10, [COUNT_MEMORY_ACCESS] = 100,
    };
    return weights[kind] * counts->values[kind];
}

uint64_t model_cycles(const struct counts *counts)
{
    uint64_t cycles = 0;

    for (size_t kind = 0; kind < COUNT_KINDS; kind++)
        cycles += model_cycles_of(counts, (enum count_kind)kind);
    return cycles;
}

uint64_t model_cycles_without_jumps(const struct counts *counts)
{
    struct counts others = *counts;
    others.values[COUNT_JUMPS] = 0;
    return model_cycles(&others);
}
