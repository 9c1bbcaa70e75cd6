#include "analyzer/verbs/outputs.h"

#include "analyzer/write/fdata.h"
#include "analyzer/write/llvm.h"

bool produce_fdata(FILE *stream, void *symbols, struct error *error)
{
    (void)error;
    symbol_profile_write(symbols, stream);
    return true;
}

bool produce_llvm_text(FILE *stream, void *samples, struct error *error)
{
    (void)error;
    sample_profile_write_text(samples, stream);
    return true;
}

bool produce_llvm_ext(FILE *stream, void *samples, struct error *error)
{
    return sample_profile_write_ext(samples, stream, error);
}
