/* libFuzzer harness of the reader of raw profiles, and of what works on its result. */
#include "analyzer/read/raw.h"
#include "tests/fuzz/fuzzing.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    fuzzing_profile(profile_read_raw, bytes, size);
    return 0;
}
