#include "bolt-bridge/toolchain/rebuild_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/base/file.h"
#include "analyzer/base/md5.h"
#include "analyzer/base/memory.h"
#include "analyzer/base/text.h"
#include "analyzer/model/binary/binary.h"
#include "analyzer/model/samples/build.h"
#include "analyzer/read/reader.h"
#include "bolt-bridge/process/ask.h"
#include "bolt-bridge/toolchain/rebuild_calls.h"
#include "bolt-bridge/toolchain/rebuild_counters.h"

/* A profile of which less matches was not used to any purpose, or is of another program. */
#define MATCH_LEAST 0.05
/*
 * And one of which less matches is stale, or was built with other flags.  Lines
 * go when code is merged and simplified, after the compiler matched them.
 */
#define MATCH_FUNCTIONS 0.8
#define MATCH_LINES 0.5

/* Counts in code that should have been compiled with the profile: too many, and enough to say so.
 */
#define MISSED_MOST 0.5
#define MISSED_LITTLE 0.01
/* Names are the cause where they are this part of what does not match. */
#define RENAMED_MOST 0.9

#define FLAGS_REMEDY                                                                               \
    "give the build the flags of the recorded program, or record one that is built like this"

/* What go version -m prints of a large program. */
#define GO_SETTINGS_MAX (1 << 20)

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

/* --- Go ------------------------------------------------------------------------------------ */

static bool ask_go(const struct rebuild *rebuild, const char *program, char **text,
                   struct error *error)
{
    const char *go = rebuild->compiler.path;
    char *arguments[] = {(char *)go, "version", "-m", (char *)program, NULL};
    *text = malloc(GO_SETTINGS_MAX);
    if (!*text)
        return memory_exhausted(error);
    return process_ask(go, arguments, *text, GO_SETTINGS_MAX, error);
}

/* Settings that may well be others: of the profile, of the checkout, texts for the linker. */
static bool may_differ(const char *setting)
{
    static const char *const names[] = {"-pgo=", "vcs", "-ldflags=", "DefaultGODEBUG="};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (strncmp(setting, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

/* The first setting of the recorded program that the new one does not have; true: there is one. */
static bool find_lost(const char *recorded, const char *made, char *lost, size_t size)
{
    static const char key[] = "\tbuild\t";
    for (const char *at = recorded; (at = strstr(at, key)); at++) {
        const char *setting = at + strlen(key);
        size_t end = strcspn(setting, "\n");
        char line[1024];
        if (strncmp(setting, "-ldflags=", 9) == 0 && !strstr(made, "\tbuild\t-ldflags=")) {
            snprintf(lost, size, "-ldflags");
            return true;
        }
        bool is_empty = end > 0 && setting[end - 1] == '=';
        if (is_empty || may_differ(setting) || end + sizeof(key) + 1 > sizeof(line))
            continue;
        snprintf(line, sizeof(line), "%.*s\n", (int)(strlen(key) + end), at);
        if (!strstr(made, line)) {
            snprintf(lost, size, "%.*s", (int)end, setting);
            return true;
        }
    }
    return false;
}

/* Ours by its name, which has its digest and is all that -trimpath leaves, or by what is in it. */
static bool is_our_profile(const struct rebuild *rebuild, const char *path)
{
    struct error ignored;
    uint64_t offset;
    bool same;
    return strcmp(path, rebuild->profile) == 0 ||
           strcmp(path, text_file_name(rebuild->profile)) == 0 ||
           (file_compare(path, rebuild->profile, &same, &offset, &ignored) && same);
}

/* The value behind `key`, which go quotes where it has blanks or quotes.  False: none. */
static bool read_setting(const char *text, const char *key, char *value, size_t size)
{
    const char *at = strstr(text, key);
    if (!at)
        return false;
    at += strlen(key);
    bool is_quoted = *at == '"';
    at += is_quoted;
    size_t used = 0;
    for (; *at && *at != '\n' && !(is_quoted && *at == '"') && used + 1 < size; at++) {
        at += is_quoted && *at == '\\' && at[1];
        value[used++] = *at;
    }
    value[used] = '\0';
    return true;
}

/* Whether go's compiler was told not to optimise: -gcflags=-N, with others or for some packages. */
static bool is_unoptimised(const char *settings)
{
    char flags[1024];
    if (!settings || !read_setting(settings, "\tbuild\t-gcflags=", flags, sizeof(flags)))
        return false;
    for (const char *at = flags; (at = strstr(at, "-N")); at++) {
        bool begins = at == flags || at[-1] == ' ' || at[-1] == '=';
        if (begins && (at[2] == '\0' || at[2] == ' '))
            return true;
    }
    return false;
}

static void judge_go(struct rebuild *rebuild, const char *recorded, const char *made)
{
    char used[PATH_MAX] = "", lost[256];
    if (!read_setting(made, "\tbuild\t-pgo=", used, sizeof(used)))
        rebuild_answer(rebuild, false,
                       "let the command run go build with our GOFLAGS or GOENV and no -pgo of its "
                       "own, nor in GOFLAGS, or use --default-pgo",
                       "%s was built without -pgo, as go version -m tells", rebuild->result);
    else if (!is_our_profile(rebuild, used))
        rebuild_answer(rebuild, false, "leave -pgo out of the build's own flags and of GOFLAGS",
                       "%s was built with another profile, -pgo=%s", rebuild->result, used);
    else if (recorded && find_lost(recorded, made, lost, sizeof(lost)))
        rebuild_answer(rebuild, false, FLAGS_REMEDY,
                       "%s was built without %s, which the recorded program has", rebuild->result,
                       lost);
    else if (is_unoptimised(made) && !is_unoptimised(recorded))
        rebuild_answer(rebuild, false,
                       "leave -N out of -gcflags: a compiler that does not optimise has no use for "
                       "a profile",
                       "%s was compiled without optimisation", rebuild->result);
    else
        rebuild_answer(rebuild, true, NULL, "%s was built with -pgo=%s", rebuild->result, used);
}

/* go version -m tells what a binary was built with. */
static bool check_go(struct rebuild *rebuild, const char *recorded, struct error *error)
{
    char *made;
    bool done = ask_go(rebuild, rebuild->result, &made, error);
    if (done)
        judge_go(rebuild, recorded, made);
    free(made);
    return done;
}

/* --- before the build ---------------------------------------------------------------------- */

bool rebuild_look_before(struct rebuild_before *before, const struct rebuild *rebuild,
                         struct error *error)
{
    *before = (struct rebuild_before){0};
    before->exists = stat(rebuild->result, &before->status) == 0;
    if (rebuild->toolchain != TOOLCHAIN_GO || access(rebuild->binary, R_OK) != 0)
        return true;
    if (ask_go(rebuild, rebuild->binary, &before->settings, error))
        return true;
    rebuild_before_free(before); /* it tells no settings */
    return error->code != ERROR_MEMORY;
}

void rebuild_before_free(struct rebuild_before *before)
{
    free(before->settings);
    before->settings = NULL;
}

/* --- C compilers and rustc ----------------------------------------------------------------- */

static bool check_exists(struct rebuild *rebuild)
{
    bool exists = access(rebuild->result, F_OK) == 0;
    if (!exists)
        rebuild_answer(rebuild, false, "say which file the build makes: --result FILE",
                       "the build made no %s", rebuild->result);
    return exists;
}

static bool check_result(struct rebuild *rebuild, const struct rebuild_before *before)
{
    if (!check_exists(rebuild))
        return false;
    if (rebuild_left_result(rebuild, before)) {
        rebuild_answer(rebuild, false,
                       "say which file the build makes: --result FILE; or clean first",
                       "the build left %s as it was", rebuild->result);
        return false;
    }
    return true;
}

/* A name alone, of a profile that does not tell its build, may stand for the new one. */
static bool check_code(struct rebuild *rebuild)
{
    uint8_t recorded[16], made[16];
    if (strcmp(rebuild->binary, rebuild->result) == 0 || !digest_code(rebuild->binary, recorded) ||
        !digest_code(rebuild->result, made) || memcmp(recorded, made, sizeof(made)) != 0)
        return true;
    rebuild_answer(
        rebuild, false,
        "clean first, so that everything is compiled again; then the profile may have too few "
        "counts to change anything",
        "the code of %s is that of the recorded binary, byte for byte", rebuild->result);
    return false;
}

/* What the compiler could match is what the new binary has, too. */
static bool find_match(struct rebuild *rebuild, const struct sample_profile *samples,
                       const struct binary *made, struct error *error)
{
    bool is_gcc = rebuild->toolchain == TOOLCHAIN_GCC;
    return sample_match_with_build(&rebuild->match, samples, made, is_gcc, error);
}

static bool find_use(struct rebuild *rebuild, const struct sample_profile *samples,
                     const struct binary *made, struct error *error)
{
    struct error ignored; /* of a recorded binary that is not there any more */
    bool has_recorded = strcmp(rebuild->binary, rebuild->result) != 0;
    struct binary *recorded = has_recorded ? binary_open(rebuild->binary, &ignored) : NULL;
    struct compiler_evidence evidence;
    const struct use_sources sources = {.samples = samples,
                                        .made = made,
                                        .recorded = recorded,
                                        .compiler = toolchain_compiler(rebuild->toolchain),
                                        .log = &rebuild->log,
                                        .evidence = &evidence};
    bool done =
        compiler_evidence_open(&evidence, rebuild->toolchain, rebuild->injection.log, error) &&
        rebuild_use_find(&rebuild->use, &sources, error);
    compiler_evidence_free(&evidence);
    binary_free(recorded);
    return done;
}

/* Both by the profile that the compiler got; of gcc's, which nobody reads, by what was written. */
static bool find_all(struct rebuild *rebuild, struct error *error)
{
    struct sample_profile read = {0};
    const struct sample_profile *samples =
        rebuild->toolchain == TOOLCHAIN_GCC ? &rebuild->samples : &read;
    struct binary *made = binary_open(rebuild->result, error);
    bool done = made && (samples != &read || sample_profile_read(rebuild->profile, &read, error));
    if (done) {
        rebuild->use_told = find_use(rebuild, samples, made, error);
        done = rebuild->match_told = find_match(rebuild, samples, made, error);
    }
    sample_profile_free(&read);
    binary_free(made);
    return done;
}

/* Of the names that a profile has and the new program lacks, those with another path or hash. */
static const struct use_share *renamed_in(const struct rebuild *rebuild)
{
    const struct use_share *share = &rebuild->use.shares[USE_RENAMED];
    return rebuild->use_told && share->counts > 0 ? share : NULL;
}

const char *rebuild_renamed_remedy(const struct rebuild *rebuild)
{
    return rebuild->toolchain == TOOLCHAIN_CLANG
               ? "the sources are at another path than when it was recorded, and "
                 "-funique-internal-linkage-names makes names of it: have "
                 "-ffile-prefix-map=DIRECTORY=. in both builds"
               : "call cargo as for the recorded program: the same profile, --target, version and "
                 "place in the workspace";
}

static void refuse_match(struct rebuild *rebuild, double places, bool is_renamed)
{
    const char *name = text_file_name(rebuild->result);
    if (is_renamed)
        rebuild_answer(rebuild, false, rebuild_renamed_remedy(rebuild),
                       "only %.1f %% of the profile's counts match the code of %s: %s is named by "
                       "another path or hash",
                       100 * places, name, renamed_in(rebuild)->function);
    else
        rebuild_answer(
            rebuild, false,
            "give the profile of this program; build it with the debug flags of the recorded "
            "one (pgo-bolt flags)",
            "only %.1f %% of the profile's counts match the code of %s, nothing of %s",
            100 * places, name, rebuild->match.hottest_missed);
}

static void refuse_renamed(struct rebuild *rebuild, double share)
{
    rebuild_answer(
        rebuild, false, rebuild_renamed_remedy(rebuild),
        "%.1f %% of the profile's counts are of functions that are named by another path "
        "or hash in %s, most of %s",
        100 * share, text_file_name(rebuild->result), renamed_in(rebuild)->function);
}

static void judge_match(struct rebuild *rebuild)
{
    const struct sample_match *match = &rebuild->match;
    const struct use_share *renamed = renamed_in(rebuild);
    double all = match->counts > 0 ? (double)match->counts : 1;
    double functions = (double)match->in_functions / all, places = (double)match->in_places / all;
    double share = renamed ? (double)renamed->counts / (double)rebuild->use.counts : 0;
    bool is_renamed = renamed && share >= RENAMED_MOST * (1 - functions);
    if (places < MATCH_LEAST) {
        refuse_match(rebuild, places, is_renamed);
        return;
    }
    if (share > (rebuild->request->accepts_poor ? 1 - MATCH_LEAST : MISSED_MOST)) {
        refuse_renamed(rebuild, share);
        return;
    }
    rebuild_answer(
        rebuild, true, NULL,
        "%llu of %llu runs of %s had the profile; %.1f %% of its counts are in functions of %s "
        "and %.1f %% at its %s",
        (unsigned long long)rebuild->log.with_profile, (unsigned long long)rebuild->log.runs,
        toolchain_name(rebuild->toolchain), 100 * functions, text_file_name(rebuild->result),
        100 * places, rebuild->is_by_probes ? "probes" : "lines");
    if (share > MISSED_LITTLE)
        findings_add(&rebuild->findings, "names", VERDICT_WEAK, rebuild_renamed_remedy(rebuild),
                     "%.1f %% of the profile's counts are of functions that are named by another "
                     "path or hash, most of %s",
                     100 * share, renamed->function);
    /* Then places are there twice, or gone: clang itself has to say what it took. */
    bool is_twice = rebuild->log.intermediate > 0 && rebuild->log.twice > 0;
    if (is_twice)
        findings_add(
            &rebuild->findings, "steps", VERDICT_WEAK,
            "compile in one step, or let the first one leave optimisation to the second "
            "(-O2 -Xclang -disable-llvm-passes -emit-llvm)",
            "%llu compilations went on from code that clang had optimised with the "
            "profile before (.bc, .ll): it was taken twice, and pseudo-probes, if any, are there "
            "twice",
            (unsigned long long)rebuild->log.twice);
    else if ((functions < MATCH_FUNCTIONS || places < MATCH_LINES) && !is_renamed)
        findings_add(&rebuild->findings, "match", VERDICT_WEAK,
                     "record this version of the program; have the same debug flags in both "
                     "builds (pgo-bolt flags)",
                     "only %.1f %% of the profile's counts match the new code, least those of %s",
                     100 * (functions < MATCH_FUNCTIONS ? functions : places),
                     match->hottest_missed);
}

/* Where code for the linker to optimise was linked without the profile, it has none. */
static bool judge_link(struct rebuild *rebuild)
{
    const struct compile_log *log = &rebuild->log;
    enum compile_use link = compile_log_find_link(log, text_file_name(rebuild->result));
    if (log->link_time_objects == 0 || link == COMPILE_WITH ||
        (link == COMPILE_NONE && log->links_with_profile > 0))
        return true;
    rebuild_answer(rebuild, false,
                   "link by clang with -flto, which tells the linker of the profile, or by clang "
                   "with -Wl,--lto-sample-profile=FILE",
                   "%llu objects are for link-time optimisation, and %s was linked without the "
                   "profile",
                   (unsigned long long)log->link_time_objects, text_file_name(rebuild->result));
    return false;
}

static const char *use_remedy(enum use_kind kind)
{
    switch (kind) {
    case USE_UNOPTIMISED:
        return "build with -O2 (cargo build --release): a compiler that does not optimise has no "
               "use for a profile";
    case USE_WITHOUT:
        return "have all of it compiled by the compiler of the recorded program, with the "
               "environment that is set for it, and without -fno-profile-sample-use or "
               "-fno-auto-profile";
    case USE_CHANGED:
        return "record the program that these sources make";
    case USE_NOT_TAKEN:
        return "record the program that these sources make; have the same flags in both builds "
               "(pgo-bolt flags; of cargo the same profile), and no attribute that keeps the "
               "compiler from optimising";
    default:
        return "clean first, so that everything is compiled again; caches of compilers other than "
               "ccache, sccache, icecc and distcc have to be switched off";
    }
}

/* Hot code that the build did not compile, or not with the profile, makes it no use of it. */
static void judge_use(struct rebuild *rebuild)
{
    if (*rebuild->use.lost_flag) {
        rebuild_answer(rebuild, false, FLAGS_REMEDY,
                       "%s of %s was compiled without %s, which the recorded program has",
                       rebuild->use.lost_function, text_file_name(rebuild->result),
                       rebuild->use.lost_flag);
        return;
    }
    enum use_kind worst = rebuild_use_worst(&rebuild->use);
    const struct use_share *share = &rebuild->use.shares[worst];
    double missed = rebuild_use_missed(&rebuild->use);
    double untold = rebuild_use_untold(&rebuild->use);
    /* What is recorded of other sources is said, but may be wanted; not if nothing is left. */
    bool is_stale =
        worst == USE_CHANGED || (worst == USE_NOT_TAKEN && rebuild->request->accepts_poor);
    bool is_wanted = is_stale && missed < 1 - MATCH_LEAST;
    if (rebuild->used && untold > MISSED_MOST) {
        share = &rebuild->use.shares[USE_UNTOLD];
        rebuild_answer(
            rebuild, false,
            "build it with the debug flags of the recorded one (pgo-bolt flags), and strip "
            "a copy of it",
            "nothing tells whether the profile was used: %.1f %% of its counts are in "
            "functions of which %s does not say by which source they were made, most of %s",
            100 * untold, text_file_name(rebuild->result), share->function);
    } else if (missed > MISSED_MOST && !is_wanted)
        rebuild_answer(rebuild, false, use_remedy(worst),
                       "%.1f %% of the profile's counts are in code without it: %s was %s, which "
                       "has %s",
                       100 * missed, share->unit, use_kind_text(worst), share->function);
    else if (missed > MISSED_LITTLE)
        findings_add(&rebuild->findings, "compiled", VERDICT_WEAK, use_remedy(worst),
                     "%.1f %% of the profile's counts are in code without it: %s was %s, which "
                     "has %s",
                     100 * missed, share->unit, use_kind_text(worst), share->function);
}

static void judge_counters(struct rebuild *rebuild)
{
    struct counters_use use = rebuild_judge_counters(rebuild);
    bool all_match = rebuild->toolchain == TOOLCHAIN_CLANG && use.mismatches == 0;
    rebuild_answer(rebuild, use.is_used, use.remedy,
                   "%llu of %llu runs of %s had the profile of %llu functions%s",
                   (unsigned long long)rebuild->log.with_profile,
                   (unsigned long long)rebuild->log.runs, toolchain_name(rebuild->toolchain),
                   (unsigned long long)use.functions,
                   all_match     ? ", and the blocks of each match"
                   : use.is_used ? ""
                                 : ", but most of them have other blocks");
}

static void judge_result(struct rebuild *rebuild)
{
    struct error reason;
    if (rebuild->request->kind == REBUILD_COUNTERS) {
        judge_counters(rebuild);
        return;
    }
    if (!judge_link(rebuild))
        return;
    if (find_all(rebuild, &reason))
        judge_match(rebuild);
    else
        rebuild_answer(rebuild, true, NULL,
                       "%llu of %llu runs of %s had the profile; how much of it matched cannot be "
                       "told: %s %s",
                       (unsigned long long)rebuild->log.with_profile,
                       (unsigned long long)rebuild->log.runs, toolchain_name(rebuild->toolchain),
                       text_file_name(rebuild->result), error_text(reason.code));
    if (rebuild->use_told)
        judge_use(rebuild);
}

/* Of what is up to date already nothing is known, unless its build tool knows. */
static bool check_plain(struct rebuild *rebuild, const struct rebuild_before *before,
                        struct error *error)
{
    bool is_noted = *rebuild->injection.log;
    if (is_noted &&
        !compile_log_read(&rebuild->log, rebuild->injection.log, rebuild->architecture, error))
        return false;
    if ((is_noted && (!rebuild_check_runs(rebuild, before) || !check_result(rebuild, before))) ||
        !check_exists(rebuild))
        return true;
    rebuild_answer(rebuild, true, NULL, "built without a profile");
    return true;
}

bool rebuild_check(struct rebuild *rebuild, const struct rebuild_before *before,
                   struct error *error)
{
    bool is_go = rebuild->toolchain == TOOLCHAIN_GO;
    if (rebuild->request->kind == REBUILD_PLAIN)
        return check_plain(rebuild, before, error);
    if (!*rebuild->profile) {
        rebuild_answer(rebuild, false, NULL, "built without a profile, which has no samples of %s",
                       rebuild->binary);
        return true;
    }
    rebuild->log.profile = rebuild->profile;
    if (!is_go &&
        !compile_log_read(&rebuild->log, rebuild->injection.log, rebuild->architecture, error))
        return false;
    if ((!is_go && !rebuild_check_calls(rebuild, before)) || !check_result(rebuild, before))
        return true;
    if (is_go && !check_go(rebuild, before->settings, error))
        return false;
    /* A release that had a profile may well be what another one makes. */
    bool is_repeated = before->settings && strstr(before->settings, "\tbuild\t-pgo=");
    if (is_go && (!rebuild->used || is_repeated))
        return true;
    if (check_code(rebuild) && !is_go)
        judge_result(rebuild);
    return true;
}
