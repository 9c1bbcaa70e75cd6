#include "shim/core/samplers/ladder.h"

const struct sampler *const sampler_ladder[] = {
    &sampler_perf_branches,
    &sampler_perf_cycles,
    &sampler_perf_clock,
    &sampler_posix_timer,
};
const size_t sampler_ladder_length = sizeof(sampler_ladder) / sizeof(sampler_ladder[0]);
