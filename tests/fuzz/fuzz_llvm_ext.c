/*
 * libFuzzer harness of the reader of LLVM's sample profiles in the extensible binary form,
 * and of adding up, comparing and writing them.
 */
#include "analyzer/read/llvm_ext.h"
#include "tests/fuzz/fuzzing.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    fuzzing_sample_profile(sample_profile_read_ext, bytes, size);
    return 0;
}
