#include "bolt-bridge/toolchain/compiler_evidence.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/file.h"
#include "analyzer/base/memory.h"
#include "analyzer/base/text.h"
#include "analyzer/model/binary/name_suffixes.h"
#include "bolt-bridge/process/remove.h"
#include "bolt-bridge/process/run.h"
#include "bolt-bridge/process/temporary.h"
#include "bolt-bridge/toolchain/command_words.h"

/* A source that takes longer is not asked about. */
#define ASKED_SECONDS 600

static bool keep(struct names *names, const char *name, size_t size, struct error *error)
{
    return names_intern(names, name, name_size_of_function(name, size), error) != NULL;
}

/* --- gcc's tables --------------------------------------------------------------------------- */

/*
 * "NAME/7 (int name(int)) ..." and, a few lines below, "  Function flags: count:5 (auto FDO)
 * body...", as gcc 12 prints a symbol table.  What is declared alone has no count.
 */
bool compiler_evidence_read_table(struct compiler_evidence *evidence, const char *path,
                                  struct error *error)
{
    char *line = NULL, name[4096] = "";
    size_t capacity = 0;
    bool done = true;
    FILE *stream = fopen(path, "re");
    while (done && stream && getline(&line, &capacity, stream) > 0) {
        const char *end = strstr(line, " (");
        if (*line != ' ') {
            while (end && end > line && *end != '/')
                end--;
            snprintf(name, sizeof(name), "%.*s", end ? (int)(end - line) : 0, line);
            continue;
        }
        if (!*name || !strstr(line, " count:"))
            continue;
        done = keep(&evidence->known, name, strlen(name), error) &&
               (!strstr(line, "(auto FDO)") || keep(&evidence->counted, name, strlen(name), error));
    }
    free(line);
    if (stream)
        fclose(stream);
    return done;
}

/* --- LLVM's remarks ------------------------------------------------------------------------- */

/* The value of a line "KEY:   VALUE", without quotes, in place; NULL: another line. */
static char *value_of(char *line, const char *key)
{
    char *at = strstr(line, key);
    if (!at || at != line + strspn(line, " -"))
        return NULL;
    at += strlen(key);
    if (*at != ':')
        return NULL;
    do
        at++;
    while (*at == ' ');
    text_end_before(at, "\n");
    if (*at == '\'' || *at == '"') {
        at++;
        text_end_before(at, "'\"");
    }
    return at;
}

/*
 * Records "AppliedSamples", of a count of 0, too: the compiler has found the function's
 * places; source: the remarks of LLVM 22's sample profile loader.
 */
bool compiler_evidence_read_remarks(struct compiler_evidence *evidence, const char *path,
                                    struct error *error)
{
    char *line = NULL, *value;
    size_t capacity = 0;
    bool done = true, is_applied = false;
    FILE *stream = fopen(path, "re");
    while (done && stream && getline(&line, &capacity, stream) > 0) {
        if ((value = value_of(line, "Name")))
            is_applied = strcmp(value, "AppliedSamples") == 0;
        else if (is_applied && (value = value_of(line, "Function")))
            done = keep(&evidence->counted, value, strlen(value), error);
    }
    free(line);
    if (stream)
        fclose(stream);
    return done;
}

/* --- clang, asked again ---------------------------------------------------------------------- */

/* What a call would write besides its object, or look at where it is not there any more. */
static bool is_left_out(const char *word, bool *has_value)
{
    static const char *const with_value[] = {"-dependency-file",
                                             "-MT",
                                             "-serialize-diagnostic-file",
                                             "-header-include-file",
                                             "-split-dwarf-output",
                                             "-opt-record-file",
                                             "-opt-record-passes",
                                             "-opt-record-format",
                                             "-diagnostic-log-file",
                                             "-dwarf-debug-flags",
                                             "-o"};
    static const char *const alone[] = {
        "-coverage-notes-file=", "-ftime-trace",        "-stats-file",      "-fmodule-output",
        "-fthin-link-bitcode=",  "-fcrash-diagnostics", "-sys-header-deps", "-save-temps"};
    *has_value = false;
    for (size_t i = 0; i < sizeof(with_value) / sizeof(*with_value); i++)
        if (strcmp(word, with_value[i]) == 0)
            return *has_value = true;
    for (size_t i = 0; i < sizeof(alone) / sizeof(*alone); i++)
        if (strncmp(word, alone[i], strlen(alone[i])) == 0)
            return true;
    return false;
}

/* The words of the same call, that makes remarks and nothing else; the caller frees the array. */
static char **reduced_command(const struct command_words *words, char *remarks, struct error *error)
{
    static const char *const added[] = {
        "-opt-record-passes", EVIDENCE_PASSES,   "-opt-record-format", "yaml", "-w", "-o",
        "/dev/null",          "-opt-record-file"};
    size_t count = 0;
    char **command = malloc((words->count + sizeof(added) / sizeof(*added) + 2) * sizeof(*command));
    if (!command) {
        memory_exhausted(error);
        return NULL;
    }
    for (size_t i = 0; i < words->count; i++) {
        bool has_value;
        if (is_left_out(words->items[i], &has_value)) {
            i += has_value;
            continue;
        }
        command[count++] = words->items[i];
        for (size_t k = 0; i == 1 && k < sizeof(added) / sizeof(*added); k++)
            command[count++] = (char *)added[k];
        if (i == 1)
            command[count++] = remarks;
    }
    command[count] = NULL;
    return command;
}

static bool read_command(const char *log, long line, struct command_words *words,
                         struct error *error)
{
    char *text = NULL;
    size_t capacity = 0;
    FILE *stream = fopen(log, "re");
    bool done = true;
    if (stream && fseek(stream, line, SEEK_SET) == 0 && getline(&text, &capacity, stream) > 0)
        done = command_words_quoted(words, text, error);
    free(text);
    if (stream)
        fclose(stream);
    return done;
}

/* Runs the command of a line again, where it was run.  A call that fails has not answered. */
static bool ask(struct compiler_evidence *evidence, struct evidence_asked *asked,
                struct error *error)
{
    struct command_words words = {0};
    struct process_result result;
    char remarks[PATH_MAX], **command = NULL;
    bool done = read_command(evidence->log, asked->line, &words, error) &&
                temporary_path("remarks.yaml", remarks, error) &&
                (words.count < 2 || (command = reduced_command(&words, remarks, error)));
    const char *directory = command_words_after(&words, "-fdebug-compilation-dir=");
    /* What was read from standard input is gone. */
    if (done && command && directory && !command_words_have(&words, "-")) {
        /* -ffile-compilation-dir=. hides where it ran, which may have been here: what is said then
         * of a function holds, and nothing is known of others. */
        bool is_told = *directory == '/';
        struct process process = {.arguments = command,
                                  .directory = is_told ? directory : NULL,
                                  .timeout = ASKED_SECONDS};
        struct error ignored;
        bool has_run = process_run(&process, &result, &ignored) && process_succeeded(&result);
        asked->has_answered = is_told && has_run;
        done = !process_interrupted(error) &&
               (!has_run || compiler_evidence_read_remarks(evidence, remarks, error));
    }
    free(command);
    command_words_free(&words);
    return done;
}

/* Whether clang has answered for all commands of the source. */
static bool ask_all(struct compiler_evidence *evidence, const struct compile_note *notes,
                    size_t count, bool *has_answered, struct error *error)
{
    *has_answered = true;
    for (size_t i = 0; i < count && notes[i].use == COMPILE_WITH; i++) {
        size_t known = 0;
        while (known < evidence->asked_count && evidence->asked[known].line != notes[i].line)
            known++;
        if (known == EVIDENCE_ASKED_MOST) {
            *has_answered = false;
            return true;
        }
        if (known == evidence->asked_count) {
            evidence->asked[evidence->asked_count++].line = notes[i].line;
            if (!ask(evidence, &evidence->asked[known], error))
                return false;
        }
        *has_answered = *has_answered && evidence->asked[known].has_answered;
    }
    return true;
}

/* --- all compilers --------------------------------------------------------------------------- */

bool compiler_evidence_prepare(const char *log, bool is_wanted, struct error *error)
{
    char directory[PATH_MAX];
    if (!file_path(directory, error, "%s" EVIDENCE_DIRECTORY, log))
        return false;
    remove_tree(directory);
    return !is_wanted || file_make_directory(directory, error);
}

bool compiler_evidence_open(struct compiler_evidence *evidence, enum toolchain toolchain,
                            const char *log, struct error *error)
{
    char directory[PATH_MAX], path[PATH_MAX];
    const struct dirent *entry;
    bool is_gcc = toolchain == TOOLCHAIN_GCC;
    *evidence = (struct compiler_evidence){.toolchain = toolchain, .log = log};
    if (!file_path(directory, error, "%s" EVIDENCE_DIRECTORY, log))
        return false;
    DIR *files = opendir(directory);
    bool done = true;
    while (done && files && (entry = readdir(files))) {
        if (*entry->d_name == '.')
            continue;
        evidence->has_remarks |= !is_gcc;
        done = file_path(path, error, "%s/%s", directory, entry->d_name) &&
               (is_gcc ? compiler_evidence_read_table
                       : compiler_evidence_read_remarks)(evidence, path, error);
    }
    if (files)
        closedir(files);
    return done;
}

void compiler_evidence_free(struct compiler_evidence *evidence)
{
    names_free(&evidence->counted);
    names_free(&evidence->known);
}

bool compiler_evidence_find(struct compiler_evidence *evidence, const struct compile_note *notes,
                            size_t note_count, const char *name, size_t size,
                            enum evidence_answer *answer, struct error *error)
{
    bool is_known = evidence->has_remarks;
    size_t kept = name_size_of_function(name, size);
    if (evidence->toolchain == TOOLCHAIN_CLANG &&
        !ask_all(evidence, notes, note_count, &is_known, error))
        return false;
    if (evidence->toolchain == TOOLCHAIN_GCC)
        is_known = names_find(&evidence->known, name, kept) != NULL;
    *answer = names_find(&evidence->counted, name, kept) ? EVIDENCE_COUNTS
              : is_known                                 ? EVIDENCE_NOTHING
                                                         : EVIDENCE_UNTOLD;
    return true;
}

bool compiler_evidence_find_anywhere(struct compiler_evidence *evidence,
                                     const struct compile_log *log, const char *name, size_t size,
                                     bool *has_counts, struct error *error)
{
    bool ignored;
    size_t kept = name_size_of_function(name, size);
    for (size_t i = 0; evidence->toolchain == TOOLCHAIN_CLANG && i < log->count; i++)
        if (!names_find(&evidence->counted, name, kept) &&
            !ask_all(evidence, &log->notes[i], 1, &ignored, error))
            return false;
    *has_counts = names_find(&evidence->counted, name, kept) != NULL;
    return true;
}

bool compiler_evidence_find_later(struct compiler_evidence *evidence, const struct compile_log *log,
                                  const char *name, size_t size, bool *has_counts,
                                  struct error *error)
{
    bool ignored;
    size_t count = 0, kept = name_size_of_function(name, size);
    const struct compile_note *notes =
        evidence->toolchain == TOOLCHAIN_CLANG ? compile_log_later_notes(log, &count) : NULL;
    for (size_t i = 0; i < count; i++)
        if (!names_find(&evidence->counted, name, kept) &&
            !ask_all(evidence, &notes[i], 1, &ignored, error))
            return false;
    *has_counts = names_find(&evidence->counted, name, kept) != NULL;
    return true;
}
