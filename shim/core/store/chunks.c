#include "shim/core/store/chunks.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "shim/core/ground/descriptor.h"
#include "shim/core/ground/limits.h"
#include "shim/core/ground/system_call.h"
#include "shim/core/store/counters.h"

#define PAGE 4096u

struct store_mapping store_mapping;

static bool status_is_ours(const struct stat *status)
{
    return status->st_dev == store_mapping.device && status->st_ino == store_mapping.inode;
}

bool store_is_file_of(long descriptor)
{
    struct stat status;
    return system_call(SYS_fstat, descriptor, &status) == 0 && status_is_ours(&status);
}

long store_reopen(void)
{
    struct stat status;
    long result =
        system_call(SYS_newfstatat, AT_FDCWD, store_mapping.path, &status, AT_SYMLINK_NOFOLLOW);

    if (result < 0)
        return result;
    if (!status_is_ours(&status))
        return -ESTALE;
    return descriptor_move_away(
        system_call(SYS_openat, AT_FDCWD, store_mapping.path, O_RDWR | O_CLOEXEC | O_NOFOLLOW),
        store_is_file_of);
}

void store_note_reserved(uint64_t size)
{
    struct pgoraw_header *header = store_mapping.header;
    uint64_t reserved = __atomic_load_n(&header->reserved_size, __ATOMIC_RELAXED);

    while (reserved < size &&
           !__atomic_compare_exchange_n(&header->reserved_size, &reserved, size, false,
                                        __ATOMIC_RELEASE, __ATOMIC_RELAXED))
        ;
}

/*
 * Has the pages of the file from `from` to `to` written to by the kernel, which says so where there
 * is no space; a store of ours would raise SIGBUS (madvise(2), MADV_POPULATE_WRITE).
 */
static int space_populate(uint64_t from, uint64_t to)
{
    uint64_t start = from / PAGE * PAGE;
    return (int)system_call(SYS_madvise, store_mapping.base + start,
                            (to + PAGE - 1) / PAGE * PAGE - start, MADV_POPULATE_WRITE);
}

bool store_extend(long descriptor)
{
    uint64_t limit = store_mapping.header->size_limit;
    struct stat status = {0};

    return system_call(SYS_madvise, store_mapping.base, 1, MADV_POPULATE_WRITE) == 0 &&
           limits_allow_file(limit) && system_call(SYS_fstat, descriptor, &status) == 0 &&
           ((uint64_t)status.st_size >= limit ||
            system_call(SYS_ftruncate, descriptor, limit) == 0);
}

static int space_allocate_now(uint64_t from, uint64_t to)
{
    long descriptor = store_reopen(), result;

    if (descriptor < 0)
        return (int)descriptor;
    result = system_call(SYS_fallocate, descriptor, 0, from, to - from);
    /* File systems over a network and in user space often cannot. */
    if (result == -EOPNOTSUPP && store_extend(descriptor)) {
        store_mapping.grows_in_place = true;
        result = space_populate(from, to);
    }
    system_call(SYS_close, descriptor);
    return (int)result;
}

static int space_allocate(uint64_t from, uint64_t to)
{
    kernel_sigset mask;
    int result;

    if (!limits_allow_file(to))
        return -EFBIG;
    if (!descriptors_begin(&mask))
        return -EAGAIN;
    result = space_allocate_now(from, to);
    descriptors_end(&mask);
    return result;
}

int store_reserve(uint64_t size)
{
    struct pgoraw_header *header = store_mapping.header;
    uint64_t reserved = __atomic_load_n(&header->reserved_size, __ATOMIC_ACQUIRE);
    int result;

    if (size <= reserved)
        return 0;
    if (store_mapping.fixed_size)
        return -EPERM;
    result = store_mapping.grows_in_place ? space_populate(reserved, size)
                                          : space_allocate(reserved, size);
    if (result == 0)
        store_note_reserved(size);
    return result;
}

void table_update(struct table *table)
{
    struct pgoraw_header *header = store_mapping.header;

    while (table->known < PGORAW_MAX_CHUNKS) {
        const struct pgoraw_chunk *chunk = &header->chunks[table->known];
        uint32_t kind = __atomic_load_n(&chunk->kind, __ATOMIC_ACQUIRE);
        if (kind == PGORAW_CHUNK_FREE || kind == PGORAW_CHUNK_CLAIMED)
            break;
        if (kind == (uint32_t)table->kind && chunk->entry_size == table->entry_size) {
            struct table_chunk *added = &table->chunks[table->chunk_count];
            const struct table_chunk *before = added - 1;
            added->entries = store_mapping.base + chunk->offset;
            added->entry_count = chunk->entry_count;
            added->first_number =
                table->chunk_count ? before->first_number + (uint32_t)before->entry_count : 0;
            __atomic_store_n(&table->chunk_count, table->chunk_count + 1, __ATOMIC_RELEASE);
        }
        table->known++;
    }
}

/* Hands out `size` bytes at the end of the file; 0 where the limit does not allow it. */
static uint64_t space_take(uint64_t size)
{
    struct pgoraw_header *header = store_mapping.header;
    uint64_t offset = __atomic_load_n(&header->used_size, __ATOMIC_RELAXED);
    do {
        if (offset + size > header->size_limit)
            return 0;
    } while (!__atomic_compare_exchange_n(&header->used_size, &offset, offset + size, false,
                                          __ATOMIC_RELAXED, __ATOMIC_RELAXED));
    return offset;
}

/*
 * The first free directory slot.  Slots are published strictly in order, since
 * entry numbers depend on it: while another process fills one in, nobody
 * takes the next.  NULL: that is so, or the directory is full.
 */
static struct pgoraw_chunk *slot_claim(struct pgoraw_header *header, uint32_t first)
{
    for (uint32_t i = first; i < PGORAW_MAX_CHUNKS; i++) {
        uint32_t kind = PGORAW_CHUNK_FREE;
        if (__atomic_compare_exchange_n(&header->chunks[i].kind, &kind, PGORAW_CHUNK_CLAIMED, false,
                                        __ATOMIC_ACQUIRE, __ATOMIC_ACQUIRE))
            return &header->chunks[i];
        if (kind == PGORAW_CHUNK_CLAIMED)
            break;
    }
    return NULL;
}

static bool chunk_add(struct table *table, uint64_t entry_count)
{
    struct pgoraw_header *header = store_mapping.header;
    struct pgoraw_chunk *chunk;
    uint64_t size = entry_count * table->entry_size;
    uint64_t offset;

    /* Space first: a refusal then leaves the file as it was. */
    if (store_reserve(__atomic_load_n(&header->used_size, __ATOMIC_RELAXED) + size) < 0) {
        store_count(header, PGORAW_COUNT_DROP_CANNOT_GROW, 1);
        return false;
    }
    chunk = slot_claim(header, table->known);
    if (!chunk) {
        store_count(header, PGORAW_COUNT_DROP_CANNOT_GROW, 1);
        return false;
    }
    offset = space_take(size);
    /* Another process may have taken the space that was reserved above. */
    if (offset == 0 || store_reserve(offset + size) < 0) {
        __atomic_store_n(&chunk->entry_size, 0, __ATOMIC_RELAXED);
        __atomic_store_n(&chunk->kind, PGORAW_CHUNK_FREE, __ATOMIC_RELEASE);
        return false;
    }
    chunk->entry_size = table->entry_size;
    chunk->offset = offset;
    chunk->entry_count = entry_count;
    __atomic_store_n(&chunk->kind, (uint32_t)table->kind, __ATOMIC_RELEASE);
    return true;
}

/* Bytes that a table with a share of the file may still take. */
static uint64_t share_left(const struct table *table, uint64_t limit)
{
    uint64_t share = limit / table->share, taken = 0;
    for (uint32_t i = 0; i < table->chunk_count; i++)
        taken += table->chunks[i].entry_count * table->entry_size;
    return share > taken ? share - taken : 0;
}

bool table_grow(struct table *table)
{
    struct pgoraw_header *header = store_mapping.header;
    uint64_t used = __atomic_load_n(&header->used_size, __ATOMIC_RELAXED);
    uint64_t room = header->size_limit > used ? header->size_limit - used : 0;
    uint64_t entry_count = table->first_entries;
    bool grown;

    if (__atomic_exchange_n(&table->growing, 1, __ATOMIC_ACQUIRE))
        return false;
    if (table->chunk_count)
        entry_count = table->chunks[table->chunk_count - 1].entry_count * 4;
    if (table->share && room > share_left(table, header->size_limit))
        room = share_left(table, header->size_limit);
    /* The last chunk takes what the limit leaves, in powers of two. */
    while (entry_count >= table->first_entries && entry_count * table->entry_size > room)
        entry_count /= 2;
    grown = entry_count >= table->first_entries && chunk_add(table, entry_count);
    table_update(table);
    __atomic_store_n(&table->growing, 0, __ATOMIC_RELEASE);
    return grown;
}
