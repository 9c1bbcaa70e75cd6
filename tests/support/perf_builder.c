#include "tests/support/perf_builder.h"

#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EVENT_ID 77
#define ATTRIBUTE_SIZE 112
#define FILE_HEADER_SIZE 104
#define BUILD_ID "\x0b\x0e\x11\x14\x17\x1a\x1d\x20\x23\x26\x29\x2c\x2f\x32\x35\x38\x3b\x3e\x41\x44"

static void add(uint8_t *bytes, size_t *size, const void *added, size_t added_size)
{
    if (added_size > PERF_BUILDER_SIZE - *size) {
        fputs("perf_builder: too much\n", stderr);
        abort();
    }
    memcpy(bytes + *size, added, added_size);
    *size += added_size;
}

static void add64(uint8_t *bytes, size_t *size, uint64_t value)
{
    add(bytes, size, &value, sizeof(value));
}

static void add_header(uint8_t *bytes, size_t *size, uint32_t type, uint16_t misc,
                       size_t record_size)
{
    struct perf_event_header header = {type, misc, (uint16_t)record_size};
    add(bytes, size, &header, sizeof(header));
}

void perf_builder_record(struct perf_builder *builder, uint32_t type, uint16_t misc,
                         const void *bytes, size_t size)
{
    add_header(builder->records, &builder->size, type, misc, size + 8);
    add(builder->records, &builder->size, bytes, size);
}

/* The kernel's records end with process, time and event. */
static void add_kernel_record(struct perf_builder *builder, uint32_t type, uint16_t misc,
                              uint8_t *bytes, size_t size, uint32_t process)
{
    add64(bytes, &size, (uint64_t)process << 32 | process);
    add64(bytes, &size, builder->time++);
    add64(bytes, &size, EVENT_ID);
    perf_builder_record(builder, type, misc, bytes, size);
}

static void add_path(uint8_t *bytes, size_t *size, const char *path)
{
    static const char zeros[8];
    add(bytes, size, path, strlen(path) + 1);
    add(bytes, size, zeros, (8 - *size % 8) % 8);
}

void perf_builder_comm(struct perf_builder *builder, uint32_t process, int is_exec)
{
    uint8_t bytes[PERF_BUILDER_SIZE];
    size_t size = 0;
    add64(bytes, &size, (uint64_t)process << 32 | process);
    add_path(bytes, &size, "app");
    add_kernel_record(builder, PERF_RECORD_COMM, is_exec ? PERF_RECORD_MISC_COMM_EXEC : 0, bytes,
                      size, process);
}

void perf_builder_fork(struct perf_builder *builder, uint32_t child, uint32_t parent)
{
    uint8_t bytes[PERF_BUILDER_SIZE];
    size_t size = 0;
    add64(bytes, &size, (uint64_t)parent << 32 | child);
    add64(bytes, &size, (uint64_t)parent << 32 | child);
    add64(bytes, &size, builder->time);
    add_kernel_record(builder, PERF_RECORD_FORK, 0, bytes, size, child);
}

void perf_builder_mmap(struct perf_builder *builder, uint32_t process, uint64_t start,
                       uint64_t length, uint64_t offset, const char *path, const char *build_id)
{
    uint8_t bytes[PERF_BUILDER_SIZE];
    uint8_t identity[24] = {20};
    size_t size = 0;
    if (build_id)
        memcpy(identity + 4, build_id, 20);
    else
        identity[0] = 8; /* the device's number */
    add64(bytes, &size, (uint64_t)process << 32 | process);
    add64(bytes, &size, start);
    add64(bytes, &size, length);
    add64(bytes, &size, offset);
    add(bytes, &size, identity, sizeof(identity));
    add64(bytes, &size, (uint64_t)2 << 32 | 5); /* private, readable and executable */
    add_path(bytes, &size, path);
    add_kernel_record(builder, PERF_RECORD_MMAP2, PERF_RECORD_MISC_USER | (build_id ? 1u << 14 : 0),
                      bytes, size, process);
}

void perf_builder_sample(struct perf_builder *builder, uint32_t process, uint64_t address,
                         const uint64_t *frames, size_t frame_count, const uint64_t (*branches)[2],
                         size_t branch_count)
{
    uint8_t bytes[PERF_BUILDER_SIZE];
    size_t size = 0;
    add64(bytes, &size, EVENT_ID);
    add64(bytes, &size, address);
    add64(bytes, &size, (uint64_t)process << 32 | process);
    add64(bytes, &size, builder->time++);
    add64(bytes, &size, frame_count);
    for (size_t i = 0; i < frame_count; i++)
        add64(bytes, &size, frames[i]);
    add64(bytes, &size, branch_count);
    for (size_t i = 0; i < branch_count; i++) {
        add64(bytes, &size, branches[i][0]);
        add64(bytes, &size, branches[i][1]);
        add64(bytes, &size, 0);
    }
    perf_builder_record(builder, PERF_RECORD_SAMPLE,
                        builder->sample_misc ? builder->sample_misc : PERF_RECORD_MISC_USER, bytes,
                        size);
}

static void add_attributes(uint8_t *bytes, size_t *size)
{
    struct perf_event_attr attributes = {
        .type = PERF_TYPE_HARDWARE,
        .size = ATTRIBUTE_SIZE,
        .config = PERF_COUNT_HW_CPU_CYCLES,
        .sample_period = 1000,
        .sample_type = PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_IP | PERF_SAMPLE_TID |
                       PERF_SAMPLE_TIME | PERF_SAMPLE_CALLCHAIN | PERF_SAMPLE_BRANCH_STACK,
        .sample_id_all = 1,
        .branch_sample_type = PERF_SAMPLE_BRANCH_ANY,
    };
    add(bytes, size, &attributes, ATTRIBUTE_SIZE);
}

/* An entry of the table of build-ids: of /usr/bin/app. */
static void add_build_id(uint8_t *bytes, size_t *size, uint32_t type)
{
    uint8_t entry[28] = {0xff, 0xff, 0xff, 0xff};
    memcpy(entry + 4, BUILD_ID, 20);
    add_header(bytes, size, type, PERF_RECORD_MISC_USER, 8 + sizeof(entry) + 16);
    add(bytes, size, entry, sizeof(entry));
    add(bytes, size, "/usr/bin/app\0\0\0", 16);
}

uint8_t *perf_builder_file(const struct perf_builder *builder, size_t *size)
{
    uint8_t *file = calloc(1, PERF_BUILDER_SIZE);
    uint64_t data = FILE_HEADER_SIZE + 8 + ATTRIBUTE_SIZE + 16;
    uint64_t table = data + builder->size;
    uint64_t contents = table + (builder->machine ? 64 : 48);
    *size = 0;
    add(file, size, "PERFILE2", 8);
    add64(file, size, FILE_HEADER_SIZE);
    add64(file, size, ATTRIBUTE_SIZE + 16);
    add64(file, size, FILE_HEADER_SIZE + 8);
    add64(file, size, ATTRIBUTE_SIZE + 16);
    add64(file, size, data);
    add64(file, size, builder->was_not_ended ? 0 : builder->size);
    add64(file, size, 0);
    add64(file, size, 0);
    /* Build-ids, host, one not known, and the machine. */
    add64(file, size, 1 << 2 | 1 << 3 | 1 << 4 | (builder->machine ? 1 << 6 : 0));
    for (int i = 0; i < 3; i++)
        add64(file, size, 0);
    add64(file, size, EVENT_ID);
    add_attributes(file, size);
    add64(file, size, FILE_HEADER_SIZE);
    add64(file, size, 8);
    add(file, size, builder->records, builder->size);
    if (builder->was_not_ended)
        return file;
    add64(file, size, contents);
    add64(file, size, 52);
    add64(file, size, contents + 52);
    add64(file, size, 12);
    add64(file, size, contents + 52);
    add64(file, size, 0);
    if (builder->machine) {
        add64(file, size, contents + 64);
        add64(file, size, 4 + strlen(builder->machine) + 1);
    }
    add_build_id(file, size, 0);
    add(file, size, "\x08\0\0\0builder", 12);
    if (builder->machine) {
        uint32_t length = (uint32_t)strlen(builder->machine) + 1;
        add(file, size, &length, 4);
        add(file, size, builder->machine, length);
    }
    return file;
}

uint8_t *perf_builder_pipe(const struct perf_builder *builder, size_t *size)
{
    uint8_t *file = calloc(1, PERF_BUILDER_SIZE);
    *size = 0;
    add(file, size, "PERFILE2", 8);
    add64(file, size, 16);
    add_header(file, size, 64, 0, 8 + ATTRIBUTE_SIZE + 8);
    add_attributes(file, size);
    add64(file, size, EVENT_ID);
    add(file, size, builder->records, builder->size);
    add_build_id(file, size, 67);
    return file;
}
