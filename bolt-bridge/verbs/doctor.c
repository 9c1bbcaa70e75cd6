#include <argp.h>
#include <elf.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <jansson.h>

#include "analyzer/base/help.h"
#include "analyzer/base/message.h"
#include "analyzer/model/binary/binary.h"
#include "analyzer/model/debug/compilation.h"
#include "analyzer/model/profile/profile.h"
#include "analyzer/write/json_parts.h"
#include "bolt-bridge/process/run.h"
#include "bolt-bridge/report/print_json.h"
#include "bolt-bridge/toolchain/advice.h"
#include "bolt-bridge/toolchain/bolt.h"
#include "bolt-bridge/toolchain/bolt_refusals.h"
#include "bolt-bridge/toolchain/findings.h"
#include "bolt-bridge/toolchain/recorder.h"
#include "bolt-bridge/verbs/options.h"
#include "bolt-bridge/verbs/show_findings.h"
#include "bolt-bridge/verbs/verbs.h"

static const char documentation[] =
    "Say whether BOLT can relink BIN, and whether its compiler can rebuild it by a profile: a "
    "verdict "
    "a line, and for each fault what mends it."
    "\vExamples:\n"
    "  pgo-bolt doctor ./app\n"
    "  pgo-bolt doctor --json /usr/lib/libfoo.so.1 | jq '.ready, .rebuildable'\n\n"
    "Exit status: 0 BOLT can relink it (of Go: go can rebuild it), 1 a fault prevents\n"
    "it, 2 wrong usage, 3 BIN cannot be read.";

struct doctor_options {
    const char *binary;
    struct output_options printing;
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
    struct doctor_options *arguments = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &arguments->printing;
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

struct diagnosis {
    struct findings relinking;  /* by BOLT */
    struct findings rebuilding; /* by the compiler, with a profile */
    enum toolchain toolchain;   /* whose profiles; TOOLCHAIN_AUTO: not known */
    bool only_rebuilt;          /* as Go makes programs, BOLT takes none: no fault of this one */
};

static bool can_be_relinked(const struct diagnosis *diagnosis)
{
    return findings_are_good(&diagnosis->relinking) && !diagnosis->only_rebuilt;
}

static bool is_script(const char *path)
{
    FILE *stream = fopen(path, "re");
    bool script = stream && fgetc(stream) == '#' && fgetc(stream) == '!';
    if (stream)
        fclose(stream);
    return script;
}

static void judge_symbols(const struct binary *binary, struct findings *diagnosis)
{
    size_t fragments = 0, functions = binary_function_count(binary);

    if (binary_is_stripped(binary)) {
        findings_add(diagnosis, "symbols", VERDICT_FAIL, error_remedy(ERROR_STRIPPED), "%s",
                     error_text(ERROR_STRIPPED));
        return;
    }
    findings_add(diagnosis, "symbols", VERDICT_OK, NULL, "%zu functions", functions);
    for (size_t i = 0; i < functions; i++)
        fragments += strstr(binary_function(binary, i)->name, ".cold") != NULL;
    if (fragments)
        findings_add(
            diagnosis, "split functions", VERDICT_WEAK,
            "compile with -fno-reorder-blocks-and-partition; BOLT splits by the profile itself",
            "%zu fragments (*.cold): BOLT's support of such functions is limited", fragments);
    else
        findings_add(diagnosis, "split functions", VERDICT_OK, NULL, "none");
}

static void judge_binary(const struct binary *binary, enum toolchain toolchain,
                         struct findings *diagnosis)
{
    char text[PROFILE_BUILD_ID_TEXT];
    uint32_t size;
    const uint8_t *build_id = binary_build_id(binary, &size);

    findings_add(diagnosis, "format", VERDICT_OK, NULL, "x86-64 %s",
                 binary_is_shared_object(binary) ? "shared object"
                 : binary_is_pie(binary)         ? "program, position-independent"
                                                 : "program at a fixed address");
    judge_symbols(binary, diagnosis);
    if (binary_has_relocations(binary))
        findings_add(diagnosis, "relocations", VERDICT_OK, NULL, "kept by the linker");
    else if (toolchain == TOOLCHAIN_GO)
        findings_add(diagnosis, "relocations", VERDICT_WEAK,
                     "have it rebuilt with its profile: pgo-bolt rebuild",
                     "Go's linker keeps none: its programs are not for BOLT");
    else if (binary_has_compact_relocations(binary))
        findings_add(diagnosis, "relocations", VERDICT_FAIL, "compile without -Wa,--crel",
                     "kept as CREL, which llvm-bolt cannot read");
    else
        findings_add(diagnosis, "relocations", VERDICT_FAIL,
                     toolchain == TOOLCHAIN_RUSTC ? "RUSTFLAGS += -Clink-arg=-Wl,--emit-relocs"
                                                  : error_remedy(ERROR_NO_RELOCATIONS),
                     "%s", error_text(ERROR_NO_RELOCATIONS));
    if (binary_binds_lazily(binary))
        findings_add(diagnosis, "library calls", VERDICT_WEAK, "link with -Wl,-z,now",
                     "looked up at their first use: BOLT leaves them going through the PLT");
    else if (binary_binds_now(binary))
        findings_add(diagnosis, "library calls", VERDICT_OK, NULL,
                     "looked up at the start: BOLT lets hot ones go past the PLT");
    if (size)
        findings_add(diagnosis, "build-id", VERDICT_OK, NULL, "%s",
                     build_id_text(build_id, size, text));
    else
        findings_add(diagnosis, "build-id", VERDICT_WEAK, "link with -Wl,--build-id",
                     "none: a profile of another build would not be noticed");
    if (binary_is_bolted(binary))
        findings_add(diagnosis, "first time", VERDICT_FAIL, error_remedy(ERROR_ALREADY_BOLTED),
                     "%s", error_text(ERROR_ALREADY_BOLTED));
    else
        findings_add(diagnosis, "first time", VERDICT_OK, NULL, "not rewritten by BOLT yet");
}

/* An older BOLT does not know all that a newer compiler and linker write. */
static void judge_bolt(const struct bolt *bolt, unsigned llvm_version, struct findings *diagnosis)
{
    unsigned version = (unsigned)strtoul(bolt->version, NULL, 10);
    if (version && llvm_version > version)
        findings_add(diagnosis, "llvm-bolt", VERDICT_WEAK,
                     "install the llvm-bolt of that version, and set LLVM_BOLT",
                     "%s is of LLVM %u, and the compiler of LLVM %u: it may not read all of it",
                     bolt->path, version, llvm_version);
    else
        findings_add(diagnosis, "llvm-bolt", VERDICT_OK, NULL, "%s, version %s", bolt->path,
                     bolt->version);
}

/* `bolt` is NULL where none is found, as `not_found` says. */
static void judge_found(const struct bolt *bolt, unsigned llvm_version, struct findings *diagnosis,
                        const struct error *not_found)
{
    if (bolt)
        judge_bolt(bolt, llvm_version, diagnosis);
    else
        findings_add(diagnosis, "llvm-bolt", VERDICT_FAIL,
                     "install the Debian package bolt-22 (from apt.llvm.org) or bolt-16, or set "
                     "LLVM_BOLT",
                     "%s %s%s%s", not_found->subject, error_text(not_found->code),
                     not_found->code == ERROR_TOOL_FAILED ? ": " : "",
                     not_found->code == ERROR_TOOL_FAILED ? not_found->detail : "");
}

static void judge_recorder(struct findings *diagnosis)
{
    char recorder[PATH_MAX];
    struct error error;

    if (recorder_find(recorder, &error))
        findings_add(diagnosis, "pgo-record", VERDICT_OK, NULL, "%s", recorder);
    else
        findings_add(diagnosis, "pgo-record", VERDICT_WEAK,
                     "install it beside pgo-bolt or in PATH, or set PGO_RECORD",
                     "not found: nothing can be recorded");
}

/* What its compiler needs for profiles.  Returns the LLVM that made it; 0: none, or not told. */
static unsigned judge_compilation(const struct binary *binary, struct diagnosis *diagnosis)
{
    struct compilation compilation = {0};
    struct compiler_found compiler;
    struct error error;
    unsigned llvm_version = 0;

    if (compilation_read(&compilation, binary, &error)) {
        diagnosis->toolchain = advice_toolchain(&compilation);
        const struct compiled_part *part =
            &compilation.parts[toolchain_compiler(diagnosis->toolchain)];
        bool found = diagnosis->toolchain != TOOLCHAIN_AUTO &&
                     compiler_find(diagnosis->toolchain, part->version, &compiler, &error);
        advice_on_binary(binary, &compilation, diagnosis->toolchain, found ? &compiler : NULL,
                         &diagnosis->rebuilding);
        if (diagnosis->toolchain != TOOLCHAIN_AUTO && !found)
            findings_add(&diagnosis->rebuilding, "compiler", VERDICT_WEAK, error.detail, "%s %s",
                         error.subject, error_text(error.code));
        if (diagnosis->toolchain == TOOLCHAIN_CLANG)
            llvm_version = part->version;
        else if (diagnosis->toolchain == TOOLCHAIN_RUSTC && found)
            llvm_version = compiler.llvm_version;
        diagnosis->only_rebuilt =
            diagnosis->toolchain == TOOLCHAIN_GO && !binary_has_relocations(binary);
        judge_binary(binary, diagnosis->toolchain, &diagnosis->relinking);
    }
    compilation_free(&compilation);
    return llvm_version;
}

/* What llvm-bolt would stop at; where nothing is known, it is asked itself. */
static bool judge_refusals(const struct binary *binary, const struct bolt *bolt,
                           struct findings *findings, struct error *error)
{
    return bolt_refusals_foresee(binary, bolt, findings, error) &&
           (!bolt || !findings_are_good(findings) ||
            bolt_refusals_try(binary, bolt, findings, error));
}

/* False where the binary cannot even be read. */
static bool diagnose(const char *path, struct diagnosis *diagnosis, struct error *error)
{
    struct stat status;
    unsigned llvm_version = 0;
    struct findings *relinking = &diagnosis->relinking;
    struct bolt found;
    struct error not_found;
    const struct bolt *bolt = bolt_find(NULL, &found, &not_found) ? &found : NULL;
    struct binary *binary = binary_open(path, error);
    bool done = true;

    if (binary && binary_machine(binary) != EM_X86_64) {
        char machine[32];
        findings_add(relinking, "format", VERDICT_FAIL, error_remedy(ERROR_MACHINE), "%s: %s",
                     error_text(ERROR_MACHINE), machine_text(binary_machine(binary), machine));
    } else if (binary) {
        llvm_version = judge_compilation(binary, diagnosis);
        done = diagnosis->only_rebuilt || judge_refusals(binary, bolt, relinking, error);
    } else if (error->code == ERROR_NOT_ELF && is_script(path)) {
        findings_add(relinking, "format", VERDICT_FAIL,
                     "name the program that its first line names", "it is a script");
    } else if (error->code == ERROR_NOT_ELF || error->code == ERROR_ELF_GARBLED ||
               error->code == ERROR_MACHINE) {
        findings_add(relinking, "format", VERDICT_FAIL, error_remedy(error->code), "%s%s%s",
                     error_text(error->code), *error->detail ? ": " : "", error->detail);
    } else {
        return false;
    }
    binary_free(binary);
    if (stat(path, &status) == 0 && (status.st_mode & (S_ISUID | S_ISGID)))
        findings_add(relinking, "permissions", VERDICT_WEAK,
                     "record a copy without the bit, as the same user",
                     "set-user-ID or set-group-ID: nothing can be preloaded into it");
    if (!diagnosis->only_rebuilt)
        judge_found(bolt, llvm_version, relinking, &not_found);
    judge_recorder(relinking);
    advice_on_machine(relinking);
    return done && !process_interrupted(error);
}

static void print_text(const char *path, const struct diagnosis *diagnosis)
{
    printf("%s\n", path);
    findings_print(&diagnosis->relinking);
    puts(can_be_relinked(diagnosis) ? "BOLT can relink it."
         : diagnosis->only_rebuilt  ? "It is not for BOLT."
                                    : "BOLT cannot relink it as it is.");
    if (diagnosis->rebuilding.count == 0)
        return;
    puts("");
    findings_print(&diagnosis->rebuilding);
    if (diagnosis->toolchain != TOOLCHAIN_AUTO)
        printf("%s %s by a profile of it.\n", toolchain_name(diagnosis->toolchain),
               findings_are_good(&diagnosis->rebuilding) ? "can rebuild it" : "cannot rebuild it");
}

static json_t *diagnosis_json(const char *path, const struct diagnosis *diagnosis)
{
    return json_pack("{s:o, s:b, s:o, s:s, s:b, s:o}", "binary", json_text(path), "ready",
                     can_be_relinked(diagnosis), "verdicts", findings_json(&diagnosis->relinking),
                     "toolchain", toolchain_name(diagnosis->toolchain), "rebuildable",
                     diagnosis->toolchain != TOOLCHAIN_AUTO &&
                         findings_are_good(&diagnosis->rebuilding),
                     "rebuilding", findings_json(&diagnosis->rebuilding));
}

int verb_doctor(int argc, char **argv)
{
    static const struct argp_child children[] = {{&output_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {NULL, parse, "BIN", documentation, children, NULL, NULL};
    static struct diagnosis diagnosis;
    struct doctor_options arguments = {0};
    char path[PATH_MAX];
    struct error error;

    help_argp_parse(&argp, argc, argv, &arguments);
    if (!options_find_binary(arguments.binary, path, &error) || !diagnose(path, &diagnosis, &error))
        return options_fail(&error);
    if (!arguments.printing.json) {
        print_text(path, &diagnosis);
    } else if (!print_json(diagnosis_json(path, &diagnosis), &error)) {
        return options_fail(&error);
    }
    return findings_are_good(&diagnosis.relinking) &&
                   (!diagnosis.only_rebuilt || findings_are_good(&diagnosis.rebuilding))
               ? EXIT_STATUS_DONE
               : EXIT_STATUS_NO;
}
