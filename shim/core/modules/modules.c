#include "shim/core/modules/modules.h"

#include <elf.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "shim/core/ground/memory.h"
#include "shim/core/ground/system_call.h"
#include "shim/core/ground/text.h"
#include "shim/core/modules/image.h"
#include "shim/core/store/tables.h"

#define MOST_MODULES 1024
#define MOST_NAMESPACES 16 /* of dlmopen, as glibc has it (DL_NNS) */
#define LARGEST_IDENTITY sizeof(Elf64_Ehdr)

/*
 * A slot is live while its end is not 0.  A reader that sees the same non-zero
 * end before and after copying the rest has a consistent copy, since a slot is
 * emptied before it is reused and ends differ between modules at one time.
 */
struct module_slot {
    struct loaded_module module;
    uint64_t link_map; /* the dynamic linker's own entry, by which a slot is recognised */
    bool lasts;        /* it is there until the process ends */
    bool seen;         /* in the walk that is under way */
    uint32_t asked;    /* the sample in which it was last found to be still itself */
    uint64_t identity_address;
    uint32_t identity_size;             /* 0: it cannot be asked */
    uint8_t identity[LARGEST_IDENTITY]; /* its bytes there: the build-id, or the ELF header */
};

/* The last entry of one of the dynamic linker's lists; another object's may take its place. */
struct list_tail {
    uint64_t address; /* 0: the list was empty */
    uint64_t load_bias;
    const void *dynamic_section;
};

static struct module_slot slots[MOST_MODULES];
static uint32_t slot_count;
static uint64_t last_lasting; /* link_map of the last object that the process began with */
static struct list_tail tails[MOST_NAMESPACES]; /* when the lists were walked last */
static uint32_t namespace_count;
static uint32_t generation = 1;
static uint32_t samples;    /* of all threads, to know what was asked in this one */
static uint32_t refreshing; /* 1 while a thread walks the list */

uint32_t modules_generation(void)
{
    return __atomic_load_n(&generation, __ATOMIC_ACQUIRE);
}

/* The main executable's headers come from the kernel: its ELF header may not be mapped. */
static bool headers_of(const struct link_map *map, bool is_main, uint64_t *headers, uint32_t *count)
{
    if (!is_main)
        return image_headers(map->l_addr, headers, count);
    *headers = getauxval(AT_PHDR);
    *count = (uint32_t)getauxval(AT_PHNUM);
    return *headers != 0;
}

/* The path of the mapping that holds the address, by /proc/self/maps; proc(5) tells its layout. */
static void mapped_path(uint64_t address, char *path, size_t size)
{
    char block[4096];
    size_t held = 0;
    long descriptor = system_call(SYS_openat, AT_FDCWD, "/proc/self/maps", O_RDONLY | O_CLOEXEC);
    long length = 0;

    path[0] = '\0';
    while (descriptor >= 0 && !path[0] &&
           (length = system_call(SYS_read, descriptor, block + held, sizeof(block) - 1 - held)) >
               0) {
        char *line = block, *end;
        block[held + (size_t)length] = '\0';
        for (; (end = strchr(line, '\n')); line = end + 1) {
            char *at, *slash;
            uint64_t start = strtoull(line, &at, 16);
            *end = '\0';
            slash = strchr(at, '/');
            if (address >= start && address < strtoull(at + 1, NULL, 16) && slash &&
                strlen(slash) < size)
                memcpy(path, slash, strlen(slash) + 1);
        }
        held = strlen(line);
        memmove(block, line, held + 1);
        if (held + 1 >= sizeof(block))
            break;
    }
    if (descriptor >= 0)
        system_call(SYS_close, descriptor);
}

/*
 * By the name that the kernel was given, where /proc is not mounted.  A script's name is not that
 * of the program which reads it.
 */
static void started_path(char *path, size_t size)
{
    const char *name = (const char *)getauxval(AT_EXECFN);
    char begin[SELFMAG] = "";
    long descriptor =
        name ? system_call(SYS_openat, AT_FDCWD, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;

    if (descriptor < 0)
        return;
    system_call(SYS_read, descriptor, begin, sizeof(begin));
    system_call(SYS_close, descriptor);
    if (memcmp(begin, ELFMAG, SELFMAG) == 0)
        text_print(path, size, "%s", name);
}

void modules_program_path(char *path, size_t size)
{
    bool is_loader = getauxval(AT_BASE) == 0;
    long length;

    /* Without a loader of its own, the kernel started the loader: ld.so PROGRAM. */
    path[0] = '\0';
    if (is_loader)
        mapped_path(getauxval(AT_PHDR), path, size);
    if (path[0])
        return;
    length = system_call(SYS_readlink, "/proc/self/exe", path, size - 1);
    path[length > 0 ? length : 0] = '\0';
    if (length <= 0 && !is_loader)
        started_path(path, size);
}

/* The object's path, absolute; cut at the front where it is too long. */
static void path_read(const struct link_map *map, bool is_main, struct pgoraw_module *entry)
{
    char name[1024] = "";
    char directory[1024];
    char path[2100];
    size_t length;

    if (is_main) {
        modules_program_path(name, sizeof(name));
    } else if (!memory_read_string(name, (uint64_t)(uintptr_t)map->l_name, sizeof(name))) {
        name[0] = '\0';
    }
    length = strlen(name);
    if (length && name[0] != '/' && strchr(name, '/') &&
        system_call(SYS_getcwd, directory, sizeof(directory)) > 0) {
        size_t prefix = strlen(directory);
        memcpy(path, directory, prefix);
        path[prefix] = '/';
        memcpy(path + prefix + 1, name, length + 1);
        length += prefix + 1;
    } else {
        memcpy(path, name, length + 1);
    }
    if (length >= sizeof(entry->path)) {
        entry->flags |= PGORAW_MODULE_PATH_CUT;
        memmove(path, path + length - (sizeof(entry->path) - 1), sizeof(entry->path));
    }
    memcpy(entry->path, path, strnlen(path, sizeof(entry->path) - 1));
}

static struct module_slot *slot_free(void)
{
    for (uint32_t i = 0; i < slot_count; i++)
        if (slots[i].link_map == 0)
            return &slots[i];
    return slot_count < MOST_MODULES ? &slots[slot_count] : NULL;
}

static void identity_take(struct module_slot *slot, const struct image *image, uint64_t load_bias)
{
    uint64_t address = image->build_id_size ? image->build_id_address : image->low_address;

    slot->identity_address = load_bias + address;
    slot->identity_size = image->build_id_size ? image->build_id_size : LARGEST_IDENTITY;
    if (!memory_read(slot->identity, slot->identity_address, slot->identity_size))
        slot->identity_size = 0;
}

/* Whether the object is still there, and none that came after it. */
static bool slot_is_itself(struct module_slot *slot)
{
    uint8_t bytes[LARGEST_IDENTITY];
    uint32_t sample = __atomic_load_n(&samples, __ATOMIC_RELAXED);

    if (slot->lasts || slot->identity_size == 0 ||
        __atomic_load_n(&slot->asked, __ATOMIC_RELAXED) == sample)
        return true;
    if (!memory_read(bytes, slot->identity_address, slot->identity_size) ||
        memcmp(bytes, slot->identity, slot->identity_size) != 0)
        return false;
    __atomic_store_n(&slot->asked, sample, __ATOMIC_RELAXED);
    return true;
}

static void module_add(uint64_t address, const struct link_map *map, bool is_main, bool lasts)
{
    struct pgoraw_module entry;
    struct image image;
    uint64_t headers;
    uint32_t count;
    struct module_slot *slot = slot_free();

    memset(&entry, 0, sizeof(entry));
    if (!slot || !headers_of(map, is_main, &headers, &count) ||
        !image_read(headers, count, map->l_addr, &image))
        return;
    entry.flags = is_main ? PGORAW_MODULE_MAIN : 0;
    entry.load_bias = map->l_addr;
    entry.low_address = image.low_address;
    entry.high_address = image.high_address;
    entry.build_id_size = image.build_id_size;
    memcpy(entry.build_id, image.build_id, sizeof(entry.build_id));
    path_read(map, is_main, &entry);

    slot->module.number = store_add_module(&entry);
    if (slot->module.number == 0)
        return;
    slot->link_map = address;
    slot->lasts = lasts;
    slot->seen = true;
    identity_take(slot, &image, map->l_addr);
    slot->module.start = map->l_addr + image.low_address;
    slot->module.load_bias = map->l_addr;
    slot->module.unwind_table = image.unwind_table ? map->l_addr + image.unwind_table : 0;
    slot->module.unwind_table_size = image.unwind_table_size;
    __atomic_store_n(&slot->module.end, map->l_addr + image.high_address, __ATOMIC_RELEASE);
    if (slot == &slots[slot_count])
        __atomic_store_n(&slot_count, slot_count + 1, __ATOMIC_RELEASE);
}

static struct module_slot *slot_of(uint64_t link_map, uint64_t load_bias)
{
    for (uint32_t i = 0; i < slot_count; i++)
        if (slots[i].link_map == link_map && slots[i].module.load_bias == load_bias)
            return &slots[i];
    return NULL;
}

/* The same object in another list: the dynamic linker's own one is in all of them. */
static bool is_known_elsewhere(uint64_t load_bias)
{
    for (uint32_t i = 0; i < slot_count; i++) {
        if (slots[i].link_map != 0 && slots[i].module.load_bias == load_bias)
            return true;
    }
    return false;
}

static void slot_forget(struct module_slot *slot)
{
    __atomic_store_n(&slot->module.end, 0, __ATOMIC_RELEASE);
    slot->link_map = 0;
    __atomic_fetch_add(&generation, 1, __ATOMIC_RELEASE);
}

/* Others may be in the list under the same entry: whoever looks next walks it. */
static void forget_replaced(void)
{
    for (uint32_t i = 0; i < slot_count; i++) {
        slots[i].seen = false;
        if (slots[i].link_map == 0 || slot_is_itself(&slots[i]))
            continue;
        slot_forget(&slots[i]);
        namespace_count = 0;
    }
}

static void forget_unseen(void)
{
    for (uint32_t i = 0; i < slot_count; i++)
        if (slots[i].link_map != 0 && !slots[i].seen)
            slot_forget(&slots[i]);
}

/*
 * Namespaces of dlmopen have lists of their own, chained behind ours from version 2 on of what the
 * dynamic linker tells debuggers (<link.h>, struct r_debug_extended).
 */
struct module_list {
    struct r_debug head;
    struct module_list *next;
};

/* The list behind `list`; false: there is none. */
static bool list_next(struct module_list *list)
{
    return list->head.r_version >= 2 && list->next &&
           memory_read(list, (uint64_t)(uintptr_t)list->next, sizeof(*list)) &&
           list->head.r_version >= 2;
}

static bool list_first(struct module_list *list)
{
    size_t size = _r_debug.r_version >= 2 ? sizeof(*list) : sizeof(list->head);
    list->next = NULL;
    return memory_read(list, (uint64_t)(uintptr_t)&_r_debug, size);
}

/* False: the list is being changed, or was while we walked it. */
static bool list_walk(const struct r_debug *head, bool is_ours, struct list_tail *tail)
{
    uint64_t address = (uint64_t)(uintptr_t)head->r_map;
    bool lasts = is_ours && last_lasting != 0;

    *tail = (struct list_tail){0};
    if (head->r_state != RT_CONSISTENT)
        return false;
    for (uint32_t i = 0; address && i < MOST_MODULES; i++) {
        struct link_map map;
        struct module_slot *slot;
        if (!memory_read(&map, address, sizeof(map)))
            return false;
        slot = slot_of(address, map.l_addr);
        if (slot)
            slot->seen = true;
        else if (is_ours || !is_known_elsewhere(map.l_addr))
            module_add(address, &map, is_ours && i == 0, lasts);
        lasts = lasts && address != last_lasting;
        *tail = (struct list_tail){address, map.l_addr, map.l_ld};
        address = (uint64_t)(uintptr_t)map.l_next;
    }
    return true;
}

/* False: the lists are being changed, or were while we walked them. */
static bool lists_walk(void)
{
    struct module_list list;
    struct list_tail found[MOST_NAMESPACES];
    uint32_t count = 0;

    forget_replaced();
    for (bool is_there = list_first(&list); is_there && count < MOST_NAMESPACES;
         is_there = list_next(&list), count++)
        if (!list_walk(&list.head, count == 0, &found[count]))
            return false;
    if (count == 0 || __atomic_load_n(&_r_debug.r_state, __ATOMIC_ACQUIRE) != RT_CONSISTENT)
        return false;
    memcpy(tails, found, count * sizeof(found[0]));
    namespace_count = count;
    forget_unseen();
    return true;
}

bool modules_refresh(void)
{
    bool walked;
    if (__atomic_exchange_n(&refreshing, 1, __ATOMIC_ACQUIRE))
        return false;
    walked = lists_walk();
    __atomic_store_n(&refreshing, 0, __ATOMIC_RELEASE);
    return walked;
}

void modules_start(uint64_t last_object)
{
    last_lasting = last_object;
    modules_refresh();
    last_lasting = 0; /* what is loaded from here on may be unloaded */
}

bool modules_hold_for_good(uint64_t address)
{
    uint32_t count = __atomic_load_n(&slot_count, __ATOMIC_ACQUIRE);

    for (uint32_t i = 0; i < count && slots[i].lasts; i++)
        if (address >= slots[i].module.start &&
            address < __atomic_load_n(&slots[i].module.end, __ATOMIC_ACQUIRE))
            return true;
    return false;
}

void modules_after_fork(void)
{
    __atomic_store_n(&refreshing, 0, __ATOMIC_RELEASE);
}

enum slot_answer {
    IN_NONE,
    IN_ONE,
    REPLACED /* in one that is not there any more */
};

static enum slot_answer slot_find(uint64_t address, struct loaded_module *found)
{
    uint32_t count = __atomic_load_n(&slot_count, __ATOMIC_ACQUIRE);
    for (uint32_t i = 0; i < count; i++) {
        const struct loaded_module *module = &slots[i].module;
        uint64_t end = __atomic_load_n(&module->end, __ATOMIC_ACQUIRE);
        bool is_itself;
        if (address >= end || address < module->start)
            continue;
        *found = *module;
        is_itself = slot_is_itself(&slots[i]);
        if (__atomic_load_n(&module->end, __ATOMIC_ACQUIRE) == end && address >= found->start)
            return is_itself ? IN_ONE : REPLACED;
    }
    return IN_NONE;
}

static bool tail_is_last(const struct list_tail *tail)
{
    struct link_map map;

    return memory_read(&map, tail->address, sizeof(map)) && !map.l_next &&
           map.l_addr == tail->load_bias && map.l_ld == tail->dynamic_section;
}

/* Whether one of the dynamic linker's lists has grown since the walk, or there are more. */
static bool lists_grew(void)
{
    struct module_list list;
    uint32_t count = 0;

    for (bool is_there = list_first(&list); is_there && count < MOST_NAMESPACES;
         is_there = list_next(&list), count++) {
        if (count >= namespace_count) /* 0: it was being changed whenever we looked */
            return true;
        if (tails[count].address ? !tail_is_last(&tails[count]) : list.head.r_map != NULL)
            return true;
    }
    return false;
}

bool modules_find(uint64_t address, struct loaded_module *found)
{
    enum slot_answer answer = slot_find(address, found);

    if (answer == IN_NONE && !lists_grew())
        return false;
    return answer == IN_ONE || (modules_refresh() && slot_find(address, found) == IN_ONE);
}

void modules_begin(uint64_t address)
{
    struct loaded_module found;

    __atomic_fetch_add(&samples, 1, __ATOMIC_RELAXED);
    if (slot_find(address, &found) == REPLACED)
        modules_refresh();
}

uint64_t modules_locate(uint64_t address)
{
    struct loaded_module module;
    if (!modules_find(address, &module))
        return PGORAW_LOCATION(0, address);
    return PGORAW_LOCATION(module.number, address - module.load_bias);
}
