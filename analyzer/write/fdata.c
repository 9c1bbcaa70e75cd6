/*
 * BOLT's profile, for llvm-bolt -data and merge-fdata: one line per edge, from
 * and to by function and offset, then mispredictions and count.  Where no
 * branches were recorded they are inferred from samples, or it is the "no_lbr"
 * form: one line an address.  Data that instructions read has kinds of its own, 3 above
 * those of code.
 */
#include "analyzer/write/fdata.h"

#include <inttypes.h>

#include "analyzer/base/message.h"
#include "analyzer/model/symbols/symbol_build.h"
#include "analyzer/write/formats.h"

#define MEMORY_KINDS 3

/* BOLT reads counts as signed numbers. */
static uint64_t printable_count(uint64_t count)
{
    return count > INT64_MAX ? INT64_MAX : count;
}

/* A blank in a name would end it. */
static void print_name(FILE *stream, const char *name)
{
    for (; *name; name++) {
        if (*name == ' ' || *name == '\\')
            fputc('\\', stream);
        fputc(*name, stream);
    }
}

static void print_place(FILE *stream, const struct symbol_place *place, bool is_memory)
{
    fprintf(stream, "%u ", (unsigned)place->kind + (is_memory ? MEMORY_KINDS : 0));
    print_name(stream, place->name);
    fprintf(stream, " %" PRIx64 " ", place->offset);
}

static void print_record(FILE *stream, const struct symbol_record *record)
{
    bool is_memory = record->event == SYMBOL_EVENT_MEMORY;
    print_place(stream, &record->from, is_memory);
    if (record->event != SYMBOL_EVENT_SAMPLE)
        print_place(stream, &record->to, is_memory);
    if (record->event == SYMBOL_EVENT_BRANCH)
        fprintf(stream, "%" PRIu64 " ", printable_count(record->mispredictions));
    fprintf(stream, "%" PRIu64 "\n", printable_count(record->count));
}

void symbol_profile_write(const struct symbol_profile *profile, FILE *stream)
{
    /* llvm-bolt reads the two headers, code and data in this order only. */
    if (profile->is_sampled)
        fprintf(stream, "no_lbr%s%s\n", profile->events ? " " : "",
                profile->events ? profile->events : "");
    if (profile->is_bolted)
        fputs("boltedcollection\n", stream);
    for (int with_memory = 0; with_memory < 2; with_memory++) {
        for (size_t i = 0; i < profile->count; i++) {
            if ((profile->records[i].event == SYMBOL_EVENT_MEMORY) == with_memory)
                print_record(stream, &profile->records[i]);
        }
    }
}

/* Nothing disappears unsaid. */
static void tell(const struct symbol_accounts *accounts)
{
    message_detail("%" PRIu64 " %s: %" PRIu64 " counted in functions, %" PRIu64 " returns, %" PRIu64
                   " outside of functions, %" PRIu64 " of other binaries",
                   accounts->kept + accounts->returns + accounts->outside + accounts->elsewhere,
                   accounts->are_branches ? "taken branches" : "sampled addresses", accounts->kept,
                   accounts->returns, accounts->outside, accounts->elsewhere);
    if (accounts->are_branches)
        message_detail("%" PRIu64 " runs of straight code: %" PRIu64 " counted, %" PRIu64
                       " impossible in this code, %" PRIu64 " outside of functions; %" PRIu64
                       " sampled addresses beside them are in none",
                       accounts->runs,
                       accounts->runs - accounts->runs_impossible - accounts->runs_outside,
                       accounts->runs_impossible, accounts->runs_outside, accounts->unused);
}

static bool write_fdata(const struct writer_input *input, FILE *stream, struct error *error)
{
    struct symbol_profile symbols;
    bool done = symbol_profile_build(&symbols, input->profile, input->module, input->binary,
                                     input->binaries, input->infer, error);
    if (done) {
        symbol_profile_write(&symbols, stream);
        tell(&symbols.accounts);
    }
    symbol_profile_free(&symbols);
    return done;
}

const struct writer writer_fdata = {
    .name = "fdata",
    .suffix = "fdata",
    .description = "branches for llvm-bolt -data",
    .needs_binary = true,
    .needs_symbols = true,
    .write = write_fdata,
};
