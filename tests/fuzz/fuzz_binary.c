/* libFuzzer harness of what is read from binaries: symbols, code, debug information, probes,
 * blocks. */
#include "tests/fuzz/fuzzing.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    fuzzing_binary(fuzzing_file(bytes, size));
    return 0;
}
