/* libFuzzer harness of the reader of raw profiles, and of what works on its result. */
#include "analyzer/read/formats.h"
#include "tests/fuzz/fuzzing.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    fuzzing_profile(&reader_raw, bytes, size);
    return 0;
}
