#include "analyzer/read/perf_space.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/base/memory.h"
#include "analyzer/base/search.h"
#include "analyzer/model/binary/binary.h"
#include "analyzer/read/recorded_files.h"
#include "include/pgoshim/raw.h"

#define BUCKETS 4096
/* Forked children share their parent's mappings, so that no real system comes near this. */
#define MAPPING_LIMIT (1u << 22)
#define NO_FILE UINT32_MAX

struct mapping {
    uint64_t start, end;
    uint64_t offset;
    uint32_t file;  /* NO_FILE: code that is in no file */
    bool is_placed; /* `bias` is known */
    bool is_main;
    uint64_t bias; /* link-time address minus offset in the file */
};

/* Mappings in order of address, not overlapping.  Shared by processes until one changes it. */
struct space {
    uint32_t references;
    uint32_t main_file; /* NO_FILE: nothing was executed yet */
    struct mapping *items;
    size_t count, capacity;
    size_t found_last; /* where the last address was: the next one is mostly there too */
};

struct perf_process {
    uint32_t number;
    uint32_t next; /* index + 1 of the next one in the bucket */
    struct space *space;
};

/* What an address of an unknown process turned out to be: it is not looked for twice. */
struct found_place {
    uint64_t address;
    uint64_t generation;
    bool is_ambiguous;
    struct location location;
};

#define FOUND_PLACES 8192

struct perf_spaces {
    const char *path;
    struct profile *profile;
    struct recorded_files files;
    struct perf_process *processes;
    size_t process_count, process_capacity;
    size_t mapping_total;
    uint32_t process_buckets[BUCKETS]; /* index + 1 */
    uint32_t main_file, main_process;
    uint64_t generation; /* of what is mapped: changes when that does */
    uint64_t ambiguous;  /* addresses of unknown processes with more than one meaning */
    struct found_place *found;
};

struct perf_spaces *perf_spaces_new(const char *path, struct profile *profile, struct error *error)
{
    struct perf_spaces *spaces = calloc(1, sizeof(*spaces));
    if (!spaces) {
        memory_exhausted(error);
        return NULL;
    }
    spaces->path = path;
    spaces->profile = profile;
    spaces->files.profile = profile;
    spaces->main_file = NO_FILE;
    spaces->generation = 1;
    return spaces;
}

static void space_release(struct perf_spaces *spaces, struct space *space)
{
    if (!space || --space->references > 0)
        return;
    spaces->mapping_total -= space->count;
    free(space->items);
    free(space);
}

void perf_spaces_free(struct perf_spaces *spaces)
{
    if (!spaces)
        return;
    for (size_t i = 0; i < spaces->process_count; i++)
        space_release(spaces, spaces->processes[i].space);
    free(spaces->processes);
    free(spaces->found);
    recorded_files_free(&spaces->files);
    free(spaces);
}

const char *perf_spaces_notes(const struct perf_spaces *spaces)
{
    return spaces->files.notes;
}

uint64_t perf_spaces_ambiguous(const struct perf_spaces *spaces)
{
    return spaces->ambiguous;
}

const char *perf_spaces_program(const struct perf_spaces *spaces, uint32_t *process)
{
    *process = spaces->main_process;
    return spaces->main_file == NO_FILE ? NULL : spaces->files.items[spaces->main_file].path;
}

bool perf_add_build_id(struct perf_spaces *spaces, const char *path, const uint8_t *build_id,
                       uint32_t size, struct error *error)
{
    uint32_t number;
    return recorded_files_find(&spaces->files, path, build_id, size, &number, error);
}

/* --- processes ------------------------------------------------------------------- */

static struct perf_process *find_process(const struct perf_spaces *spaces, uint32_t number)
{
    for (uint32_t i = spaces->process_buckets[number % BUCKETS]; i;
         i = spaces->processes[i - 1].next) {
        if (spaces->processes[i - 1].number == number)
            return &spaces->processes[i - 1];
    }
    return NULL;
}

static struct perf_process *get_process(struct perf_spaces *spaces, uint32_t number,
                                        struct error *error)
{
    struct perf_process *process = find_process(spaces, number);
    uint32_t *bucket = &spaces->process_buckets[number % BUCKETS];
    if (process)
        return process;
    if (!memory_reserve(&spaces->processes, &spaces->process_capacity, spaces->process_count + 1,
                        sizeof(*spaces->processes), error))
        return NULL;
    process = &spaces->processes[spaces->process_count++];
    *process = (struct perf_process){.number = number, .next = *bucket};
    *bucket = (uint32_t)spaces->process_count;
    return process;
}

bool perf_fork(struct perf_spaces *spaces, uint32_t child, uint32_t parent, struct error *error)
{
    const struct perf_process *from = find_process(spaces, parent);
    struct space *shared = from ? from->space : NULL;
    struct perf_process *process;
    if (child == parent)
        return true;
    process = get_process(spaces, child, error);
    if (!process)
        return false;
    if (shared)
        shared->references++;
    space_release(spaces, process->space);
    process->space = shared;
    spaces->generation++;
    return true;
}

bool perf_exec(struct perf_spaces *spaces, uint32_t process, struct error *error)
{
    struct perf_process *known = get_process(spaces, process, error);
    if (!known)
        return false;
    space_release(spaces, known->space);
    known->space = NULL;
    spaces->generation++;
    return true;
}

/* A space of its own with the same mappings, in the place of one that others share. */
static struct space *space_copy(struct perf_spaces *spaces, struct space *old, struct error *error)
{
    size_t count = old ? old->count : 0;
    struct space *space = calloc(1, sizeof(*space));
    if (!space) {
        memory_exhausted(error);
        return NULL;
    }
    space->references = 1;
    if (!memory_reserve(&space->items, &space->capacity, count + 2, sizeof(*space->items), error)) {
        free(space);
        return NULL;
    }
    if (count > 0)
        memcpy(space->items, old->items, count * sizeof(*space->items));
    space->count = count;
    space->main_file = old ? old->main_file : NO_FILE;
    spaces->mapping_total += count;
    space_release(spaces, old);
    return space;
}

/* The process's space, made its own, with room for two more mappings; NULL on failure. */
static struct space *own_space(struct perf_spaces *spaces, struct perf_process *process,
                               struct error *error)
{
    struct space *space = process->space;
    if (!space || space->references > 1) {
        space = space_copy(spaces, space, error);
        if (!space)
            return NULL;
        process->space = space;
    }
    if (spaces->mapping_total + 2 > MAPPING_LIMIT) {
        error_set(error, ERROR_RAW_GARBLED, spaces->path, "it maps more than %u files at a time",
                  MAPPING_LIMIT);
        return NULL;
    }
    return memory_reserve(&space->items, &space->capacity, space->count + 2, sizeof(*space->items),
                          error)
               ? space
               : NULL;
}

/* The first mapping that ends after the address. */
static size_t mapping_index(const struct space *space, uint64_t address)
{
    return SEARCH_COUNT(space->count, i, space->items[i].end <= address);
}

/* Puts a mapping in the place of whatever it covers.  There is room for two more. */
static void space_insert(struct perf_spaces *spaces, struct space *space,
                         const struct mapping *added)
{
    size_t first = mapping_index(space, added->start);
    size_t past = first;
    struct mapping pieces[3];
    size_t count = 0;
    while (past < space->count && space->items[past].start < added->end)
        past++;
    if (past > first && space->items[first].start < added->start) {
        pieces[count] = space->items[first];
        pieces[count++].end = added->start;
    }
    pieces[count++] = *added;
    if (past > first && space->items[past - 1].end > added->end) {
        struct mapping *rest = &pieces[count++];
        *rest = space->items[past - 1];
        rest->offset += added->end - rest->start;
        rest->start = added->end;
    }
    memmove(space->items + first + count, space->items + past,
            (space->count - past) * sizeof(*space->items));
    memcpy(space->items + first, pieces, count * sizeof(*pieces));
    spaces->mapping_total += count - (past - first);
    space->count += count - (past - first);
}

/*
 * Puts a mapping in the place of what it covers.  One of no file leaves the program's own code:
 * what is there now is the same code in other memory, such as huge pages.
 */
static bool space_map(struct perf_spaces *spaces, struct perf_process *process,
                      const struct mapping *added, struct error *error)
{
    struct space *space = process->space;
    for (uint64_t at = added->start; at < added->end;) {
        struct mapping piece = *added;
        size_t i = mapping_index(space, at);
        while (i < space->count && space->items[i].start < added->end &&
               (added->file != NO_FILE || space->items[i].file == NO_FILE ||
                space->items[i].file != space->main_file))
            i++;
        bool is_kept = i < space->count && space->items[i].start < added->end;
        uint64_t next = is_kept ? space->items[i].end : added->end;
        piece.start = at;
        piece.offset += at - added->start;
        if (is_kept)
            piece.end = space->items[i].start;
        if (piece.start < piece.end) {
            space = own_space(spaces, process, error);
            if (!space)
                return false;
            space_insert(spaces, space, &piece);
        }
        at = next;
    }
    return true;
}

/*
 * Anonymous memory, devices and memory files have names too, but no code to look up.  A program
 * may be in a memory file, though (fexecve of memfd_create).
 */
static bool names_file(const struct perf_spaces *spaces, const struct space *space,
                       const char *path)
{
    bool may_be_program = space->main_file == NO_FILE ||
                          strcmp(spaces->files.items[space->main_file].path, path) == 0;
    if (strncmp(path, "/memfd:", strlen("/memfd:")) == 0)
        return may_be_program;

    static const char *const others[] = {"//anon", "/dev/", "/SYSV", "/anon_hugepage"};
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
        if (strncmp(path, others[i], strlen(others[i])) == 0)
            return false;
    }
    return (*path == '/' && !strstr(path, "/libhugetlbfs.tmp.")) ||
           strcmp(path, RECORDED_VDSO) == 0;
}

bool perf_map(struct perf_spaces *spaces, const struct perf_mapping *mapping, struct error *error)
{
    struct mapping added = {.start = mapping->start, .offset = mapping->offset, .file = NO_FILE};
    struct perf_process *process = get_process(spaces, mapping->process, error);
    struct space *space = process ? own_space(spaces, process, error) : NULL;
    if (!space)
        return false;
    if (mapping->length == 0 || __builtin_add_overflow(mapping->start, mapping->length, &added.end))
        return true;
    if (names_file(spaces, space, mapping->path)) {
        if (!recorded_files_find(&spaces->files, mapping->path, mapping->build_id,
                                 mapping->build_id_size, &added.file, error))
            return false;
        added.is_main = space->main_file == NO_FILE && *mapping->path == '/';
        if (added.is_main)
            space->main_file = added.file;
    }
    if (!space_map(spaces, process, &added, error))
        return false;
    spaces->generation++;
    if (!added.is_main)
        return true;
    if (spaces->main_file == NO_FILE) {
        spaces->main_file = added.file;
        spaces->main_process = mapping->process;
    }
    return spaces->files.items[added.file].is_resolved ||
           recorded_file_resolve(&spaces->files, &spaces->files.items[added.file], true, error);
}

/* What is mapped at the address, or NULL. */
static inline struct mapping *mapping_at(struct space *space, uint64_t address)
{
    size_t i = space->found_last;
    if (i >= space->count || address < space->items[i].start || address >= space->items[i].end)
        i = mapping_index(space, address);
    if (i == space->count || space->items[i].start > address)
        return NULL;
    space->found_last = i;
    return &space->items[i];
}

/* Inlined, for it runs for both ends of each branch. */
__attribute__((always_inline)) static inline bool locate_in(struct perf_spaces *spaces,
                                                            struct space *space, uint64_t address,
                                                            struct location *location,
                                                            struct error *error)
{
    *location = (struct location){PROFILE_MODULE_OUTSIDE, address & PGORAW_ADDRESS_MASK};
    struct mapping *mapping = space ? mapping_at(space, address) : NULL;
    if (!mapping || mapping->file == NO_FILE)
        return true;

    struct recorded_file *file = &spaces->files.items[mapping->file];
    if (!file->is_resolved && !recorded_file_resolve(&spaces->files, file, mapping->is_main, error))
        return false;
    if (!mapping->is_placed && file->binary) {
        if (!binary_link_bias(file->binary, mapping->offset, mapping->end - mapping->start,
                              &mapping->bias))
            return true;
        mapping->is_placed = true;
    }
    const struct module *module = &spaces->profile->modules[file->module];
    uint64_t link = address - mapping->start + mapping->offset + mapping->bias;
    if (link <= PGORAW_ADDRESS_MASK &&
        (module->high_address == 0 || (link >= module->low_address && link < module->high_address)))
        *location = (struct location){file->module, link};
    return true;
}

/* The one place that the processes have there; none where they have several. */
static bool search_all(struct perf_spaces *spaces, uint64_t address, struct found_place *found,
                       struct error *error)
{
    const struct space *last = NULL;
    found->location = (struct location){PROFILE_MODULE_OUTSIDE, address & PGORAW_ADDRESS_MASK};
    for (size_t i = 0; i < spaces->process_count; i++) {
        struct space *space = spaces->processes[i].space;
        struct location location;
        if (!space || space == last)
            continue; /* children often share their parent's */
        last = space;
        if (!locate_in(spaces, space, address, &location, error))
            return false;
        if (location.module == PROFILE_MODULE_OUTSIDE)
            continue;
        found->is_ambiguous = found->location.module != PROFILE_MODULE_OUTSIDE &&
                              (found->location.module != location.module ||
                               found->location.address != location.address);
        if (found->is_ambiguous) {
            found->location =
                (struct location){PROFILE_MODULE_OUTSIDE, address & PGORAW_ADDRESS_MASK};
            return true;
        }
        found->location = location;
    }
    return true;
}

static bool locate_anywhere(struct perf_spaces *spaces, uint64_t address, struct location *location,
                            struct error *error)
{
    if (!spaces->found) {
        spaces->found = calloc(FOUND_PLACES, sizeof(*spaces->found));
        if (!spaces->found)
            return memory_exhausted(error);
    }
    struct found_place *found =
        &spaces->found[(address * UINT64_C(0x9e3779b97f4a7c15) >> 32) % FOUND_PLACES];
    if (found->address != address || found->generation != spaces->generation) {
        *found = (struct found_place){.address = address, .generation = spaces->generation};
        if (!search_all(spaces, address, found, error))
            return false;
    }
    spaces->ambiguous += found->is_ambiguous;
    *location = found->location;
    return true;
}

bool perf_locate(struct perf_spaces *spaces, uint32_t process, uint64_t address,
                 struct location *location, struct error *error)
{
    if (process == PERF_PROCESS_UNKNOWN)
        return locate_anywhere(spaces, address, location, error);
    const struct perf_process *known = find_process(spaces, process);
    return locate_in(spaces, known ? known->space : NULL, address, location, error);
}

static bool has_address(const struct space *space, uint64_t address)
{
    size_t at = mapping_index(space, address);
    return at < space->count && space->items[at].start <= address;
}

/* Where the space has that offset in the file at the path. */
static bool find_offset(const struct perf_spaces *spaces, const struct space *space,
                        const char *path, uint64_t *address)
{
    for (size_t i = 0; i < space->count; i++) {
        const struct mapping *mapping = &space->items[i];
        if (mapping->file != NO_FILE && *address >= mapping->offset &&
            *address - mapping->offset < mapping->end - mapping->start &&
            strcmp(spaces->files.items[mapping->file].path, path) == 0) {
            *address = mapping->start + (*address - mapping->offset);
            return true;
        }
    }
    return false;
}

bool perf_address_of_offset(const struct perf_spaces *spaces, uint32_t process, const char *path,
                            uint64_t *address)
{
    const struct perf_process *known = find_process(spaces, process);
    if (process != PERF_PROCESS_UNKNOWN)
        return known && known->space &&
               (has_address(known->space, *address) || /* it is an address as it is */
                find_offset(spaces, known->space, path, address));
    for (size_t i = 0; i < spaces->process_count; i++) {
        const struct space *space = spaces->processes[i].space;
        if (space && (has_address(space, *address) || find_offset(spaces, space, path, address)))
            return true;
    }
    return false;
}

bool perf_is_mapped(const struct perf_spaces *spaces, uint32_t process, uint64_t address)
{
    const struct perf_process *known = find_process(spaces, process);
    bool is_mapped = known && known->space && has_address(known->space, address);
    for (size_t i = 0; process == PERF_PROCESS_UNKNOWN && i < spaces->process_count; i++) {
        const struct space *space = spaces->processes[i].space;
        is_mapped = is_mapped || (space && has_address(space, address));
    }
    return is_mapped;
}
