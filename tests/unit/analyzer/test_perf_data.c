/* perf.data, built by hand: becomes the model's profile, and no damage does harm. */
#include <elf.h>
#include <linux/perf_event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zstd.h>

#include <cmocka.h>

#include "analyzer/model/profile/normalise.h"
#include "analyzer/read/reader.h"
#include "analyzer/write/writer.h"
#include "include/pgoshim/raw.h"
#include "tests/support/perf_builder.h"

#define KERNEL UINT64_C(0xffffffff81000000)
#define APP "/usr/bin/app" /* not a file of that name, so that addresses are offsets */

static struct error error;

static struct profile *read_bytes(uint8_t *bytes, size_t size)
{
    char path[64];
    struct profile *profile = profile_new(&error);
    int descriptor = memfd_create("perf.data", 0);
    assert_true(descriptor >= 0 && write(descriptor, bytes, size) == (ssize_t)size);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", descriptor);
    error = (struct error){0};
    if (!profile_read(path, profile, &error)) {
        assert_int_not_equal(error.code, ERROR_NONE);
        assert_true(*error.subject);
        profile_free(profile);
        profile = NULL;
    }
    close(descriptor);
    return profile;
}

static struct profile *read_built(const struct perf_builder *builder, bool is_pipe)
{
    size_t size;
    uint8_t *bytes =
        is_pipe ? perf_builder_pipe(builder, &size) : perf_builder_file(builder, &size);
    struct profile *profile = read_bytes(bytes, size);
    free(bytes);
    return profile;
}

/* How often the profile has that trace; `end` 0: no run. */
static uint64_t trace_count(const struct profile *profile, uint64_t from, uint64_t to, uint64_t end)
{
    for (size_t i = 0; i < profile->trace_count; i++) {
        const struct trace *trace = &profile->traces[i];
        if (trace->from.address == from && trace->to.address == to && trace->end == end &&
            trace->has_range == (end != 0))
            return trace->count;
    }
    return 0;
}

static const uint64_t branches[][2] = {
    {0x400520, 0x400600}, {KERNEL, 0x400514}, {0x400512, KERNEL}, {0x400580, 0x400500}, {0, 0}};

static void build(struct perf_builder *builder)
{
    static const uint64_t frames[] = {(uint64_t)-128, KERNEL, (uint64_t)-512, 0x400600, 0x400525};
    perf_builder_comm(builder, 10, 1);
    perf_builder_mmap(builder, 10, 0x400000, 0x1000, 0, APP, NULL);
    perf_builder_mmap(builder, 10, 0x500000, 0x1000, 0x2000, "/usr/lib/libx-none.so",
                      "aaaaaaaaaaaaaaaaaaaa");
    perf_builder_sample(builder, 10, 0x400600, frames, 5, branches, 5);
    perf_builder_sample(builder, 10, 0x500010, NULL, 0, NULL, 0);
}

static void samples_become_traces_and_stacks(void **state)
{
    (void)state;
    for (int is_pipe = 0; is_pipe < 2; is_pipe++) {
        struct perf_builder builder = {0};
        build(&builder);
        struct profile *profile = read_built(&builder, is_pipe);
        if (!profile)
            fail_msg("%s", error.detail);
        assert_int_equal(profile->module_count, 2);
        assert_string_equal(profile->modules[0].path, APP);
        assert_int_equal(profile->modules[0].build_id_size, 20);
        assert_int_equal(profile->modules[0].build_id[19], 0x44);
        assert_true(profile->modules[0].is_main && profile->modules[0].has_file_offsets);
        assert_int_equal(profile->modules[1].build_id[0], 'a');
        assert_int_equal(trace_count(profile, 0x520, 0x600, 0), 1);
        /* What goes to the kernel and back is not there, and the run goes on. */
        assert_int_equal(trace_count(profile, 0x580, 0x500, 0x520), 1);
        assert_int_equal(trace_count(profile, 0, 0x600, 0), 1);
        assert_int_equal(trace_count(profile, 0, 0x2010, 0), 1);
        assert_int_equal(profile->trace_count, 4);
        assert_int_equal(profile->stack_count, 2);
        assert_int_equal(profile->stacks[0].location.address, 0x524);
        assert_int_equal(profile->stacks[1].parent, 1);
        assert_int_equal(profile->stacks[1].location.address, 0x600);
        assert_int_equal(profile->stacks[1].count, 1);
        assert_int_equal(profile->recordings[0].process_id, 10);
        if (!is_pipe)
            assert_string_equal(profile->recordings[0].host, "builder");
        profile_free(profile);
    }
}

static void children_have_their_parents_mappings_until_they_exec(void **state)
{
    (void)state;
    struct perf_builder builder = {0};
    perf_builder_mmap(&builder, 10, 0x400000, 0x3000, 0, APP, NULL);
    perf_builder_fork(&builder, 11, 10);
    perf_builder_sample(&builder, 11, 0x400100, NULL, 0, NULL, 0);
    /* In the middle of what is there; the parent keeps the whole. */
    perf_builder_mmap(&builder, 11, 0x401000, 0x1000, 0x8000, "/other", NULL);
    perf_builder_sample(&builder, 11, 0x401100, NULL, 0, NULL, 0);
    perf_builder_sample(&builder, 11, 0x402100, NULL, 0, NULL, 0);
    perf_builder_sample(&builder, 10, 0x401100, NULL, 0, NULL, 0);
    perf_builder_comm(&builder, 11, 0);
    perf_builder_sample(&builder, 11, 0x400200, NULL, 0, NULL, 0);
    perf_builder_comm(&builder, 11, 1);
    perf_builder_sample(&builder, 11, 0x400300, NULL, 0, NULL, 0);
    struct profile *profile = read_built(&builder, false);
    assert_non_null(profile);
    assert_int_equal(trace_count(profile, 0, 0x100, 0), 1);
    assert_int_equal(trace_count(profile, 0, 0x8100, 0), 1);
    assert_int_equal(trace_count(profile, 0, 0x2100, 0), 1);
    assert_int_equal(trace_count(profile, 0, 0x1100, 0), 1);
    assert_int_equal(trace_count(profile, 0, 0x200, 0), 1);
    assert_int_equal(trace_count(profile, 0, 0x400300, 0), 1); /* outside */
    profile_free(profile);
}

static void code_that_the_program_moved_is_still_its_code(void **state)
{
    (void)state;
    static const char *const memory[] = {"//anon", "/anon_hugepage (deleted)", "/dev/hugepages/x",
                                         "/mnt/huge/libhugetlbfs.tmp.1 (deleted)"};
    for (size_t i = 0; i < sizeof(memory) / sizeof(*memory); i++) {
        struct perf_builder builder = {0};
        perf_builder_mmap(&builder, 10, 0x400000, 0x3000, 0x1000, APP, NULL);
        perf_builder_mmap(&builder, 10, 0x500000, 0x1000, 0, "/usr/lib/libx-none.so", NULL);
        /* A huge page over all of it and the library, in which code was made meanwhile. */
        perf_builder_mmap(&builder, 10, 0x200000, 0x400000, 0, memory[i], NULL);
        perf_builder_sample(&builder, 10, 0x400100, NULL, 0, NULL, 0);
        perf_builder_sample(&builder, 10, 0x402100, NULL, 0, NULL, 0);
        perf_builder_sample(&builder, 10, 0x300000, NULL, 0, NULL, 0);
        perf_builder_sample(&builder, 10, 0x500100, NULL, 0, NULL, 0);
        /* Another program has none of it. */
        perf_builder_comm(&builder, 10, 1);
        perf_builder_mmap(&builder, 10, 0x700000, 0x1000, 0, "/other", NULL);
        perf_builder_mmap(&builder, 10, 0x400000, 0x3000, 0, "//anon", NULL);
        perf_builder_sample(&builder, 10, 0x400200, NULL, 0, NULL, 0);
        struct profile *profile = read_built(&builder, false);
        assert_non_null(profile);
        assert_int_equal(trace_count(profile, 0, 0x1100, 0), 1);
        assert_int_equal(trace_count(profile, 0, 0x3100, 0), 1);
        assert_int_equal(trace_count(profile, 0, 0x400200, 0), 1);
        assert_int_equal(trace_count(profile, 0, 0x300000, 0), 1);
        assert_int_equal(trace_count(profile, 0, 0x500100, 0), 1);
        profile_free(profile);
    }
}

static void a_memory_file_is_code_where_it_is_the_program(void **state)
{
    (void)state;
    struct perf_builder builder = {0};
    perf_builder_mmap(&builder, 10, 0x400000, 0x1000, 0x1000, "/memfd:app (deleted)", NULL);
    perf_builder_mmap(&builder, 10, 0x500000, 0x1000, 0, "/memfd:jit (deleted)", NULL);
    perf_builder_mmap(&builder, 10, 0x401000, 0x1000, 0x2000, "/memfd:app (deleted)", NULL);
    perf_builder_sample(&builder, 10, 0x400100, NULL, 0, NULL, 0);
    perf_builder_sample(&builder, 10, 0x401100, NULL, 0, NULL, 0);
    perf_builder_sample(&builder, 10, 0x500100, NULL, 0, NULL, 0);
    struct profile *profile = read_built(&builder, false);
    assert_non_null(profile);
    assert_int_equal(profile->module_count, 1);
    assert_true(profile->modules[0].is_main);
    assert_int_equal(trace_count(profile, 0, 0x1100, 0), 1);
    assert_int_equal(trace_count(profile, 0, 0x2100, 0), 1);
    assert_int_equal(trace_count(profile, 0, 0x500100, 0), 1); /* outside */
    profile_free(profile);
}

static void the_vdso_is_a_module(void **state)
{
    (void)state;
    struct perf_builder builder = {0};
    build(&builder);
    perf_builder_mmap(&builder, 10, 0x7ff000, 0x2000, 0, "[vdso]", NULL);
    perf_builder_sample(&builder, 10, 0x7ffa10, NULL, 0, NULL, 0);
    struct profile *profile = read_built(&builder, false);
    if (!profile)
        fail_msg("%s", error.detail);
    assert_int_equal(trace_count(profile, 0, 0xa10, 0), 1);
    assert_int_equal(profile->module_count, 3);
    assert_string_equal(profile->modules[2].path, "linux-vdso.so.1");
    assert_false(profile->modules[2].is_main || profile->modules[2].has_file_offsets);
    assert_null(strstr(profile->recordings[0].why, "vdso"));
    profile_free(profile);
}

/* perf keeps 20 bytes at most, and fills others up to whole words. */
static void build_ids_have_any_length(void **state)
{
    (void)state;
    static const uint8_t full[32] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11},
                         filled[20] = {1, 2, 3, 4, 5};
    assert_true(build_id_same(full, 20, full, 32));
    assert_false(build_id_same(full, 8, full, 32));
    assert_true(build_id_same(filled, 8, full, 5));
    assert_true(build_id_same(filled, 5, full, 5));
    assert_false(build_id_same(filled, 8, full, 4));
    assert_false(build_id_same(filled, 7, full, 5));
    assert_false(build_id_same(full, 8, full, 5));
    assert_false(build_id_same(filled, 4, full, 0));
}

static void records_are_looked_at_in_order_of_time(void **state)
{
    (void)state;
    struct perf_builder builder = {.time = 100};
    perf_builder_sample(&builder, 10, 0x400100, NULL, 0, NULL, 0);
    builder.time = 50;
    perf_builder_mmap(&builder, 10, 0x400000, 0x1000, 0, APP, NULL);
    struct profile *profile = read_built(&builder, false);
    assert_non_null(profile);
    assert_int_equal(trace_count(profile, 0, 0x100, 0), 1);
    profile_free(profile);
}

static void runs_do_not_lead_backwards_or_out_of_a_file(void **state)
{
    (void)state;
    static const uint64_t odd[][2] = {
        {0x500010, 0x400000}, {0x400110, 0x400200}, {0x400300, 0x400400}, {0x600000, 0x400000}};
    struct perf_builder builder = {0};
    perf_builder_mmap(&builder, 10, 0x400000, 0x1000, 0, APP, NULL);
    perf_builder_mmap(&builder, 10, 0x500000, 0x1000, 0, "/other", NULL);
    perf_builder_sample(&builder, 10, 0x400100, NULL, 0, odd, 4);
    struct profile *profile = read_built(&builder, false);
    assert_non_null(profile);
    assert_int_equal(trace_count(profile, 0x110, 0x200, 0), 1); /* into another file */
    assert_int_equal(trace_count(profile, 0x300, 0x400, 0), 1); /* back */
    assert_int_equal(trace_count(profile, 0x600000, 0, 0x300), 1);
    profile_free(profile);
}

/* The same records, compressed in pieces that do not begin where records do. */
static void pack(struct perf_builder *packed, const struct perf_builder *plain, size_t piece,
                 bool has_size)
{
    ZSTD_CCtx *stream = ZSTD_createCCtx();
    for (size_t done = 0; done < plain->size; done += piece) {
        uint8_t bytes[PERF_BUILDER_SIZE];
        uint64_t size;
        size_t left = plain->size - done < piece ? plain->size - done : piece;
        ZSTD_inBuffer in = {plain->records + done, left, 0};
        ZSTD_outBuffer out = {bytes + 8, sizeof(bytes) - 8, 0};
        assert_int_equal(ZSTD_compressStream2(stream, &out, &in, ZSTD_e_flush), 0);
        size = out.pos;
        memcpy(bytes, &size, 8);
        memset(bytes + 8 + out.pos, 0, 8);
        if (has_size) /* padded to 8 bytes */
            perf_builder_record(packed, 83, 0, bytes, 8 + (out.pos + 7) / 8 * 8);
        else
            perf_builder_record(packed, 81, 0, bytes + 8, out.pos);
    }
    ZSTD_freeCCtx(stream);
}

static void compressed_records_are_read_like_others(void **state)
{
    static const size_t pieces[] = {7, 100, 100000};
    struct perf_builder plain = {0};
    (void)state;
    perf_builder_comm(&plain, 7, 1);
    perf_builder_mmap(&plain, 7, 0x400000, 0x2000, 0, APP, NULL);
    for (uint64_t i = 0; i < 50; i++) {
        const uint64_t branches[][2] = {{0x400200 + i, 0x400300}, {0x400100, 0x400180 + i}};
        perf_builder_sample(&plain, 7, 0x400300 + i, NULL, 0, branches, 2);
    }
    struct profile *expected = read_built(&plain, false);
    assert_true(expected && profile_normalise(expected, &error));
    assert_true(expected->trace_count > 100);
    for (size_t i = 0; i < 6; i++) {
        struct perf_builder packed = {0};
        pack(&packed, &plain, pieces[i / 2], i % 2);
        struct profile *profile = read_built(&packed, i > 2);
        if (!profile)
            fail_msg("%s", error.detail);
        assert_true(profile_normalise(profile, &error));
        assert_int_equal(profile->trace_count, expected->trace_count);
        assert_memory_equal(profile->traces, expected->traces,
                            expected->trace_count * sizeof(*expected->traces));
        profile_free(profile);
    }
    profile_free(expected);
}

static void expect_refused(struct perf_builder *builder, enum error_code code, const char *words)
{
    struct profile *profile = read_built(builder, false);
    assert_null(profile);
    assert_int_equal(error.code, code);
    assert_non_null(strstr(error.detail, words));
}

static void what_cannot_be_read_is_said(void **state)
{
    (void)state;
    static const uint8_t bytes[64];
    struct perf_builder builder = {0};
    builder.was_not_ended = 1;
    expect_refused(&builder, ERROR_RAW_TRUNCATED, "not ended properly");
    builder.was_not_ended = 0;
    perf_builder_record(&builder, 81, 0, bytes, 64);
    expect_refused(&builder, ERROR_RAW_GARBLED, "byte 240: it cannot be uncompressed");
    builder.size = 0;
    perf_builder_record(&builder, 9, 0, bytes, 16);
    expect_refused(&builder, ERROR_RAW_GARBLED, "too short");
    builder.size = 0;
    perf_builder_record(&builder, 10, 0, bytes, 16);
    expect_refused(&builder, ERROR_RAW_GARBLED, "mapping record");
    builder.size = 0;
    perf_builder_record(&builder, 1234, 0, bytes, 64);
    memset(builder.records + 6, 0, 2);
    expect_refused(&builder, ERROR_RAW_GARBLED, "record of 0 bytes");
}

/* Files of other kinds are named, with what to give instead. */
static void other_files_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        const char *said;
    } files[] = {
        {"\x1f\x8b\x08 and more", "compressed by gzip: unpack it first (gunzip -c)"},
        {"2ELIFREP and more", "of a big-endian machine: give perf script's text"},
        {"PERFFILE and more", "before perf 3.6"},
        {"SIMPLEPERF and more", "give the perf.data itself"},
        {"\x7f"
         "ELF and more",
         "give that with -b"},
        {"\n0x108@n.data [0x50]: event: 69\n.\n. ... raw event: size 80 bytes\n"
         "77 PERF_RECORD_COMM: a:77/77\n",
         "a dump of perf.data (perf script -D): give"},
        {"# To display the perf.data header info, please use --header\n", "perf report's text"},
        {"---\nheader:\n  profile-version: 1\n", "BOLT's YAML profile"},
        {"\xff\xfe"
         "1 and more",
         "text in UTF-16: give it in UTF-8"},
        {"what nobody knows", "another kind of file"},
    };
    for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
        assert_null(read_bytes((uint8_t *)files[i].bytes, strlen(files[i].bytes)));
        assert_int_equal(error.code, ERROR_NOT_RAW_PROFILE);
        if (!strstr(error.detail, files[i].said))
            fail_msg("%s", error.detail);
    }
}

static void recordings_of_other_machines_are_read_or_named(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int machine;
    } machines[] = {{"aarch64", EM_AARCH64}, {"arm64", EM_AARCH64}, {"x86_64", EM_X86_64}};
    struct perf_builder builder = {0};
    build(&builder);
    for (size_t i = 0; i < sizeof(machines) / sizeof(*machines); i++) {
        builder.machine = machines[i].name;
        struct profile *profile = read_built(&builder, false);
        if (!profile)
            fail_msg("%s", error.detail);
        assert_int_equal(profile->recordings[0].machine, machines[i].machine);
        assert_int_equal(trace_count(profile, 0x580, 0x500, 0x520), 1);
        profile_free(profile);
    }
    builder.machine = "s390x";
    expect_refused(&builder, ERROR_MACHINE, "recorded on s390x");
}

/* Which samples and records become none of ours, and what the profile says of them. */
static void what_is_left_out_is_counted_and_said(void **state)
{
    (void)state;
    static const uint64_t lost[] = {0, 7}, lost_samples[] = {5}, trace[4] = {0};
    struct perf_builder builder = {0};
    build(&builder);
    perf_builder_sample(&builder, 10, KERNEL, NULL, 0, NULL, 0);
    builder.sample_misc = PERF_RECORD_MISC_GUEST_USER;
    for (int i = 0; i < 3; i++)
        perf_builder_sample(&builder, 10, 0x400600, NULL, 0, NULL, 0);
    perf_builder_record(&builder, PERF_RECORD_LOST, 0, lost, sizeof(lost));
    perf_builder_record(&builder, PERF_RECORD_LOST_SAMPLES, 0, lost_samples, sizeof(lost_samples));
    perf_builder_record(&builder, 71, 0, trace, sizeof(trace));
    struct profile *profile = read_built(&builder, false);
    assert_non_null(profile);
    const struct recording *recording = &profile->recordings[0];
    assert_int_equal(recording->counters[PGORAW_COUNT_SAMPLES], 2);
    assert_int_equal(recording->counters[PGORAW_COUNT_DROP_RING_FULL], 12);
    static const char *const said[] = {"1 samples in the kernel", "3 samples in guests",
                                       "12 records were lost", "1 pieces of a hardware trace"};
    for (size_t i = 0; i < sizeof(said) / sizeof(*said); i++)
        assert_non_null(strstr(recording->why, said[i]));
    assert_null(strstr(recording->why, "not ended"));
    profile_free(profile);
}

/* Kernels of 32 bits have low addresses; a simpleperf record holds what perf puts behind it. */
static void what_is_said_of_a_record_counts(void **state)
{
    (void)state;
    uint8_t in_record[32] = {16};
    struct perf_builder builder = {.sample_misc = PERF_RECORD_MISC_KERNEL};
    perf_builder_sample(&builder, 10, 0x810a44f3, NULL, 0, NULL, 0);
    builder.sample_misc = 0;
    perf_builder_record(&builder, 66, 0, in_record, sizeof(in_record));
    build(&builder);
    struct profile *profile = read_built(&builder, false);
    if (!profile)
        fail_msg("%s", error.detail);
    const struct recording *recording = &profile->recordings[0];
    assert_int_equal(recording->counters[PGORAW_COUNT_SAMPLES], 2);
    assert_int_equal(recording->counters[PGORAW_COUNT_BRANCHES], 2);
    static const char *const said[] = {"1 samples in the kernel",
                                       "2 branches from or to the kernel",
                                       "1 entries of branch stacks are empty"};
    for (size_t i = 0; i < sizeof(said) / sizeof(*said); i++)
        assert_non_null(strstr(recording->why, said[i]));
    profile_free(profile);
}

/* Of a pipe nothing tells the end; perf's last words may follow (`perf record -o - 2>&1`). */
static void pipes_may_end_anywhere(void **state)
{
    (void)state;
    static const char words[] = "[ perf record: Woken up 1 times to write data ]";
    struct perf_builder builder = {0};
    build(&builder);
    for (size_t cut = 0; cut < 40; cut += 13) {
        size_t size;
        uint8_t *bytes = perf_builder_pipe(&builder, &size);
        uint8_t *with_words = malloc(size + sizeof(words));
        assert_non_null(with_words);
        memcpy(with_words, bytes, size);
        memcpy(with_words + size, words, sizeof(words));
        struct profile *profile =
            cut ? read_bytes(bytes, size - cut) : read_bytes(with_words, size + sizeof(words));
        if (!profile)
            fail_msg("%s", error.detail);
        const struct recording *recording = &profile->recordings[0];
        assert_int_equal(recording->counters[PGORAW_COUNT_SAMPLES], 2);
        char said[64];
        /* The last record, of a build-id, has 52 bytes. */
        snprintf(said, sizeof(said), "%zu bytes at the end are no whole record",
                 cut ? 52 - cut : sizeof(words));
        assert_non_null(strstr(recording->why, said));
        profile_free(profile);
        free(with_words);
        free(bytes);
    }
}

/* As perf record leaves them that was killed: all whole records count. */
static void recordings_without_an_end_are_read(void **state)
{
    (void)state;
    struct perf_builder builder = {.was_not_ended = 1};
    build(&builder);
    for (size_t cut = 0; cut < 40; cut += 13) {
        size_t size;
        uint8_t *bytes = perf_builder_file(&builder, &size);
        char said[64];
        struct profile *profile = read_bytes(bytes, size - cut);
        if (!profile)
            fail_msg("%s", error.detail);
        const struct recording *recording = &profile->recordings[0];
        assert_int_equal(recording->counters[PGORAW_COUNT_SAMPLES], cut ? 1 : 2);
        /* The last sample has 56 bytes. */
        snprintf(said, sizeof(said), "%zu bytes at the end", cut ? 56 - cut : 0);
        assert_non_null(strstr(recording->why, said));
        assert_int_equal(trace_count(profile, 0x580, 0x500, 0x520), 1);
        profile_free(profile);
        free(bytes);
    }
}

/* --- damage -------------------------------------------------------------------- */

static uint64_t random_state = 1;

static size_t chance(size_t of)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (size_t)(random_state >> 20) % of;
}

static void use(uint8_t *bytes, size_t size)
{
    static FILE *nowhere;
    struct profile *profile = read_bytes(bytes, size);
    if (!nowhere)
        nowhere = fopen("/dev/null", "w");
    if (!profile)
        return;
    assert_true(profile_normalise(profile, &error));
    for (size_t i = 0; writer_at(i); i++) {
        if (!writer_at(i)->needs_binary)
            writer_write(writer_at(i), profile, NULL, nowhere, &error);
    }
    profile_free(profile);
}

static void damage_does_no_harm(void **state)
{
    (void)state;
    struct perf_builder builder = {0};
    build(&builder);
    perf_builder_fork(&builder, 11, 10);
    perf_builder_mmap(&builder, 11, 0x400400, 0x400, 0, "/other", NULL);
    for (int i = 0; i < 6000; i++) {
        size_t size;
        uint8_t *bytes =
            i % 3 == 0 ? perf_builder_pipe(&builder, &size) : perf_builder_file(&builder, &size);
        for (size_t changes = chance(5); changes > 0; changes--) {
            size_t place = chance(2) ? chance(size) : chance(size / 8) * 8;
            if (chance(3) == 0)
                memset(bytes + place, chance(2) ? 0xff : 0, place + 8 <= size ? 8 : size - place);
            else
                bytes[place] =
                    chance(2) ? (uint8_t)chance(256) : (uint8_t)(bytes[place] ^ 1 << chance(8));
        }
        use(bytes, chance(4) ? size : chance(size + 1));
        free(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_become_traces_and_stacks),
        cmocka_unit_test(children_have_their_parents_mappings_until_they_exec),
        cmocka_unit_test(code_that_the_program_moved_is_still_its_code),
        cmocka_unit_test(a_memory_file_is_code_where_it_is_the_program),
        cmocka_unit_test(the_vdso_is_a_module),
        cmocka_unit_test(build_ids_have_any_length),
        cmocka_unit_test(records_are_looked_at_in_order_of_time),
        cmocka_unit_test(runs_do_not_lead_backwards_or_out_of_a_file),
        cmocka_unit_test(compressed_records_are_read_like_others),
        cmocka_unit_test(what_cannot_be_read_is_said),
        cmocka_unit_test(other_files_are_named),
        cmocka_unit_test(recordings_of_other_machines_are_read_or_named),
        cmocka_unit_test(what_is_left_out_is_counted_and_said),
        cmocka_unit_test(what_is_said_of_a_record_counts),
        cmocka_unit_test(pipes_may_end_anywhere),
        cmocka_unit_test(recordings_without_an_end_are_read),
        cmocka_unit_test(damage_does_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
