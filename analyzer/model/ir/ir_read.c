/* Reads modules in LLVM's text, a line or an instruction at a time. */
#include "analyzer/model/ir/ir_read.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/base/hash.h"
#include "analyzer/base/memory.h"
#include "analyzer/model/ir/ir_lines.h"
#include "analyzer/model/ir/ir_metadata.h"
#include "analyzer/model/ir/ir_text.h"

/* No function has as many: so that counts of a garbled file ask for no more memory than it is. */
#define MOST_COUNTERS 10000000

/* Where a block of the function that is read leads: a label that may come later. */
struct open_edge {
    uint64_t label;
    size_t edge; /* in the program's list */
};

/* A global variable that holds the name that profiles call a function. */
struct profile_name {
    const char *variable;
    const char *value;
};

/* Of the program's lists. */
struct list_sizes {
    size_t blocks, positions, calls, edges, counters, sites;
};

struct ir_reader {
    struct ir_program *program;
    struct ir_lines lines;
    struct error *error;

    /* of the module */
    struct ir_metadata metadata;
    struct profile_name *profile_names;
    size_t profile_name_count, profile_name_capacity;
    struct hash_index profile_names_by_variable;
    struct list_sizes start; /* at its beginning */

    /* of the function */
    struct ir_function function;
    struct list_sizes function_start;
    struct hash_index labels;
    struct open_edge *open_edges;
    size_t open_edge_count, open_edge_capacity;
};

static bool refuse(const struct ir_reader *reader, const char *reason)
{
    return ir_lines_refuse(&reader->lines, reason, reader->error);
}

/* --- what blocks have -------------------------------------------------------------------- */

/* Adds an item to one of the program's lists; false with ERROR_MEMORY. */
#define ADD(reader, list, count, capacity, ...)                                                    \
    __extension__({                                                                                \
        struct ir_program *adding = (reader)->program;                                             \
        bool added = memory_reserve(&adding->list, &adding->capacity, adding->count + 1,           \
                                    sizeof(*adding->list), (reader)->error);                       \
        if (added) {                                                                               \
            adding->list[adding->count] = (__VA_ARGS__);                                           \
            adding->count += 1;                                                                    \
        }                                                                                          \
        added;                                                                                     \
    })

static bool begin_block(struct ir_reader *reader)
{
    struct ir_program *program = reader->program;
    return ADD(reader, blocks, block_count, block_capacity,
               (struct ir_block){.end_position = POSITION_NONE,
                                 .first_position = (uint32_t)program->position_count,
                                 .first_call = (uint32_t)program->call_count,
                                 .first_edge = (uint32_t)program->edge_count,
                                 .first_counter = (uint32_t)program->counter_count,
                                 .first_site = (uint32_t)program->site_count});
}

/* The number of the function's block that is read. */
static uint32_t current_block(const struct ir_reader *reader)
{
    return (uint32_t)(reader->program->block_count - reader->function_start.blocks - 1);
}

static uint64_t hash_name(const char *name)
{
    const char *end = ir_text_skip_name(name);
    if (*name == '"')
        return hash_bytes(name + 1, (size_t)(end - name) > 1 ? (size_t)(end - name) - 2 : 0);
    return hash_bytes(name, (size_t)(end - name));
}

static bool add_label(struct ir_reader *reader, const char *name)
{
    /* The first block has begun already; its label, where it has one, comes before all else. */
    bool is_first = reader->labels.count == 0 && reader->lines.instruction_size == 0;
    return (is_first || begin_block(reader)) &&
           hash_index_add(&reader->labels, hash_name(name), current_block(reader), reader->error);
}

/* Numbers of debug locations become positions at the module's end. */
static uint32_t location_of(const char *instruction)
{
    const char *found = NULL;
    for (const char *next = instruction; (next = strstr(next, "!dbg !")) != NULL; next += 6)
        found = next;
    return found && ir_text_is_digit(found[6]) ? (uint32_t)strtoul(found + 6, NULL, 10)
                                               : POSITION_NONE;
}

static bool add_position(struct ir_reader *reader, uint32_t location)
{
    return location == POSITION_NONE ||
           ADD(reader, block_positions, position_count, position_capacity, location);
}

static bool add_edge(struct ir_reader *reader, const char *label)
{
    struct open_edge open = {hash_name(label), reader->program->edge_count};
    if (!memory_reserve(&reader->open_edges, &reader->open_edge_capacity,
                        reader->open_edge_count + 1, sizeof(open), reader->error) ||
        !ADD(reader, edges, edge_count, edge_capacity, 0))
        return false;
    reader->open_edges[reader->open_edge_count++] = open;
    return true;
}

/* All "label %NAME" of a terminator. */
static bool add_edges(struct ir_reader *reader, const char *text)
{
    while ((text = ir_text_find(text, "label %")) != NULL) {
        text += 7;
        if (!add_edge(reader, text))
            return false;
        text = ir_text_skip_name(text);
    }
    return true;
}

/* --- counters and calls ---------------------------------------------------------------------- */

/* Arguments of the functions that LLVM puts where counters and value sites are. */
struct marks {
    const char *variable; /* behind '@' */
    uint64_t hash;
    uint64_t third, fourth; /* numbers */
};

static const char *next_argument(const char *text)
{
    text = text ? ir_text_find(text, ", ") : NULL;
    return text ? text + 2 : NULL;
}

/* "TYPE NUMBER", signed as LLVM prints it. */
static bool read_number(const char *argument, uint64_t *number)
{
    const char *blank = argument ? strchr(argument, ' ') : NULL;
    if (!blank || (blank[1] != '-' && !ir_text_is_digit(blank[1])))
        return false;
    *number =
        blank[1] == '-' ? (uint64_t)strtoll(blank + 1, NULL, 10) : strtoull(blank + 1, NULL, 10);
    return true;
}

/* `skipped`: arguments between the hash and the numbers. */
static bool read_marks(const char *arguments, unsigned skipped, struct marks *marks)
{
    const char *name = strchr(arguments, '@');
    const char *next = next_argument(arguments);
    if (!name || !next || name > next || !read_number(next, &marks->hash))
        return false;
    marks->variable = name + 1;
    for (unsigned i = 0; i < skipped; i++)
        next = next_argument(next);
    next = next_argument(next);
    if (!read_number(next, &marks->third))
        return false;
    next = next_argument(next);
    return read_number(next, &marks->fourth);
}

static const char *find_profile_name(const struct ir_reader *reader, const char *variable)
{
    const char *end = ir_text_skip_name(variable);
    uint64_t hash = hash_bytes(variable, (size_t)(end - variable));
    size_t slot = HASH_INDEX_FIRST;
    uint32_t number = hash_index_next(&reader->profile_names_by_variable, hash, &slot);
    return number == HASH_INDEX_NONE ? NULL : reader->profile_names[number].value;
}

/* All counters of a function name the same function and hash. */
static bool belongs(struct ir_reader *reader, const struct marks *marks)
{
    struct ir_function *function = &reader->function;
    const char *name = find_profile_name(reader, marks->variable);
    if (!name)
        return refuse(reader, "a counter of a function whose name is not known");
    if (function->profile_name && (function->profile_name != name || function->hash != marks->hash))
        return refuse(reader, "counters of two functions in one");
    function->profile_name = name;
    function->hash = marks->hash;
    return true;
}

static bool add_counter(struct ir_reader *reader, const char *arguments, bool is_step)
{
    struct marks marks;
    if (!read_marks(arguments, 0, &marks) || marks.third > MOST_COUNTERS ||
        marks.fourth >= marks.third)
        return refuse(reader, "a counter that makes no sense");
    if (!belongs(reader, &marks))
        return false;
    if (reader->function.counter_count != 0 && reader->function.counter_count != marks.third)
        return refuse(reader, "the number of counters of a function changes");
    reader->function.counter_count = (uint32_t)marks.third;
    return ADD(reader, counters, counter_count, counter_capacity,
               (struct ir_counter){(uint32_t)marks.fourth, is_step});
}

static bool add_site(struct ir_reader *reader, const char *arguments, uint32_t location)
{
    struct marks marks;
    if (!read_marks(arguments, 1, &marks) || marks.third >= IR_SITE_KINDS ||
        marks.fourth > MOST_COUNTERS)
        return refuse(reader, "a value site that makes no sense");
    return belongs(reader, &marks) &&
           ADD(reader, sites, site_count, site_capacity,
               (struct ir_site){(uint32_t)marks.third, (uint32_t)marks.fourth, location});
}

/* The called name, at its '@' or '%', directly before its arguments; NULL: none. */
static const char *find_callee(const char *text)
{
    for (; *text; text++) {
        if (*text == '"') {
            text = ir_text_skip_string(text);
            if (*text == '\0')
                return NULL;
        } else if (*text == '@' || *text == '%') {
            const char *end = ir_text_skip_name(text + 1);
            if (*end == '(')
                return text;
            text = end - 1;
        }
    }
    return NULL;
}

static bool add_call_to(struct ir_reader *reader, const char *callee, uint32_t location)
{
    struct ir_call call = {.position = location};
    if (*callee == '@') {
        size_t size;
        char *name = ir_text_unquote(callee + 1, &size, reader->error);
        if (name)
            call.callee =
                names_intern(&reader->program->positions.names, name, size, reader->error);
        free(name);
        if (!call.callee)
            return false;
    }
    return ADD(reader, calls, call_count, call_capacity, call) && add_position(reader, location);
}

/* `text`: behind the word "call" or "invoke". */
static bool add_call(struct ir_reader *reader, const char *text, uint32_t location)
{
    static const char counter[] = "@llvm.instrprof.increment(";
    static const char step[] = "@llvm.instrprof.increment.step(";
    static const char site[] = "@llvm.instrprof.value.profile(";
    const char *callee = find_callee(text);
    if (!callee) /* assembly, or an expression */
        return add_position(reader, location);
    if (strncmp(callee, "@llvm.", 6) != 0)
        return add_call_to(reader, callee, location);
    if (strncmp(callee, counter, sizeof(counter) - 1) == 0)
        return add_counter(reader, callee + sizeof(counter) - 1, false);
    if (strncmp(callee, step, sizeof(step) - 1) == 0)
        return add_counter(reader, callee + sizeof(step) - 1, true);
    if (strncmp(callee, site, sizeof(site) - 1) == 0)
        return add_site(reader, callee + sizeof(site) - 1, location);
    return strncmp(callee, "@llvm.mem", 9) != 0 || add_position(reader, location);
}

/* --- instructions ------------------------------------------------------------------------------
 */

static const char *skip_result(const char *text)
{
    if (*text != '%')
        return text;
    const char *end = ir_text_skip_name(text + 1);
    return strncmp(end, " = ", 3) == 0 ? end + 3 : text;
}

static bool add_invoke(struct ir_reader *reader, const char *text, uint32_t location)
{
    const char *next = ir_text_find(text, " to label %");
    for (const char *later = next; later && (later = ir_text_find(later + 1, " to label %"));)
        next = later;
    if (!next)
        return refuse(reader, "an invoke that leads nowhere");
    reader->program->blocks[reader->program->block_count - 1].end = IR_END_INVOKE;
    return add_call(reader, text, location) && add_edges(reader, next);
}

static bool add_instruction(struct ir_reader *reader)
{
    static const char *const calls[] = {"call", "tail call", "musttail call", "notail call"};
    static const char *const branches[] = {"br",       "switch",     "indirectbr", "catchswitch",
                                           "catchret", "cleanupret", "callbr"};
    const char *text = skip_result(reader->lines.instruction);
    uint32_t location = location_of(text);
    struct ir_block *block = &reader->program->blocks[reader->program->block_count - 1];
    for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
        if (ir_text_starts_with(text, calls[i]))
            return add_call(reader, text + strlen(calls[i]), location);
    }
    for (size_t i = 0; i < sizeof(branches) / sizeof(*branches); i++) {
        if (ir_text_starts_with(text, branches[i])) {
            block->end_position = location;
            return add_edges(reader, text);
        }
    }
    if (ir_text_starts_with(text, "invoke"))
        return add_invoke(reader, text + 6, location);
    if (ir_text_starts_with(text, "unreachable") || ir_text_starts_with(text, "resume"))
        block->end = IR_END_NEVER;
    if (ir_text_starts_with(text, "phi"))
        return true;
    return add_position(reader, location);
}

/* --- functions ---------------------------------------------------------------------------------
 */

static struct list_sizes sizes_of(const struct ir_program *program)
{
    return (struct list_sizes){program->block_count, program->position_count, program->call_count,
                               program->edge_count,  program->counter_count,  program->site_count};
}

static void cut_lists(struct ir_program *program, struct list_sizes sizes)
{
    program->block_count = sizes.blocks;
    program->position_count = sizes.positions;
    program->call_count = sizes.calls;
    program->edge_count = sizes.edges;
    program->counter_count = sizes.counters;
    program->site_count = sizes.sites;
}

static bool close_edges(struct ir_reader *reader)
{
    for (size_t i = 0; i < reader->open_edge_count; i++) {
        size_t slot = HASH_INDEX_FIRST;
        uint32_t block = hash_index_next(&reader->labels, reader->open_edges[i].label, &slot);
        if (block == HASH_INDEX_NONE)
            return refuse(reader, "a branch of the function leads to a block that is not there");
        reader->program->edges[reader->open_edges[i].edge] = block;
    }
    return true;
}

/* Functions that several modules have are the same; the first counts. */
static bool is_known(const struct ir_program *program, const struct ir_function *function,
                     uint64_t hash)
{
    size_t slot = HASH_INDEX_FIRST;
    uint32_t number;
    while ((number = hash_index_next(&program->by_profile_name, hash, &slot)) != HASH_INDEX_NONE) {
        const struct ir_function *known = &program->functions[number];
        if (known->profile_name == function->profile_name && known->hash == function->hash)
            return true;
    }
    return false;
}

static bool keep_function(struct ir_reader *reader)
{
    struct ir_program *program = reader->program;
    struct ir_function *function = &reader->function;
    program->definition_count++;
    if (!function->profile_name || function->counter_count == 0) {
        cut_lists(program, reader->function_start);
        return true;
    }
    uint64_t hash = hash_mix(hash_bytes(function->profile_name, strlen(function->profile_name)),
                             function->hash);
    if (is_known(program, function, hash)) {
        cut_lists(program, reader->function_start);
        return true;
    }
    function->first_block = (uint32_t)reader->function_start.blocks;
    function->block_count = (uint32_t)(program->block_count - reader->function_start.blocks);
    uint32_t number = (uint32_t)program->function_count;
    return close_edges(reader) &&
           ADD(reader, functions, function_count, function_capacity, *function) &&
           hash_index_add(&program->by_profile_name, hash, number, reader->error) &&
           hash_index_add(&program->by_name, hash_bytes(function->name, strlen(function->name)),
                          number, reader->error);
}

static bool read_body(struct ir_reader *reader)
{
    reader->lines.instruction_size = 0;
    while (ir_lines_next(&reader->lines)) {
        const char *line = reader->lines.line;
        if (*line == '}')
            return keep_function(reader);
        if (strncmp(line, "  ", 2) == 0) {
            if (line[2] == ' ') /* what debuggers want to know of variables */
                continue;
            if (!ir_lines_gather(&reader->lines, reader->error) || !add_instruction(reader))
                return false;
        } else if (*line != '\0' && *line != ';') {
            if (*ir_text_skip_name(line) != ':')
                return refuse(reader, "a line of a function is not understood");
            if (!add_label(reader, line))
                return false;
        }
    }
    return refuse(reader, "the file ends inside of a function");
}

static bool read_function(struct ir_reader *reader)
{
    const char *name = find_callee(reader->lines.line);
    size_t size;
    if (!name || *name != '@')
        return refuse(reader, "a function without a name");
    char *copy = ir_text_unquote(name + 1, &size, reader->error);
    reader->function = (struct ir_function){0};
    if (copy)
        reader->function.name =
            names_intern(&reader->program->positions.names, copy, size, reader->error);
    free(copy);
    reader->function_start = sizes_of(reader->program);
    hash_index_clear(&reader->labels);
    reader->open_edge_count = 0;
    return reader->function.name && begin_block(reader) && read_body(reader);
}

/* --- modules -------------------------------------------------------------------------------------
 */

/* @__profn_NAME = private constant [N x i8] c"NAME" */
static bool read_profile_name(struct ir_reader *reader)
{
    const char *variable = reader->lines.line + 1;
    const char *end = ir_text_skip_name(variable);
    const char *value = ir_text_find(end, " c\"");
    size_t size;
    if (!value)
        return true;
    char *copy = ir_text_unquote(value + 2, &size, reader->error);
    if (!copy)
        return false;
    struct profile_name name = {
        .value = names_intern(&reader->program->positions.names, copy, size, reader->error)};
    free(copy);
    uint32_t number = (uint32_t)reader->profile_name_count;
    if (!name.value || !memory_reserve(&reader->profile_names, &reader->profile_name_capacity,
                                       reader->profile_name_count + 1, sizeof(name), reader->error))
        return false;
    reader->profile_names[reader->profile_name_count++] = name;
    return hash_index_add(&reader->profile_names_by_variable,
                          hash_bytes(variable, (size_t)(end - variable)), number, reader->error);
}

static bool resolve(struct ir_reader *reader, uint32_t *position)
{
    if (*position == POSITION_NONE)
        return true;
    if (*position >= reader->metadata.count)
        return refuse(reader, "an instruction's debug location is missing: the file is cut short");
    return ir_metadata_position(&reader->metadata, &reader->program->positions, *position, position,
                                reader->error);
}

/* Block positions that are none stay: lists of other blocks begin behind them. */
static bool end_module(struct ir_reader *reader)
{
    struct ir_program *program = reader->program;
    for (size_t i = reader->start.positions; i < program->position_count; i++) {
        if (!resolve(reader, &program->block_positions[i]))
            return false;
        program->has_locations |= program->block_positions[i] != POSITION_NONE;
    }
    for (size_t i = reader->start.blocks; i < program->block_count; i++) {
        if (!resolve(reader, &program->blocks[i].end_position))
            return false;
    }
    for (size_t i = reader->start.calls; i < program->call_count; i++) {
        if (!resolve(reader, &program->calls[i].position))
            return false;
    }
    for (size_t i = reader->start.sites; i < program->site_count; i++) {
        if (!resolve(reader, &program->sites[i].position))
            return false;
    }
    ir_metadata_clear(&reader->metadata);
    hash_index_clear(&reader->profile_names_by_variable);
    reader->profile_name_count = 0;
    reader->start = sizes_of(program);
    return true;
}

static bool read_modules(struct ir_reader *reader)
{
    while (ir_lines_next(&reader->lines)) {
        const char *line = reader->lines.line;
        bool done = true;
        if (strncmp(line, "define ", 7) == 0)
            done = read_function(reader);
        else if (*line == '!' && ir_text_is_digit(line[1]))
            done = ir_metadata_add(&reader->metadata, &reader->program->positions, line,
                                   reader->error) &&
                   ir_metadata_read_unit(line, &reader->program->compilers, reader->error);
        else if (strncmp(line, "@__profn_", 9) == 0 || strncmp(line, "@\"__profn_", 10) == 0)
            done = read_profile_name(reader);
        else if (strncmp(line, "; ModuleID = ", 13) == 0) {
            reader->program->module_count++;
            done = end_module(reader);
        }
        if (!done)
            return false;
    }
    if (ferror(reader->lines.stream)) {
        error_set_errno(reader->error, ERROR_READ, reader->lines.path);
        return false;
    }
    return end_module(reader);
}

/* So that the last block has an end, too; the next module's first block replaces it. */
static bool add_end(struct ir_reader *reader)
{
    if (!begin_block(reader))
        return false;
    reader->program->block_count--;
    return true;
}

bool ir_program_read(struct ir_program *program, FILE *stream, const char *path,
                     struct error *error)
{
    struct ir_reader reader = {
        .program = program, .lines = {.stream = stream, .path = path}, .error = error};
    reader.start = sizes_of(program);
    bool done = read_modules(&reader) && add_end(&reader);
    ir_lines_free(&reader.lines);
    free(reader.profile_names);
    free(reader.open_edges);
    ir_metadata_free(&reader.metadata);
    hash_index_free(&reader.profile_names_by_variable);
    hash_index_free(&reader.labels);
    return done;
}
