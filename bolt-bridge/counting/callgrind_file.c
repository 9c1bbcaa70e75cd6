#include "bolt-bridge/counting/callgrind_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/compare.h"
#include "analyzer/base/hash.h"
#include "analyzer/base/memory.h"

#define MAX_EVENTS 32
#define LINE_SHIFT 6  /* 64 bytes of code: a line of the instruction cache */
#define PAGE_SHIFT 12 /* 4 KiB: what an entry of the TLB covers */

/* Which of callgrind's events add up to which of ours. */
static const struct {
    const char *event;
    enum count_kind kind;
} events[] = {
    {"Ir", COUNT_INSTRUCTIONS},    {"Bcm", COUNT_MISPREDICTED},   {"Bim", COUNT_MISPREDICTED},
    {"I1mr", COUNT_CODE_MISSES},   {"D1mr", COUNT_DATA_MISSES},   {"D1mw", COUNT_DATA_MISSES},
    {"ILmr", COUNT_MEMORY_ACCESS}, {"DLmr", COUNT_MEMORY_ACCESS}, {"DLmw", COUNT_MEMORY_ACCESS},
};

/* A line of the instruction cache that had code in it that ran. */
struct code_line {
    uint64_t object; /* hash value of the name of the file that the code is in */
    uint64_t number;
};

struct callgrind_reading {
    struct counts *counts;
    enum count_kind kinds[MAX_EVENTS]; /* of the columns; COUNT_KINDS: none of ours */
    size_t kind_count;
    bool has_totals;
    uint64_t object;         /* of the code that follows */
    bool is_of_callee;       /* the next line of text has what a called function cost */
    struct code_line *lines; /* some of them several times */
    size_t line_count, capacity;
};

/* "events: Ir Dr ..." */
static void read_events(struct callgrind_reading *reading, char *names)
{
    char *rest;

    reading->kind_count = 0;
    for (char *name = strtok_r(names, " \n", &rest); name && reading->kind_count < MAX_EVENTS;
         name = strtok_r(NULL, " \n", &rest)) {
        enum count_kind *kind = &reading->kinds[reading->kind_count++];
        *kind = COUNT_KINDS;
        for (size_t i = 0; i < sizeof(events) / sizeof(*events); i++)
            if (strcmp(name, events[i].event) == 0)
                *kind = events[i].kind;
    }
}

/* "totals: 1000 300 ..."; what is 0 at the end is not written. */
static void read_totals(struct callgrind_reading *reading, const char *text)
{
    char *end;

    for (size_t i = 0; i < reading->kind_count; i++, text = end) {
        uint64_t value = strtoull(text, &end, 10);
        if (end == text)
            break;
        reading->has_totals = true;
        if (reading->kinds[i] != COUNT_KINDS)
            reading->counts->values[reading->kinds[i]] += value;
    }
}

static bool same_line(const struct code_line *left, const struct code_line *right)
{
    return left->object == right->object && left->number == right->number;
}

/* "0x401136 12 7 ...": address, source line, and how often the instruction ran. */
static bool read_instruction(struct callgrind_reading *reading, const char *text,
                             struct error *error)
{
    char *end;
    uint64_t address = strtoull(text, &end, 16);

    strtoull(end, &end, 10);
    if (strtoull(end, NULL, 10) == 0)
        return true;
    struct code_line line = {reading->object, address >> LINE_SHIFT};
    if (reading->line_count && same_line(&reading->lines[reading->line_count - 1], &line))
        return true;
    if (!memory_reserve(&reading->lines, &reading->capacity, reading->line_count + 1,
                        sizeof(*reading->lines), error))
        return false;
    reading->lines[reading->line_count++] = line;
    return true;
}

static bool read_line(struct callgrind_reading *reading, char *line, struct error *error)
{
    bool is_of_callee = reading->is_of_callee;
    struct counts *counts = reading->counts;

    reading->is_of_callee = false;
    if (strncmp(line, "0x", 2) == 0)
        return is_of_callee || read_instruction(reading, line, error);
    if (strncmp(line, "calls=", 6) == 0) {
        reading->is_of_callee = true;
    } else if (strncmp(line, "jcnd=", 5) == 0) { /* "jcnd=TAKEN/EXECUTED TARGET ..." */
        uint64_t taken = strtoull(line + 5, NULL, 10);
        counts->values[COUNT_TAKEN] += taken;
        counts->values[COUNT_JUMPS] += taken;
    } else if (strncmp(line, "jump=", 5) == 0) {
        counts->values[COUNT_JUMPS] += strtoull(line + 5, NULL, 10);
    } else if (strncmp(line, "ob=", 3) == 0) {
        reading->object = hash_bytes(line + 3, strlen(line + 3));
    } else if (strncmp(line, "events: ", 8) == 0) {
        read_events(reading, line + 8);
    } else if (strncmp(line, "totals: ", 8) == 0) {
        read_totals(reading, line + 8);
    }
    return true;
}

static int compare_lines(const void *left, const void *right)
{
    const struct code_line *a = left, *b = right;
    return a->object != b->object ? COMPARE(a->object, b->object) : COMPARE(a->number, b->number);
}

/* Each line and page once, however many functions and lines of text have a part of it. */
static void count_lines(struct callgrind_reading *reading)
{
    const unsigned in_page = PAGE_SHIFT - LINE_SHIFT;
    const struct code_line *last = NULL;

    if (reading->line_count)
        qsort(reading->lines, reading->line_count, sizeof(*reading->lines), compare_lines);
    for (size_t i = 0; i < reading->line_count; i++) {
        const struct code_line *line = &reading->lines[i];
        bool same_file = last && last->object == line->object;
        reading->counts->values[COUNT_LINES] += !same_file || last->number != line->number;
        reading->counts->values[COUNT_PAGES] +=
            !same_file || last->number >> in_page != line->number >> in_page;
        last = line;
    }
}

bool callgrind_file_add(const char *file, struct counts *counts, bool *counted, struct error *error)
{
    struct callgrind_reading reading = {.counts = counts};
    size_t capacity = 0;
    char *line = NULL;
    bool done = true;

    FILE *stream = fopen(file, "re");
    while (done && stream && getline(&line, &capacity, stream) > 0)
        done = read_line(&reading, line, error);
    free(line);
    if (stream)
        fclose(stream);
    if (done)
        count_lines(&reading);
    free(reading.lines);
    *counted = reading.has_totals;
    return done;
}
