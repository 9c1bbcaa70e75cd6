/* libFuzzer harness of the reader of ranges and branches as text, and of what works on its result.
 */
#include "analyzer/read/unsymbolized.h"
#include "tests/fuzz/fuzzing.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    fuzzing_profile(profile_read_unsymbolized, bytes, size);
    return 0;
}
