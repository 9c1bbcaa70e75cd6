#include "bolt-bridge/toolchain/rebuild_use.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/count.h"
#include "analyzer/base/memory.h"
#include "analyzer/base/text.h"
#include "analyzer/model/binary/name_suffixes.h"
#include "analyzer/model/samples/context_name.h"

static const struct {
    const char *key, *text;
} kinds[USE_KINDS] = {
    [USE_WITH] = {"with_profile", "compiled with the profile"},
    [USE_NOT_COMPILED] = {"not_compiled", "not compiled again"},
    [USE_WITHOUT] = {"without_profile", "compiled without the profile"},
    [USE_RENAMED] = {"renamed", "named by another path or hash"},
    [USE_OTHER_COMPILER] = {"other_compiler", "by another compiler"},
    [USE_LIBRARY] = {"library", "of the compiler's own library"},
    [USE_UNTOLD] = {"untold", "of a source that nothing tells"},
};

const char *use_kind_text(enum use_kind kind)
{
    return kinds[kind].text;
}

const char *use_kind_key(enum use_kind kind)
{
    return kinds[kind].key;
}

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

bool use_plain_name(const char *name, size_t size, char *plain)
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

struct named_function {
    const char *name;
    size_t size; /* of the name without suffixes */
    uint64_t address;
};

/* A binary's functions, and who compiled them. */
struct known_binary {
    struct named_function *items; /* by name */
    size_t count;
    char **plain; /* names without paths and hashes, of those that have any, in order */
    size_t plain_count;
    struct compilation compilation;
};

static int compare_named(const void *left, const void *right)
{
    const struct named_function *a = left;
    const struct named_function *b = right;
    if (a->size != b->size)
        return a->size < b->size ? -1 : 1;
    return memcmp(a->name, b->name, a->size);
}

static int compare_plain(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static bool add_plain(struct known_binary *known, const struct named_function *function,
                      struct error *error)
{
    char *plain = malloc(function->size + 1);
    if (!plain)
        return memory_exhausted(error);
    if (use_plain_name(function->name, function->size, plain))
        known->plain[known->plain_count++] = plain;
    else
        free(plain);
    return true;
}

static bool know(struct known_binary *known, const struct binary *binary, struct error *error)
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
        known->items[known->count] =
            (struct named_function){function->name, size, function->address};
        if (!add_plain(known, &known->items[known->count++], error))
            return false;
    }
    if (known->count > 0)
        qsort(known->items, known->count, sizeof(*known->items), compare_named);
    if (known->plain_count > 0)
        qsort(known->plain, known->plain_count, sizeof(*known->plain), compare_plain);
    return true;
}

static void forget(struct known_binary *known)
{
    for (size_t i = 0; i < known->plain_count; i++)
        free(known->plain[i]);
    free(known->plain);
    free(known->items);
    compilation_free(&known->compilation);
}

/* The code of a function with that name; false: the binary has none. */
static bool find_code(const struct known_binary *known, const struct named_function *wanted,
                      const struct compiled_range **range)
{
    const struct named_function *found =
        known->count > 0
            ? bsearch(wanted, known->items, known->count, sizeof(*wanted), compare_named)
            : NULL;
    *range = found ? compilation_range_at(&known->compilation, found->address) : NULL;
    return found != NULL;
}

/* Whether a function is there whose name differs in its path or hash alone. */
static bool has_renamed(const struct known_binary *known, const struct named_function *wanted)
{
    char *plain = malloc(wanted->size + 1);
    bool found =
        plain && known->plain_count > 0 && use_plain_name(wanted->name, wanted->size, plain) &&
        bsearch(&plain, known->plain, known->plain_count, sizeof(*known->plain), compare_plain) !=
            NULL;
    free(plain);
    return found;
}

/* --- how each was made ----------------------------------------------------------------------- */

static enum use_kind kind_of_unit(const struct use_sources *sources,
                                  const struct compiled_range *range,
                                  const struct compiled_unit *unit)
{
    if (range->is_library)
        return USE_LIBRARY;
    if (range->compiler != sources->compiler)
        return USE_OTHER_COMPILER;
    switch (compile_log_find(sources->log, unit->directory, unit->name)) {
    case COMPILE_WITH:
        return USE_WITH;
    case COMPILE_WITHOUT:
        return USE_WITHOUT;
    default:
        return USE_NOT_COMPILED;
    }
}

/* What is inlined everywhere now has only the source that it had in the recorded binary. */
static enum use_kind kind_of(const struct use_sources *sources, const struct known_binary *made,
                             const struct known_binary *recorded,
                             const struct named_function *function, const char **unit_name)
{
    const struct known_binary *known = made;
    const struct compiled_range *range;
    bool is_made = find_code(made, function, &range);
    if (!is_made && has_renamed(made, function))
        return USE_RENAMED;
    if (!is_made) {
        known = recorded;
        find_code(recorded, function, &range);
    }
    if (!range)
        return USE_UNTOLD;
    const struct compiled_unit *unit = &known->compilation.units[range->unit];
    enum use_kind kind = kind_of_unit(sources, range, unit);
    *unit_name = unit->name;
    /* Its source may be at another path, or be gone. */
    return !is_made && kind == USE_NOT_COMPILED ? USE_UNTOLD : kind;
}

static void add_function(struct rebuild_use *use, enum use_kind kind,
                         const struct named_function *function, const char *unit, uint64_t counts)
{
    struct use_share *share = &use->shares[kind];
    use->functions++;
    use->counts = count_add(use->counts, counts);
    share->functions++;
    share->counts = count_add(share->counts, counts);
    if (counts < share->hottest)
        return;
    share->hottest = counts;
    snprintf(share->function, sizeof(share->function), "%.*s", (int)function->size, function->name);
    text_printable(text_file_name(unit), share->unit, sizeof(share->unit));
}

bool rebuild_use_find(struct rebuild_use *use, const struct use_sources *sources,
                      struct error *error)
{
    struct known_binary made = {0}, recorded = {0};
    bool done = know(&made, sources->made, error) &&
                (!sources->recorded || know(&recorded, sources->recorded, error));
    *use = (struct rebuild_use){0};
    for (size_t i = 0; done && i < sources->samples->top.inlined_count; i++) {
        const struct sample_function *sampled = sources->samples->top.inlined[i];
        struct context_frame frame = context_name_last(sampled->name);
        struct named_function function = {.name = frame.name,
                                          .size = name_size_of_function(frame.name, frame.size)};
        const char *unit = "";
        enum use_kind kind = kind_of(sources, &made, &recorded, &function, &unit);
        if (sampled->total > 0)
            add_function(use, kind, &function, unit, sampled->total);
    }
    forget(&made);
    forget(&recorded);
    return done;
}

/* --- what is said ------------------------------------------------------------------------------
 */

double rebuild_use_missed(const struct rebuild_use *use)
{
    double missed =
        (double)use->shares[USE_NOT_COMPILED].counts + (double)use->shares[USE_WITHOUT].counts;
    double all = missed + (double)use->shares[USE_WITH].counts;
    return all > 0 ? missed / all : 0;
}

void rebuild_use_describe(const struct rebuild_use *use, char *text, size_t size)
{
    double all = use->counts > 0 ? (double)use->counts : 1;
    const struct use_share *with = &use->shares[USE_WITH];
    int used = snprintf(text, size,
                        "%llu of %llu functions with samples, with %.1f %% of the counts, were "
                        "compiled with the profile",
                        (unsigned long long)with->functions, (unsigned long long)use->functions,
                        100 * (double)with->counts / all);
    for (size_t i = USE_WITH + 1; i < USE_KINDS && used > 0 && (size_t)used < size; i++) {
        const struct use_share *share = &use->shares[i];
        if (share->functions > 0)
            used += snprintf(text + used, size - (size_t)used, "; %.1f %% %s (%s%s%s)",
                             100 * (double)share->counts / all, use_kind_text((enum use_kind)i),
                             share->unit, *share->unit ? ": " : "", share->function);
    }
}
