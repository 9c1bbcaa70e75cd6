#include "bolt-bridge/toolchain/compilers.h"

#include <stdarg.h>
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
#define CLANG_PROBES "-fpseudo-probe-for-profiling"

static const struct {
    const char *name;
    const char *program;     /* in PATH */
    const char *environment; /* that names another */
    const char *package;     /* to install */
    const char *release_flags;
    const char *release_advice;
} toolchains[TOOLCHAINS] = {
    [TOOLCHAIN_AUTO] = {.name = "auto"},
    [TOOLCHAIN_CLANG] = {"clang", "clang", "CC", "clang-22 (apt.llvm.org) or clang",
                         "-gdwarf-4 " CLANG_FOR_PROFILING " " CLANG_UNIQUE_NAMES " " CLANG_PROBES,
                         "keep the linker's output: strip a copy, or split off its debug file"},
    [TOOLCHAIN_RUSTC] = {"rustc", "rustc", "RUSTC", "rustup's toolchain, or rustc",
                         "-Cdebuginfo=1 -Cstrip=none",
                         "Cargo.toml says the same: [profile.release] debug = 1, strip = \"none\""},
    [TOOLCHAIN_GCC] = {"gcc", "gcc", "CC", "gcc", "-g", NULL},
    [TOOLCHAIN_GO] = {"go", "go", NULL, "golang-go", "",
                      "no flag is needed, but none may strip it: no -ldflags=-s or -w"},
};

bool toolchain_parse(const char *text, enum toolchain *toolchain)
{
    for (size_t i = 0; i < TOOLCHAINS; i++) {
        if (strcmp(toolchains[i].name, text) == 0) {
            *toolchain = (enum toolchain)i;
            return true;
        }
    }
    return false;
}

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

const char *compiler_release_advice(enum toolchain toolchain)
{
    return toolchains[toolchain].release_advice;
}

static void add_flag(struct compiler_flags *flags, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void add_flag(struct compiler_flags *flags, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(flags->words[flags->count], sizeof(flags->words[0]), format, arguments);
    va_end(arguments);
    flags->count++;
}

void compiler_debug_flags(enum toolchain toolchain, const struct compilation *recorded,
                          struct compiler_flags *flags)
{
    bool discriminates = recorded->parts[toolchain_compiler(toolchain)].has_discriminators;
    flags->count = 0;
    switch (toolchain) {
    case TOOLCHAIN_CLANG:
        add_flag(flags, "-gdwarf-4");
        if (discriminates || recorded->has_probes)
            add_flag(flags, CLANG_FOR_PROFILING);
        return;
    case TOOLCHAIN_RUSTC:
        add_flag(flags, "-Cdebuginfo=1");
        /* -Z makes a stable rustc name functions as the nightly one does, and none would match. */
        if (recorded->has_legacy_names) {
            add_flag(flags, "-Zunstable-options");
            add_flag(flags, "-Csymbol-mangling-version=legacy");
        }
        return;
    case TOOLCHAIN_GCC:
        add_flag(flags, "-g");
        return;
    default:
        return;
    }
}

void compiler_use_flags(enum toolchain toolchain, const struct compiler_found *compiler,
                        const char *profile, const struct compilation *recorded,
                        struct compiler_flags *flags)
{
    flags->count = 0;
    switch (toolchain) {
    case TOOLCHAIN_CLANG:
        if (recorded->has_unique_names)
            add_flag(flags, CLANG_UNIQUE_NAMES);
        if (recorded->has_probes)
            add_flag(flags, CLANG_PROBES);
        add_flag(flags, "-fprofile-sample-use=%s", profile);
        return;
    case TOOLCHAIN_RUSTC:
        if (recorded->parts[COMPILER_RUSTC].has_discriminators)
            add_flag(flags, "-Zdebug-info-for-profiling");
        add_flag(flags, "-%cprofile-sample-use=%s", compiler->has_stable_option ? 'C' : 'Z',
                 profile);
        return;
    case TOOLCHAIN_GCC:
        add_flag(flags, "-fauto-profile=%s", profile);
        return;
    case TOOLCHAIN_GO:
        add_flag(flags, "-pgo=%s", profile);
        return;
    default:
        return;
    }
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
