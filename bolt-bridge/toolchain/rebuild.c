#include "bolt-bridge/toolchain/rebuild.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/base/md5.h"
#include "analyzer/base/message.h"
#include "analyzer/base/text.h"
#include "analyzer/model/binary/binary.h"
#include "analyzer/model/samples/build.h"
#include "analyzer/read/reader.h"
#include "bolt-bridge/process/ask.h"
#include "bolt-bridge/process/run.h"
#include "bolt-bridge/process/temporary.h"

/* A profile of which less matches was not used to any purpose, or is of another program. */
#define MATCH_LEAST 0.05
/*
 * And one of which less matches is stale, or was built with other flags.  Lines
 * go when code is merged and simplified, after the compiler matched them.
 */
#define MATCH_FUNCTIONS 0.8
#define MATCH_LINES 0.5

/* --- running the build --------------------------------------------------------------------- */

/* What a file is like before the build, to know whether it was made again. */
struct before {
    bool exists;
    struct stat status;
    uint8_t code[16]; /* digest of its code */
};

static bool digest_code(const char *path, uint8_t digest[16])
{
    struct error ignored;
    struct binary *binary = binary_open(path, &ignored);
    uint64_t low, high;
    size_t size = 0;
    bool found = false;
    if (!binary)
        return false;
    binary_range(binary, &low, &high);
    /* The section that has the first function of its own in it: .text. */
    for (size_t i = 0; i < binary_function_count(binary) && !found; i++) {
        const struct function *function = binary_function(binary, i);
        const uint8_t *bytes =
            function->is_plt ? NULL : binary_code_at(binary, function->address, &size);
        if (bytes && size > 4096) {
            md5_of(bytes, size, digest);
            found = true;
        }
    }
    binary_free(binary);
    return found;
}

static struct before look_before(const char *path)
{
    struct before before = {0};
    before.exists = stat(path, &before.status) == 0;
    return before;
}

static bool is_untouched(const char *path, const struct before *before)
{
    struct stat status;
    return before->exists && stat(path, &status) == 0 && status.st_ino == before->status.st_ino &&
           status.st_size == before->status.st_size &&
           status.st_mtim.tv_sec == before->status.st_mtim.tv_sec &&
           status.st_mtim.tv_nsec == before->status.st_mtim.tv_nsec;
}

/* --- what came out ------------------------------------------------------------------------- */

static void answer(struct rebuild *rebuild, bool used, const char *remedy, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static void answer(struct rebuild *rebuild, bool used, const char *remedy, const char *format, ...)
{
    va_list arguments;
    rebuild->used = used;
    rebuild->remedy = remedy;
    va_start(arguments, format);
    vsnprintf(rebuild->reason, sizeof(rebuild->reason), format, arguments);
    va_end(arguments);
}

/* go version -m tells what a binary was built with. */
static bool check_go(struct rebuild *rebuild, struct error *error)
{
    static char text[1 << 20];
    char *arguments[] = {rebuild->compiler.path, "version", "-m", rebuild->result, NULL};
    char used[PATH_MAX] = "";
    if (!process_ask(rebuild->compiler.path, arguments, text, sizeof(text), error))
        return false;
    if (ask_word_after(text, "\t-pgo=", used, sizeof(used)))
        answer(rebuild, true, NULL, "%s was built with -pgo=%s", rebuild->result, used);
    else
        answer(rebuild, false,
               "let the command run go build with our GOFLAGS, or use --default-pgo",
               "%s was built without -pgo, as go version -m tells", rebuild->result);
    return true;
}

static bool check_calls(struct rebuild *rebuild)
{
    static const char *const remedies[TOOLCHAINS] = {
        [TOOLCHAIN_CLANG] = "clean first (make clean, cmake --build . --target clean); build with "
                            "CC=clang; where the build empties its environment, put the output of "
                            "pgo-bolt rebuild --dry-run into CFLAGS",
        [TOOLCHAIN_RUSTC] = "clean first (cargo clean -p PACKAGE); let cargo run rustc, without a "
                            "RUSTC_WRAPPER of its own",
        [TOOLCHAIN_GCC] =
            "clean first (make clean); build with CC=gcc; where the build empties "
            "its environment, put the output of pgo-bolt rebuild --dry-run into CFLAGS",
    };
    const char *name = toolchain_name(rebuild->toolchain);
    if (!injection_read_log(&rebuild->injection, &rebuild->compilations, &rebuild->with_profile))
        return true;
    if (rebuild->compilations == 0)
        answer(rebuild, false, remedies[rebuild->toolchain],
               "the build did not run %s: nothing was compiled again", name);
    else if (rebuild->with_profile == 0)
        answer(rebuild, false, remedies[rebuild->toolchain], "%s ran %llu times, never with it",
               name, (unsigned long long)rebuild->compilations);
    return rebuild->with_profile > 0;
}

static bool check_result(struct rebuild *rebuild, const struct before *before)
{
    uint8_t recorded[16], made[16];
    if (access(rebuild->result, F_OK) != 0) {
        answer(rebuild, false, "say which file the build makes: --result FILE",
               "the build made no %s", rebuild->result);
        return false;
    }
    if (is_untouched(rebuild->result, before)) {
        answer(rebuild, false, "say which file the build makes: --result FILE; or clean first",
               "the build left %s as it was", rebuild->result);
        return false;
    }
    /* A name alone, of a profile that does not tell its build, may stand for the new one. */
    if (strcmp(rebuild->binary, rebuild->result) != 0 && digest_code(rebuild->binary, recorded) &&
        digest_code(rebuild->result, made) && memcmp(recorded, made, sizeof(made)) == 0) {
        answer(
            rebuild, false,
            "clean first, so that everything is compiled again; then the profile may have too few "
            "counts to change anything",
            "the code of %s is that of the recorded binary, byte for byte", rebuild->result);
        return false;
    }
    return true;
}

/* What the compiler could match is what the new binary has, too. */
static bool find_match(struct rebuild *rebuild, struct error *error)
{
    struct sample_profile samples = {0};
    struct binary *binary = binary_open(rebuild->result, error);
    bool done = binary != NULL;
    if (done && rebuild->toolchain == TOOLCHAIN_GCC) /* nobody reads what gcc does */
        done = sample_match_with_build(&rebuild->match, &rebuild->samples, binary, true, error);
    else if (done)
        done = sample_profile_read(rebuild->profile, &samples, error) &&
               sample_match_with_build(&rebuild->match, &samples, binary, false, error);
    sample_profile_free(&samples);
    binary_free(binary);
    return done;
}

static void judge_match(struct rebuild *rebuild)
{
    const struct sample_match *match = &rebuild->match;
    const char *name = text_file_name(rebuild->result);
    double all = match->counts > 0 ? (double)match->counts : 1;
    double functions = (double)match->in_functions / all, places = (double)match->in_places / all;
    if (places < MATCH_LEAST) {
        answer(rebuild, false,
               "give the profile of this program; build it with the debug flags of the recorded "
               "one (pgo-bolt flags)",
               "only %.1f %% of the profile's counts match the code of %s, nothing of %s",
               100 * places, name, match->hottest_missed);
        return;
    }
    answer(rebuild, true, NULL,
           "%llu of %llu runs of %s had the profile; %.1f %% of its counts are in functions of %s "
           "and %.1f %% at its %s",
           (unsigned long long)rebuild->with_profile, (unsigned long long)rebuild->compilations,
           toolchain_name(rebuild->toolchain), 100 * functions, name, 100 * places,
           rebuild->is_by_probes ? "probes" : "lines");
    if (functions < MATCH_FUNCTIONS || places < MATCH_LINES)
        findings_add(&rebuild->findings, "match", VERDICT_WEAK,
                     "record this version of the program; have the same debug flags in both "
                     "builds (pgo-bolt flags)",
                     "only %.1f %% of the profile's counts match the new code, least those of %s",
                     100 * (functions < MATCH_FUNCTIONS ? functions : places),
                     match->hottest_missed);
}

static void match_result(struct rebuild *rebuild)
{
    struct error reason;
    rebuild->match_told = find_match(rebuild, &reason);
    if (rebuild->match_told)
        judge_match(rebuild);
    else
        answer(rebuild, true, NULL,
               "%llu of %llu runs of %s had the profile; how much of it matched cannot be told: "
               "%s %s",
               (unsigned long long)rebuild->with_profile, (unsigned long long)rebuild->compilations,
               toolchain_name(rebuild->toolchain), text_file_name(rebuild->result),
               error_text(reason.code));
}

static bool check(struct rebuild *rebuild, const struct before *before, struct error *error)
{
    if (!*rebuild->profile) {
        answer(rebuild, false, NULL, "built without a profile, which has no samples of %s",
               rebuild->binary);
        return true;
    }
    if (!check_calls(rebuild) || !check_result(rebuild, before))
        return true;
    if (rebuild->toolchain == TOOLCHAIN_GO)
        return check_go(rebuild, error);
    match_result(rebuild);
    return true;
}

bool rebuild_run(struct rebuild *rebuild, struct error *error)
{
    struct before before = look_before(rebuild->result);
    struct process process = {.arguments = rebuild->request->command,
                              .environment = rebuild->injection.entries,
                              .shows_output = true};
    struct process_result result;
    fflush(stdout);
    if (!process_run(&process, &result, error))
        return false;
    rebuild->built = process_succeeded(&result);
    rebuild->build_status = result.signal ? 128 + result.signal : result.exit_status;
    if (!rebuild->built) {
        char how[256];
        process_describe(&result, how, sizeof(how));
        answer(rebuild, false, "run it by hand first, without pgo-bolt", "the build %s", how);
        return true;
    }
    return check(rebuild, &before, error);
}

void rebuild_free(struct rebuild *rebuild)
{
    injection_free(&rebuild->injection);
    sample_profile_free(&rebuild->samples);
    *rebuild = (struct rebuild){0};
}
