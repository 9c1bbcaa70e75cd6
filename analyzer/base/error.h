/*
 * Errors as values, for every room of the analyzer and the bolt-bridge.
 *
 * A function that can fail takes a `struct error *` as its last argument and
 * returns false, NULL or a negative number where it did.  It fills the error in
 * once, where the fault was seen; everybody above only hands it on.  main()
 * prints it with message_error() and exits with error_exit_status().
 *
 * Each kind of fault has one line in the table of error.c: what is wrong and
 * what the user can do about it.
 */
#ifndef ANALYZER_BASE_ERROR_H
#define ANALYZER_BASE_ERROR_H

/* Exit statuses of all our programs. */
enum exit_status {
    EXIT_STATUS_DONE = 0,
    EXIT_STATUS_NO = 1,          /* the question was answered, and the answer is no */
    EXIT_STATUS_USAGE = 2,       /* the command line is wrong */
    EXIT_STATUS_ENVIRONMENT = 3, /* a file, tool or system does not allow it */
};

enum error_code {
    ERROR_NONE = 0,
    ERROR_USAGE,
    ERROR_MEMORY,
    ERROR_OPEN,
    ERROR_EXECUTE,
    ERROR_IN_USE,
    ERROR_READ,
    ERROR_WRITE,
    ERROR_STANDARD_OUTPUT,
    ERROR_OUTPUT_EXISTS,
    ERROR_NO_SUCH_PROGRAM,
    ERROR_NOT_RAW_PROFILE,
    ERROR_RAW_VERSION,
    ERROR_RAW_TRUNCATED,
    ERROR_RAW_GARBLED,
    ERROR_PROFILE_LINE,
    ERROR_PROFILE_KIND,
    ERROR_IR,
    ERROR_OTHER_IR,
    ERROR_NO_BINARY,
    ERROR_OTHER_BINARY,
    ERROR_NOT_ELF,
    ERROR_ELF_GARBLED,
    ERROR_MACHINE,
    ERROR_STRIPPED,
    ERROR_NO_DEBUG_INFO,
    ERROR_NO_PROBES,
    ERROR_NO_BLOCK_MAP,
    ERROR_NO_RELOCATIONS,
    ERROR_ALREADY_BOLTED,
    ERROR_BOLT_REFUSES,
    ERROR_BUILD_ID,
    ERROR_DEBUG_FILE,
    ERROR_NOT_IN_PROFILE,
    ERROR_FUNCTION_NOT_RUN,
    ERROR_NO_SAMPLES,
    ERROR_NO_CALLERS,
    ERROR_POOR_PROFILE,
    ERROR_UNKNOWN_FORMAT,
    ERROR_TOOL_MISSING,
    ERROR_TOOL_FAILED,
    ERROR_WORKLOAD_FAILED,
    ERROR_INTERRUPTED,
    ERROR_SYSTEM,
    ERROR_CODES
};

struct error {
    enum error_code code;
    char subject[512]; /* the file, program or option that the fault is about */
    char detail[4096]; /* what exactly: an offset, what a tool said; may be empty */
};

/* Fills in `error`. `subject` is copied; `format` makes the detail and may be NULL. */
void error_set(struct error *error, enum error_code code, const char *subject, const char *format,
               ...) __attribute__((format(printf, 4, 5)));

/* As error_set, with the detail taken from errno. */
void error_set_errno(struct error *error, enum error_code code, const char *subject);

/* What is wrong, and what to do about it (NULL: nothing general to say).  Static strings. */
const char *error_text(enum error_code code);
const char *error_remedy(enum error_code code);

enum exit_status error_exit_status(enum error_code code);

#endif
