/*
 * libFuzzer harness of the reader of LLVM's sample profiles in the extensible binary form,
 * and of adding up, comparing and writing them.
 */
#include "analyzer/read/formats.h"
#include "tests/fuzz/fuzzing.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    fuzzing_sample_profile(&reader_llvm_ext, bytes, size);
    return 0;
}
