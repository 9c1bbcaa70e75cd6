/*
 * LLVM's profile of counters in its indexed form, as -fprofile-use takes it: version 4 of the
 * format, which LLVM 4 and all later ones read (llvm/lib/ProfileData/InstrProfWriter.cpp; the
 * table is that of OnDiskChainedHashTableGenerator).
 *
 *     header    8 bytes each: magic, version with the mark of IR profiles, 0, the kind of hash
 *               (MD5), where the table of buckets is
 *     summary   how many fields and cutoffs, the fields, and by cutoff the least count and how
 *               many counters have it
 *     buckets   2 bytes: how many functions; each: hash of the name, sizes of name and data, name,
 *               data: hash of the control flow, number of counters, counters, value sites
 *     table     how many buckets and functions, and where each bucket is
 *
 * All numbers are little-endian.
 */
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/compare.h"
#include "analyzer/base/count.h"
#include "analyzer/base/md5.h"
#include "analyzer/base/memory.h"
#include "analyzer/model/samples/sample_summary.h"
#include "analyzer/write/counters.h"
#include "analyzer/write/formats.h"

#define MAGIC UINT64_C(0x8169666f72706cff) /* "\377lprofi\201" */
#define VERSION (UINT64_C(4) | UINT64_C(1) << 56)
#define HEADER_SIZE 40
#define TABLE_OFFSET_AT 32

#define SUMMARY_FIELDS 6

struct bytes {
    uint8_t *items;
    size_t count, capacity;
    struct error *error;
    bool failed;
};

/* A function's name: the records that have it are next to each other. */
struct named_records {
    const char *name;
    uint64_t hash;
    size_t first, count; /* in the list of sorted records */
};

static void put(struct bytes *bytes, const void *source, size_t size)
{
    if (bytes->failed ||
        !memory_reserve(&bytes->items, &bytes->capacity, bytes->count + size, 1, bytes->error)) {
        bytes->failed = true;
        return;
    }
    if (size > 0)
        memcpy(bytes->items + bytes->count, source, size);
    bytes->count += size;
}

static void put_number(struct bytes *bytes, uint64_t number, unsigned width)
{
    uint8_t digits[8];
    for (unsigned i = 0; i < width; i++)
        digits[i] = (uint8_t)(number >> 8 * i);
    put(bytes, digits, width);
}

static void set_number(struct bytes *bytes, size_t at, uint64_t number, unsigned width)
{
    for (unsigned i = 0; !bytes->failed && i < width; i++)
        bytes->items[at + i] = (uint8_t)(number >> 8 * i);
}

static void pad(struct bytes *bytes, unsigned alignment, size_t from)
{
    while (!bytes->failed && (bytes->count - from) % alignment != 0)
        put_number(bytes, 0, 1);
}

/* --- the summary -------------------------------------------------------------------------------
 */

static int compare_down(const void *left, const void *right)
{
    return compare_u64(right, left);
}

/* Of all counters, the first of each function apart as its entries, as LLVM has it. */
static void put_fields(struct bytes *bytes, const struct counter_profile *counters,
                       const uint64_t *sorted)
{
    uint64_t most_entries = 0, most_inside = 0, sum = 0;
    for (size_t i = 0; i < counters->record_count; i++) {
        const struct counter_record *record = &counters->records[i];
        for (size_t k = 0; k < record->counter_count; k++) {
            uint64_t count = counters->counters[record->first_counter + k];
            uint64_t *most = k == 0 ? &most_entries : &most_inside;
            sum = count_add(sum, count);
            if (*most < count)
                *most = count;
        }
    }
    put_number(bytes, counters->record_count, 8);
    put_number(bytes, counters->counter_count, 8);
    put_number(bytes, most_entries, 8);
    put_number(bytes, counters->counter_count > 0 ? sorted[0] : 0, 8);
    put_number(bytes, most_inside, 8);
    put_number(bytes, sum, 8);
}

static void put_cutoffs(struct bytes *bytes, const uint64_t *sorted, size_t count)
{
    unsigned __int128 all = 0, seen = 0;
    size_t next = 0;
    for (size_t i = 0; i < count; i++)
        all += sorted[i];
    for (size_t i = 0; i < SAMPLE_CUTOFFS; i++) {
        unsigned __int128 wanted = all * sample_cutoffs[i] / 1000000;
        while (next < count && seen < wanted) {
            uint64_t same = sorted[next];
            for (; next < count && sorted[next] == same; next++)
                seen += same;
        }
        put_number(bytes, sample_cutoffs[i], 8);
        put_number(bytes, next > 0 ? sorted[next - 1] : 0, 8);
        put_number(bytes, next, 8);
    }
}

static void put_summary(struct bytes *bytes, const struct counter_profile *counters)
{
    uint64_t *sorted = calloc(counters->counter_count + 1, sizeof(*sorted));
    if (!sorted) {
        bytes->failed = true;
        memory_exhausted(bytes->error);
        return;
    }
    if (counters->counter_count > 0) {
        memcpy(sorted, counters->counters, counters->counter_count * sizeof(*sorted));
        qsort(sorted, counters->counter_count, sizeof(*sorted), compare_down);
    }
    put_number(bytes, SUMMARY_FIELDS, 8);
    put_number(bytes, SAMPLE_CUTOFFS, 8);
    put_fields(bytes, counters, sorted);
    put_cutoffs(bytes, sorted, counters->counter_count);
    free(sorted);
}

/* --- functions
 * ------------------------------------------------------------------------------------ */

/* Sites of one kind: the kind, how many, how many values each has, and the values. */
static void put_kind(struct bytes *bytes, const struct counter_profile *counters,
                     const struct counter_site *sites, size_t count)
{
    size_t start = bytes->count;
    put_number(bytes, sites[0].kind, 4);
    put_number(bytes, count, 4);
    for (size_t i = 0; i < count; i++)
        put_number(bytes, sites[i].value_count, 1);
    pad(bytes, 8, start);
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < sites[i].value_count; k++) {
            const struct counter_value *value = &counters->values[sites[i].first_value + k];
            put_number(bytes, md5_guid(value->target, strlen(value->target)), 8);
            put_number(bytes, value->count, 8);
        }
    }
}

static void put_sites(struct bytes *bytes, const struct counter_profile *counters,
                      const struct counter_record *record)
{
    const struct counter_site *sites = &counters->sites[record->first_site];
    size_t start = bytes->count;
    put_number(bytes, 0, 4);
    put_number(bytes, counter_record_kinds(counters, record), 4);
    for (size_t i = 0, end; i < record->site_count; i = end) {
        for (end = i + 1; end < record->site_count && sites[end].kind == sites[i].kind;)
            end++;
        put_kind(bytes, counters, &sites[i], end - i);
    }
    set_number(bytes, start, bytes->count - start, 4);
}

static void put_record(struct bytes *bytes, const struct counter_profile *counters,
                       const struct counter_record *record)
{
    put_number(bytes, record->hash, 8);
    put_number(bytes, record->counter_count, 8);
    for (size_t i = 0; i < record->counter_count; i++)
        put_number(bytes, counters->counters[record->first_counter + i], 8);
    put_sites(bytes, counters, record);
}

static void put_function(struct bytes *bytes, const struct counter_profile *counters,
                         const struct counter_record *const *records,
                         const struct named_records *named)
{
    size_t size = strlen(named->name);
    put_number(bytes, named->hash, 8);
    put_number(bytes, size, 8);
    size_t size_at = bytes->count;
    put_number(bytes, 0, 8);
    put(bytes, named->name, size);
    size_t start = bytes->count;
    for (size_t i = 0; i < named->count; i++)
        put_record(bytes, counters, records[named->first + i]);
    set_number(bytes, size_at, bytes->count - start, 8);
}

/* --- the table
 * ------------------------------------------------------------------------------------- */

static int compare_records(const void *left, const void *right)
{
    const struct counter_record *a = *(const struct counter_record *const *)left;
    const struct counter_record *b = *(const struct counter_record *const *)right;
    int names = strcmp(a->name, b->name);
    return names != 0 ? names : COMPARE(a->hash, b->hash);
}

/* At most three quarters full, as LLVM does it. */
static size_t buckets_for(size_t count)
{
    size_t buckets = 1;
    while (buckets * 3 < count * 4)
        buckets *= 2;
    return buckets;
}

/* By bucket, then by name: `named` is in the order of names. */
static void put_buckets(struct bytes *bytes, const struct counter_profile *counters,
                        const struct counter_record *const *records,
                        const struct named_records *named, size_t count, uint64_t *offsets,
                        size_t *next, size_t buckets)
{
    for (size_t i = 0; i < buckets; i++)
        offsets[i] = SIZE_MAX;
    for (size_t i = count; i-- > 0;) {
        size_t bucket = named[i].hash & (buckets - 1);
        next[i] = (size_t)offsets[bucket];
        offsets[bucket] = i;
    }
    for (size_t i = 0; i < buckets; i++) {
        size_t length = 0, first = (size_t)offsets[i];
        for (size_t k = first; k != SIZE_MAX; k = next[k])
            length++;
        offsets[i] = length > 0 ? bytes->count : 0;
        if (length > 0)
            put_number(bytes, length, 2);
        for (size_t k = first; k != SIZE_MAX; k = next[k])
            put_function(bytes, counters, records, &named[k]);
    }
}

static void put_table(struct bytes *bytes, const struct counter_profile *counters,
                      const struct counter_record *const *records,
                      const struct named_records *named, size_t count)
{
    size_t buckets = buckets_for(count);
    uint64_t *offsets = calloc(buckets, sizeof(*offsets));
    size_t *next = calloc(count + 1, sizeof(*next));
    if (offsets && next) {
        put_buckets(bytes, counters, records, named, count, offsets, next, buckets);
        pad(bytes, 8, 0);
        set_number(bytes, TABLE_OFFSET_AT, bytes->count, 8);
        put_number(bytes, buckets, 8);
        put_number(bytes, count, 8);
        for (size_t i = 0; i < buckets; i++)
            put_number(bytes, offsets[i], 8);
    } else {
        bytes->failed = true;
        memory_exhausted(bytes->error);
    }
    free(offsets);
    free(next);
}

static size_t group(const struct counter_record *const *records, size_t count,
                    struct named_records *named)
{
    size_t names = 0;
    for (size_t i = 0; i < count; i++) {
        if (names > 0 && strcmp(named[names - 1].name, records[i]->name) == 0) {
            named[names - 1].count++;
            continue;
        }
        named[names++] = (struct named_records){
            records[i]->name, md5_guid(records[i]->name, strlen(records[i]->name)), i, 1};
    }
    return names;
}

static void put_functions(struct bytes *bytes, const struct counter_profile *counters)
{
    size_t count = counters->record_count;
    const struct counter_record **records =
        (const struct counter_record **)calloc(count + 1, sizeof(*records));
    struct named_records *named = calloc(count + 1, sizeof(*named));
    if (records && named) {
        for (size_t i = 0; i < count; i++)
            records[i] = &counters->records[i];
        if (count > 0)
            qsort((void *)records, count, sizeof(*records), compare_records);
        put_table(bytes, counters, records, named, group(records, count, named));
    } else {
        bytes->failed = true;
        memory_exhausted(bytes->error);
    }
    free((void *)records);
    free(named);
}

static bool write_profdata(const struct writer_input *input, FILE *stream, struct error *error)
{
    struct counter_profile counters;
    struct bytes bytes = {.error = error};
    bool done = counters_build_input(&counters, input, error);
    if (done) {
        put_number(&bytes, MAGIC, 8);
        put_number(&bytes, VERSION, 8);
        for (size_t i = 16; i < HEADER_SIZE; i += 8)
            put_number(&bytes, 0, 8);
        put_summary(&bytes, &counters);
        put_functions(&bytes, &counters);
        done = !bytes.failed;
    }
    if (done)
        fwrite(bytes.items, 1, bytes.count, stream);
    free(bytes.items);
    counter_profile_free(&counters);
    return done;
}

const struct writer writer_profdata = {
    .name = "profdata",
    .suffix = "profdata",
    .description = "counters, from the compiler's dumps (--ir), for clang -fprofile-use and rustc "
                   "-Cprofile-use",
    .needs_binary = true,
    .wants_executions = true,
    .takes_ir = true,
    .has_no_accounts = true,
    .write = write_profdata,
};
