#include "bolt-bridge/toolchain/compilers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/text.h"
#include "bolt-bridge/process/ask.h"
#include "bolt-bridge/process/run.h"

#define NEWEST_CLANG 40 /* far beyond today's, so that the next ones are found */
#define OLDEST_CLANG 14
#define FIRST_GCC_WITH_GCOV_2 12

#define CLANG_FOR_PROFILING "-fdebug-info-for-profiling"
#define CLANG_UNIQUE_NAMES "-funique-internal-linkage-names"
#define LINKED_FOR_BOLT "-Wl,--emit-relocs -Wl,--build-id -Wl,-z,now"
/* With -Werror a profile that does not fit everywhere must not end the build: it is judged by us.
 */
#define CLANG_WARNS_OF_PROFILES "-Wno-error=backend-plugin"
#define CLANG_WARNS_OF_COUNTERS "-Wno-error=profile-instr-out-of-date"
/* LLVM makes one of equal code of several places, which then has the lines of none of them. */
#define CLANG_KEEPS_LINES                                                                          \
    "-mllvm -enable-tail-merge=0 -mllvm -simplifycfg-sink-common=0 "                               \
    "-mllvm -simplifycfg-hoist-common=0"
#define RUSTC_KEEPS_LINES                                                                          \
    "-Cllvm-args=-enable-tail-merge=0 -Cllvm-args=-simplifycfg-sink-common=0 "                     \
    "-Cllvm-args=-simplifycfg-hoist-common=0"
#define CLANG_RELEASE "-gdwarf-4 " CLANG_FOR_PROFILING " " CLANG_UNIQUE_NAMES " " CLANG_PROBES
#define RUSTC_RELEASE "-Cdebuginfo=1 -Cstrip=none"

static const struct {
    const char *name;
    const char *program;     /* in PATH */
    const char *environment; /* that names another */
    const char *package;     /* to install */
    const char *release_flags;
    const char *release_advice;
    const char *link_flags; /* for BOLT */
    const char *link_advice;
    const char *best_flags; /* release_flags, and those that better the profile */
    const char *best_advice;
} toolchains[TOOLCHAINS] = {
    [TOOLCHAIN_AUTO] = {.name = "auto"},
    [TOOLCHAIN_CLANG] = {"clang", "clang", "CC", "clang-22 (apt.llvm.org) or clang", CLANG_RELEASE,
                         "keep the linker's output: strip a copy, or split off its debug file",
                         LINKED_FOR_BOLT, NULL, CLANG_RELEASE " " CLANG_KEEPS_LINES,
                         "with -flto the linker makes the code: -Wl,-mllvm,-enable-tail-merge=0 "
                         "and so on"},
    [TOOLCHAIN_RUSTC] = {"rustc", "rustc", "RUSTC", "rustup's toolchain, or rustc", RUSTC_RELEASE,
                         "Cargo.toml says the same: [profile.release] debug = 1, strip = \"none\"",
                         "-Cstrip=none -Clink-arg=-Wl,--emit-relocs -Clink-arg=-Wl,--build-id",
                         "in RUSTFLAGS, with those for the compiler",
                         RUSTC_RELEASE " " RUSTC_KEEPS_LINES,
                         "in RUSTFLAGS: Cargo.toml cannot say it"},
    [TOOLCHAIN_GCC] = {"gcc", "gcc", "CC", "gcc", "-g", NULL, LINKED_FOR_BOLT,
                       "compile with -fno-reorder-blocks-and-partition: BOLT splits by the profile",
                       "-g", "no other flag of gcc is known to better its profile"},
    [TOOLCHAIN_GO] = {"go", "go", NULL, "golang-go", "",
                      "no flag is needed, but none may strip it: no -ldflags=-s or -w", "",
                      "BOLT takes no Go programs: rebuild them with their profile", "",
                      "no flag is needed, but none may strip it: no -ldflags=-s or -w"},
};

const char *toolchain_name(enum toolchain toolchain)
{
    return toolchains[toolchain].name;
}

enum toolchain toolchain_of(enum compiler compiler)
{
    static const enum toolchain users[COMPILERS] = {
        [COMPILER_OTHER] = TOOLCHAIN_AUTO,  [COMPILER_CLANG] = TOOLCHAIN_CLANG,
        [COMPILER_RUSTC] = TOOLCHAIN_RUSTC, [COMPILER_GCC] = TOOLCHAIN_GCC,
        [COMPILER_GO] = TOOLCHAIN_GO,
    };
    return users[compiler];
}

enum compiler toolchain_compiler(enum toolchain toolchain)
{
    for (size_t i = 0; i < COMPILERS; i++)
        if (toolchain_of((enum compiler)i) == toolchain)
            return (enum compiler)i;
    return COMPILER_OTHER;
}

/* --- which compiler is here --------------------------------------------------------------- */

static bool find_clang(unsigned version, char path[PATH_MAX])
{
    char name[32];
    snprintf(name, sizeof(name), "clang-%u", version);
    if (version && process_find_program(name, path, PATH_MAX))
        return true;
    if (process_find_program("clang", path, PATH_MAX))
        return true;
    for (unsigned other = NEWEST_CLANG; other >= OLDEST_CLANG; other--) {
        snprintf(name, sizeof(name), "clang-%u", other);
        if (process_find_program(name, path, PATH_MAX))
            return true;
    }
    return false;
}

/* CC="ccache gcc -m64" is a command line: the last word that names the compiler is it. */
static bool find_in_environment(enum toolchain toolchain, char path[PATH_MAX])
{
    const char *program = toolchains[toolchain].program;
    const char *name = toolchains[toolchain].environment;
    const char *text = name ? getenv(name) : NULL;
    char words[PATH_MAX], *rest = NULL;
    bool found = false;
    snprintf(words, sizeof(words), "%s", text ? text : "");
    for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
        if (strncmp(text_file_name(word), program, strlen(program)) == 0)
            found |= process_find_program(word, path, PATH_MAX);
    return found;
}

static bool ask(const char *path, char *first, char *second, char *text, size_t size,
                struct error *error)
{
    char *arguments[] = {(char *)path, first, second, NULL};
    return process_ask(path, arguments, text, size, error);
}

static bool ask_versions(enum toolchain toolchain, struct compiler_found *found,
                         struct error *error)
{
    static char text[65536];
    char word[64] = "";
    switch (toolchain) {
    case TOOLCHAIN_CLANG:
        if (!ask(found->path, "--version", NULL, text, sizeof(text), error))
            return false;
        ask_word_after(text, "clang version ", word, sizeof(word));
        found->version = found->llvm_version = (unsigned)strtoul(word, NULL, 10);
        return true;
    case TOOLCHAIN_RUSTC:
        if (!ask(found->path, "-vV", NULL, text, sizeof(text), error))
            return false;
        ask_word_after(text, "LLVM version: ", word, sizeof(word));
        found->version = found->llvm_version = (unsigned)strtoul(word, NULL, 10);
        if (!ask(found->path, "-C", "help", text, sizeof(text), error))
            return false;
        found->has_stable_option = strstr(text, "profile-sample-use") != NULL;
        return true;
    case TOOLCHAIN_GCC:
        if (!ask(found->path, "-dumpversion", NULL, text, sizeof(text), error))
            return false;
        found->version = (unsigned)strtoul(text, NULL, 10);
        return true;
    case TOOLCHAIN_GO:
        if (!ask(found->path, "version", NULL, text, sizeof(text), error))
            return false;
        ask_word_after(text, "go1.", word, sizeof(word));
        found->version = (unsigned)strtoul(word, NULL, 10);
        return true;
    default:
        return true;
    }
}

bool compiler_find(enum toolchain toolchain, unsigned version, struct compiler_found *found,
                   struct error *error)
{
    *found = (struct compiler_found){0};
    if (!find_in_environment(toolchain, found->path) &&
        !(toolchain == TOOLCHAIN_CLANG ? find_clang(version, found->path)
                                       : process_find_program(toolchains[toolchain].program,
                                                              found->path, sizeof(found->path)))) {
        error_set(error, ERROR_TOOL_MISSING, toolchains[toolchain].program,
                  "it compiled the recorded binary; install %s%s%s", toolchains[toolchain].package,
                  toolchains[toolchain].environment ? ", or name it by " : "",
                  toolchains[toolchain].environment ? toolchains[toolchain].environment : "");
        return false;
    }
    return ask_versions(toolchain, found, error);
}

/* --- flags ---------------------------------------------------------------------------------- */

const char *compiler_release_flags(enum toolchain toolchain)
{
    return toolchains[toolchain].release_flags;
}

const char *compiler_best_flags(enum toolchain toolchain)
{
    return toolchains[toolchain].best_flags;
}

const char *compiler_best_advice(enum toolchain toolchain)
{
    return toolchains[toolchain].best_advice;
}

const char *compiler_link_flags(enum toolchain toolchain)
{
    return toolchains[toolchain].link_flags;
}

const char *compiler_link_advice(enum toolchain toolchain)
{
    return toolchains[toolchain].link_advice;
}

const char *compiler_release_advice(enum toolchain toolchain)
{
    return toolchains[toolchain].release_advice;
}

/* What decides about a flag. */
struct circumstances {
    const struct compiler_found *compiler; /* NULL for debug flags */
    const struct compilation *recorded;
    bool discriminates; /* code by this compiler in `recorded` has discriminators */
    bool by_lines;      /* the profile is, also where `recorded` has probes */
};

static bool has_discriminators(const struct circumstances *now)
{
    return now->discriminates;
}
static bool is_for_profiling(const struct circumstances *now)
{
    return now->discriminates || now->recorded->has_probes;
}
static bool has_unique_names(const struct circumstances *now)
{
    return now->recorded->has_unique_names;
}
static bool has_probes(const struct circumstances *now)
{
    return now->recorded->has_probes && !now->by_lines;
}
/* A build that has probes takes no profile by lines. */
static bool forgoes_probes(const struct circumstances *now)
{
    return now->recorded->has_probes && now->by_lines;
}
static bool has_legacy_names(const struct circumstances *now)
{
    return now->recorded->has_legacy_names;
}
/* Of a stable rustc, -Z changes the names of functions: the build with the profile, which needs
 * none, has to name them as the dumps do. */
static bool is_nightly(const struct circumstances *now)
{
    return now->discriminates && !now->recorded->has_legacy_names;
}
static bool has_stable_option(const struct circumstances *now)
{
    return now->compiler->has_stable_option;
}
static bool lacks_stable_option(const struct circumstances *now)
{
    return !now->compiler->has_stable_option;
}

/* In the order of the command line; one that ends in '=' takes the profile. */
struct flag {
    const char *word;
    bool (*is_wanted)(const struct circumstances *now); /* NULL: always */
};

/* A list that is longer than struct compiler_flags has room for does not compile. */
typedef struct flag flag_lists[TOOLCHAINS][COMPILER_FLAGS_MAX];

static const flag_lists debug_flags = {
    [TOOLCHAIN_CLANG] = {{"-gdwarf-4", NULL}, {CLANG_FOR_PROFILING, is_for_profiling}},
    /* -Z makes a stable rustc name functions as the nightly one does, and none would match. */
    [TOOLCHAIN_RUSTC] = {{"-Cdebuginfo=1", NULL},
                         {"-Zunstable-options", has_legacy_names},
                         {"-Csymbol-mangling-version=legacy", has_legacy_names}},
    [TOOLCHAIN_GCC] = {{"-g", NULL}},
};
static const flag_lists use_flags = {
    [TOOLCHAIN_CLANG] = {{CLANG_UNIQUE_NAMES, has_unique_names},
                         {CLANG_PROBES, has_probes},
                         {CLANG_NO_PROBES, forgoes_probes},
                         {CLANG_WARNS_OF_PROFILES, NULL},
                         {"-fprofile-sample-use=", NULL}},
    [TOOLCHAIN_RUSTC] = {{"-Zdebug-info-for-profiling", has_discriminators},
                         {"-Cprofile-sample-use=", has_stable_option},
                         {"-Zprofile-sample-use=", lacks_stable_option}},
    [TOOLCHAIN_GCC] = {{"-fauto-profile=", NULL}},
    [TOOLCHAIN_GO] = {{"-pgo=", NULL}},
};

/* For profiles of counters. */
static const flag_lists counter_flags = {
    [TOOLCHAIN_CLANG] = {{CLANG_UNIQUE_NAMES, has_unique_names},
                         {CLANG_WARNS_OF_PROFILES, NULL},
                         {CLANG_WARNS_OF_COUNTERS, NULL},
                         {"-fprofile-use=", NULL}},
    [TOOLCHAIN_RUSTC] = {{"-Csymbol-mangling-version=v0", is_nightly}, {"-Cprofile-use=", NULL}},
};
/* No -Z: a stable rustc stays what it was when the release was built. */
static const flag_lists counter_debug_flags = {
    [TOOLCHAIN_CLANG] = {{"-gdwarf-4", NULL}, {CLANG_FOR_PROFILING, is_for_profiling}},
    [TOOLCHAIN_RUSTC] = {{"-Cdebuginfo=1", NULL}},
};
/* And for the dumps that they are made by: rustc makes them itself, clang's jobs are done again. */
static const flag_lists dump_flags = {
    [TOOLCHAIN_CLANG] = {{CLANG_UNIQUE_NAMES, has_unique_names}},
    [TOOLCHAIN_RUSTC] = {{"-Zdebug-info-for-profiling", is_nightly},
                         {"-Csymbol-mangling-version=v0", is_nightly},
                         {"-Cprofile-generate", NULL},
                         {"-Cllvm-args=-print-after=ctx-instr-gen,pgo-instr-gen "
                          "-print-module-scope -ir-dump-directory=",
                          NULL}},
};

static void take_flags(const flag_lists lists, enum toolchain toolchain,
                       const struct compiler_found *compiler, const char *profile,
                       const struct compilation *recorded, bool by_lines,
                       struct compiler_flags *flags)
{
    const struct circumstances now = {
        .compiler = compiler,
        .recorded = recorded,
        .by_lines = by_lines,
        .discriminates = recorded->parts[toolchain_compiler(toolchain)].has_discriminators};
    flags->count = 0;
    for (size_t i = 0; i < COMPILER_FLAGS_MAX && lists[toolchain][i].word; i++) {
        const struct flag *flag = &lists[toolchain][i];
        if (flag->is_wanted && !flag->is_wanted(&now))
            continue;
        bool takes_profile = flag->word[strlen(flag->word) - 1] == '=';
        snprintf(flags->words[flags->count++], sizeof(flags->words[0]), "%s%s", flag->word,
                 takes_profile ? profile : "");
    }
}

void compiler_debug_flags(enum toolchain toolchain, const struct compilation *recorded,
                          struct compiler_flags *flags)
{
    take_flags(debug_flags, toolchain, NULL, "", recorded, false, flags);
}

void compiler_use_flags(enum toolchain toolchain, const struct compiler_found *compiler,
                        const char *profile, const struct compilation *recorded, bool by_lines,
                        struct compiler_flags *flags)
{
    take_flags(use_flags, toolchain, compiler, profile, recorded, by_lines, flags);
}

void compiler_counter_debug_flags(enum toolchain toolchain, const struct compilation *recorded,
                                  struct compiler_flags *flags)
{
    take_flags(counter_debug_flags, toolchain, NULL, "", recorded, false, flags);
}

void compiler_counter_flags(enum toolchain toolchain, const char *profile,
                            const struct compilation *recorded, struct compiler_flags *flags)
{
    take_flags(counter_flags, toolchain, NULL, profile, recorded, false, flags);
}

void compiler_dump_flags(enum toolchain toolchain, const struct compilation *recorded,
                         const char *directory, struct compiler_flags *flags)
{
    take_flags(dump_flags, toolchain, NULL, directory, recorded, false, flags);
}

const char *compiler_format(enum toolchain toolchain, unsigned version)
{
    switch (toolchain) {
    case TOOLCHAIN_GCC:
        return version && version < FIRST_GCC_WITH_GCOV_2 ? "gcov-1" : "gcov";
    case TOOLCHAIN_GO:
        return "pprof";
    default:
        return "llvm-ext";
    }
}
