#include "bolt-bridge/toolchain/profile_quality.h"

#include "analyzer/model/compare/quality.h"

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
