/*
 * What a format to read is: one file in this room, one row of the table in formats.c.
 */
#ifndef ANALYZER_READ_FORMAT_H
#define ANALYZER_READ_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/model/profile/profile.h"
#include "analyzer/model/samples/sample_profile.h"
#include "analyzer/model/symbols/symbol_profile.h"

/* What the counts of a profile are about. */
enum profile_kind {
    PROFILE_BY_ADDRESS, /* struct profile: raw, perf.data, text by address */
    PROFILE_BY_SYMBOL,  /* struct symbol_profile: fdata */
    PROFILE_BY_LINE,    /* struct sample_profile: LLVM sample profiles */
};

/* Which samples of a file are wanted. */
struct profile_filter {
    bool by_process;
    uint32_t process;   /* where by_process: of this one only */
    const char *thread; /* of threads of this name only; NULL: of all */
};

/* The beginning of a file, by which its format is found. */
#define FILE_HEAD_SIZE 65536
struct file_head {
    char bytes[FILE_HEAD_SIZE + 1]; /* ended by a NUL, which does not count */
    size_t size;
    /* Its first lines that are neither empty nor comments, perhaps cut short. */
    char first[1024];
    char second[1024];
};

struct reader {
    const char *name; /* what such a file is, in messages */
    enum profile_kind kind;
    bool takes_filter; /* it tells whose each sample is */
    bool (*fits)(const struct file_head *head);
    /*
     * The one for its kind; each adds what is in the file.  Files are not trusted.
     * ERROR_OPEN and ERROR_READ come from the system.  ERROR_NOT_RAW_PROFILE is a file of
     * another kind, ERROR_RAW_VERSION one of another version, ERROR_MACHINE one from another
     * machine.  ERROR_RAW_TRUNCATED is a file without its end, ERROR_RAW_GARBLED one whose
     * bytes contradict each other, ERROR_PROFILE_LINE a line of text that is not understood.
     * `filter` is NULL unless takes_filter.
     */
    bool (*read)(const char *path, const struct profile_filter *filter, struct profile *into,
                 struct error *error);
    bool (*read_symbols)(const char *path, struct symbol_profile *into, struct error *error);
    bool (*read_lines)(const char *path, struct sample_profile *into, struct error *error);
};

#endif
