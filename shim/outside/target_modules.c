#include "shim/outside/target_modules.h"

#include <elf.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "pgoshim/raw.h"
#include "shim/core/ground/memory.h"
#include "shim/core/store/tables.h"
#include "shim/outside/image_file.h"
#include "shim/outside/module_code.h"

#define PAGE UINT64_C(4096)
#define LONGEST_PATH 4200
#define DELETED " (deleted)"
#define VDSO "[vdso]"
#define VDSO_NAME "linux-vdso.so.1" /* as the dynamic linker calls it */

static const struct target_modules *used;

/* --- what the core asks (core/modules/modules.h) ------------------------------ */

uint32_t modules_generation(void)
{
    return used->generation;
}

/* Another process may always unmap what it has mapped. */
bool modules_hold_for_good(uint64_t address)
{
    (void)address;
    return false;
}

bool modules_find(uint64_t address, struct loaded_module *found)
{
    for (uint32_t i = 0; i < used->count; i++) {
        if (address >= used->modules[i].start && address < used->modules[i].end) {
            *found = used->modules[i];
            return true;
        }
    }
    return false;
}

uint64_t modules_locate(uint64_t address)
{
    struct loaded_module module;
    if (!modules_find(address, &module))
        return PGORAW_LOCATION(0, address);
    return PGORAW_LOCATION(module.number, address - module.load_bias);
}

/* --- reading them --------------------------------------------------------------- */

/* A line of /proc/PID/maps. */
struct process_mapping {
    uint64_t start, end, offset;
    dev_t device;
    ino_t inode; /* 0: no file */
    bool executable;
    const char *path;
};

/* The number at *at, which goes behind it and the character that follows. */
static uint64_t number_take(char **at, int base)
{
    uint64_t number = strtoull(*at, at, base);
    *at += **at != '\0';
    return number;
}

/* The path points into the line.  Source of the layout: proc(5). */
static void mapping_parse(char *line, struct process_mapping *mapping)
{
    char *at = line, *end = strchr(line, '\n');
    unsigned major_number;

    if (end)
        *end = '\0';
    mapping->start = number_take(&at, 16);
    mapping->end = number_take(&at, 16);
    mapping->executable = strnlen(at, 3) == 3 && at[2] == 'x';
    at += strcspn(at, " ");
    mapping->offset = number_take(&at, 16);
    major_number = (unsigned)number_take(&at, 16);
    mapping->device = makedev(major_number, (unsigned)number_take(&at, 16));
    mapping->inode = (ino_t)number_take(&at, 10);
    mapping->path = at + strspn(at, " ");
}

/* By its memory.  False: that may not be read, or it has no image. */
static bool image_in_memory(const struct process_mapping *first, struct image *image,
                            uint64_t *bias)
{
    uint64_t headers;
    uint32_t count;

    if (!image_headers(first->start, &headers, &count) ||
        !image_read(headers, count, first->start, image))
        return false;
    *bias = first->start - image->low_address / PAGE * PAGE;
    /* Its notes are elsewhere where it is not linked to address 0. */
    return *bias == first->start || image_read(headers, count, *bias, image);
}

/* The vdso's, by our own: the kernel has one for all. */
static bool image_of_vdso(pid_t process, struct image *image)
{
    uint64_t headers, start = getauxval(AT_SYSINFO_EHDR);
    uint32_t count;
    bool found;

    memory_use_process(getpid());
    found = start && image_headers(start, &headers, &count) &&
            image_read(headers, count, start, image) && image->low_address == 0;
    memory_use_process(process);
    return found;
}

/* Whether the file of this name is the one that is mapped. */
static bool is_mapped_file(const char *path, const struct process_mapping *mapping)
{
    struct stat status;
    return stat(path, &status) == 0 && status.st_ino == mapping->inode &&
           (status.st_dev == mapping->device || major(mapping->device) == 0);
}

/* The mapped file, as the process sees it. */
static void file_path(const struct process_mapping *first, pid_t process, bool is_main, char *path,
                      size_t size)
{
    if (is_main)
        snprintf(path, size, "/proc/%d/exe", (int)process);
    else
        snprintf(path, size, "/proc/%d/root%s", (int)process, first->path);
}

/* The image that begins at a file's first mapping; its load bias in *bias. */
static bool image_at(const struct process_mapping *first, pid_t process, bool is_main,
                     struct image *image, uint64_t *bias)
{
    char path[LONGEST_PATH];
    bool in_memory = image_in_memory(first, image, bias);

    if (strcmp(first->path, VDSO) == 0) {
        if (!in_memory)
            *bias = first->start;
        return in_memory || image_of_vdso(process, image);
    }
    file_path(first, process, is_main, path, sizeof(path));
    if (in_memory && image->build_id_size == 0)
        build_id_from_file(path, image);
    if (in_memory)
        return true;
    if (!is_mapped_file(path, first) || !image_from_file(path, image))
        return false;
    *bias = first->start - image->low_address / PAGE * PAGE;
    return true;
}

/* Cut at the front where it is too long, as the raw file wants it. */
static void path_take(struct pgoraw_module *entry, const char *path)
{
    size_t length = strlen(path), room = sizeof(entry->path) - 1;

    if (length > strlen(DELETED) && strcmp(path + length - strlen(DELETED), DELETED) == 0)
        length -= strlen(DELETED);
    if (length > room) {
        entry->flags |= PGORAW_MODULE_PATH_CUT;
        path += length - room;
        length = room;
    }
    memcpy(entry->path, path, length);
}

static bool module_of_image(const struct image *image, uint64_t bias, const char *path,
                            bool is_main, struct loaded_module *module)
{
    struct pgoraw_module entry = {.flags = is_main ? PGORAW_MODULE_MAIN : 0};

    entry.load_bias = bias;
    entry.low_address = image->low_address;
    entry.high_address = image->high_address;
    entry.build_id_size = image->build_id_size;
    memcpy(entry.build_id, image->build_id, sizeof(entry.build_id));
    path_take(&entry, path);
    *module = (struct loaded_module){.start = bias + image->low_address,
                                     .end = bias + image->high_address,
                                     .load_bias = bias,
                                     .number = store_add_module(&entry)};
    return module->number != 0;
}

static bool module_make(const struct process_mapping *first, pid_t process, bool is_main,
                        struct loaded_module *module)
{
    struct image image;
    uint64_t bias;
    bool is_vdso = strcmp(first->path, VDSO) == 0;
    char path[LONGEST_PATH];

    if (!image_at(first, process, is_main, &image, &bias) ||
        !module_of_image(&image, bias, is_vdso ? VDSO_NAME : first->path, is_main, module))
        return false;
    file_path(first, process, is_main, path, sizeof(path));
    if (!is_vdso && (is_main || is_mapped_file(path, first)))
        module_code_keep(module->number, path);
    return true;
}

/* As /proc/PID/maps has it, too.  False: the process is gone, or not ours to see. */
static bool executable_path(pid_t process, char *path, size_t size)
{
    char link[64];

    snprintf(link, sizeof(link), "/proc/%d/exe", (int)process);
    memset(path, 0, size);
    return readlink(link, path, size - 1) > 0;
}

/* The executable's image by what the kernel told the process of it, wherever its pages are now. */
static bool image_of_executable(pid_t process, struct image *image, uint64_t *bias)
{
    char name[64];
    Elf64_auxv_t entry;
    uint64_t headers = 0;
    uint32_t count = 0;
    Elf64_Phdr first;

    snprintf(name, sizeof(name), "/proc/%d/auxv", (int)process);
    FILE *stream = fopen(name, "re");
    while (stream && fread(&entry, sizeof(entry), 1, stream) == 1 && entry.a_type != AT_NULL) {
        if (entry.a_type == AT_PHDR)
            headers = entry.a_un.a_val;
        if (entry.a_type == AT_PHNUM)
            count = (uint32_t)entry.a_un.a_val;
    }
    if (stream)
        fclose(stream);
    if (count == 0 || !memory_read(&first, headers, sizeof(first)))
        return false;
    /* The headers' own address; a program without it is not moved (System V gABI, PT_PHDR). */
    *bias = first.p_type == PT_PHDR ? headers - first.p_vaddr : 0;
    return image_read(headers, count, *bias, image) && headers >= *bias + image->low_address &&
           headers < *bias + image->high_address;
}

/* Whether the address lies in the image that begins at the file's first mapping. */
static bool image_holds(const struct process_mapping *first, pid_t process, uint64_t address)
{
    struct image image;
    uint64_t bias;

    return image_at(first, process, false, &image, &bias) && address >= bias + image.low_address &&
           address < bias + image.high_address;
}

static bool is_same_file(const struct process_mapping *a, const struct process_mapping *b)
{
    return a->inode == b->inode && a->device == b->device;
}

/*
 * Gives the first mapping of each file with code, and the vdso's, to `add`, until that returns
 * false.  Small files have their first page mapped more than once, code too; and a program may
 * have moved its code to memory of no file (huge pages), at the same addresses.
 */
static void mappings_walk(pid_t process,
                          bool (*add)(const struct process_mapping *first, void *context),
                          void *context)
{
    FILE *stream;
    struct process_mapping mapping, first = {0};
    char *line = NULL, *first_line = NULL;
    size_t size = 0, first_size = 0;
    char name[64];
    bool is_given = false; /* one module, however many parts it has */

    snprintf(name, sizeof(name), "/proc/%d/maps", (int)process);
    stream = fopen(name, "re");
    while (stream && getline(&line, &size, stream) > 0) {
        mapping_parse(line, &mapping);
        bool is_of_file = mapping.inode != 0 || strcmp(mapping.path, VDSO) == 0;
        bool is_more = first.path && is_of_file && is_same_file(&first, &mapping);
        if (is_of_file && mapping.offset == 0 &&
            !(is_more && image_holds(&first, process, mapping.start))) {
            char *spare = first_line;
            size_t spare_size = first_size;
            first = mapping;
            first_line = line;
            first_size = size;
            line = spare;
            size = spare_size;
            is_given = false;
            is_more = true;
        }
        if (!mapping.executable || !first.path || is_given)
            continue;
        if (!is_more && (is_of_file || !image_holds(&first, process, mapping.start)))
            continue;
        if (!add(&first, context))
            break;
        is_given = true;
    }
    free(line);
    free(first_line);
    if (stream)
        fclose(stream);
}

struct reading {
    pid_t process;
    char executable[4096];
    bool has_main;
    struct target_modules found;
};

static struct loaded_module *module_room(struct target_modules *found)
{
    struct loaded_module *grown =
        realloc(found->modules, (found->count + 1) * sizeof(*found->modules));

    if (!grown)
        return NULL;
    found->modules = grown;
    return &grown[found->count];
}

static bool module_add(const struct process_mapping *first, void *context)
{
    struct reading *reading = context;
    struct loaded_module *module = module_room(&reading->found);
    bool is_main = strcmp(first->path, reading->executable) == 0;

    if (!module)
        return false;
    if (module_make(first, reading->process, is_main, module)) {
        reading->found.count++;
        reading->has_main = reading->has_main || is_main;
    }
    return true;
}

/* Where no mapping of the executable is left that tells of it. */
static void main_add(struct reading *reading)
{
    struct loaded_module *module = module_room(&reading->found);
    struct image image;
    uint64_t bias;

    if (module && image_of_executable(reading->process, &image, &bias) &&
        module_of_image(&image, bias, reading->executable, true, module)) {
        char path[64];
        snprintf(path, sizeof(path), "/proc/%d/exe", (int)reading->process);
        module_code_keep(module->number, path);
        reading->found.count++;
    }
}

void target_modules_read(struct target_modules *modules, pid_t process)
{
    struct reading reading = {.process = process};
    bool same;

    if (executable_path(process, reading.executable, sizeof(reading.executable)))
        mappings_walk(process, module_add, &reading);
    if (*reading.executable && !reading.has_main)
        main_add(&reading);
    if (reading.found.count == 0) {
        free(reading.found.modules);
        return;
    }
    same = reading.found.count == modules->count &&
           memcmp(reading.found.modules, modules->modules,
                  modules->count * sizeof(*modules->modules)) == 0;
    reading.found.generation = modules->generation + !same;
    free(modules->modules);
    *modules = reading.found;
}

struct main_search {
    pid_t process;
    const char *executable;
    struct image *image;
    bool found;
};

static bool main_look(const struct process_mapping *first, void *context)
{
    struct main_search *search = context;
    uint64_t bias;

    if (strcmp(first->path, search->executable) != 0)
        return true;
    search->found = image_at(first, search->process, true, search->image, &bias);
    return false;
}

static bool mapping_try(const struct process_mapping *first, void *context)
{
    uint8_t byte;
    *(bool *)context = memory_read(&byte, first->start, sizeof(byte));
    return false;
}

bool target_memory_readable(pid_t process)
{
    bool readable = false;

    memory_use_process(process);
    mappings_walk(process, mapping_try, &readable);
    return readable;
}

bool target_executable(pid_t process, struct image *image, char *path, size_t size)
{
    struct main_search search = {.process = process, .executable = path, .image = image};

    if (executable_path(process, path, size))
        mappings_walk(process, main_look, &search);
    if (*path && !search.found) {
        uint64_t bias;
        search.found = image_of_executable(process, image, &bias);
    }
    return search.found;
}

bool target_modules_copy(struct target_modules *modules, const struct target_modules *of)
{
    struct loaded_module *copy = calloc(of->count + 1, sizeof(*copy));

    if (!copy)
        return false;
    if (of->count)
        memcpy(copy, of->modules, of->count * sizeof(*copy));
    *modules =
        (struct target_modules){.modules = copy, .count = of->count, .generation = of->generation};
    return true;
}

void target_modules_use(const struct target_modules *modules)
{
    used = modules;
}

void target_modules_free(struct target_modules *modules)
{
    free(modules->modules);
    modules->modules = NULL;
    modules->count = 0;
}
