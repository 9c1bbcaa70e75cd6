/* libFuzzer harness of the reader of perf.data, and of what works on its result. */
#include "analyzer/read/perf_data.h"
#include "tests/fuzz/fuzzing.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    fuzzing_profile(profile_read_perf_data, bytes, size);
    return 0;
}
