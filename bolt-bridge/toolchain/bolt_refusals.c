#include "bolt-bridge/toolchain/bolt_refusals.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/model/binary/symbol_faults.h"
#include "bolt-bridge/process/run.h"
#include "bolt-bridge/process/temporary.h"
#include "bolt-bridge/toolchain/bolt_remedies.h"

#define JOINS_PARTS 19  /* the llvm-bolt that first joins parts of functions to their functions */
#define TRY_SECONDS 120 /* of a large program with much code it takes about a minute */

static bool joins_parts(const struct bolt *bolt)
{
    unsigned long version = bolt ? strtoul(bolt->version, NULL, 10) : 0;
    return bolt && (version == 0 || version >= JOINS_PARTS);
}

bool bolt_refusals_foresee(const struct binary *binary, const struct bolt *bolt,
                           struct findings *findings, struct error *error)
{
    struct symbol_faults faults;
    if (!symbol_faults_find(binary, &faults, error))
        return false;
    if (!binary_is_64_bit(binary))
        findings_add(findings, "64 bits", VERDICT_FAIL, bolt_remedy(BOLT_REFUSES_CLASS),
                     "its addresses have 32 bits, and llvm-bolt reads programs of 64 only");
    if (!binary_has_code(binary))
        findings_add(findings, "code", VERDICT_FAIL, bolt_remedy(BOLT_REFUSES_DEBUG_FILE),
                     "none in the file: it holds what was stripped off a program");
    if (faults.not_unique)
        findings_add(findings, "unique symbols", VERDICT_FAIL, bolt_remedy(BOLT_REFUSES_NOT_UNIQUE),
                     "%s is in the symbol table twice, as are symbols of several versions linked "
                     "by lld, gold or mold: llvm-bolt takes none but unique ones",
                     faults.not_unique);
    if (faults.sanitizer)
        findings_add(findings, "sanitizer", VERDICT_FAIL, bolt_remedy(BOLT_REFUSES_SANITIZER),
                     "it has %s: llvm-bolt takes no program with the address sanitizer",
                     faults.sanitizer);
    if (faults.coverage)
        findings_add(findings, "coverage", VERDICT_FAIL, bolt_remedy(BOLT_REFUSES_COVERAGE),
                     "it has %s: llvm-bolt takes no program with clang's coverage",
                     faults.coverage);
    if (faults.split_stack)
        findings_add(findings, "split stacks", VERDICT_FAIL, bolt_remedy(BOLT_BREAKS_SPLIT_STACK),
                     "it has %s, whose returns skip code: llvm-bolt moves that code, and the "
                     "new program fails",
                     faults.split_stack);
    if (faults.part_without_file && joins_parts(bolt))
        findings_add(findings, "parts", VERDICT_FAIL, bolt_remedy(BOLT_REFUSES_PART_WITHOUT_FILE),
                     "of which function %s is, only FILE symbols could tell, and llvm-bolt (%u and "
                     "later) needs to know",
                     faults.part_without_file, JOINS_PARTS);
    if (faults.part_without_function && joins_parts(bolt))
        findings_add(findings, "parts", VERDICT_FAIL,
                     bolt_remedy(BOLT_REFUSES_PART_WITHOUT_FUNCTION),
                     "no symbol names the function that %s is a part of, and llvm-bolt (%u and "
                     "later) needs it",
                     faults.part_without_function, JOINS_PARTS);
    return true;
}

/* --- trying it ------------------------------------------------------------------ */

/* A branch that was never taken, in any function: with it llvm-bolt leaves all other code alone. */
static bool write_least_profile(const struct binary *binary, char path[PATH_MAX],
                                struct error *error)
{
    const char *name = "main";
    size_t count = binary_function_count(binary);
    for (size_t i = 0; i < count; i++) {
        const struct function *function = binary_function(binary, i);
        if (!function->is_plt && function->size > 1)
            name = function->bolt_name;
        if (strcmp(function->name, "main") == 0)
            break;
    }
    if (!temporary_path("least.fdata", path, error))
        return false;
    FILE *stream = fopen(path, "we");
    bool done = stream && fprintf(stream, "1 %s 0 1 %s 1 0 1\n", name, name) > 0;
    if (stream && fclose(stream) != 0)
        done = false;
    if (!done)
        error_set_errno(error, ERROR_WRITE, path);
    return done;
}

/* The line that says what is wrong, or how it ended. */
static void add_failure(struct findings *findings, const char *said)
{
    const char *fault = strstr(said, "ERROR: ");
    const char *remedy = bolt_remedy_of(said);
    fault = fault ? fault + strlen("ERROR: ") : said;
    if (strncmp(said, "it took longer", strlen("it took longer")) == 0)
        findings_add(findings, "tried", VERDICT_WEAK, "relink it with --timeout",
                     "llvm-bolt did not come to an end within %d s", TRY_SECONDS);
    else
        findings_add(findings, "tried", VERDICT_FAIL, remedy ? remedy : bolt_remedy(BOLT_CRASHES),
                     "llvm-bolt does not rewrite it: %.*s", (int)strcspn(fault, ";\n"), fault);
}

bool bolt_refusals_try(const struct binary *binary, const struct bolt *bolt,
                       struct findings *findings, struct error *error)
{
    char fdata[PATH_MAX];
    bool relocations = binary_has_relocations(binary);
    struct bolt_job job = {.input = binary_path(binary),
                           .fdata = fdata,
                           .reorder_functions = relocations,
                           .call_past_plt = relocations && binary_binds_now(binary),
                           .timeout = TRY_SECONDS};
    struct bolt_outcome outcome;
    if (!write_least_profile(binary, fdata, error))
        return false;
    if (bolt_rewrite(bolt, &job, NULL, &outcome, error))
        findings_add(findings, "tried", VERDICT_OK, NULL, "llvm-bolt rewrites it");
    else if (process_interrupted(error))
        return false;
    else
        add_failure(findings, error->detail);
    return true;
}
