#include "analyzer/model/debug/pseudo_probes.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/base/compare.h"
#include "analyzer/base/cursor.h"
#include "analyzer/base/md5.h"
#include "analyzer/base/memory.h"
#include "analyzer/base/search.h"
#include "analyzer/model/binary/binary_table.h"

#define SECTION_PROBES ".pseudo_probe"
#define SECTION_FUNCTIONS ".pseudo_probe_desc"

/* A probe's second byte. */
#define KIND_MASK 0x0f /* 0: block, else a call */
#define FLAG_SENTINEL 0x20
#define FLAG_DISCRIMINATOR 0x40
#define FLAG_DELTA 0x80

/* Copies in copies: more than any compiler makes, less than the stack holds. */
#define DEEPEST 500

/* Where a function's code begins, by the GUID of one of its symbols. */
struct placed_symbol {
    uint64_t guid;
    uint64_t address;
};

struct pseudo_probes {
    const struct binary *binary;
    struct probe_function *functions; /* by GUID */
    size_t function_count, function_capacity;
    struct placed_symbol *symbols; /* by GUID, then by address */
    size_t symbol_count, symbol_capacity;
    struct probe_copy *copies;
    size_t copy_count, copy_capacity;
    struct pseudo_probe *items; /* by address, then as in the file */
    size_t count, capacity;
};

/* --- sections ------------------------------------------------------------------------ */

static const char *section_name(const struct binary *binary, Elf_Scn *section)
{
    size_t names;
    GElf_Shdr header;
    const char *name = NULL;
    if (elf_getshdrstrndx(binary->elf, &names) == 0 && gelf_getshdr(section, &header) &&
        header.sh_type != SHT_NOBITS)
        name = elf_strptr(binary->elf, names, header.sh_name);
    return name ? name : "";
}

/* The next section of that name; linkers may leave several. */
static Elf_Scn *next_section(const struct binary *binary, const char *name, Elf_Scn *section)
{
    while ((section = elf_nextscn(binary->elf, section))) {
        if (strcmp(section_name(binary, section), name) == 0)
            return section;
    }
    return NULL;
}

bool binary_has_probes(const struct binary *binary)
{
    return next_section(binary, SECTION_PROBES, NULL) &&
           next_section(binary, SECTION_FUNCTIONS, NULL);
}

static bool garbled(const struct binary *binary, const char *section, const struct cursor *cursor,
                    const Elf_Data *data, struct error *error)
{
    error_set(error, ERROR_ELF_GARBLED, binary_path(binary), "section %s, before byte %zu", section,
              (size_t)(cursor->next - (const uint8_t *)data->d_buf));
    return false;
}

/* --- functions ------------------------------------------------------------------------- */

static int compare_functions(const void *left, const void *right)
{
    uint64_t a = ((const struct probe_function *)left)->guid;
    uint64_t b = ((const struct probe_function *)right)->guid;
    return COMPARE(a, b);
}

static bool read_functions(struct pseudo_probes *probes, const Elf_Data *data, struct error *error)
{
    struct cursor cursor = cursor_over(data->d_buf, data->d_size);
    while (cursor.next < cursor.end) {
        struct probe_function function = {.guid = cursor_fixed(&cursor),
                                          .checksum = cursor_fixed(&cursor),
                                          .name_size = cursor_number(&cursor)};
        if (cursor.is_garbled || (size_t)(cursor.end - cursor.next) < function.name_size ||
            memchr(cursor.next, '\0', function.name_size))
            return garbled(probes->binary, SECTION_FUNCTIONS, &cursor, data, error);
        function.name = (const char *)cursor.next;
        cursor.next += function.name_size;
        if (!memory_reserve(&probes->functions, &probes->function_capacity,
                            probes->function_count + 1, sizeof(function), error))
            return false;
        probes->functions[probes->function_count++] = function;
    }
    return true;
}

static const struct probe_function *find_function(const struct pseudo_probes *probes, uint64_t guid)
{
    struct probe_function wanted = {.guid = guid};
    return probes->function_count > 0 ? bsearch(&wanted, probes->functions, probes->function_count,
                                                sizeof(wanted), compare_functions)
                                      : NULL;
}

/* --- symbols ------------------------------------------------------------------------- */

static int compare_symbols(const void *left, const void *right)
{
    const struct placed_symbol *a = left;
    const struct placed_symbol *b = right;
    if (a->guid != b->guid)
        return a->guid < b->guid ? -1 : 1;
    return a->address < b->address ? -1 : a->address > b->address;
}

static bool read_symbols(struct pseudo_probes *probes, Elf_Scn *section, const GElf_Shdr *header,
                         struct error *error)
{
    Elf *elf = probes->binary->elf;
    Elf_Data *data = elf_getdata(section, NULL);
    if (!data || header->sh_entsize == 0)
        return binary_garbled(probes->binary, error);
    for (size_t i = 1; i < data->d_size / header->sh_entsize; i++) {
        GElf_Sym symbol;
        if (!gelf_getsym(data, (int)i, &symbol))
            return binary_garbled(probes->binary, error);
        const char *name = elf_strptr(elf, header->sh_link, symbol.st_name);
        if (!name || symbol.st_shndx == SHN_UNDEF || GELF_ST_TYPE(symbol.st_info) != STT_FUNC)
            continue;
        if (!memory_reserve(&probes->symbols, &probes->symbol_capacity, probes->symbol_count + 1,
                            sizeof(*probes->symbols), error))
            return false;
        probes->symbols[probes->symbol_count++] =
            (struct placed_symbol){md5_guid(name, strlen(name)), symbol.st_value};
    }
    return true;
}

static bool find_symbols(struct pseudo_probes *probes, struct error *error)
{
    Elf_Scn *section = NULL;
    while ((section = elf_nextscn(probes->binary->elf, section))) {
        GElf_Shdr header;
        if (!gelf_getshdr(section, &header))
            return binary_garbled(probes->binary, error);
        if (header.sh_type == SHT_SYMTAB && !read_symbols(probes, section, &header, error))
            return false;
    }
    if (probes->symbol_count > 0)
        qsort(probes->symbols, probes->symbol_count, sizeof(*probes->symbols), compare_symbols);
    return true;
}

/* Where several files have a symbol of that name, nothing tells whose probes are whose. */
bool pseudo_probes_symbol(const struct pseudo_probes *probes, uint64_t guid, uint64_t *address)
{
    const struct placed_symbol *symbols = probes->symbols;
    size_t first = SEARCH_COUNT(probes->symbol_count, i, symbols[i].guid < guid);
    if (first == probes->symbol_count || symbols[first].guid != guid)
        return false;
    *address = symbols[first].address;
    for (; first < probes->symbol_count && symbols[first].guid == guid; first++) {
        if (symbols[first].address != *address)
            return false;
    }
    return true;
}

/* --- probes -------------------------------------------------------------------------- */

/* A copy whose inlined copies are still to be read. */
struct open_copy {
    uint32_t number;
    uint32_t inlined_left;
};

struct probe_decoder {
    struct pseudo_probes *probes;
    struct cursor cursor;
    uint64_t address; /* of the last probe, which the next one is relative to */
    bool is_placed;   /* that address is known */
    struct open_copy *open;
    size_t open_count, open_capacity;
};

static void place(struct probe_decoder *decoder, uint64_t guid)
{
    decoder->is_placed = pseudo_probes_symbol(decoder->probes, guid, &decoder->address);
}

static bool read_probe(struct probe_decoder *decoder, uint32_t copy, struct error *error)
{
    struct pseudo_probes *probes = decoder->probes;
    struct cursor *cursor = &decoder->cursor;
    struct pseudo_probe probe = {
        .copy = copy, .number = cursor_number(cursor), .order = (uint32_t)probes->count};
    uint8_t flags = cursor_byte(cursor);
    probe.is_call = flags & KIND_MASK;
    if (flags & FLAG_DELTA) {
        decoder->address += (uint64_t)cursor_signed(cursor);
    } else {
        uint64_t value = cursor_fixed(cursor);
        /* A sentinel stands for code that was split off, or has another name in the end. */
        if (flags & FLAG_SENTINEL) {
            place(decoder, value);
        } else {
            decoder->address = value;
            decoder->is_placed = true;
        }
    }
    if (flags & FLAG_DISCRIMINATOR)
        probe.discriminator = cursor_number(cursor);
    if (cursor->is_garbled || flags & FLAG_SENTINEL || !decoder->is_placed ||
        !probes->copies[copy].function)
        return true;
    probe.address = decoder->address;
    if (!memory_reserve(&probes->items, &probes->capacity, probes->count + 1, sizeof(probe), error))
        return false;
    probes->items[probes->count++] = probe;
    return true;
}

/* A copy with its own probes; what is inlined into it comes next. */
static bool read_copy(struct probe_decoder *decoder, struct error *error)
{
    struct pseudo_probes *probes = decoder->probes;
    struct cursor *cursor = &decoder->cursor;
    struct open_copy *caller =
        decoder->open_count > 0 ? &decoder->open[decoder->open_count - 1] : NULL;
    struct probe_copy copy = {.caller = PROBE_NO_COPY};
    struct open_copy added = {.number = (uint32_t)probes->copy_count};
    if (caller) {
        copy.caller = caller->number;
        copy.call = cursor_number(cursor);
        caller->inlined_left--;
    }
    uint64_t guid = cursor_fixed(cursor);
    uint32_t count = cursor_number(cursor);
    added.inlined_left = cursor_number(cursor);
    copy.function = find_function(probes, guid);
    cursor->is_garbled = cursor->is_garbled || decoder->open_count > DEEPEST;
    if (!memory_reserve(&probes->copies, &probes->copy_capacity, probes->copy_count + 1,
                        sizeof(copy), error) ||
        !memory_reserve(&decoder->open, &decoder->open_capacity, decoder->open_count + 1,
                        sizeof(added), error))
        return false;
    probes->copies[probes->copy_count++] = copy;
    decoder->open[decoder->open_count++] = added;
    if (copy.caller == PROBE_NO_COPY)
        place(decoder, guid);
    for (uint32_t i = 0; i < count && !cursor->is_garbled; i++) {
        if (!read_probe(decoder, added.number, error))
            return false;
    }
    return true;
}

static bool read_probes(struct pseudo_probes *probes, const Elf_Data *data, struct error *error)
{
    struct probe_decoder decoder = {.probes = probes,
                                    .cursor = cursor_over(data->d_buf, data->d_size)};
    bool done = true;
    while (done && decoder.cursor.next < decoder.cursor.end) {
        done = read_copy(&decoder, error);
        if (done && decoder.cursor.is_garbled)
            done = garbled(probes->binary, SECTION_PROBES, &decoder.cursor, data, error);
        while (decoder.open_count > 0 && decoder.open[decoder.open_count - 1].inlined_left == 0)
            decoder.open_count--;
    }
    if (done && decoder.open_count > 0)
        done = garbled(probes->binary, SECTION_PROBES, &decoder.cursor, data, error);
    free(decoder.open);
    return done;
}

/* --- all of it ------------------------------------------------------------------------- */

static bool read_sections(struct pseudo_probes *probes, const char *name,
                          bool (*read)(struct pseudo_probes *, const Elf_Data *, struct error *),
                          struct error *error)
{
    Elf_Scn *section = NULL;
    while ((section = next_section(probes->binary, name, section))) {
        Elf_Data *data = elf_getdata(section, NULL);
        if (!data)
            return binary_garbled(probes->binary, error);
        if (!read(probes, data, error))
            return false;
    }
    return true;
}

static int compare_probes(const void *left, const void *right)
{
    const struct pseudo_probe *a = left;
    const struct pseudo_probe *b = right;
    if (a->address != b->address)
        return a->address < b->address ? -1 : 1;
    return a->order < b->order ? -1 : a->order > b->order;
}

struct pseudo_probes *pseudo_probes_open(const struct binary *binary, struct error *error)
{
    struct pseudo_probes *probes = calloc(1, sizeof(*probes));
    if (!probes) {
        memory_exhausted(error);
        return NULL;
    }
    probes->binary = binary;
    bool done = read_sections(probes, SECTION_FUNCTIONS, read_functions, error);
    if (done && probes->function_count > 0)
        qsort(probes->functions, probes->function_count, sizeof(*probes->functions),
              compare_functions);
    if (done && find_symbols(probes, error) &&
        read_sections(probes, SECTION_PROBES, read_probes, error)) {
        if (probes->count > 0)
            qsort(probes->items, probes->count, sizeof(*probes->items), compare_probes);
        return probes;
    }
    pseudo_probes_free(probes);
    return NULL;
}

void pseudo_probes_free(struct pseudo_probes *probes)
{
    if (!probes)
        return;
    free(probes->functions);
    free(probes->symbols);
    free(probes->copies);
    free(probes->items);
    free(probes);
}

const struct pseudo_probe *pseudo_probes_between(const struct pseudo_probes *probes, uint64_t start,
                                                 uint64_t end, size_t *count)
{
    size_t first = SEARCH_COUNT(probes->count, i, probes->items[i].address < start);
    for (*count = 0; first + *count < probes->count && probes->items[first + *count].address < end;)
        *count += 1;
    return probes->items + first;
}

size_t pseudo_probes_copy_count(const struct pseudo_probes *probes)
{
    return probes->copy_count;
}

const struct probe_copy *pseudo_probes_copy(const struct pseudo_probes *probes, uint32_t number)
{
    return &probes->copies[number];
}
