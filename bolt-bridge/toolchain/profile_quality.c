#include "bolt-bridge/toolchain/profile_quality.h"

#include "analyzer/model/compare/quality.h"
#include "analyzer/model/profile/repeats.h"

bool profile_quality(struct findings *findings, enum verdict least, const struct profile *profile,
                     const struct binary *binary, const char *path, enum verdict *verdict,
                     struct error *error)
{
    const struct quality_subject subject = {
        .profile = profile, .binary = binary, .module = PROFILE_MODULE_NONE, .path = path};
    struct quality quality = {0};
    bool done = quality_judge(&quality, &subject, error);

    *verdict = quality.verdict;
    for (size_t i = 0; done && i < quality.finding_count; i++) {
        const struct quality_finding *finding = &quality.findings[i];
        if (finding->verdict >= least)
            findings_add(findings, finding->name, finding->verdict, finding->remedy, "%s",
                         finding->text);
    }
    quality_free(&quality);
    return done;
}

bool profile_quality_allows(struct findings *findings, bool accepts_poor,
                            const struct profile *profile, const struct binary *binary,
                            const char *path, struct error *error)
{
    enum verdict verdict;
    struct error ignored;
    size_t first = findings->count;

    if (!profile_quality(findings, VERDICT_FAIL, profile, binary, path, &verdict, &ignored) ||
        verdict != VERDICT_FAIL || accepts_poor)
        return true;
    if (findings->count > first)
        error_set(error, ERROR_POOR_PROFILE, path, "%s: %s; %s", findings->items[first].subject,
                  findings->items[first].text, findings->items[first].remedy);
    else
        error_set(error, ERROR_POOR_PROFILE, path, NULL);
    findings->count = first;
    return false;
}

void profile_find_repeats(struct findings *findings, const struct profile *profile)
{
    const struct recording *first;
    const struct recording *repeat = profile_find_repeat(profile, &first);
    if (repeat)
        findings_add(findings, "recordings", VERDICT_WEAK, "leave one out",
                     "%.200s is the same recording as %.200s: its counts count twice", repeat->file,
                     first->file);
}
