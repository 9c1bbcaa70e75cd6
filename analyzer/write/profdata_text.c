/*
 * LLVM's profile of counters as text, as `llvm-profdata merge` takes it ("llvm-profdata",
 * LLVM Command Guide; llvm/lib/ProfileData/InstrProfReader.cpp, TextInstrProfReader): per
 * function its name, the hash of its control flow, its counters, and per kind of value site what
 * each saw.
 */
#include <inttypes.h>

#include "analyzer/write/counters.h"
#include "analyzer/write/formats.h"

static void print_kind(const struct counter_profile *counters, const struct counter_site *sites,
                       size_t count, FILE *stream)
{
    fprintf(stream, "%" PRIu32 "\n%zu\n", sites[0].kind, count);
    for (size_t i = 0; i < count; i++) {
        const struct counter_value *values = &counters->values[sites[i].first_value];
        fprintf(stream, "%zu\n", sites[i].value_count);
        for (size_t k = 0; k < sites[i].value_count; k++)
            fprintf(stream, "%s:%" PRIu64 "\n", values[k].target, values[k].count);
    }
}

static void print_sites(const struct counter_profile *counters, const struct counter_record *record,
                        FILE *stream)
{
    const struct counter_site *sites = &counters->sites[record->first_site];
    size_t kinds = counter_record_kinds(counters, record);
    if (kinds == 0)
        return;
    fprintf(stream, "%zu\n", kinds);
    for (size_t i = 0, end; i < record->site_count; i = end) {
        for (end = i + 1; end < record->site_count && sites[end].kind == sites[i].kind;)
            end++;
        print_kind(counters, &sites[i], end - i, stream);
    }
}

static bool write_profdata_text(const struct writer_input *input, FILE *stream, struct error *error)
{
    struct counter_profile counters;
    bool done = counters_build_input(&counters, input, error);
    if (done)
        fputs(":ir\n", stream);
    for (size_t i = 0; done && i < counters.record_count; i++) {
        const struct counter_record *record = &counters.records[i];
        fprintf(stream, "%s\n%" PRIu64 "\n%zu\n", record->name, record->hash,
                record->counter_count);
        for (size_t k = 0; k < record->counter_count; k++)
            fprintf(stream, "%" PRIu64 "\n", counters.counters[record->first_counter + k]);
        print_sites(&counters, record, stream);
        putc('\n', stream);
    }
    counter_profile_free(&counters);
    return done;
}

const struct writer writer_profdata_text = {
    .name = "profdata-text",
    .suffix = "proftext",
    .description = "the same as text, for llvm-profdata",
    .needs_binary = true,
    .wants_executions = true,
    .takes_ir = true,
    .has_no_accounts = true,
    .write = write_profdata_text,
};
