#include "analyzer/read/perf_sample.h"

#include <linux/perf_event.h>

#define HEADER_SIZE sizeof(struct perf_event_header)

/* What is left of a record. */
struct record_rest {
    const uint8_t *bytes;
    size_t size;
};

static bool skip(struct record_rest *rest, uint64_t size)
{
    if (rest->size < size)
        return false;
    rest->bytes += size;
    rest->size -= (size_t)size;
    return true;
}

static bool take(struct record_rest *rest, uint64_t *value)
{
    if (rest->size < sizeof(*value))
        return false;
    *value = perf_get64(rest->bytes);
    return skip(rest, sizeof(*value));
}

/* `count` items of `item_size` bytes: where they begin, and past them. */
static bool take_array(struct record_rest *rest, uint64_t count, size_t item_size,
                       const uint8_t **items)
{
    if (count > rest->size / item_size)
        return false;
    *items = rest->bytes;
    return skip(rest, count * item_size);
}

/* Counter values, which nothing here asks for. */
static bool skip_values(struct record_rest *rest, uint64_t format)
{
    const uint8_t *values;
    uint64_t count = 1;
    size_t times = ((format & PERF_FORMAT_TOTAL_TIME_ENABLED) != 0) +
                   ((format & PERF_FORMAT_TOTAL_TIME_RUNNING) != 0);
    size_t value_size = 8 * (1 + ((format & PERF_FORMAT_ID) != 0) +
                             ((format & (UINT64_C(1) << 4)) != 0)); /* how many were lost */
    if (!(format & PERF_FORMAT_GROUP))
        return skip(rest, 8 * times + value_size);
    return take(rest, &count) && skip(rest, 8 * times) &&
           take_array(rest, count, value_size, &values);
}

static bool skip_raw(struct record_rest *rest)
{
    return rest->size >= 4 && skip(rest, (uint64_t)4 + perf_get32(rest->bytes));
}

static bool take_branches(struct record_rest *rest, const struct perf_event *event,
                          struct perf_sample *sample)
{
    uint64_t count;
    uint64_t hardware_index;
    if (!take(rest, &count) ||
        (event->branch_type & PERF_SAMPLE_BRANCH_HW_INDEX && !take(rest, &hardware_index)) ||
        !take_array(rest, count, PERF_BRANCH_SIZE, &sample->branches))
        return false;
    sample->branch_count = (size_t)count;
    return true;
}

bool perf_sample_read(const struct perf_event *event, const uint8_t *record, size_t size,
                      struct perf_sample *sample)
{
    static const uint64_t before_values[] = {PERF_SAMPLE_TIME, PERF_SAMPLE_ADDR,
                                             PERF_SAMPLE_ID,   PERF_SAMPLE_STREAM_ID,
                                             PERF_SAMPLE_CPU,  PERF_SAMPLE_PERIOD};
    struct record_rest rest = {record + HEADER_SIZE, size - HEADER_SIZE};
    uint64_t type = event->sample_type;
    uint64_t value;
    *sample = (struct perf_sample){0};
    if (type & PERF_SAMPLE_IDENTIFIER && !take(&rest, &value))
        return false;
    if (type & PERF_SAMPLE_IP && !take(&rest, &sample->address))
        return false;
    if (type & PERF_SAMPLE_TID) {
        if (!take(&rest, &value))
            return false;
        sample->process = (uint32_t)value;
        sample->thread = (uint32_t)(value >> 32);
    }
    for (size_t i = 0; i < sizeof(before_values) / sizeof(*before_values); i++) {
        if (type & before_values[i] && !take(&rest, &value))
            return false;
    }
    if (type & PERF_SAMPLE_READ && !skip_values(&rest, event->read_format))
        return false;
    if (type & PERF_SAMPLE_CALLCHAIN) {
        if (!take(&rest, &value) || !take_array(&rest, value, 8, &sample->callchain))
            return false;
        sample->callchain_count = (size_t)value;
    }
    if (type & PERF_SAMPLE_RAW && !skip_raw(&rest))
        return false;
    return !(type & PERF_SAMPLE_BRANCH_STACK) || take_branches(&rest, event, sample);
}

/*
 * Where one of the numbers at the beginning of a sample, or at the end of
 * another record, is: 0 where there is none.  `order` are the fields from that
 * end of the record on, up to the wanted one.
 */
static uint64_t field(const struct perf_event *event, const uint8_t *record, size_t size,
                      const uint64_t *order, bool from_end)
{
    size_t distance = HEADER_SIZE;
    size_t i;
    if (from_end)
        distance = 8;
    for (i = 0; order[i + 1]; i++)
        distance += event->sample_type & order[i] ? 8 : 0;
    if (!(event->sample_type & order[i]) || distance + (from_end ? HEADER_SIZE : 8) > size)
        return 0;
    return perf_get64(from_end ? record + size - distance : record + distance);
}

static bool is_sample(const uint8_t *record)
{
    return perf_get32(record) == PERF_RECORD_SAMPLE;
}

uint64_t perf_record_time(const struct perf_event *event, const uint8_t *record, size_t size)
{
    static const uint64_t sample[] = {PERF_SAMPLE_IDENTIFIER, PERF_SAMPLE_IP, PERF_SAMPLE_TID,
                                      PERF_SAMPLE_TIME, 0};
    static const uint64_t other[] = {PERF_SAMPLE_IDENTIFIER, PERF_SAMPLE_CPU,
                                     PERF_SAMPLE_STREAM_ID,  PERF_SAMPLE_ID,
                                     PERF_SAMPLE_TIME,       0};
    if (is_sample(record))
        return field(event, record, size, sample, false);
    return event->has_trailer ? field(event, record, size, other, true) : 0;
}

uint64_t perf_record_event_id(const struct perf_event *event, const uint8_t *record, size_t size)
{
    static const uint64_t identifier[] = {PERF_SAMPLE_IDENTIFIER, 0};
    static const uint64_t sample[] = {PERF_SAMPLE_IP,   PERF_SAMPLE_TID, PERF_SAMPLE_TIME,
                                      PERF_SAMPLE_ADDR, PERF_SAMPLE_ID,  0};
    static const uint64_t other[] = {PERF_SAMPLE_CPU, PERF_SAMPLE_STREAM_ID, PERF_SAMPLE_ID, 0};
    bool from_end = !is_sample(record);
    if (from_end && !event->has_trailer)
        return 0;
    if (event->sample_type & PERF_SAMPLE_IDENTIFIER)
        return field(event, record, size, identifier, from_end);
    return field(event, record, size, from_end ? other : sample, from_end);
}

size_t perf_trailer_size(const struct perf_event *event)
{
    static const uint64_t fields = PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_ID |
                                   PERF_SAMPLE_STREAM_ID | PERF_SAMPLE_CPU | PERF_SAMPLE_IDENTIFIER;
    return event->has_trailer ? 8 * (size_t)__builtin_popcountll(event->sample_type & fields) : 0;
}
