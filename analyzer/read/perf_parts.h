/*
 * What perf_data.c (the file: header, events, features, which records there
 * are) and perf_records.c (what the records say) share.  Nobody else includes
 * this.
 */
#ifndef ANALYZER_READ_PERF_PARTS_H
#define ANALYZER_READ_PERF_PARTS_H

#include "analyzer/read/perf_packed.h"
#include "analyzer/read/perf_sample.h"
#include "analyzer/read/perf_sink.h"
#include "analyzer/read/perf_threads.h"

/* A record to be looked at in the order of time; perf writes them CPU by CPU. */
struct record_place {
    uint64_t time;
    uint64_t offset;
};

struct event_id {
    uint64_t id;
    uint32_t event;
};

struct perf_file {
    const char *path;
    int descriptor;
    uint64_t size;
    uint8_t *window; /* the bytes of the file from window_offset on */
    uint64_t window_offset;
    size_t window_size;
    bool is_sequential;
    struct perf_event *events;
    size_t event_count, event_capacity;
    struct event_id *ids; /* in order of id once records are looked at */
    size_t id_count, id_capacity;
    struct record_place *records;
    size_t record_count, record_capacity;
    struct perf_packed *packed; /* NULL: nothing was compressed */
    struct perf_sink sink;
    struct perf_threads threads;
    char host[256];
    char command_line[1024];
    struct error *error;
};

/* Sets the error to ERROR_RAW_GARBLED at that byte and returns false. */
bool perf_garbled(struct perf_file *file, uint64_t offset, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Offsets from here on are of what was compressed (see perf_packed.h). */
#define PERF_PACKED_OFFSET (UINT64_C(1) << 63)

/*
 * Bytes of the file, valid until the next call; NULL with an error where there
 * are none.  At most 1 MiB.  Reads ahead while `is_sequential`.
 */
const uint8_t *perf_bytes_at(struct perf_file *file, uint64_t offset, size_t size);

/* The event of a record: all begin alike, so that any of them tells where the number is. */
const struct perf_event *perf_event_of(const struct perf_file *file, const uint8_t *record,
                                       size_t size);

/* Adds text, which need not end in NUL, to what `copy` holds, after a blank. */
void perf_add_text(char *copy, size_t copy_size, const uint8_t *text, size_t size);

/* Goes through file->records in the order of time and counts what they say. */
bool perf_apply_records(struct perf_file *file);

#endif
