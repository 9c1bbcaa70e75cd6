/*
 * BOLT's pre-aggregated profile, for perf2bolt -pa: traces by link-time address.
 *
 *   T branch start end count   a branch and the range after it
 *   R branch start end count   the same, where the branch is another module's return
 *   B branch target count 0    a branch whose range is not known
 *   F start end count          a range from a sampled address
 *   S address count            a sample, in a profile without branches (perf2bolt --ba)
 *
 * Other modules are written X:0, which perf2bolt takes for unknown code.
 */
#include <inttypes.h>

#include "analyzer/base/count.h"
#include "analyzer/base/message.h"
#include "analyzer/model/counts/edges.h"
#include "analyzer/model/match/return_branch.h"
#include "analyzer/write/formats.h"

static void print_place(FILE *stream, const struct writer_input *input, struct location location)
{
    if (location.module == input->module)
        fprintf(stream, " %" PRIx64, location.address);
    else
        fputs(" X:0", stream);
}

/* False where there is nothing to write: a return of another binary whose run is not known. */
static bool write_trace(const struct writer_input *input, const struct trace *trace, FILE *stream)
{
    bool starts_at_sample = trace->from.module == PROFILE_MODULE_NONE;
    bool has_range = trace->has_range && trace->to.module == input->module;
    uint64_t count = trace->count > INT64_MAX ? INT64_MAX : trace->count;
    if (starts_at_sample) {
        fprintf(stream, "F %" PRIx64 " %" PRIx64 " %" PRIu64 "\n", trace->to.address,
                has_range ? trace->end : trace->to.address, count);
        return true;
    }
    /* perf2bolt finds the returns of this module itself: it has the code. */
    if (trace->from.module != input->module && trace_is_return(input->binaries, trace)) {
        if (has_range)
            fprintf(stream, "R X:0 %" PRIx64 " %" PRIx64 " %" PRIu64 "\n", trace->to.address,
                    trace->end, count);
        return has_range;
    }
    fputs(has_range ? "T" : "B", stream);
    print_place(stream, input, trace->from);
    print_place(stream, input, trace->to);
    if (has_range)
        fprintf(stream, " %" PRIx64 " %" PRIu64 "\n", trace->end, count);
    else
        fprintf(stream, " %" PRIu64 " 0\n", count);
    return true;
}

static bool write_preagg(const struct writer_input *input, FILE *stream, struct error *error)
{
    const struct profile *profile = input->profile;
    bool has_branches = profile_has_branches(profile, input->module);
    uint64_t kept = 0, returns = 0, elsewhere = 0;
    (void)error;
    if (!has_branches)
        fputs("E cpu-clock\n", stream);
    for (size_t i = 0; i < profile->trace_count; i++) {
        const struct trace *trace = &profile->traces[i];
        if (trace->from.module != input->module && trace->to.module != input->module) {
            elsewhere = count_add(elsewhere, trace->count);
            continue;
        }
        if (has_branches && !write_trace(input, trace, stream)) {
            returns = count_add(returns, trace->count);
            continue;
        }
        kept = count_add(kept, trace->count);
        if (!has_branches)
            fprintf(stream, "S %" PRIx64 " %" PRIu64 "\n", trace->to.address,
                    trace->count > INT64_MAX ? INT64_MAX : trace->count);
    }
    message_detail("%" PRIu64 " branches and samples: %" PRIu64 " written, %" PRIu64
                   " returns of other binaries without a run, %" PRIu64 " of other binaries alone",
                   kept + returns + elsewhere, kept, returns, elsewhere);
    return true;
}

const struct writer writer_preagg = {
    .name = "preagg",
    .suffix = "preagg",
    .description = "traces by address for perf2bolt -pa",
    .needs_binary = true,
    .write = write_preagg,
};
