#include "bolt-bridge/toolchain/bolt.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/file.h"
#include "bolt-bridge/process/ask.h"
#include "bolt-bridge/process/run.h"
#include "bolt-bridge/process/temporary.h"
#include "bolt-bridge/toolchain/bolt_remedies.h"

#define NEWEST_VERSION 40 /* far beyond today's, so that the next ones are found */
#define OLDEST_VERSION 16
#define LONGEST_HELP (1 << 20) /* bytes; that of LLVM 22 has 22,000 */
#define MAX_OPTIONS 256        /* of the user */
#define OWN_OPTIONS 16

/* Fills in what bolt->path can do. */
static bool probe(struct bolt *bolt, struct error *error)
{
    static char text[LONGEST_HELP];
    char word[8];
    char *version[] = {bolt->path, "--version", NULL};
    char *help[] = {bolt->path, "--help", NULL};

    if (!process_ask(bolt->path, version, text, sizeof(text), error))
        return false;
    if (!ask_word_after(text, "LLVM version ", bolt->version, sizeof(bolt->version)))
        snprintf(bolt->version, sizeof(bolt->version), "unknown");
    if (!process_ask(bolt->path, help, text, sizeof(text), error))
        return false;
    bolt->has_cache_directed_sort = ask_word_after(text, "=cdsort", word, sizeof(word));
    return true;
}

static bool use(const char *name, const char *origin, struct bolt *bolt, struct error *error)
{
    if (!process_find_program(name, bolt->path, sizeof(bolt->path))) {
        error_set(error, ERROR_TOOL_MISSING, name, "named by %s", origin);
        return false;
    }
    return probe(bolt, error);
}

size_t bolt_find_all(struct bolt *found, size_t limit)
{
    struct error ignored;
    size_t count = 0;

    for (int version = NEWEST_VERSION; version >= OLDEST_VERSION - 1 && count < limit; version--) {
        char name[32] = "llvm-bolt";
        if (version >= OLDEST_VERSION)
            snprintf(name, sizeof(name), "llvm-bolt-%d", version);
        if (process_find_program(name, found[count].path, sizeof(found[count].path)) &&
            probe(&found[count], &ignored))
            count++;
    }
    return count;
}

bool bolt_find(const char *asked, struct bolt *bolt, struct error *error)
{
    const char *environment = getenv("LLVM_BOLT");

    if (asked)
        return use(asked, "--bolt", bolt, error);
    if (environment && *environment)
        return use(environment, "LLVM_BOLT in the environment", bolt, error);
    if (bolt_find_all(bolt, 1) == 1)
        return true;
    if (!process_interrupted(error))
        error_set(error, ERROR_TOOL_MISSING, "llvm-bolt",
                  "install the Debian package bolt-22 (apt.llvm.org) or bolt-16, or name one with "
                  "--bolt or LLVM_BOLT");
    return false;
}

/* Whether both set the same option, whatever the dashes and the value. */
static bool same_option(const char *left, const char *right)
{
    left += strspn(left, "-");
    right += strspn(right, "-");
    size_t length = strcspn(left, "=");
    return length == strcspn(right, "=") && strncmp(left, right, length) == 0;
}

static bool is_replaced(const char *option, const struct bolt_job *job)
{
    for (size_t i = 0; i < job->option_count; i++)
        if (same_option(option, job->options[i]))
            return true;
    return false;
}

/* Its command line.  The strings are borrowed, also `data`, which holds an option. */
static void list_arguments(const struct bolt *bolt, const struct bolt_job *job, char *data,
                           char *arguments[MAX_OPTIONS + OWN_OPTIONS])
{
    const struct {
        const char *option;
        bool wanted;
    } defaults[] = {
        {"-reorder-blocks=ext-tsp", true},
        {bolt->has_cache_directed_sort ? "-reorder-functions=cdsort" : "-reorder-functions=hfsort",
         job->reorder_functions},
        {"-split-functions", true},
        {"-split-all-cold", true},
        {"-split-eh", true},
        {"-plt=hot", job->call_past_plt},
        {"-enable-bat", job->keeps_addresses},
        {"-dyno-stats", true},
    };
    size_t count = 0;

    arguments[count++] = (char *)bolt->path;
    arguments[count++] = (char *)job->input;
    arguments[count++] = "-o";
    arguments[count++] = job->output ? (char *)job->output : "/dev/null";
    arguments[count++] = data;
    for (size_t i = 0; i < sizeof(defaults) / sizeof(*defaults); i++)
        if (defaults[i].wanted && !is_replaced(defaults[i].option, job))
            arguments[count++] = (char *)defaults[i].option;
    assert(count + job->option_count < MAX_OPTIONS + OWN_OPTIONS);
    for (size_t i = 0; i < job->option_count; i++)
        arguments[count++] = job->options[i];
    arguments[count] = NULL;
}

/* Where its standard output and standard error go. */
static bool name_logs(const char *directory, char logs[2][PATH_MAX], struct error *error)
{
    static const char *const names[2] = {"llvm-bolt.out", "llvm-bolt.err"};

    for (int i = 0; i < 2; i++)
        if (!(directory ? file_path(logs[i], error, "%s/%s", directory, names[i])
                        : temporary_path(names[i], logs[i], error)))
            return false;
    return true;
}

static void read_log(const char *file, struct bolt_outcome *outcome)
{
    char line[1024];
    FILE *stream = fopen(file, "re");

    while (stream && fgets(line, sizeof(line), stream))
        bolt_read_line(line, outcome);
    if (stream)
        fclose(stream);
}

/* Behind what it said; the table of errors has none, since it depends on that. */
static void add_remedy(struct error *error)
{
    const char *remedy = bolt_remedy_of(error->detail);
    size_t used = strlen(error->detail);
    if (remedy)
        snprintf(error->detail + used, sizeof(error->detail) - used, "\n  remedy: %s", remedy);
}

bool bolt_rewrite(const struct bolt *bolt, const struct bolt_job *job, const char *log_directory,
                  struct bolt_outcome *outcome, struct error *error)
{
    char data[PATH_MAX + 8], logs[2][PATH_MAX];
    char *arguments[MAX_OPTIONS + OWN_OPTIONS];
    struct process process = {.path = bolt->path,
                              .arguments = arguments,
                              .output_file = logs[0],
                              .error_file = logs[1],
                              .timeout = job->timeout,
                              .label = "llvm-bolt is working, seconds:"};
    struct process_result result;

    if (job->option_count > MAX_OPTIONS) {
        error_set(error, ERROR_USAGE, "llvm-bolt's options", "more than %d", MAX_OPTIONS);
        return false;
    }
    snprintf(data, sizeof(data), "-data=%s", job->fdata);
    list_arguments(bolt, job, data, arguments);
    if (!name_logs(log_directory, logs, error) || !process_run(&process, &result, error))
        return false;
    if (!process_succeeded(&result)) {
        ask_describe_failure(bolt->path, &result, logs[1], error);
        add_remedy(error);
        return false;
    }
    if (job->output && file_size(job->output) == 0) {
        error_set(error, ERROR_TOOL_FAILED, bolt->path, "it says it succeeded but wrote nothing");
        return false;
    }
    memset(outcome, 0, sizeof(*outcome));
    for (int i = 0; i < 2; i++)
        read_log(logs[i], outcome);
    return true;
}

/* Takes a number and then `words` off the text; nothing where it holds anything else. */
static bool take_count(const char **text, const char *words, uint64_t *count)
{
    const char *begin = *text;
    char *end;

    while (*begin == ' ')
        begin++;
    if (*begin < '0' || *begin > '9')
        return false;
    errno = 0;
    uint64_t value = strtoull(begin, &end, 10);
    if (errno || strncmp(end, words, strlen(words)) != 0)
        return false;
    *count = value;
    *text = end + strlen(words);
    return true;
}

/* What stands behind "BOLT-INFO: " and its like. */
static void read_message(const char *text, struct bolt_outcome *outcome)
{
    static const char ignored[] = "profile for ", stripped[] = "debug info will be stripped";
    uint64_t count, all;

    if (strncmp(text, stripped, sizeof(stripped) - 1) == 0) {
        outcome->debug_information_lost = true;
    } else if (strncmp(text, ignored, sizeof(ignored) - 1) == 0) {
        text += sizeof(ignored) - 1;
        if (take_count(&text, " objects was ignored", &count))
            outcome->ignored_objects = count;
    } else if (strstr(text, "invalid (possibly stale) profile")) {
        if (take_count(&text, " (", &count))
            outcome->stale_functions = count;
    } else if (take_count(&text, " out of ", &count) &&
               take_count(&text, " functions in the binary", &all)) {
        outcome->profile_told = true;
        outcome->profiled_functions = count;
        outcome->all_functions = all;
    }
}

void bolt_read_line(const char *line, struct bolt_outcome *outcome)
{
    const char *colon = strstr(line, ": ");
    uint64_t count;

    if (strncmp(line, "BOLT-", 5) == 0 && colon) {
        read_message(colon + 2, outcome);
    } else if (take_count(&line, " : taken branches", &count)) {
        /* Twice: first without, then with a change in per cent behind it. */
        if (strchr(line, '(')) {
            outcome->branches_told = true;
            outcome->taken_after = count;
        } else {
            outcome->taken_before = count;
        }
    }
}
