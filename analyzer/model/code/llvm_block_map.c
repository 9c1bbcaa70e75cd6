#include "analyzer/model/code/llvm_block_map.h"

#include <stdlib.h>

#include "analyzer/base/cursor.h"
#include "analyzer/base/memory.h"
#include "analyzer/base/search.h"
#include "analyzer/model/binary/binary_table.h"

#define SECTION_TYPE 0x6fff4c0a /* SHT_LLVM_BB_ADDR_MAP */
#define FIRST_VERSION 2
#define LAST_VERSION 5
#define VERSION_WITH_WIDE_FEATURES 5

#define FEATURE_RANGES 0x08     /* functions in several pieces */
#define FEATURE_CALL_SITES 0x20 /* where calls end in a block */
#define FEATURE_HASHES 0x40     /* of blocks */
#define FEATURES (FEATURE_RANGES | FEATURE_CALL_SITES | FEATURE_HASHES)

static bool add_block(struct llvm_block_map *map, const struct mapped_block *block,
                      struct error *error)
{
    if (!memory_reserve(&map->blocks, &map->capacity, map->count + 1, sizeof(*block), error))
        return false;
    map->blocks[map->count++] = *block;
    return true;
}

/* A block's offset is from the end of the one before, its size from the end of its last call. */
static bool read_range(struct llvm_block_map *map, struct cursor *cursor, unsigned features,
                       struct error *error)
{
    uint64_t address = cursor_fixed(cursor);
    uint32_t count = cursor_number(cursor);
    for (uint32_t i = 0; i < count && !cursor->is_garbled; i++) {
        struct mapped_block block = {.id = cursor_number(cursor), .function = map->function_count};
        address += cursor_number(cursor);
        block.start = address;
        uint32_t calls = features & FEATURE_CALL_SITES ? cursor_number(cursor) : 0;
        for (uint32_t k = 0; k < calls && !cursor->is_garbled; k++)
            address += cursor_number(cursor);
        address += cursor_number(cursor);
        block.end = address;
        cursor_number(cursor); /* how the block ends */
        if (features & FEATURE_HASHES)
            cursor_fixed(cursor);
        if (!cursor->is_garbled && !add_block(map, &block, error))
            return false;
    }
    return true;
}

static bool read_functions(struct llvm_block_map *map, const struct binary *binary,
                           struct cursor *cursor, struct error *error)
{
    const uint8_t *start = cursor->next;
    while (cursor->next < cursor->end) {
        unsigned version = cursor_byte(cursor);
        unsigned features = cursor_byte(cursor);
        if (version >= VERSION_WITH_WIDE_FEATURES)
            features |= (unsigned)cursor_byte(cursor) << 8;
        if (version < FIRST_VERSION || version > LAST_VERSION || features & ~(unsigned)FEATURES) {
            error_set(error, ERROR_NO_BLOCK_MAP, binary_path(binary),
                      "its map has version %u and features %#x", version, features);
            return false;
        }
        uint32_t ranges = features & FEATURE_RANGES ? cursor_number(cursor) : 1;
        for (uint32_t i = 0; i < ranges && !cursor->is_garbled; i++) {
            if (!read_range(map, cursor, features, error))
                return false;
        }
        map->function_count++;
        if (cursor->is_garbled) {
            error_set(error, ERROR_ELF_GARBLED, binary_path(binary),
                      "its map of basic blocks, before byte %zu", (size_t)(cursor->next - start));
            return false;
        }
    }
    return true;
}

static int compare_blocks(const void *left, const void *right)
{
    const struct mapped_block *a = left;
    const struct mapped_block *b = right;
    if (a->start != b->start)
        return a->start < b->start ? -1 : 1;
    return a->end < b->end ? -1 : a->end > b->end;
}

bool llvm_block_map_read(struct llvm_block_map *map, const struct binary *binary,
                         struct error *error)
{
    Elf_Scn *section = NULL;
    *map = (struct llvm_block_map){0};
    while ((section = elf_nextscn(binary->elf, section))) {
        GElf_Shdr header;
        if (!gelf_getshdr(section, &header))
            return binary_garbled(binary, error);
        if (header.sh_type != SECTION_TYPE)
            continue;
        Elf_Data *data = elf_getdata(section, NULL);
        if (!data)
            return binary_garbled(binary, error);
        struct cursor cursor = cursor_over(data->d_buf, data->d_size);
        if (!read_functions(map, binary, &cursor, error))
            return false;
    }
    if (map->count == 0) {
        error_set(error, ERROR_NO_BLOCK_MAP, binary_path(binary), NULL);
        return false;
    }
    qsort(map->blocks, map->count, sizeof(*map->blocks), compare_blocks);
    return true;
}

void llvm_block_map_free(struct llvm_block_map *map)
{
    free(map->blocks);
    *map = (struct llvm_block_map){0};
}

const struct mapped_block *llvm_block_map_at(const struct llvm_block_map *map, uint64_t address)
{
    size_t next = SEARCH_COUNT(map->count, i, map->blocks[i].start <= address);
    return next > 0 && address < map->blocks[next - 1].end ? &map->blocks[next - 1] : NULL;
}
