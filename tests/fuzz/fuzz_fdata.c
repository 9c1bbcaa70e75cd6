/* libFuzzer harness of the reader of fdata, and of adding up, comparing and writing it. */
#include "analyzer/model/compare/overlap.h"
#include "analyzer/read/reader.h"
#include "analyzer/write/fdata.h"
#include "tests/fuzz/fuzzing.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct error error;
    struct symbol_profile profile = {0};
    struct symbol_profile merged = {0};
    struct overlap overlap = {0};
    if (symbol_profile_read(fuzzing_file(bytes, size), &profile, &error)) {
        symbol_profile_write(&profile, fuzzing_nowhere());
        if (symbol_profile_merge(&merged, &profile, 3, "input", &error))
            symbol_profile_sort(&merged);
        symbol_profile_sort(&profile);
        overlap_symbols(&overlap, &profile, "input", &merged, "merged", &error);
    }
    overlap_free(&overlap);
    symbol_profile_free(&merged);
    symbol_profile_free(&profile);
    return 0;
}
