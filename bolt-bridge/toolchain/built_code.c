#include "bolt-bridge/toolchain/built_code.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/memory.h"
#include "analyzer/model/binary/name_suffixes.h"

/* --- names ----------------------------------------------------------------------------------- */

#define UNIQUE_NAME ".__uniq."
#define RUST_HASH                                                                                  \
    16 /* hexadecimal digits, in "17h...E" at the end of a name of the old mangling                \
        */
#define RUST_END (3 + RUST_HASH + 1)

/* rustc's v0 mangling: "Cs" BASE-62 "_" before the name of a crate. */
static bool copy_rust_name(const char *name, size_t size, char *plain)
{
    size_t used = 0;
    bool found = false;
    for (size_t i = 0; i < size; i++) {
        plain[used++] = name[i];
        if (name[i] != 'C' || i + 1 >= size || name[i + 1] != 's')
            continue;
        size_t end = i + 2;
        while (end < size && isalnum((unsigned char)name[end]))
            end++;
        if (end < size && name[end] == '_') {
            i = end;
            found = true;
        }
    }
    plain[used] = '\0';
    return found;
}

bool built_plain_name(const char *name, size_t size, char *plain)
{
    const char *unique = memmem(name, size, UNIQUE_NAME, strlen(UNIQUE_NAME));
    size_t kept = unique ? (size_t)(unique - name) : size;
    if (!unique && size > 2 && memcmp(name, "_R", 2) == 0)
        return copy_rust_name(name, size, plain);
    if (!unique && size > RUST_END && memcmp(name, "_ZN", 3) == 0 && name[size - 1] == 'E' &&
        memcmp(name + size - RUST_END, "17h", 3) == 0)
        kept = size - RUST_END;
    memcpy(plain, name, kept);
    plain[kept] = '\0';
    return kept < size;
}

/* --- functions of a binary by name ----------------------------------------------------------- */

static int compare_named(const void *left, const void *right)
{
    const struct built_name *a = left;
    const struct built_name *b = right;
    if (a->size != b->size)
        return a->size < b->size ? -1 : 1;
    return memcmp(a->name, b->name, a->size);
}

static int compare_plain(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static bool add_plain(struct built_code *known, const struct built_name *function,
                      struct error *error)
{
    char *plain = malloc(function->size + 1);
    if (!plain)
        return memory_exhausted(error);
    if (built_plain_name(function->name, function->size, plain))
        known->plain[known->plain_count++] = plain;
    else
        free(plain);
    return true;
}

bool built_code_read(struct built_code *known, const struct binary *binary, struct error *error)
{
    size_t count = binary_function_count(binary);
    if (!compilation_read(&known->compilation, binary, error))
        return false;
    known->items = malloc((count + 1) * sizeof(*known->items));
    known->plain = malloc((count + 1) * sizeof(*known->plain));
    if (!known->items || !known->plain)
        return memory_exhausted(error);
    for (size_t i = 0; i < count; i++) {
        const struct function *function = binary_function(binary, i);
        size_t size = name_size_of_function(function->name, strlen(function->name));
        if (function->is_plt)
            continue;
        known->items[known->count] = (struct built_name){function->name, size, function->address};
        if (!add_plain(known, &known->items[known->count++], error))
            return false;
    }
    if (known->count > 0)
        qsort(known->items, known->count, sizeof(*known->items), compare_named);
    if (known->plain_count > 0)
        qsort(known->plain, known->plain_count, sizeof(*known->plain), compare_plain);
    return true;
}

void built_code_free(struct built_code *known)
{
    for (size_t i = 0; i < known->plain_count; i++)
        free(known->plain[i]);
    free(known->plain);
    free(known->items);
    free(known->probed);
    pseudo_probes_free(known->probes);
    compilation_free(&known->compilation);
}

bool built_code_find(const struct built_code *known, const struct built_name *wanted,
                     const struct compiled_range **range)
{
    const struct built_name *found = known->count > 0 ? bsearch(wanted, known->items, known->count,
                                                                sizeof(*wanted), compare_named)
                                                      : NULL;
    *range = found ? compilation_range_at(&known->compilation, found->address) : NULL;
    return found != NULL;
}

const struct compiled_unit *built_code_find_unit(const struct built_code *known,
                                                 const struct compiled_unit *wanted)
{
    const struct compiled_unit *found = NULL;
    for (size_t i = 0; i < known->compilation.unit_count; i++) {
        const struct compiled_unit *unit = &known->compilation.units[i];
        if (strcmp(unit->name, wanted->name) != 0)
            continue;
        if (strcmp(unit->directory, wanted->directory) == 0)
            return unit;
        found = unit;
    }
    return found;
}

bool built_code_has_renamed(const struct built_code *known, const struct built_name *wanted)
{
    char *plain = malloc(wanted->size + 1);
    bool found =
        plain && known->plain_count > 0 && built_plain_name(wanted->name, wanted->size, plain) &&
        bsearch(&plain, known->plain, known->plain_count, sizeof(*known->plain), compare_plain) !=
            NULL;
    free(plain);
    return found;
}

/* --- checksums ---------------------------------------------------------------------------------
 */

static int compare_probed(const void *left, const void *right)
{
    const struct probe_function *const *a = left;
    const struct probe_function *const *b = right;
    if ((*a)->name_size != (*b)->name_size)
        return (*a)->name_size < (*b)->name_size ? -1 : 1;
    return memcmp((*a)->name, (*b)->name, (*a)->name_size);
}

bool built_code_read_checksums(struct built_code *known, const struct binary *binary,
                               struct error *error)
{
    if (!binary_has_probes(binary))
        return true;
    known->probes = pseudo_probes_open(binary, error);
    if (!known->probes)
        return false;
    size_t count = pseudo_probes_copy_count(known->probes);
    known->probed = malloc((count + 1) * sizeof(*known->probed));
    if (!known->probed)
        return memory_exhausted(error);
    for (size_t i = 0; i < count; i++) {
        const struct probe_copy *copy = pseudo_probes_copy(known->probes, (uint32_t)i);
        if (copy->function)
            known->probed[known->probed_count++] = copy->function;
    }
    if (known->probed_count > 0)
        qsort(known->probed, known->probed_count, sizeof(*known->probed), compare_probed);
    return true;
}

bool built_code_has_other_checksum(const struct built_code *known, const char *name, size_t size,
                                   uint64_t checksum)
{
    const struct probe_function wanted = {.name = name, .name_size = size}, *key = &wanted;
    const struct probe_function *const *found =
        known->probed_count > 0 ? bsearch(&key, known->probed, known->probed_count,
                                          sizeof(*known->probed), compare_probed)
                                : NULL;
    return found && (*found)->checksum != checksum;
}
