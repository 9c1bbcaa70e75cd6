#include "analyzer/write/formats.h"

#include <string.h>

static const struct writer *const writers[] = {
    &writer_fdata,      &writer_preagg,       &writer_unsymbolized,  &writer_llvm_text,
    &writer_llvm_ext,   &writer_llvm_ext_md5, &writer_gcov,          &writer_gcov_3,
    &writer_gcov_1,     &writer_profdata,     &writer_profdata_text, &writer_order,
    &writer_order_gold, &writer_propeller,    &writer_folded,        &writer_pprof,
    &writer_json,       &writer_raw,
};

#define WRITERS (sizeof(writers) / sizeof(*writers))

const struct writer *writer_at(size_t index)
{
    return index < WRITERS ? writers[index] : NULL;
}

const struct writer *writer_find(const char *name)
{
    for (size_t i = 0; i < WRITERS; i++) {
        if (strcmp(writers[i]->name, name) == 0)
            return writers[i];
    }
    return NULL;
}
