#include "bolt-bridge/toolchain/rebuild_use.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/count.h"
#include "analyzer/base/memory.h"
#include "analyzer/base/text.h"
#include "analyzer/model/binary/name_suffixes.h"
#include "analyzer/model/samples/context_name.h"
#include "bolt-bridge/toolchain/built_code.h"
#include "bolt-bridge/toolchain/lost_flags.h"

static const struct {
    const char *key, *text;
} kinds[USE_KINDS] = {
    [USE_WITH] = {"with_profile", "compiled with the profile"},
    [USE_NOT_COMPILED] = {"not_compiled", "not compiled again"},
    [USE_WITHOUT] = {"without_profile", "compiled without the profile"},
    [USE_UNOPTIMISED] = {"unoptimised", "compiled without optimisation"},
    [USE_CHANGED] = {"changed", "compiled from other code than was recorded, by its checksum"},
    [USE_NOT_TAKEN] = {"not_taken", "compiled without taking its counts"},
    [USE_RENAMED] = {"renamed", "named by another path or hash"},
    [USE_OTHER_COMPILER] = {"other_compiler", "by another compiler"},
    [USE_LIBRARY] = {"library", "of the compiler's own library"},
    [USE_UNTOLD] = {"untold", "of a source that nothing tells"},
};

const char *use_kind_text(enum use_kind kind)
{
    return kinds[kind].text;
}

const char *use_kind_key(enum use_kind kind)
{
    return kinds[kind].key;
}

/* --- how each was made ----------------------------------------------------------------------- */

static enum use_kind kind_of_source(const struct use_sources *sources,
                                    const struct compiled_unit *unit)
{
    if (unit->compiler != sources->compiler)
        return USE_OTHER_COMPILER;
    switch (compile_log_find(sources->log, unit->directory, unit->name)) {
    case COMPILE_WITH:
        return USE_WITH;
    case COMPILE_UNOPTIMISED:
        return USE_UNOPTIMISED;
    case COMPILE_WITHOUT:
        return USE_WITHOUT;
    default:
        return USE_NOT_COMPILED;
    }
}

/* Of a function whose code is in the new binary, with debug information. */
static enum use_kind kind_of_made(const struct use_sources *sources, const struct built_code *made,
                                  const struct compiled_range *range,
                                  const struct compiled_range *before,
                                  const struct compiled_unit **found)
{
    *found = compilation_unit_of(&made->compilation, range);
    if (range->is_library)
        return USE_LIBRARY;
    if (range->compiler == sources->compiler)
        return kind_of_source(sources, *found);
    /* It is the build's fault where it was ours when it was recorded. */
    return before && before->compiler == sources->compiler ? USE_WITHOUT : USE_OTHER_COMPILER;
}

/* Of one that is inlined everywhere now, or whose code has no debug information any more. */
static enum use_kind kind_of_recorded(const struct use_sources *sources,
                                      const struct built_code *made,
                                      const struct built_code *recorded,
                                      const struct compiled_range *range,
                                      const struct compiled_unit **found)
{
    const struct compiled_unit *unit = compilation_unit_of(&recorded->compilation, range);
    const struct compiled_unit *now = built_code_find_unit(made, unit);
    *found = now ? now : unit;
    if (range->is_library)
        return USE_LIBRARY;
    if (range->compiler != sources->compiler)
        return USE_OTHER_COMPILER;
    enum use_kind kind = kind_of_source(sources, *found);
    if (kind == USE_OTHER_COMPILER)
        return USE_WITHOUT;
    /* Its source may be at another path, or be gone. */
    return kind == USE_NOT_COMPILED ? USE_UNTOLD : kind;
}

static enum use_kind kind_of(const struct use_sources *sources, const struct built_code *made,
                             const struct built_code *recorded, const struct built_name *function,
                             const struct compiled_unit **found)
{
    const struct compiled_range *range, *before;
    bool is_made = built_code_find(made, function, &range);
    built_code_find(recorded, function, &before);
    if (!is_made && built_code_has_renamed(made, function))
        return USE_RENAMED;
    if (range)
        return kind_of_made(sources, made, range, before, found);
    return before ? kind_of_recorded(sources, made, recorded, before, found) : USE_UNTOLD;
}

static void add_function(struct rebuild_use *use, enum use_kind kind,
                         const struct built_name *function, const char *unit, uint64_t counts)
{
    struct use_share *share = &use->shares[kind];
    use->functions++;
    use->counts = count_add(use->counts, counts);
    share->functions++;
    share->counts = count_add(share->counts, counts);
    if (counts < share->hottest)
        return;
    share->hottest = counts;
    snprintf(share->function, sizeof(share->function), "%.*s", (int)function->size, function->name);
    text_printable(text_file_name(unit), share->unit, sizeof(share->unit));
}

/* What the compiler says of a function that it compiled with the profile. */
static bool refine(struct rebuild_use *use, const struct use_sources *sources,
                   const struct built_code *made, const struct sample_function *sampled,
                   const struct built_name *function, const struct compiled_unit *unit,
                   enum use_kind *kind, struct error *error)
{
    enum evidence_answer answer;
    size_t count;
    const struct compile_note *notes =
        compile_log_notes(sources->log, unit->directory, unit->name, &count);
    if (!compiler_evidence_find(sources->evidence, notes, count, function->name, function->size,
                                &answer, error))
        return false;
    bool has_counts = false;
    if (answer == EVIDENCE_NOTHING &&
        !compiler_evidence_find_later(sources->evidence, sources->log, function->name,
                                      function->size, &has_counts, error))
        return false;
    if (has_counts)
        answer = EVIDENCE_COUNTS;
    if (answer == EVIDENCE_COUNTS)
        use->confirmed = count_add(use->confirmed, sampled->total);
    else if (answer == EVIDENCE_NOTHING)
        *kind =
            built_code_has_other_checksum(made, function->name, function->size, sampled->checksum)
                ? USE_CHANGED
                : USE_NOT_TAKEN;
    return true;
}

/* Where nothing tells the source, a compiler may still tell of the function. */
static bool find_anywhere(struct rebuild_use *use, const struct use_sources *sources,
                          const struct sample_function *sampled, const struct built_name *function,
                          enum use_kind *kind, struct error *error)
{
    bool has_counts;
    if (!compiler_evidence_find_anywhere(sources->evidence, sources->log, function->name,
                                         function->size, &has_counts, error))
        return false;
    if (has_counts) {
        *kind = USE_WITH;
        use->confirmed = count_add(use->confirmed, sampled->total);
    }
    return true;
}

/* Flags are compared where both binaries have the function, whatever paths its source has. */
static void find_lost_flag(struct rebuild_use *use, const struct built_code *made,
                           const struct built_code *recorded, const struct built_name *function)
{
    const struct compiled_range *now, *then;
    if (*use->lost_flag || !built_code_find(made, function, &now) ||
        !built_code_find(recorded, function, &then) || !now || !then ||
        now->compiler != then->compiler)
        return;
    if (lost_flag_find(compilation_unit_of(&recorded->compilation, then)->producer,
                       compilation_unit_of(&made->compilation, now)->producer, use->lost_flag,
                       sizeof(use->lost_flag)))
        snprintf(use->lost_function, sizeof(use->lost_function), "%.*s", (int)function->size,
                 function->name);
}

static int compare_totals(const void *left, const void *right)
{
    const struct sample_function *const *a = left;
    const struct sample_function *const *b = right;
    if ((*a)->total != (*b)->total)
        return (*a)->total < (*b)->total ? 1 : -1;
    return strcmp((*a)->name, (*b)->name);
}

/* All functions of the profile, hottest first, since compilers are asked of those.  NULL:
 * ERROR_MEMORY. */
static const struct sample_function **hottest_first(const struct sample_profile *samples,
                                                    struct error *error)
{
    size_t count = samples->top.inlined_count;
    const struct sample_function **functions = malloc((count + 1) * sizeof(*functions));
    if (!functions) {
        memory_exhausted(error);
        return NULL;
    }
    for (size_t i = 0; i < count; i++)
        functions[i] = samples->top.inlined[i];
    if (count > 0)
        qsort(functions, count, sizeof(*functions), compare_totals);
    return functions;
}

bool rebuild_use_find(struct rebuild_use *use, const struct use_sources *sources,
                      struct error *error)
{
    struct built_code made = {0}, recorded = {0};
    const struct sample_function **functions = hottest_first(sources->samples, error);
    bool done =
        functions && built_code_read(&made, sources->made, error) &&
        (!sources->samples->by_probes || built_code_read_checksums(&made, sources->made, error)) &&
        (!sources->recorded || built_code_read(&recorded, sources->recorded, error));
    *use = (struct rebuild_use){0};
    for (size_t i = 0; done && i < sources->samples->top.inlined_count; i++) {
        const struct sample_function *sampled = functions[i];
        struct context_frame frame = context_name_last(sampled->name);
        struct built_name function = {.name = frame.name,
                                      .size = name_size_of_function(frame.name, frame.size)};
        const struct compiled_unit *unit = NULL;
        if (sampled->total == 0)
            break;
        enum use_kind kind = kind_of(sources, &made, &recorded, &function, &unit);
        if (kind == USE_WITH)
            done = refine(use, sources, &made, sampled, &function, unit, &kind, error);
        else if (kind == USE_UNTOLD)
            done = find_anywhere(use, sources, sampled, &function, &kind, error);
        find_lost_flag(use, &made, &recorded, &function);
        add_function(use, kind, &function, unit ? unit->name : "", sampled->total);
    }
    built_code_free(&made);
    built_code_free(&recorded);
    free(functions);
    return done;
}

/* --- what is said ------------------------------------------------------------------------------
 */

static const enum use_kind missed_kinds[] = {USE_NOT_COMPILED, USE_WITHOUT, USE_UNOPTIMISED,
                                             USE_CHANGED, USE_NOT_TAKEN};

enum use_kind rebuild_use_worst(const struct rebuild_use *use)
{
    enum use_kind worst = missed_kinds[0];
    for (size_t i = 1; i < sizeof(missed_kinds) / sizeof(*missed_kinds); i++)
        if (use->shares[missed_kinds[i]].counts > use->shares[worst].counts)
            worst = missed_kinds[i];
    return worst;
}

double rebuild_use_missed(const struct rebuild_use *use)
{
    double missed = 0;
    for (size_t i = 0; i < sizeof(missed_kinds) / sizeof(*missed_kinds); i++)
        missed += (double)use->shares[missed_kinds[i]].counts;
    double all = missed + (double)use->shares[USE_WITH].counts;
    return all > 0 ? missed / all : 0;
}

double rebuild_use_untold(const struct rebuild_use *use)
{
    double others =
        (double)use->shares[USE_OTHER_COMPILER].counts + (double)use->shares[USE_LIBRARY].counts;
    double all = (double)use->counts - others;
    return all > 0 ? (double)use->shares[USE_UNTOLD].counts / all : 0;
}

void rebuild_use_describe(const struct rebuild_use *use, char *text, size_t size)
{
    double all = use->counts > 0 ? (double)use->counts : 1;
    const struct use_share *with = &use->shares[USE_WITH];
    int used = snprintf(text, size,
                        "%llu of %llu functions with samples, with %.1f %% of the counts, were "
                        "compiled with the profile",
                        (unsigned long long)with->functions, (unsigned long long)use->functions,
                        100 * (double)with->counts / all);
    if (use->confirmed > 0 && used > 0 && (size_t)used < size)
        used += snprintf(text + used, size - (size_t)used,
                         " (their compiler says so, function by function, of %.1f %%)",
                         100 * (double)use->confirmed / all);
    for (size_t i = USE_WITH + 1; i < USE_KINDS && used > 0 && (size_t)used < size; i++) {
        const struct use_share *share = &use->shares[i];
        if (share->functions > 0)
            used += snprintf(text + used, size - (size_t)used, "; %.1f %% %s (%s%s%s)",
                             100 * (double)share->counts / all, use_kind_text((enum use_kind)i),
                             share->unit, *share->unit ? ": " : "", share->function);
    }
}
