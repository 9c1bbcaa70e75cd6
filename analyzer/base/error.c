#include "analyzer/base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *text;
    const char *remedy;
    enum exit_status status;
} table[ERROR_CODES] = {
    [ERROR_NONE] = {"no error", NULL, EXIT_STATUS_DONE},
    [ERROR_USAGE] = {"", "see --help", EXIT_STATUS_USAGE},
    [ERROR_MEMORY] = {"out of memory", NULL, EXIT_STATUS_ENVIRONMENT},
    [ERROR_OPEN] = {"cannot be opened", "check its name, and whether you may read it",
                    EXIT_STATUS_ENVIRONMENT},
    [ERROR_EXECUTE] = {"cannot be executed", "name a program of this machine, with chmod +x",
                       EXIT_STATUS_ENVIRONMENT},
    [ERROR_IN_USE] = {"is in use", "wait for its end, or choose another directory",
                      EXIT_STATUS_ENVIRONMENT},
    [ERROR_READ] = {"cannot be read", NULL, EXIT_STATUS_ENVIRONMENT},
    [ERROR_WRITE] = {"cannot be written", "choose a directory with space that you may write to",
                     EXIT_STATUS_ENVIRONMENT},
    [ERROR_STANDARD_OUTPUT] = {"cannot be written", "send it to a file or a program that takes it",
                               EXIT_STATUS_ENVIRONMENT},
    [ERROR_OUTPUT_EXISTS] = {"already exists", "choose another output, or overwrite with --force",
                             EXIT_STATUS_ENVIRONMENT},
    [ERROR_NO_SUCH_PROGRAM] = {"was not found", "check the name, or give its path",
                               EXIT_STATUS_ENVIRONMENT},
    [ERROR_NOT_RAW_PROFILE] = {"is not a profile that is known",
                               "docs/profile-formats.md lists what is read",
                               EXIT_STATUS_ENVIRONMENT},
    [ERROR_RAW_VERSION] = {"was made by another version of the shim",
                           "use the pgo-analyze that came with it, or record again",
                           EXIT_STATUS_ENVIRONMENT},
    [ERROR_RAW_TRUNCATED] = {"is cut short", "copy it again whole, or record again",
                             EXIT_STATUS_ENVIRONMENT},
    [ERROR_RAW_GARBLED] = {"is damaged", "copy it again, or record again", EXIT_STATUS_ENVIRONMENT},
    [ERROR_PROFILE_LINE] = {"is not understood", NULL, EXIT_STATUS_ENVIRONMENT},
    [ERROR_PROFILE_KIND] = {"is another kind of profile", NULL, EXIT_STATUS_USAGE},
    [ERROR_NO_BINARY] = {"does not say which binary it is of", "name it with -b",
                         EXIT_STATUS_USAGE},
    [ERROR_OTHER_BINARY] = {"is not the binary that the profile is of",
                            "give the binary that was recorded", EXIT_STATUS_ENVIRONMENT},
    [ERROR_NOT_ELF] = {"is not an ELF program or shared object",
                       "name the binary itself, not a script or an archive",
                       EXIT_STATUS_ENVIRONMENT},
    [ERROR_ELF_GARBLED] = {"is a damaged ELF file", "build or copy it again",
                           EXIT_STATUS_ENVIRONMENT},
    [ERROR_MACHINE] = {"is for a machine that is not supported",
                       "x86-64 is; profiles of other machines are only converted, from text",
                       EXIT_STATUS_ENVIRONMENT},
    [ERROR_IR] = {"is not understood as a dump of LLVM's modules",
                  "make it with the flags that docs/ir-profiles.md lists", EXIT_STATUS_ENVIRONMENT},
    [ERROR_OTHER_IR] = {"is not a dump of that program",
                        "make it from the same sources, with the compiler and flags of the release",
                        EXIT_STATUS_ENVIRONMENT},
    [ERROR_STRIPPED] =
        {"has no symbol table",
         "give the unstripped build, or convert with its debug file (--debug-file); else build "
         "without -s "
         "(rustc: strip = false; go: without -ldflags=-s)",
         EXIT_STATUS_ENVIRONMENT},
    [ERROR_NO_DEBUG_INFO] = {"has no debug information of use",
                             "compile with -g -fdebug-info-for-profiling, and link without -s",
                             EXIT_STATUS_ENVIRONMENT},
    [ERROR_NO_PROBES] = {"has no pseudo-probes",
                         "compile it with clang -fpseudo-probe-for-profiling, or leave out "
                         "--context",
                         EXIT_STATUS_ENVIRONMENT},
    [ERROR_NO_BLOCK_MAP] = {"has no map of its basic blocks that is understood",
                            "compile it with clang -fbasic-block-address-map",
                            EXIT_STATUS_ENVIRONMENT},
    [ERROR_NO_RELOCATIONS] = {"was linked without relocations",
                              "link it with -Wl,--emit-relocs (-Wl,-q)", EXIT_STATUS_ENVIRONMENT},
    [ERROR_ALREADY_BOLTED] = {"was already rewritten by BOLT", "start from the linker's output",
                              EXIT_STATUS_ENVIRONMENT},
    [ERROR_BOLT_REFUSES] = {"cannot be rewritten by llvm-bolt", NULL, EXIT_STATUS_ENVIRONMENT},
    [ERROR_BUILD_ID] = {"is not the build that was recorded",
                        "give the binary of that build-id, or record this one",
                        EXIT_STATUS_ENVIRONMENT},
    [ERROR_DEBUG_FILE] = {"is not the debug file of the binary",
                          "give the one that was split from that build", EXIT_STATUS_ENVIRONMENT},
    [ERROR_NOT_IN_PROFILE] = {"does not occur in the profile",
                              "see which modules do with: pgo-analyze show", EXIT_STATUS_NO},
    [ERROR_FUNCTION_NOT_RUN] = {"does not occur in the profile",
                                "see which functions do with: pgo-analyze report", EXIT_STATUS_NO},
    [ERROR_NO_SAMPLES] = {"has no samples",
                          "run the program longer or raise the rate: pgo-record -F 1000",
                          EXIT_STATUS_NO},
    [ERROR_NO_CALLERS] =
        {"has no samples with both a call stack and branches",
         "record with: pgo-record --stacks 1, or perf record -b --call-graph fp; or leave out "
         "--context",
         EXIT_STATUS_NO},
    [ERROR_POOR_PROFILE] = {"is not good enough to optimise by",
                            "see pgo-analyze check; --force takes it all the same", EXIT_STATUS_NO},
    [ERROR_UNKNOWN_FORMAT] = {"", "see --help", EXIT_STATUS_USAGE},
    [ERROR_TOOL_MISSING] = {"was not found", NULL, EXIT_STATUS_ENVIRONMENT},
    [ERROR_TOOL_FAILED] = {"failed", NULL, EXIT_STATUS_ENVIRONMENT},
    [ERROR_WORKLOAD_FAILED] = {"did not succeed", "run it by hand first", EXIT_STATUS_ENVIRONMENT},
    [ERROR_INTERRUPTED] = {"was interrupted", NULL, EXIT_STATUS_ENVIRONMENT},
    [ERROR_SYSTEM] = {"failed", NULL, EXIT_STATUS_ENVIRONMENT},
};

void error_set(struct error *error, enum error_code code, const char *subject, const char *format,
               ...)
{
    error->code = code;
    snprintf(error->subject, sizeof(error->subject), "%s", subject);
    error->detail[0] = '\0';
    if (format) {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(error->detail, sizeof(error->detail), format, arguments);
        va_end(arguments);
    }
}

void error_set_errno(struct error *error, enum error_code code, const char *subject)
{
    error_set(error, code, subject, "%s", strerror(errno));
}

const char *error_text(enum error_code code)
{
    return table[code].text;
}

const char *error_remedy(enum error_code code)
{
    return table[code].remedy;
}

enum exit_status error_exit_status(enum error_code code)
{
    return table[code].status;
}
