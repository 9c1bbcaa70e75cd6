#include "bolt-bridge/toolchain/injection.h"

#include <assert.h>
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/base/file.h"
#include "analyzer/base/memory.h"
#include "analyzer/base/output.h"
#include "analyzer/base/text.h"
#include "bolt-bridge/process/ask.h"
#include "bolt-bridge/process/remove.h"
#include "bolt-bridge/process/run.h"
#include "bolt-bridge/toolchain/wrappers.h"

/* Flags for go build, as they are set for all builds. */
#define GO_SETTINGS_MAX 65536

static bool add(struct injection *injection, struct error *error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static bool add(struct injection *injection, struct error *error, const char *format, ...)
{
    va_list arguments;
    assert(injection->count < INJECTION_ENTRIES);
    va_start(arguments, format);
    int size = vasprintf(&injection->entries[injection->count], format, arguments);
    va_end(arguments);
    if (size < 0) {
        injection->entries[injection->count] = NULL;
        return memory_exhausted(error);
    }
    injection->count++;
    return true;
}

void injection_free(struct injection *injection)
{
    for (size_t i = 0; i < injection->count; i++)
        free(injection->entries[i]);
    *injection = (struct injection){0};
}

/* "" or what the variable has now, with the separator that belongs behind it. */
static const char *before(const char *name, const char *separator, const char **behind)
{
    const char *value = getenv(name);
    *behind = value && *value ? separator : "";
    return value ? value : "";
}

/* Not every tool can be given every directory. */
static bool check_directory(const char *directory, const char *forbidden, const char *what,
                            struct error *error)
{
    if (!strpbrk(directory, forbidden))
        return true;
    error_set(error, ERROR_USAGE, directory, "%s there: choose another --profile-dir", what);
    return false;
}

/* --- settings of go ------------------------------------------------------------------------ */

/* The settings of `go env -w`, all but one. */
static void put_go_settings(FILE *stream, const char *path, const char *name)
{
    char *line = NULL;
    size_t capacity = 0;
    FILE *settings = *path && strcmp(path, "off") != 0 ? fopen(path, "re") : NULL;
    while (settings && getline(&line, &capacity, settings) > 0)
        if (strncmp(line, name, strlen(name)) != 0 || line[strlen(name)] != '=') {
            text_end_before(line, "\n");
            fprintf(stream, "%s\n", line);
        }
    free(line);
    if (settings)
        fclose(settings);
}

struct go_settings {
    const char *file, *name, *ours, *set;
};

static bool produce_go_settings(FILE *stream, void *context, struct error *error)
{
    const struct go_settings *settings = context;
    (void)error;
    put_go_settings(stream, settings->file, settings->name);
    fprintf(stream, "%s=%s%s%s\n", settings->name, settings->ours, *settings->set ? " " : "",
            settings->set);
    return true;
}

static bool ask_go(const char *go, const char *name, char *text, size_t size, struct error *error)
{
    char *arguments[] = {(char *)go, "env", (char *)name, NULL};
    if (!process_ask(go, arguments, text, size, error))
        return false;
    text_end_before(text, "\n");
    return true;
}

/*
 * What go env -w has set is kept in a copy of its file, where a makefile's
 * "GOFLAGS ?= -tags=x" is still what it was; what the environment has already wins over
 * files, and gets ours before it: a -pgo of the user's own holds.
 */
static bool add_go_setting(struct injection *injection, const struct injection_request *request,
                           const char *go, const char *name, const char *ours, struct error *error)
{
    static char values[GO_SETTINGS_MAX], file[PATH_MAX], path[PATH_MAX];
    const char *blank, *set = before(name, " ", &blank);
    if (*set)
        return add(injection, error, "%s=%s%s%s", name, ours, blank, set);
    if (!ask_go(go, name, values, sizeof(values), error) ||
        !ask_go(go, "GOENV", file, sizeof(file), error) ||
        !file_path(path, error, "%s/go-%s.env", request->directory, request->digest))
        return false;
    struct go_settings settings = {file, name, ours, values};
    return output_write_file(path, true, produce_go_settings, &settings, error) &&
           add(injection, error, "GOENV=%s", path);
}

/* --- caches ---------------------------------------------------------------------------------- */

/*
 * go keeps the C code of packages by their sources and flags: it has a cache for this build, and
 * a flag that does nothing, by which a program of another profile is not up to date.
 */
static bool add_go_cache(struct injection *injection, const struct injection_request *request,
                         struct error *error)
{
    char go[PATH_MAX], mark[64];
    struct error ignored; /* a go that does not answer compiles nothing */
    if (!process_find_program("go", go, sizeof(go)))
        return true;
    snprintf(mark, sizeof(mark), "-DPGO_BOLT_PROFILE=0x%.8s", request->digest);
    if (!add_go_setting(injection, request, go, "CGO_CPPFLAGS", mark, &ignored))
        return ignored.code != ERROR_MEMORY || memory_exhausted(error);
    return file_path(injection->go_cache, error, "%s/go-cache-%s", request->directory,
                     request->digest) &&
           add(injection, error, "GOCACHE=%s", injection->go_cache) &&
           (!getenv("GOCACHEPROG") || add(injection, error, "GOCACHEPROG="));
}

/*
 * Caches tell calls apart by what they see of them, which is not how clang and gcc get
 * the profile: ccache, icecc and distcc are passed by, so that objects are made here and
 * none with a profile is kept; sccache makes them anew and keeps them under another name.
 */
static bool add_caches(struct injection *injection, const struct injection_request *request,
                       struct error *error)
{
    const char *set = getenv("SCCACHE_C_CUSTOM_CACHE_BUSTER");
    return add_go_cache(injection, request, error) && add(injection, error, "CCACHE_DISABLE=1") &&
           add(injection, error, "SCCACHE_C_CUSTOM_CACHE_BUSTER=%s%s", set ? set : "",
               request->digest) &&
           add(injection, error, "SCCACHE_RECACHE=1") && add(injection, error, "ICECC=disable") &&
           add(injection, error, "DISTCC_HOSTS=localhost");
}

/* --- clang ------------------------------------------------------------------------------- */

/* -Xarch_ is for some targets alone in older versions (19), which leave out its flag then. */
static bool takes_architectures(const struct injection_request *request)
{
    char target[64], option[64], text[64];
    snprintf(target, sizeof(target), "--target=%s-linux-gnu", request->architecture);
    snprintf(option, sizeof(option), "-Xarch_%s", request->architecture);
    char *arguments[] = {(char *)request->compiler->path,
                         target,
                         "-Werror=unused-command-line-argument",
                         option,
                         "-DASKED",
                         "-fsyntax-only",
                         "-x",
                         "c",
                         "/dev/null",
                         NULL};
    struct error ignored;
    return process_ask(request->compiler->path, arguments, text, sizeof(text), &ignored);
}

/*
 * Each flag, before those of the build, and for one architecture alone where clang can; what is
 * put at the front comes out reversed.  A release by probes that has a profile by lines loses them.
 */
static void put_edits(FILE *stream, const char *architecture, const struct compiler_flags *flags)
{
    for (size_t i = 0; i < flags->count; i++) {
        if (strcmp(flags->words[i], CLANG_NO_PROBES) == 0)
            fputs(" x" CLANG_PROBES, stream);
        fprintf(stream, " ^%s", flags->words[i]);
        if (architecture)
            fprintf(stream, " ^-Xarch_%s", architecture);
    }
}

/* clang-22 is beside clang++-22. */
static void make_cxx(const char *path, char cxx[PATH_MAX + 4])
{
    const char *slash = strrchr(path, '/');
    const char *name = strstr(slash ? slash : path, "clang");
    size_t size = name ? (size_t)(name - path) + strlen("clang") : strlen(path);
    snprintf(cxx, PATH_MAX + 4, "%.*s++%s", (int)size, path, path + size);
}

/* For an environment that is set by hand; a build command is one that finds its clang. */
static bool add_compilers(struct injection *injection, const char *path, struct error *error)
{
    char cxx[PATH_MAX + 4], found[PATH_MAX + 4];
    make_cxx(path, cxx);
    return (getenv("CC") || add(injection, error, "CC=%s", path)) &&
           (getenv("CXX") || !process_find_program(cxx, found, sizeof(found)) ||
            add(injection, error, "CXX=%s", cxx));
}

static bool make_clang(struct injection *injection, const struct injection_request *request,
                       struct error *error)
{
    char *options = NULL;
    const char *set = getenv("CCC_OVERRIDE_OPTIONS");
    size_t size;
    if (!check_directory(request->directory, " \t", "clang takes no blanks", error))
        return false;
    FILE *stream = open_memstream(&options, &size);
    if (!stream)
        return memory_exhausted(error);
    const char *architecture = takes_architectures(request) ? request->architecture : NULL;
    /* '#' says nothing of the changes; links and assembly do not need all of these flags. */
    fprintf(stream, "# %s", set ? set + (*set == '#') : "");
    fputs(" ^--end-no-unused-arguments", stream);
    put_edits(stream, architecture, request->use_flags);
    put_edits(stream, architecture, request->debug_flags);
    fputs(" ^--start-no-unused-arguments", stream);
    if (fclose(stream) != 0)
        return memory_exhausted(error);
    bool done = add(injection, error, "CCC_OVERRIDE_OPTIONS=%s", options);
    free(options);
    return done && add_caches(injection, request, error) &&
           (request->log ? add(injection, error, "CC_PRINT_OPTIONS=1") &&
                               add(injection, error, "CC_PRINT_OPTIONS_FILE=%s", request->log)
                         : add_compilers(injection, request->compiler->path, error));
}

/* --- gcc and rustc ------------------------------------------------------------------------- */

static struct wrapper_request wrapper_of(const struct injection_request *request)
{
    return (struct wrapper_request){.architecture = request->architecture,
                                    .debug_flags = request->debug_flags,
                                    .use_flags = request->use_flags};
}

static bool add_log(struct injection *injection, const struct injection_request *request,
                    struct error *error)
{
    return !request->log || add(injection, error, WRAPPER_LOG "=%s", request->log);
}

static bool make_gcc(struct injection *injection, const struct injection_request *request,
                     struct error *error)
{
    const struct wrapper_request wrapper = wrapper_of(request);
    const char *colon, *set = before("COMPILER_PATH", ":", &colon);
    char directory[PATH_MAX];
    return check_directory(request->directory, ":", "gcc takes no colons", error) &&
           file_path(directory, error, "%s/gcc-%s", request->directory, request->digest) &&
           file_make_directory(directory, error) &&
           wrappers_write_gcc(directory, &wrapper, error) &&
           add(injection, error, "COMPILER_PATH=%s%s%s", directory, colon, set) &&
           add_caches(injection, request, error) && add_log(injection, request, error);
}

/* CARGO_TARGET_<TRIPLE>_RUSTFLAGS, which are added to what files say of a target. */
static bool add_target_marks(struct injection *injection, const char *mark, struct error *error)
{
    static const char begin[] = "CARGO_TARGET_", end[] = "_RUSTFLAGS";
    for (char **entry = environ; *entry && injection->count + 4 < INJECTION_ENTRIES; entry++) {
        size_t size = strcspn(*entry, "=");
        if (strncmp(*entry, begin, strlen(begin)) == 0 && size > strlen(begin) + strlen(end) &&
            strncmp(*entry + size - strlen(end), end, strlen(end)) == 0 &&
            !add(injection, error, "%s %s", *entry, mark))
            return false;
    }
    return true;
}

/* What cargo's files, in the directory in which we are, say of a key.  False: nothing. */
static bool ask_cargo(const char *key, char *text, size_t size)
{
    char env[PATH_MAX];
    char *arguments[] = {"env", "RUSTC_BOOTSTRAP=1", "cargo", "-Zunstable-options", "config",
                         "get", (char *)key,         NULL};
    struct error ignored;
    return process_find_program("env", env, sizeof(env)) &&
           process_ask(env, arguments, text, size, &ignored);
}

/* target.'cfg(…)'.rustflags, as cargo quotes it. */
static bool has_conditional_flags(char *text)
{
    char *rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        if (strstr(line, "cfg(") && strstr(line, ".rustflags"))
            return true;
    return false;
}

/*
 * Flags that cargo's files have for this machine's target stand in place of those of every build:
 * the variable of that target is added to them.  Which conditions hold cargo does not tell; where
 * there are flags under some, and none of every build, nothing can be lost by it either.
 */
static bool add_configured_mark(struct injection *injection, const char *rustc, const char *mark,
                                struct error *error)
{
    static char text[65536];
    char host[128], key[192], name[192];
    char *ask_host[] = {(char *)rustc, "-vV", NULL};
    struct error ignored;
    if (!process_ask(rustc, ask_host, text, sizeof(text), &ignored) ||
        !ask_word_after(text, "host: ", host, sizeof(host)))
        return true;
    snprintf(key, sizeof(key), "target.%s.rustflags", host);
    for (char *at = host; *at; at++)
        *at = *at == '-' || *at == '.' ? '_' : (char)toupper((unsigned char)*at);
    snprintf(name, sizeof(name), "CARGO_TARGET_%s_RUSTFLAGS", host);
    bool is_for_target =
        !getenv(name) && (ask_cargo(key, text, sizeof(text)) ||
                          (ask_cargo("target", text, sizeof(text)) && has_conditional_flags(text) &&
                           !ask_cargo("build.rustflags", text, sizeof(text))));
    return !is_for_target || add(injection, error, "%s=%s", name, mark);
}

/*
 * Cargo does not see what the wrapper adds.  A flag that does nothing makes it
 * compile again for another profile, and again without; unlike the wrapper's
 * own answers to cargo it does not change the names of functions.
 * Cargo takes the first that is set of CARGO_ENCODED_RUSTFLAGS, RUSTFLAGS, the flags of a
 * target and those of every build; only to the last two it adds what files say.
 */
static bool add_rust_mark(struct injection *injection, const char *rustc, const char *digest,
                          struct error *error)
{
    const char *separator, *encoded = getenv("CARGO_ENCODED_RUSTFLAGS");
    char mark[64];
    snprintf(mark, sizeof(mark), "--cfg=pgo_profile=\"%.8s\"", digest);
    if (encoded)
        return add(injection, error, "CARGO_ENCODED_RUSTFLAGS=%s%s%s", encoded,
                   *encoded ? "\x1f" : "", mark);
    if (!getenv("RUSTFLAGS") && (!add_target_marks(injection, mark, error) ||
                                 !add_configured_mark(injection, rustc, mark, error)))
        return false;
    const char *name = getenv("RUSTFLAGS") ? "RUSTFLAGS" : "CARGO_BUILD_RUSTFLAGS";
    const char *set = before(name, " ", &separator);
    return add(injection, error, "%s=%s%s%s", name, set, separator, mark);
}

static bool make_rustc(struct injection *injection, const struct injection_request *request,
                       struct error *error)
{
    const struct wrapper_request wrapper = wrapper_of(request);
    char path[PATH_MAX];
    return file_path(path, error, "%s/rustc-wrapper-%s", request->directory, request->digest) &&
           wrappers_write_rustc(path, &wrapper, error) &&
           add(injection, error, "RUSTC_WRAPPER=%s", path) &&
           add(injection, error, WRAPPER_PROFILE "=%s", request->digest) &&
           add_rust_mark(injection, request->compiler->path, request->digest, error) &&
           add_log(injection, request, error);
}

/* --- Go ------------------------------------------------------------------------------------ */

static bool make_go(struct injection *injection, const struct injection_request *request,
                    struct error *error)
{
    char quoted[PATH_MAX + 80];
    const char *flag = request->use_flags->words[0];
    const char *quote = strchr(flag, '\'') ? "\"" : strpbrk(flag, " \t\"") ? "'" : "";
    if (*quote && strchr(flag, *quote))
        return check_directory(request->directory, quote, "go takes only one kind of quotes",
                               error);
    snprintf(quoted, sizeof(quoted), "%s%s%s", quote, flag, quote);
    return add_go_setting(injection, request, request->compiler->path, "GOFLAGS", quoted, error);
}

void injection_remove_cache(const struct injection *injection)
{
    if (*injection->go_cache)
        remove_tree(injection->go_cache);
}

bool injection_make(struct injection *injection, const struct injection_request *request,
                    struct error *error)
{
    bool done;
    *injection = (struct injection){0};
    switch (request->toolchain) {
    case TOOLCHAIN_CLANG:
        done = make_clang(injection, request, error);
        break;
    case TOOLCHAIN_RUSTC:
        done = make_rustc(injection, request, error);
        break;
    case TOOLCHAIN_GCC:
        done = make_gcc(injection, request, error);
        break;
    default:
        done = make_go(injection, request, error);
    }
    if (done && request->log && request->toolchain != TOOLCHAIN_GO)
        snprintf(injection->log, sizeof(injection->log), "%s", request->log);
    if (!done)
        injection_free(injection);
    return done;
}
