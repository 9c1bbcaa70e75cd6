/*
 * Single records of perf.data taken apart: a sample has only those fields that
 * its event asked for, in a fixed order (perf_event_open(2), PERF_RECORD_SAMPLE).
 */
#ifndef ANALYZER_READ_PERF_SAMPLE_H
#define ANALYZER_READ_PERF_SAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* What an event's attributes say of its records. */
struct perf_event {
    uint32_t type;
    uint64_t config;
    uint64_t period; /* 0: it was adapted to a frequency */
    uint64_t sample_type;
    uint64_t read_format;
    uint64_t branch_type;
    bool has_trailer; /* other records end with who, when and which event */
    bool has_samples;
};

struct perf_sample {
    uint64_t address;
    uint32_t process;         /* 0 where it was not recorded */
    uint32_t thread;          /* likewise */
    const uint8_t *callchain; /* callchain_count numbers of 8 bytes */
    size_t callchain_count;
    const uint8_t *branches; /* branch_count of PERF_BRANCH_SIZE bytes, newest first */
    size_t branch_count;
};

#define PERF_BRANCH_SIZE 24 /* from, to and flags */

static inline uint16_t perf_get16(const uint8_t *bytes)
{
    uint16_t value;
    memcpy(&value, bytes, sizeof(value));
    return value;
}

static inline uint32_t perf_get32(const uint8_t *bytes)
{
    uint32_t value;
    memcpy(&value, bytes, sizeof(value));
    return value;
}

static inline uint64_t perf_get64(const uint8_t *bytes)
{
    uint64_t value;
    memcpy(&value, bytes, sizeof(value));
    return value;
}

/* Kernel code is in the upper half of the address space. */
static inline bool perf_is_kernel(uint64_t address)
{
    return address >> 63 != 0;
}

/*
 * Takes a sample apart; `record` begins with its header.  False where it is
 * too short for what it should hold.
 */
bool perf_sample_read(const struct perf_event *event, const uint8_t *record, size_t size,
                      struct perf_sample *sample);

/* When a record was made, or 0 where it does not tell. */
uint64_t perf_record_time(const struct perf_event *event, const uint8_t *record, size_t size);

/* The number that tells which event a record is of, or 0 where it does not tell. */
uint64_t perf_record_event_id(const struct perf_event *event, const uint8_t *record, size_t size);

/* How many bytes the trailer takes at the end of records other than samples. */
size_t perf_trailer_size(const struct perf_event *event);

#endif
