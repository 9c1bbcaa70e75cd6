/*
 * An open perf.data: its bytes, a window at a time, its events, and what is gathered
 * from it.
 */
#ifndef ANALYZER_READ_PERF_FILE_H
#define ANALYZER_READ_PERF_FILE_H

#include "analyzer/read/byte_file.h"
#include "analyzer/read/perf_packed.h"
#include "analyzer/read/perf_sample.h"
#include "analyzer/read/perf_sink.h"
#include "analyzer/read/perf_threads.h"

/* A record to be looked at in the order of time; perf writes them CPU by CPU. */
struct perf_record_place {
    uint64_t time;
    uint64_t offset;
};

struct perf_event_id {
    uint64_t id;
    uint32_t event;
};

/* A file of records: perf.data itself, and those that each thread of perf record --threads wrote.
 */
struct perf_part {
    char *path;
    struct byte_file bytes;
    struct perf_packed *packed; /* NULL: nothing was compressed */
};

struct perf_file {
    struct byte_file bytes; /* of the first part */
    struct perf_part *parts;
    size_t part_count, part_capacity;
    bool was_not_ended; /* perf record could not write down how much there is */
    bool is_pipe;       /* which never tells how much there is */
    uint16_t machine;   /* EM_X86_64 … */
    uint8_t *window;    /* the bytes of the file from window_offset on */
    uint64_t window_offset;
    size_t window_size;
    bool is_sequential;
    struct perf_event *events;
    size_t event_count, event_capacity;
    struct perf_event_id *ids; /* in order of id once records are looked at */
    size_t id_count, id_capacity;
    struct perf_record_place *records;
    size_t record_count, record_capacity;
    struct perf_sink sink;
    struct perf_threads threads;
    char host[256];
    char command_line[1024];
};

/*
 * Offsets tell the part, too, and those from PERF_PACKED_OFFSET on are of what was compressed
 * in it (see perf_packed.h).
 */
#define PERF_PACKED_OFFSET (UINT64_C(1) << 63)
#define PERF_PART_BITS 48
#define PERF_PART_LIMIT 16384
#define PERF_OFFSET_IN_PART ((UINT64_C(1) << PERF_PART_BITS) - 1)

/* What file->window has room for. */
#define PERF_WINDOW_SIZE (1u << 20)

/*
 * Bytes of the file, valid until the next call; NULL with an error where there
 * are none.  At most PERF_WINDOW_SIZE.  Reads ahead while `is_sequential`.
 */
const uint8_t *perf_bytes_at(struct perf_file *file, uint64_t offset, size_t size);

/* The part that an offset is in. */
struct perf_part *perf_part_at(const struct perf_file *file, uint64_t offset);

/* Opens one more part; `path` is copied. */
bool perf_add_part(struct perf_file *file, const char *path);
void perf_free_parts(struct perf_file *file);

/* Sets ERROR_RAW_GARBLED with what is wrong at an offset, of whichever part; returns false. */
bool perf_garbled(const struct perf_file *file, uint64_t offset, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Checks a section as the file describes it: the description is at `place`. */
bool perf_check_section(struct perf_file *file, uint64_t place, uint64_t offset, uint64_t size,
                        const char *what);

/*
 * Adds an event: `size` bytes of attributes, as many as the version of perf that wrote
 * them has.  The numbers that follow are of the event that was added last; call
 * perf_sort_event_ids before perf_event_of.
 */
bool perf_add_event(struct perf_file *file, const uint8_t *bytes, size_t size);
bool perf_add_event_id(struct perf_file *file, uint64_t id);
void perf_sort_event_ids(struct perf_file *file);

/* The event of a record: all begin alike, so that any of them tells where the number is. */
const struct perf_event *perf_event_of(const struct perf_file *file, const uint8_t *record,
                                       size_t size);

/* Adds text, which need not end in NUL, to what `copy` holds, after a blank. */
void perf_add_text(char *copy, size_t copy_size, const uint8_t *text, size_t size);

#endif
