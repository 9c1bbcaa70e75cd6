#include "shim/core/modules/modules.h"

#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "shim/core/ground/memory.h"
#include "shim/core/ground/system_call.h"
#include "shim/core/modules/image.h"
#include "shim/core/store/tables.h"

#define MOST_MODULES 1024

/*
 * A slot is live while its end is not 0.  A reader that sees the same non-zero
 * end before and after copying the rest has a consistent copy, since a slot is
 * emptied before it is reused and ends differ between modules at one time.
 */
struct module_slot {
    struct loaded_module module;
    uint64_t link_map; /* the dynamic linker's own entry, by which a slot is recognised */
    bool seen;         /* in the walk that is under way */
};

static struct module_slot slots[MOST_MODULES];
static uint32_t slot_count;
static uint32_t lasting_count; /* the first ones, those of the objects loaded at the start */
static uint64_t list_tail;     /* the list's last entry when it was walked last */
static uint32_t generation = 1;
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

/* The object's path, absolute; cut at the front where it is too long. */
static void path_read(const struct link_map *map, bool is_main, struct pgoraw_module *entry)
{
    char name[1024] = "";
    char directory[1024];
    char path[2100];
    size_t length;

    if (is_main) {
        long size = system_call(SYS_readlink, "/proc/self/exe", name, sizeof(name) - 1);
        name[size > 0 ? size : 0] = '\0';
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

static void module_add(uint64_t address, const struct link_map *map, bool is_main)
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
    slot->seen = true;
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

static void forget_unseen(void)
{
    for (uint32_t i = 0; i < slot_count; i++) {
        if (slots[i].link_map == 0 || slots[i].seen)
            continue;
        __atomic_store_n(&slots[i].module.end, 0, __ATOMIC_RELEASE);
        slots[i].link_map = 0;
        __atomic_fetch_add(&generation, 1, __ATOMIC_RELEASE);
    }
}

/* False: the list is being changed, or was while we walked it. */
static bool list_walk(void)
{
    uint64_t address = (uint64_t)(uintptr_t)_r_debug.r_map;
    uint64_t last = 0;

    if (__atomic_load_n(&_r_debug.r_state, __ATOMIC_ACQUIRE) != RT_CONSISTENT)
        return false;
    for (uint32_t i = 0; i < slot_count; i++)
        slots[i].seen = false;
    for (uint32_t i = 0; address && i < MOST_MODULES; i++) {
        struct link_map map;
        struct module_slot *slot;
        if (!memory_read(&map, address, sizeof(map)))
            return false;
        slot = slot_of(address, map.l_addr);
        if (slot)
            slot->seen = true;
        else
            module_add(address, &map, i == 0);
        last = address;
        address = (uint64_t)(uintptr_t)map.l_next;
    }
    if (__atomic_load_n(&_r_debug.r_state, __ATOMIC_ACQUIRE) != RT_CONSISTENT)
        return false;
    list_tail = last;
    forget_unseen();
    return true;
}

bool modules_refresh(void)
{
    bool walked;
    if (__atomic_exchange_n(&refreshing, 1, __ATOMIC_ACQUIRE))
        return false;
    walked = list_walk();
    __atomic_store_n(&refreshing, 0, __ATOMIC_RELEASE);
    return walked;
}

void modules_start(void)
{
    modules_refresh();
    lasting_count = slot_count;
}

bool modules_hold_for_good(uint64_t address)
{
    for (uint32_t i = 0; i < lasting_count; i++)
        if (address >= slots[i].module.start &&
            address < __atomic_load_n(&slots[i].module.end, __ATOMIC_ACQUIRE))
            return true;
    return false;
}

void modules_after_fork(void)
{
    __atomic_store_n(&refreshing, 0, __ATOMIC_RELEASE);
}

static bool slot_find(uint64_t address, struct loaded_module *found)
{
    uint32_t count = __atomic_load_n(&slot_count, __ATOMIC_ACQUIRE);
    for (uint32_t i = 0; i < count; i++) {
        const struct loaded_module *module = &slots[i].module;
        uint64_t end = __atomic_load_n(&module->end, __ATOMIC_ACQUIRE);
        if (address >= end || address < module->start)
            continue;
        *found = *module;
        if (__atomic_load_n(&module->end, __ATOMIC_ACQUIRE) == end && address >= found->start)
            return true;
    }
    return false;
}

/* Whether the dynamic linker's list has grown since the walk. */
static bool list_grew(void)
{
    struct link_map map;
    return list_tail != 0 && memory_read(&map, list_tail, sizeof(map)) && map.l_next != NULL;
}

bool modules_find(uint64_t address, struct loaded_module *found)
{
    if (slot_find(address, found))
        return true;
    return list_grew() && modules_refresh() && slot_find(address, found);
}

uint64_t modules_locate(uint64_t address)
{
    struct loaded_module module;
    if (!modules_find(address, &module))
        return PGORAW_LOCATION(0, address);
    return PGORAW_LOCATION(module.number, address - module.load_bias);
}
