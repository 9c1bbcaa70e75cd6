#include "bolt-bridge/toolchain/relink.h"

#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/model/binary/binary.h"
#include "analyzer/model/counts/original_profile.h"
#include "analyzer/model/match/binaries.h"
#include "analyzer/model/match/rewritten.h"
#include "analyzer/model/profile/normalise.h"
#include "analyzer/read/reader.h"
#include "analyzer/write/writer.h"
#include "bolt-bridge/process/temporary.h"
#include "bolt-bridge/toolchain/bolt_refusals.h"
#include "bolt-bridge/toolchain/profile_quality.h"

static bool fail(struct error *error, enum error_code code, const char *binary)
{
    error_set(error, code, binary, NULL);
    return false;
}

/* What it would stop at later, in all its versions. */
static bool is_foreseen(const struct binary *binary, struct error *error)
{
    struct findings findings = {0};
    if (!bolt_refusals_foresee(binary, NULL, &findings, error))
        return true;
    if (findings.count > 0)
        error_set(error, ERROR_BOLT_REFUSES, binary_path(binary), "%s\n  remedy: %s",
                  findings.items[0].text, findings.items[0].remedy);
    return findings.count > 0;
}

/* Opens the binary and refuses what BOLT could only fail on.  NULL on error. */
static struct binary *open_checked(const struct relink_request *request, struct error *error)
{
    if (access(request->binary, F_OK) != 0 && errno == ENOENT) {
        fail(error, ERROR_NO_SUCH_PROGRAM, request->binary);
        return NULL;
    }
    struct binary *binary = binary_open(request->binary, error);
    if (!binary)
        return NULL;
    bool good = true;
    char machine[32];
    if (binary_machine(binary) != EM_X86_64) {
        error_set(error, ERROR_MACHINE, request->binary, "%s",
                  machine_text(binary_machine(binary), machine));
        good = false;
    } else if (binary_is_bolted(binary))
        good = fail(error, ERROR_ALREADY_BOLTED, request->binary);
    else if (binary_is_stripped(binary))
        good = fail(error, ERROR_STRIPPED, request->binary);
    else if (!binary_has_relocations(binary) && !request->without_relocations)
        good = fail(error, ERROR_NO_RELOCATIONS, request->binary);
    else
        good = !is_foreseen(binary, error);
    if (good)
        return binary;
    binary_free(binary);
    return NULL;
}

bool relink_check(const struct relink_request *request, struct error *error)
{
    struct binary *binary = open_checked(request, error);
    binary_free(binary);
    return binary != NULL;
}

bool relink_check_output(const char *binary, const char *output, struct error *error)
{
    struct stat input_status, output_status;

    if (stat(binary, &input_status) != 0 || stat(output, &output_status) != 0 ||
        input_status.st_dev != output_status.st_dev || input_status.st_ino != output_status.st_ino)
        return true;
    error_set(error, ERROR_USAGE, output, "the output is the input, which is never overwritten");
    return false;
}

struct profile *relink_read_profiles(char *const *files, size_t count, struct error *error)
{
    struct profile *profile = profile_new(error);

    for (size_t i = 0; profile && i < count; i++) {
        if (!profile_read(files[i], profile, error)) {
            profile_free(profile);
            return NULL;
        }
    }
    if (profile && !profile_normalise(profile, error)) {
        profile_free(profile);
        return NULL;
    }
    return profile;
}

/* Of `binary`, which the profile is of. */
static bool convert_profile(const struct relink_request *request, const struct profile *profile,
                            const struct binary *binary, const char *fdata,
                            struct findings *findings, struct error *error)
{
    return writer_write_file(writer_find("fdata"), profile, binary, NULL, fdata, true, error) &&
           (!request->judges_profile ||
            profile_quality_allows(findings, request->accepts_poor, profile, binary,
                                   request->profiles[0], error));
}

/* The profile with what was recorded of `rewritten` in the place of `binary`, which BOLT took. */
static struct profile *translate(const struct profile *profile, const struct binary *rewritten,
                                 const struct binary *binary, struct findings *findings,
                                 struct error *error)
{
    struct original_accounts accounts;
    struct profile *translated = original_profile_of(profile, rewritten, binary, &accounts, error);
    if (translated && original_accounts_misfit(&accounts))
        findings_add(findings, "recordings", VERDICT_WEAK,
                     "give the recordings of each build alone, while it is at its path",
                     "a part is of another build than %s: all that BOLT makes of one binary has "
                     "one build-id",
                     binary_path(rewritten));
    return translated;
}

/*
 * Of `binary` itself, of what BOLT made of it, or of both: a fleet of which a part is relinked.
 * Of the second alone, its own fdata is what llvm-bolt wants.
 */
static bool convert_parts(const struct relink_request *request, const struct profile *profile,
                          const struct binary *binary, const char *fdata,
                          struct relink_result *result, struct error *error)
{
    struct error of_rewritten = {0};
    uint32_t module;
    bool is_there = binary_find_module(binary, profile, &module, error);
    uint64_t others = is_there ? profile_of_other_builds(profile, module) : 0;
    struct binary *rewritten = rewritten_open(profile, binary, &of_rewritten);
    if (!rewritten && *of_rewritten.detail) {
        if (is_there)
            findings_add(&result->findings, "recordings", VERDICT_WEAK,
                         "leave the recordings of it out",
                         "%s: what of it was recorded is not counted", of_rewritten.detail);
        else
            *error = of_rewritten;
    }
    if (others > 0 && !rewritten)
        findings_add(&result->findings, "recordings", VERDICT_WEAK,
                     "leave the recordings of other builds out",
                     "%llu branches and samples are of other builds than %s at its path, and not "
                     "counted",
                     (unsigned long long)others, binary_path(binary));
    if (!rewritten)
        return is_there &&
               convert_profile(request, profile, binary, fdata, &result->findings, error);
    struct profile *translated = translate(profile, rewritten, binary, &result->findings, error);
    bool done = translated &&
                convert_profile(request, is_there ? translated : profile,
                                is_there ? binary : rewritten, fdata, &result->findings, error);
    result->is_of_rewritten = true;
    profile_free(translated);
    binary_free(rewritten);
    return done;
}

static bool convert(const struct relink_request *request, const struct binary *binary,
                    const char *fdata, struct relink_result *result, struct error *error)
{
    struct profile *profile =
        relink_read_profiles(request->profiles, request->profile_count, error);
    if (!profile)
        return false;
    if (request->judges_profile)
        profile_find_repeats(&result->findings, profile);
    bool done = convert_parts(request, profile, binary, fdata, result, error);
    profile_free(profile);
    return done;
}

/* A given fdata file: llvm-bolt would say less clearly that it cannot read it. */
static bool check_fdata(const char *path, struct error *error)
{
    FILE *stream = fopen(path, "re");
    int first;

    if (!stream) {
        error_set_errno(error, ERROR_OPEN, path);
        return false;
    }
    first = fgetc(stream);
    bool failed = ferror(stream);
    fclose(stream);
    if (failed || first == EOF) {
        error_set(error, failed ? ERROR_READ : ERROR_NO_SAMPLES, path, NULL);
        return false;
    }
    return true;
}

bool relink_write(const struct relink_request *request, const char *output,
                  struct relink_result *result, struct error *error)
{
    char fdata[PATH_MAX];
    struct stat status;

    struct binary *binary = open_checked(request, error);
    if (!binary)
        return false;
    bool relocations = binary_has_relocations(binary);
    bool binds_now = binary_binds_now(binary);
    result->findings.count = 0;
    result->is_of_rewritten = false;
    bool done = bolt_find(request->bolt, &result->bolt, error);
    if (done && request->fdata) {
        snprintf(fdata, sizeof(fdata), "%s", request->fdata);
        done = check_fdata(fdata, error);
    } else if (done) {
        if (request->log_directory)
            snprintf(fdata, sizeof(fdata), "%s/profile.fdata", request->log_directory);
        else
            done = temporary_path("profile.fdata", fdata, error);
        done = done && convert(request, binary, fdata, result, error);
    }
    binary_free(binary);
    if (!done)
        return false;

    struct bolt_job job = {.input = request->binary,
                           .fdata = fdata,
                           .output = output,
                           .options = request->options,
                           .option_count = request->option_count,
                           .reorder_functions = relocations,
                           .call_past_plt = relocations && binds_now,
                           .keeps_addresses = result->is_of_rewritten,
                           .timeout = request->timeout};
    if (!bolt_rewrite(&result->bolt, &job, request->log_directory, &result->outcome, error))
        return false;
    if (stat(request->binary, &status) != 0 || chmod(output, status.st_mode & 0777) != 0) {
        error_set_errno(error, ERROR_WRITE, output);
        return false;
    }
    return true;
}
