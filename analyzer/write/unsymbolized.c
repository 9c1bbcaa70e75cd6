/*
 * Counts by address for llvm-profgen --unsymbolized-profile: the number of
 * ranges, a line START-END:COUNT for each, the number of branches, a line
 * FROM->TO:COUNT for each.  Addresses are the linked ones, which llvm-profgen
 * takes as they are with --use-offset=0.
 */
#include <inttypes.h>

#include "analyzer/model/counts/ranges_and_branches.h"
#include "analyzer/write/formats.h"

static void print_transfers(FILE *stream, const struct counted_pair *items, size_t count,
                            const char *separator)
{
    fprintf(stream, "%zu\n", count);
    for (size_t i = 0; i < count; i++)
        fprintf(stream, "%" PRIx64 "%s%" PRIx64 ":%" PRIu64 "\n", items[i].from, separator,
                items[i].to, items[i].count);
}

static bool write_unsymbolized(const struct writer_input *input, FILE *stream, struct error *error)
{
    struct ranges_and_branches counts;
    bool done =
        ranges_and_branches_build(&counts, input->profile, input->module, input->binary, error);
    if (done) {
        print_transfers(stream, counts.ranges, counts.range_count, "-");
        print_transfers(stream, counts.branches, counts.branch_count, "->");
        address_accounts_tell(&counts.accounts);
    }
    ranges_and_branches_free(&counts);
    return done;
}

const struct writer writer_unsymbolized = {
    .name = "unsymbolized",
    .suffix = "unsymbolized",
    .description = "counts by address for llvm-profgen --unsymbolized-profile",
    .needs_binary = true,
    .wants_executions = true,
    .write = write_unsymbolized,
};
