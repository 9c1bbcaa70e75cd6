#include "bolt-bridge/toolchain/rebuild_dumps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "analyzer/base/file.h"
#include "analyzer/base/memory.h"
#include "bolt-bridge/process/remove.h"
#include "bolt-bridge/process/run.h"
#include "bolt-bridge/process/temporary.h"
#include "bolt-bridge/toolchain/command_words.h"
#include "bolt-bridge/toolchain/made_files.h"

/* LLVM calls the pass by one name or the other, as its version is. */
#define PRINT_AFTER "-print-after=ctx-instr-gen,pgo-instr-gen"
#define PRINT_MODULES "-print-module-scope"

/* What is done again. */
struct dumping {
    struct rebuild *rebuild;
    const char *directory;
    char log[PATH_MAX]; /* of the plain build */
    struct timespec started;
    uint64_t jobs, untold; /* compilations, and those whose directory is not told */
    struct error *error;
};

/* --- builds --------------------------------------------------------------------------------- */

/* Runs the user's command; `target` is where cargo builds, or NULL. */
static bool build(struct dumping *dumping, char *const *environment)
{
    struct rebuild *rebuild = dumping->rebuild;
    struct process process = {.arguments = rebuild->request->command,
                              .environment = environment,
                              .shows_output = true,
                              .shows_as_error = rebuild->request->output_to_error};
    struct process_result result;
    char how[256];
    fflush(stdout);
    clock_gettime(CLOCK_REALTIME, &dumping->started);
    if (!process_run(&process, &result, dumping->error))
        return false;
    rebuild->plain_seconds = (double)result.wall_nanoseconds / 1e9;
    if (process_succeeded(&result))
        return true;
    process_describe(&result, how, sizeof(how));
    error_set(dumping->error, ERROR_TOOL_FAILED, rebuild->request->command[0],
              "the build without a profile %s: run it by hand first", how);
    return false;
}

static bool build_with(struct dumping *dumping, const struct compiler_flags *debug_flags,
                       const struct compiler_flags *flags, const char *log)
{
    struct rebuild *rebuild = dumping->rebuild;
    struct injection injection;
    struct injection_request request = {.toolchain = rebuild->toolchain,
                                        .compiler = &rebuild->compiler,
                                        .debug_flags = debug_flags,
                                        .use_flags = flags,
                                        .architecture = rebuild->architecture,
                                        .digest = "dumps",
                                        .directory = rebuild->directory,
                                        .log = log};
    if (!injection_make(&injection, &request, dumping->error))
        return false;
    bool done = build(dumping, injection.entries);
    injection_remove_cache(&injection);
    injection_free(&injection);
    return done;
}

/* --- clang ---------------------------------------------------------------------------------- */

static bool is_compilation(const struct command_words *words, const char *architecture)
{
    const char *triple = command_words_behind(words, "-triple");
    return command_words_have(words, "-cc1") &&
           (command_words_have(words, "-emit-obj") || command_words_have(words, "-emit-llvm-bc") ||
            command_words_have(words, "-S")) &&
           (!triple || strncmp(triple, architecture, strlen(architecture)) == 0) &&
           strcmp(words->items[words->count - 1], "/dev/null") != 0;
}

/* Options of cc1 that write files beside the object, each with its argument. */
static bool writes_file(const char *word)
{
    static const char *const options[] = {"-o", "-dependency-file", "-serialize-diagnostic-file",
                                          "-split-dwarf-output", "-header-include-file"};
    for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
        if (strcmp(word, options[i]) == 0)
            return true;
    }
    return false;
}

static void put_word(FILE *stream, const char *word)
{
    fputs(" '", stream);
    for (; *word; word++) {
        if (*word == '\'')
            fputs("'\\''", stream);
        else
            fputc(*word, stream);
    }
    fputc('\'', stream);
}

/* The code after the counters is not wanted: bitcode takes the least time. */
static void put_job(FILE *stream, const struct command_words *words)
{
    fputs("exec", stream);
    for (size_t i = 0; i < words->count; i++) {
        const char *word = words->items[i];
        if (writes_file(word))
            i++;
        else
            put_word(stream, strcmp(word, "-emit-obj") == 0 || strcmp(word, "-S") == 0
                                 ? "-emit-llvm-bc"
                                 : word);
    }
    fputs(" -fprofile-instrument=llvm -mllvm " PRINT_AFTER " -mllvm " PRINT_MODULES
          " -o /dev/null\n",
          stream);
}

/* A script that does one job again; its messages are the dump. */
static bool write_job(struct dumping *dumping, const struct command_words *words)
{
    const char *directory = command_words_after(words, "-fdebug-compilation-dir=");
    char path[PATH_MAX];
    if (!is_compilation(words, dumping->rebuild->architecture))
        return true;
    if (!directory || *directory != '/') {
        dumping->untold++;
        return true;
    }
    if (!file_path(path, dumping->error, "%s/%llu.sh", dumping->directory,
                   (unsigned long long)dumping->jobs))
        return false;
    FILE *stream = fopen(path, "we");
    if (!stream) {
        error_set_errno(dumping->error, ERROR_WRITE, path);
        return false;
    }
    fputs("exec 2>", stream);
    fprintf(stream, "%s/%llu.log", dumping->directory, (unsigned long long)dumping->jobs);
    fputs("\ncd", stream);
    put_word(stream, directory);
    fputs(" || exit\n", stream);
    put_job(stream, words);
    dumping->jobs++;
    bool failed = ferror(stream) != 0;
    if (fclose(stream) == 0 && !failed)
        return true;
    error_set_errno(dumping->error, ERROR_WRITE, path);
    return false;
}

static bool write_jobs(struct dumping *dumping)
{
    char *line = NULL;
    size_t capacity = 0;
    bool done = true;
    FILE *stream = fopen(dumping->log, "re");
    while (done && stream && getline(&line, &capacity, stream) > 0) {
        struct command_words words = {0};
        done = command_words_quoted(&words, line, dumping->error) &&
               (words.count == 0 || write_job(dumping, &words));
        command_words_free(&words);
    }
    free(line);
    if (stream)
        fclose(stream);
    return done;
}

/* As many at once as there are processors; one that fails leaves its dump out. */
static bool run_jobs(const struct dumping *dumping)
{
    char command[PATH_MAX + 128];
    char *arguments[] = {"sh", "-c", command, NULL};
    struct process process = {.arguments = arguments, .label = "compiling for the dumps"};
    struct process_result result;
    snprintf(command, sizeof(command), "ls %s/*.sh | xargs -n 1 -P %ld sh", dumping->directory,
             sysconf(_SC_NPROCESSORS_ONLN));
    if (!process_run(&process, &result, dumping->error))
        return false;
    if (!process_succeeded(&result))
        findings_add(&dumping->rebuild->findings, "dumps", VERDICT_WEAK,
                     "see the ends of its files *.log",
                     "some of %llu compilations failed when they were done again, in %s",
                     (unsigned long long)dumping->jobs, dumping->directory);
    return true;
}

static bool dump_jobs(struct dumping *dumping)
{
    if (!write_jobs(dumping))
        return false;
    if (dumping->jobs == 0) {
        error_set(dumping->error, ERROR_TOOL_FAILED, dumping->rebuild->request->command[0],
                  "the build did not run clang: clean first, and build with CC=clang");
        return false;
    }
    if (dumping->untold > 0)
        findings_add(&dumping->rebuild->findings, "dumps", VERDICT_WEAK, NULL,
                     "%llu compilations do not tell their directory, and were not done again",
                     (unsigned long long)dumping->untold);
    return run_jobs(dumping);
}

static bool dump_clang(struct dumping *dumping, const struct compilation *recorded)
{
    struct compiler_flags debug_flags, flags;
    compiler_counter_debug_flags(TOOLCHAIN_CLANG, recorded, &debug_flags);
    compiler_dump_flags(TOOLCHAIN_CLANG, recorded, dumping->directory, &flags);
    if (!temporary_path("plain", dumping->log, dumping->error))
        return false;
    unlink(dumping->log); /* of an earlier build */
    return build_with(dumping, &debug_flags, &flags, dumping->log) && dump_jobs(dumping) &&
           made_files_remove(dumping->log, &dumping->started, dumping->error);
}

/* --- rustc ---------------------------------------------------------------------------------- */

/* A variable of the environment, which has another value for a while. */
struct kept_variable {
    const char *name;
    char *value; /* NULL: it is not set */
};

static bool variable_replace(struct kept_variable *variable, const char *name, const char *value,
                             struct error *error)
{
    const char *set = getenv(name);
    *variable = (struct kept_variable){name, memory_copy_text(set, error)};
    if (set && !variable->value)
        return false;
    setenv(name, value, 1);
    return true;
}

static void variable_restore(struct kept_variable *variable)
{
    if (variable->value)
        setenv(variable->name, variable->value, 1);
    else
        unsetenv(variable->name);
    free(variable->value);
}

/* All crates are compiled: cargo finds none in a new directory, nor in one that builds share. */
static bool dump_rustc(struct dumping *dumping, const struct compilation *recorded)
{
    static const char *const names[] = {"CARGO_TARGET_DIR", "CARGO_BUILD_BUILD_DIR"};
    struct compiler_flags debug_flags, flags;
    struct kept_variable kept[2];
    char target[PATH_MAX];
    size_t count = 0;
    bool done = file_path(target, dumping->error, "%s/dump-target", dumping->rebuild->directory);
    compiler_counter_debug_flags(TOOLCHAIN_RUSTC, recorded, &debug_flags);
    compiler_dump_flags(TOOLCHAIN_RUSTC, recorded, dumping->directory, &flags);
    if (done)
        remove_tree(target);
    while (done && count < 2) {
        done = variable_replace(&kept[count], names[count], target, dumping->error);
        count += done;
    }
    done = done && build_with(dumping, &debug_flags, &flags, NULL);
    while (count > 0)
        variable_restore(&kept[--count]);
    if (done)
        remove_tree(target);
    return done;
}

bool rebuild_make_dumps(struct rebuild *rebuild, const struct compilation *recorded,
                        const char *directory, struct error *error)
{
    struct dumping dumping = {.rebuild = rebuild, .directory = directory, .error = error};
    if (!rebuild->request->command) {
        error_set(error, ERROR_USAGE, "--as=ir", "the build has to be run for it, twice");
        return false;
    }
    if (rebuild->toolchain != TOOLCHAIN_CLANG && rebuild->toolchain != TOOLCHAIN_RUSTC) {
        error_set(error, ERROR_USAGE, "--as=ir", "it is for clang and rustc; %s takes samples",
                  toolchain_name(rebuild->toolchain));
        return false;
    }
    remove_tree(directory);
    if (!file_make_directory(directory, error))
        return false;
    return rebuild->toolchain == TOOLCHAIN_CLANG ? dump_clang(&dumping, recorded)
                                                 : dump_rustc(&dumping, recorded);
}
