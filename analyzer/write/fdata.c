/*
 * BOLT's profile, for llvm-bolt -data and merge-fdata: one line per edge, from
 * and to by function and offset, then mispredictions (not known: 0) and count.
 * Where no branches were recorded it is the "no_lbr" form: one line an address.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "analyzer/base/memory.h"
#include "analyzer/model/edges.h"
#include "analyzer/write/formats.h"

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

static void print_place(FILE *stream, const struct function *function, uint64_t offset)
{
    if (!function) {
        fputs("0 [unknown] 0 ", stream);
        return;
    }
    fputs("1 ", stream);
    print_name(stream, function->bolt_name);
    fprintf(stream, " %" PRIx64 " ", offset);
}

static bool write_edges(const struct writer_input *input, FILE *stream, struct error *error)
{
    struct edges edges;
    if (!edges_build(&edges, input->profile, input->module, input->binary, input->binaries, error))
        return false;
    for (size_t i = 0; i < edges.count; i++) {
        const struct edge *edge = &edges.items[i];
        uint64_t count = edge->count;
        /* A branch to the next instruction is no other edge than falling through to it. */
        if (i + 1 < edges.count && edge[1].from == edge->from &&
            edge[1].from_offset == edge->from_offset && edge[1].to == edge->to &&
            edge[1].to_offset == edge->to_offset) {
            count = count_add(count, edge[1].count);
            i++;
        }
        print_place(stream, edge->from, edge->from_offset);
        print_place(stream, edge->to, edge->to_offset);
        fprintf(stream, "0 %" PRIu64 "\n", printable_count(count));
    }
    edges_free(&edges);
    return true;
}

/* Runs that begin at one sampled address are next to each other in a normalised profile. */
static bool write_addresses(const struct writer_input *input, FILE *stream, struct error *error)
{
    const struct profile *profile = input->profile;
    (void)error;
    fputs("no_lbr cpu-clock\n", stream);
    for (size_t i = 0; i < profile->trace_count;) {
        struct location at = profile->traces[i].to;
        uint64_t count = 0;
        for (; i < profile->trace_count && profile->traces[i].to.module == at.module &&
               profile->traces[i].to.address == at.address;
             i++)
            count = count_add(count, profile->traces[i].count);
        const struct function *function =
            at.module == input->module ? binary_function_at(input->binary, at.address) : NULL;
        if (!function)
            continue;
        print_place(stream, function, at.address - function->address);
        fprintf(stream, "%" PRIu64 "\n", printable_count(count));
    }
    return true;
}

static bool write_fdata(const struct writer_input *input, FILE *stream, struct error *error)
{
    return profile_has_branches(input->profile, input->module)
               ? write_edges(input, stream, error)
               : write_addresses(input, stream, error);
}

const struct writer writer_fdata = {
    .name = "fdata",
    .suffix = "fdata",
    .description = "branches for llvm-bolt -data",
    .needs_binary = true,
    .needs_symbols = true,
    .write = write_fdata,
};
