#include "tests/support/raw_builder.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct table {
    uint32_t kind;
    uint32_t entry_size;
    uint8_t *entries;
    size_t count;
    size_t capacity;
};

#define TABLES 4

struct raw_builder {
    struct pgoraw_header header;
    struct table tables[TABLES]; /* modules, traces, stacks, contexts: in this order in the file */
    uint32_t chunk_entries;
    uint32_t *last_state; /* of the entry added last */
};

static void demand(int condition, const char *what)
{
    if (condition)
        return;
    fprintf(stderr, "raw_builder: %s\n", what);
    abort();
}

struct raw_builder *raw_builder_new(void)
{
    struct raw_builder *builder = calloc(1, sizeof(*builder));
    demand(builder != NULL, "out of memory");
    builder->tables[0] =
        (struct table){.kind = PGORAW_CHUNK_MODULES, .entry_size = sizeof(struct pgoraw_module)};
    builder->tables[1] =
        (struct table){.kind = PGORAW_CHUNK_TRACES, .entry_size = sizeof(struct pgoraw_trace)};
    builder->tables[2] =
        (struct table){.kind = PGORAW_CHUNK_STACKS, .entry_size = sizeof(struct pgoraw_stack_node)};
    builder->tables[3] =
        (struct table){.kind = PGORAW_CHUNK_CONTEXTS, .entry_size = sizeof(struct pgoraw_context)};

    struct pgoraw_header *header = &builder->header;
    memcpy(header->magic, PGORAW_MAGIC, sizeof(header->magic));
    header->version = PGORAW_VERSION;
    header->header_size = PGORAW_HEADER_SIZE;
    header->size_limit = PGORAW_DEFAULT_LIMIT;
    header->machine = EM_X86_64;
    header->sampler = PGORAW_SAMPLER_CPU_CLOCK;
    header->branch_source = PGORAW_BRANCHES_LOOKAHEAD;
    header->stack_interval = 1;
    header->period_ns = 1000000;
    header->start_time_ns = UINT64_C(1700000000000000000);
    header->process_id = 4711;
    header->program_id = UINT64_C(0x1122334455667788);
    strcpy(header->program, "/usr/bin/app");
    strcpy(header->command_line, "app --serve");
    strcpy(header->host, "builder");
    strcpy(header->why, "no hardware events on this machine");
    return builder;
}

void raw_builder_free(struct raw_builder *builder)
{
    for (size_t i = 0; i < TABLES; i++)
        free(builder->tables[i].entries);
    free(builder);
}

struct pgoraw_header *raw_builder_header(struct raw_builder *builder)
{
    return &builder->header;
}

static void *add_entry(struct raw_builder *builder, struct table *table)
{
    if (table->count == table->capacity) {
        table->capacity = table->capacity ? 2 * table->capacity : 64;
        table->entries = realloc(table->entries, table->capacity * table->entry_size);
        demand(table->entries != NULL, "out of memory");
    }
    uint8_t *entry = table->entries + table->count++ * table->entry_size;
    memset(entry, 0, table->entry_size);
    builder->last_state = NULL;
    return entry;
}

uint32_t raw_builder_module(struct raw_builder *builder, const char *path, uint32_t flags,
                            uint64_t low_address, uint64_t high_address, const char *build_id,
                            uint32_t build_id_size)
{
    struct pgoraw_module *module = add_entry(builder, &builder->tables[0]);
    demand(strlen(path) < sizeof(module->path), "module path too long");
    demand(build_id_size <= sizeof(module->build_id), "build-id too long");
    module->state = PGORAW_READY;
    module->flags = flags;
    module->low_address = low_address;
    module->high_address = high_address;
    module->build_id_size = build_id_size;
    if (build_id_size > 0)
        memcpy(module->build_id, build_id, build_id_size);
    strcpy(module->path, path);
    builder->last_state = &module->state;
    return (uint32_t)builder->tables[0].count;
}

void raw_builder_trace(struct raw_builder *builder, uint64_t from, uint64_t to, uint32_t run_length,
                       uint64_t count)
{
    struct pgoraw_trace *trace = add_entry(builder, &builder->tables[1]);
    struct pgoraw_trace added = {.from = from,
                                 .to = to,
                                 .run_length = run_length,
                                 .state = PGORAW_READY,
                                 .count = count,
                                 .weighted = count * PGORAW_WEIGHT_ONE};
    memcpy(trace, &added, builder->tables[1].entry_size);
    builder->last_state = &trace->state;
}

void raw_builder_weighted(struct raw_builder *builder, uint64_t weighted)
{
    struct table *traces = &builder->tables[1];
    demand(traces->count > 0 && traces->entry_size == sizeof(struct pgoraw_trace), "no weights");
    ((struct pgoraw_trace *)traces->entries)[traces->count - 1].weighted = weighted;
}

void raw_builder_unweighed(struct raw_builder *builder)
{
    demand(builder->tables[1].count == 0, "there are traces already");
    builder->tables[1].entry_size = PGORAW_TRACE_UNWEIGHED_SIZE;
}

uint32_t raw_builder_stack(struct raw_builder *builder, uint32_t parent, uint64_t location,
                           uint64_t count)
{
    struct pgoraw_stack_node *node = add_entry(builder, &builder->tables[2]);
    *node = (struct pgoraw_stack_node){parent, PGORAW_READY, location, count};
    builder->last_state = &node->state;
    return (uint32_t)builder->tables[2].count;
}

void raw_builder_context(struct raw_builder *builder, uint32_t callers, uint32_t trace,
                         uint64_t count)
{
    struct pgoraw_context *context = add_entry(builder, &builder->tables[3]);
    *context = (struct pgoraw_context){.callers = callers,
                                       .trace = trace,
                                       .state = PGORAW_READY,
                                       .count = count,
                                       .weighted = count * PGORAW_WEIGHT_ONE};
    builder->last_state = &context->state;
}

void raw_builder_last_state(struct raw_builder *builder, uint32_t state)
{
    demand(builder->last_state != NULL, "no entry was added");
    *builder->last_state = state;
}

void raw_builder_chunk_entries(struct raw_builder *builder, uint32_t entries)
{
    builder->chunk_entries = entries;
}

uint8_t *raw_builder_bytes(struct raw_builder *builder, size_t *size)
{
    struct pgoraw_header *header = &builder->header;
    size_t used = PGORAW_HEADER_SIZE;
    size_t slot = 0;
    for (size_t i = 0; i < TABLES; i++)
        used += builder->tables[i].count * builder->tables[i].entry_size;
    uint8_t *bytes = malloc(used);
    demand(bytes != NULL, "out of memory");

    /* Round robin over the kinds, so that chunks of one kind are not neighbours. */
    size_t offset = PGORAW_HEADER_SIZE;
    size_t placed[TABLES] = {0};
    memset(header->chunks, 0, sizeof(header->chunks));
    for (int progress = 1; progress;) {
        progress = 0;
        for (size_t i = 0; i < TABLES; i++) {
            struct table *table = &builder->tables[i];
            size_t entries = table->count - placed[i];
            if (builder->chunk_entries && entries > builder->chunk_entries)
                entries = builder->chunk_entries;
            if (entries == 0)
                continue;
            demand(slot < PGORAW_MAX_CHUNKS, "too many chunks");
            header->chunks[slot++] =
                (struct pgoraw_chunk){table->kind, table->entry_size, offset, entries};
            memcpy(bytes + offset, table->entries + placed[i] * table->entry_size,
                   entries * table->entry_size);
            offset += entries * table->entry_size;
            placed[i] += entries;
            progress = 1;
        }
    }
    header->used_size = used;
    header->reserved_size = used;
    memcpy(bytes, header, sizeof(*header));
    *size = used;
    return bytes;
}

void raw_builder_write_bytes(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    demand(file != NULL, path);
    demand(size == 0 || fwrite(bytes, 1, size, file) == size, "cannot write");
    demand(fclose(file) == 0, "cannot close");
}

void raw_builder_write(struct raw_builder *builder, const char *path)
{
    size_t size;
    uint8_t *bytes = raw_builder_bytes(builder, &size);
    raw_builder_write_bytes(path, bytes, size);
    free(bytes);
}
