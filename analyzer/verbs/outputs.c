/* What the verbs have in common: writing profiles of each kind, for output_write_file. */
#include "analyzer/verbs/verbs.h"
#include "analyzer/write/fdata.h"
#include "analyzer/write/llvm.h"
#include "analyzer/write/writer.h"

bool produce_raw(FILE *stream, void *profile, struct error *error)
{
    return writer_write(writer_find("raw"), profile, NULL, stream, error);
}

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
