#include <argp.h>
#include <elf.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <jansson.h>

#include "analyzer/base/message.h"
#include "analyzer/model/binary.h"
#include "analyzer/model/profile.h"
#include "bolt-bridge/process/run.h"
#include "bolt-bridge/toolchain/bolt.h"
#include "bolt-bridge/toolchain/recorder.h"
#include "bolt-bridge/verbs/options.h"
#include "bolt-bridge/verbs/verbs.h"

static const char documentation[] =
    "Say whether BOLT can relink BIN, a verdict a line, and for each fault what mends it."
    "\vExamples:\n"
    "  pgo-bolt doctor ./app\n"
    "  pgo-bolt doctor --json /usr/lib/libfoo.so.1 | jq .ready\n\n"
    "Exit status: 0 BOLT can relink it, 1 a fault prevents it, 2 wrong usage,\n"
    "3 BIN cannot be read.";

static const struct argp_option options[] = {
    {"json", 'j', NULL, 0, "Print the verdicts as JSON", 0},
    {0},
};

struct arguments {
    const char *binary;
    bool json;
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct arguments *arguments = state->input;
    switch (key) {
    case 'j':
        arguments->json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (arguments->binary)
            argp_error(state, "one binary at a time");
        arguments->binary = argument;
        return 0;
    case ARGP_KEY_END:
        if (!arguments->binary)
            argp_error(state, "which binary?");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

enum grade { GOOD, WARNING, FAULT };

struct verdict {
    const char *subject;
    enum grade grade;
    char text[512];
    const char *remedy; /* static; NULL where there is nothing to mend */
};

#define MAX_VERDICTS 12

struct diagnosis {
    struct verdict verdicts[MAX_VERDICTS];
    size_t count;
};

static void add(struct diagnosis *diagnosis, const char *subject, enum grade grade,
                const char *remedy, const char *format, ...) __attribute__((format(printf, 5, 6)));

static void add(struct diagnosis *diagnosis, const char *subject, enum grade grade,
                const char *remedy, const char *format, ...)
{
    struct verdict *verdict = &diagnosis->verdicts[diagnosis->count++];
    va_list arguments;

    verdict->subject = subject;
    verdict->grade = grade;
    verdict->remedy = remedy;
    va_start(arguments, format);
    vsnprintf(verdict->text, sizeof(verdict->text), format, arguments);
    va_end(arguments);
}

static bool is_script(const char *path)
{
    FILE *stream = fopen(path, "re");
    bool script = stream && fgetc(stream) == '#' && fgetc(stream) == '!';
    if (stream)
        fclose(stream);
    return script;
}

static void judge_symbols(const struct binary *binary, struct diagnosis *diagnosis)
{
    size_t fragments = 0, functions = binary_function_count(binary);

    if (binary_is_stripped(binary)) {
        add(diagnosis, "symbols", FAULT, error_remedy(ERROR_STRIPPED), "%s",
            error_text(ERROR_STRIPPED));
        return;
    }
    add(diagnosis, "symbols", GOOD, NULL, "%zu functions", functions);
    for (size_t i = 0; i < functions; i++)
        fragments += strstr(binary_function(binary, i)->name, ".cold") != NULL;
    if (fragments)
        add(diagnosis, "split functions", WARNING,
            "compile with -fno-reorder-blocks-and-partition; BOLT splits by the profile itself",
            "%zu fragments (*.cold): BOLT's support of such functions is limited", fragments);
    else
        add(diagnosis, "split functions", GOOD, NULL, "none");
}

static void judge_binary(const struct binary *binary, struct diagnosis *diagnosis)
{
    char text[PROFILE_BUILD_ID_TEXT];
    uint32_t size;
    const uint8_t *build_id = binary_build_id(binary, &size);

    add(diagnosis, "format", GOOD, NULL, "x86-64 %s",
        binary_is_shared_object(binary) ? "shared object"
        : binary_is_pie(binary)         ? "program, position-independent"
                                        : "program at a fixed address");
    judge_symbols(binary, diagnosis);
    if (binary_has_relocations(binary))
        add(diagnosis, "relocations", GOOD, NULL, "kept by the linker");
    else
        add(diagnosis, "relocations", FAULT, error_remedy(ERROR_NO_RELOCATIONS), "%s",
            error_text(ERROR_NO_RELOCATIONS));
    if (size)
        add(diagnosis, "build-id", GOOD, NULL, "%s", build_id_text(build_id, size, text));
    else
        add(diagnosis, "build-id", WARNING, "link with -Wl,--build-id",
            "none: a profile of another build would not be noticed");
    if (binary_is_bolted(binary))
        add(diagnosis, "first time", FAULT, error_remedy(ERROR_ALREADY_BOLTED), "%s",
            error_text(ERROR_ALREADY_BOLTED));
    else
        add(diagnosis, "first time", GOOD, NULL, "not rewritten by BOLT yet");
}

static void judge_tools(struct diagnosis *diagnosis)
{
    struct bolt bolt;
    char recorder[PATH_MAX];
    struct error error;

    if (bolt_find(NULL, &bolt, &error))
        add(diagnosis, "llvm-bolt", GOOD, NULL, "%s, version %s", bolt.path, bolt.version);
    else
        add(diagnosis, "llvm-bolt", FAULT,
            "install the Debian package bolt-22 (from apt.llvm.org) or bolt-16, or set LLVM_BOLT",
            "%s %s%s%s", error.subject, error_text(error.code),
            error.code == ERROR_TOOL_FAILED ? ": " : "",
            error.code == ERROR_TOOL_FAILED ? error.detail : "");
    if (recorder_find(recorder, &error))
        add(diagnosis, "pgo-record", GOOD, NULL, "%s", recorder);
    else
        add(diagnosis, "pgo-record", WARNING,
            "install it beside pgo-bolt or in PATH, or set PGO_RECORD",
            "not found: nothing can be recorded");
}

/* False where the binary cannot even be read. */
static bool diagnose(const char *path, struct diagnosis *diagnosis, struct error *error)
{
    struct stat status;
    struct binary *binary = binary_open(path, error);

    if (binary && binary_machine(binary) != EM_X86_64) {
        add(diagnosis, "format", FAULT, error_remedy(ERROR_MACHINE), "%s",
            error_text(ERROR_MACHINE));
    } else if (binary) {
        judge_binary(binary, diagnosis);
    } else if (error->code == ERROR_NOT_ELF && is_script(path)) {
        add(diagnosis, "format", FAULT, "name the program that its first line names",
            "it is a script");
    } else if (error->code == ERROR_NOT_ELF || error->code == ERROR_ELF_GARBLED ||
               error->code == ERROR_MACHINE) {
        add(diagnosis, "format", FAULT, error_remedy(error->code), "%s%s%s",
            error_text(error->code), *error->detail ? ": " : "", error->detail);
    } else {
        return false;
    }
    binary_free(binary);
    if (stat(path, &status) == 0 && (status.st_mode & (S_ISUID | S_ISGID)))
        add(diagnosis, "permissions", WARNING, "record a copy without the bit, as the same user",
            "set-user-ID or set-group-ID: nothing can be preloaded into it");
    judge_tools(diagnosis);
    return !process_interrupted(error);
}

static void print_text(const char *path, const struct diagnosis *diagnosis, bool ready)
{
    static const char *const words[] = {"good", "warn", "FAULT"};
    static const char *const colours[] = {"\033[32m", "\033[33m", "\033[1;31m"};
    bool coloured = message_colour(stdout);

    printf("%s\n", path);
    for (size_t i = 0; i < diagnosis->count; i++) {
        const struct verdict *verdict = &diagnosis->verdicts[i];
        printf("  %s%-5s%s  %-16s %s\n", coloured ? colours[verdict->grade] : "",
               words[verdict->grade], coloured ? "\033[0m" : "", verdict->subject, verdict->text);
        if (verdict->remedy)
            printf("         %-16s remedy: %s\n", "", verdict->remedy);
    }
    printf("%s\n", ready ? "BOLT can relink it." : "BOLT cannot relink it as it is.");
}

static bool print_json(const char *path, const struct diagnosis *diagnosis, bool ready)
{
    static const char *const words[] = {"good", "warning", "fault"};
    json_t *list = json_array();

    for (size_t i = 0; i < diagnosis->count; i++) {
        const struct verdict *verdict = &diagnosis->verdicts[i];
        json_array_append_new(list, json_pack("{s:s, s:s, s:s+, s:s*}", "subject", verdict->subject,
                                              "grade", words[verdict->grade], "text", verdict->text,
                                              "", "remedy", verdict->remedy));
    }
    json_t *root = json_pack("{s:s, s:b, s:o}", "binary", path, "ready", ready, "verdicts", list);
    bool done = root && json_dumpf(root, stdout, JSON_INDENT(2)) == 0;
    putchar('\n');
    json_decref(root);
    return done;
}

int verb_doctor(int argc, char **argv)
{
    static const struct argp argp = {options, parse, "BIN", documentation, NULL, NULL, NULL};
    struct arguments arguments = {0};
    struct diagnosis diagnosis = {.count = 0};
    char path[PATH_MAX];
    struct error error;

    argp_parse(&argp, argc, argv, 0, NULL, &arguments);
    if (!options_find_binary(arguments.binary, path, &error) || !diagnose(path, &diagnosis, &error))
        return options_fail(&error);
    bool ready = true;
    for (size_t i = 0; i < diagnosis.count; i++)
        ready = ready && diagnosis.verdicts[i].grade != FAULT;
    if (!arguments.json) {
        print_text(path, &diagnosis, ready);
    } else if (!print_json(path, &diagnosis, ready)) {
        error_set(&error, ERROR_WRITE, "standard output", NULL);
        return options_fail(&error);
    }
    return ready ? EXIT_STATUS_DONE : EXIT_STATUS_NO;
}
