#include "bolt-bridge/toolchain/injection.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/base/file.h"
#include "analyzer/base/memory.h"
#include "analyzer/base/output.h"
#include "bolt-bridge/process/run.h"

/* Where our wrappers note what they were called for; clang has a variable of its own. */
#define LOG_VARIABLE "PGO_BOLT_LOG"
/* What such a line begins with. */
#define NOTED "pgo-bolt: "

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

/* --- clang ------------------------------------------------------------------------------- */

/* Each flag with a sign before it; those put at the front come out reversed. */
static void put_edits(FILE *stream, const struct compiler_flags *flags, char sign)
{
    for (size_t i = 0; i < flags->count; i++)
        fprintf(stream, " %c%s", sign, flags->words[i]);
}

/* clang-22 is beside clang++-22. */
static void make_cxx(const char *path, char cxx[PATH_MAX + 4])
{
    const char *slash = strrchr(path, '/');
    const char *name = strstr(slash ? slash : path, "clang");
    size_t size = name ? (size_t)(name - path) + strlen("clang") : strlen(path);
    snprintf(cxx, PATH_MAX + 4, "%.*s++%s", (int)size, path, path + size);
}

static bool make_clang(struct injection *injection, const struct injection_request *request,
                       struct error *error)
{
    char *options = NULL, cxx[PATH_MAX + 4], found[PATH_MAX + 4];
    const char *set = getenv("CCC_OVERRIDE_OPTIONS");
    size_t size;
    if (strpbrk(request->profile, " \t")) {
        error_set(error, ERROR_USAGE, request->profile,
                  "clang takes no blanks there: choose another --profile-dir");
        return false;
    }
    FILE *stream = open_memstream(&options, &size);
    if (!stream)
        return memory_exhausted(error);
    /* '#' says nothing of the changes; links and assembly do not need all of these flags. */
    fprintf(stream, "# %s", set ? set + (*set == '#') : "");
    fputs(" ^--end-no-unused-arguments", stream);
    put_edits(stream, request->debug_flags, '^');
    fputs(" ^--start-no-unused-arguments +--start-no-unused-arguments", stream);
    put_edits(stream, request->use_flags, '+');
    fputs(" +--end-no-unused-arguments", stream);
    if (fclose(stream) != 0)
        return memory_exhausted(error);
    bool done = add(injection, error, "CCC_OVERRIDE_OPTIONS=%s", options);
    free(options);
    make_cxx(request->compiler->path, cxx);
    if (done && !getenv("CC"))
        done = add(injection, error, "CC=%s", request->compiler->path);
    if (done && !getenv("CXX") && process_find_program(cxx, found, sizeof(found)))
        done = add(injection, error, "CXX=%s", cxx);
    return done &&
           (!request->log || (add(injection, error, "CC_PRINT_OPTIONS=1") &&
                              add(injection, error, "CC_PRINT_OPTIONS_FILE=%s", request->log)));
}

/* --- wrappers -------------------------------------------------------------------------------- */

/* As a word of the shell. */
static void put_quoted(FILE *stream, const char *text)
{
    fputc('\'', stream);
    for (; *text; text++) {
        if (*text == '\'')
            fputs("'\\''", stream);
        else
            fputc(*text, stream);
    }
    fputc('\'', stream);
}

static void put_flags(FILE *stream, const struct compiler_flags *flags)
{
    for (size_t i = 0; i < flags->count; i++) {
        fputc(' ', stream);
        put_quoted(stream, flags->words[i]);
    }
}

/* The end of the call: the caller's arguments between the flags. */
static void put_arguments(FILE *stream, const struct injection_request *request)
{
    put_flags(stream, request->debug_flags);
    fputs(" \"$@\"", stream);
    put_flags(stream, request->use_flags);
    fputc('\n', stream);
}

static bool write_gcc_wrapper(FILE *stream, void *context, struct error *error)
{
    const struct injection_request *request = context;
    const char *set = getenv("COMPILER_PATH");
    (void)error;
    fputs("#!/bin/sh\n"
          "# Made by pgo-bolt rebuild: gcc's own compiler, with one more flag.\n"
          "mine=${0##*/}\n",
          stream);
    if (set) {
        fputs("COMPILER_PATH=", stream);
        put_quoted(stream, set);
        fputs("\nexport COMPILER_PATH\n", stream);
    } else {
        fputs("unset COMPILER_PATH\n", stream);
    }
    fputs("real=$(\"$COLLECT_GCC\" -print-prog-name=\"$mine\")\n"
          "for argument; do\n"
          "    [ \"$argument\" != -E ] || exec \"$real\" \"$@\"\n"
          "done\n"
          "[ -z \"${" LOG_VARIABLE "-}\" ] || echo \"" NOTED "used $mine\" >>\"$" LOG_VARIABLE
          "\"\n"
          "exec \"$real\"",
          stream);
    put_arguments(stream, request);
    return true;
}

static bool write_rustc_wrapper(FILE *stream, void *context, struct error *error)
{
    const struct injection_request *request = context;
    const char *chained = getenv("RUSTC_WRAPPER");
    (void)error;
    fputs("#!/bin/sh\n"
          "# Made by pgo-bolt rebuild: rustc with a profile.\n"
          "rustc=$1\n"
          "shift\n"
          "chained=",
          stream);
    put_quoted(stream, chained ? chained : "");
    fputs("\n"
          "# Not for build scripts and macros, nor for what build scripts try out.\n"
          "plain=${CARGO_CFG_TARGET_ARCH-}\n"
          "case \" $* \" in\n"
          "*' --crate-name build_script_'* | *' --crate-name ___ '* | *' proc-macro '*) plain=yes "
          ";;\n"
          "*' --crate-name '*) ;;\n"
          "*) plain=yes ;;\n"
          "esac\n"
          "[ -z \"$plain\" ] || exec ${chained:+\"$chained\"} \"$rustc\" \"$@\"\n"
          "[ -z \"${" LOG_VARIABLE "-}\" ] || echo \"" NOTED "used $rustc\" >>\"$" LOG_VARIABLE
          "\"\n"
          "# Lets a stable rustc take -Z, in this call alone.\n"
          "RUSTC_BOOTSTRAP=1\n"
          "export RUSTC_BOOTSTRAP\n"
          "exec ${chained:+\"$chained\"} \"$rustc\"",
          stream);
    put_arguments(stream, request);
    return true;
}

static bool write_wrapper(const char *directory, const char *name, output_producer *produce,
                          const struct injection_request *request, struct error *error)
{
    char path[PATH_MAX];
    if (!file_path(path, error, "%s/%s", directory, name) ||
        !output_write_file(path, true, produce, (void *)request, error))
        return false;
    if (chmod(path, 0755) == 0)
        return true;
    error_set_errno(error, ERROR_WRITE, path);
    return false;
}

static bool make_gcc(struct injection *injection, const struct injection_request *request,
                     struct error *error)
{
    static const char *const names[] = {"cc1", "cc1plus", "f951"};
    const char *colon, *set = before("COMPILER_PATH", ":", &colon);
    char directory[PATH_MAX];
    if (!file_path(directory, error, "%s/gcc", request->directory) ||
        !file_make_directory(directory, error))
        return false;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (!write_wrapper(directory, names[i], write_gcc_wrapper, request, error))
            return false;
    return add(injection, error, "COMPILER_PATH=%s%s%s", directory, colon, set) &&
           (!request->log || add(injection, error, LOG_VARIABLE "=%s", request->log));
}

/* Whether cargo is told flags in a file of its configuration, which RUSTFLAGS would undo. */
static bool file_has_flags(const char *directory, const char *name)
{
    char path[2 * PATH_MAX], line[1024];
    bool found = false;
    snprintf(path, sizeof(path), "%s/%s", directory, name);
    FILE *stream = fopen(path, "re");
    while (stream && !found && fgets(line, sizeof(line), stream)) {
        const char *flags = strstr(line, "rustflags"), *comment = strchr(line, '#');
        found = flags && (!comment || comment > flags);
    }
    if (stream)
        fclose(stream);
    return found;
}

/* In a directory or one above it. */
static bool is_configured_above(const char *directory)
{
    char path[PATH_MAX];
    snprintf(path, sizeof(path), "%s", directory);
    for (char *slash;; *slash = '\0') {
        if (file_has_flags(path, ".cargo/config.toml") || file_has_flags(path, ".cargo/config"))
            return true;
        slash = strrchr(path, '/');
        if (!slash)
            return false;
    }
}

static bool cargo_has_flags(const char *result)
{
    char directory[PATH_MAX];
    const char *home = getenv("CARGO_HOME");
    for (char **entry = environ; *entry; entry++) {
        const char *end = strchr(*entry, '=');
        if (strncmp(*entry, "CARGO_", 6) == 0 && end && end - *entry > 10 &&
            strncmp(end - 10, "_RUSTFLAGS", 10) == 0)
            return true;
    }
    if (home && (file_has_flags(home, "config.toml") || file_has_flags(home, "config")))
        return true;
    home = getenv("HOME");
    if (home &&
        (file_has_flags(home, ".cargo/config.toml") || file_has_flags(home, ".cargo/config")))
        return true;
    /* The command may well change to where the program is. */
    return !getcwd(directory, sizeof(directory)) || is_configured_above(directory) ||
           is_configured_above(result);
}

/*
 * Cargo does not see what the wrapper adds.  A flag that does nothing makes it
 * compile again for another profile, and again without; unlike the wrapper's
 * own answers to cargo it does not change the names of functions.
 */
static bool add_rust_mark(struct injection *injection, const struct injection_request *request,
                          struct error *error)
{
    const char *set = getenv("RUSTFLAGS");
    const char *hash = strrchr(request->profile, '-');
    char mark[64];
    snprintf(mark, sizeof(mark), "--cfg=pgo_profile=\"%.8s\"", hash ? hash + 1 : "");
    if (getenv("CARGO_ENCODED_RUSTFLAGS"))
        return add(injection, error, "CARGO_ENCODED_RUSTFLAGS=%s\x1f%s",
                   getenv("CARGO_ENCODED_RUSTFLAGS"), mark);
    if (!set && cargo_has_flags(request->result))
        return true;
    return add(injection, error, "RUSTFLAGS=%s%s%s", set ? set : "", set && *set ? " " : "", mark);
}

static bool make_rustc(struct injection *injection, const struct injection_request *request,
                       struct error *error)
{
    return write_wrapper(request->directory, "rustc-wrapper", write_rustc_wrapper, request,
                         error) &&
           add(injection, error, "RUSTC_WRAPPER=%s/rustc-wrapper", request->directory) &&
           add_rust_mark(injection, request, error) &&
           (!request->log || add(injection, error, LOG_VARIABLE "=%s", request->log));
}

static bool make_go(struct injection *injection, const struct injection_request *request,
                    struct error *error)
{
    const char *blank, *set = before("GOFLAGS", " ", &blank);
    const char *flag = request->use_flags->words[0];
    const char *quote = strpbrk(flag, " \t") ? "'" : "";
    return add(injection, error, "GOFLAGS=%s%s%s%s%s", set, blank, quote, flag, quote);
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

/* --- what was noted ---------------------------------------------------------------------- */

void injection_read_line(const char *line, uint64_t *runs, uint64_t *with_profile)
{
    bool is_ours = strncmp(line, NOTED, sizeof(NOTED) - 1) == 0;
    /* clang's driver notes all that it starts; what makes no code is left out. */
    if (!is_ours && (!strstr(line, "\"-cc1\"") ||
                     (!strstr(line, "\"-emit-obj\"") && !strstr(line, "\"-emit-llvm-bc\"") &&
                      !strstr(line, "\"-S\""))))
        return;
    ++*runs;
    *with_profile += is_ours || strstr(line, "\"-fprofile-sample-use=") != NULL;
}

bool injection_read_log(const struct injection *injection, uint64_t *runs, uint64_t *with_profile)
{
    char *line = NULL;
    size_t capacity = 0;
    *runs = *with_profile = 0;
    if (!*injection->log)
        return false;
    FILE *stream = fopen(injection->log, "re");
    while (stream && getline(&line, &capacity, stream) > 0)
        injection_read_line(line, runs, with_profile);
    free(line);
    if (stream)
        fclose(stream);
    return true;
}
