/* The store: bounded, shared, complete at every instant, never in anybody's way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "shim/core/store/chunks.h"
#include "shim/core/store/pattern.h"
#include "shim/core/store/store.h"
#include "shim/core/store/tables.h"

static char directory[] = "/tmp/pgoshim-store.XXXXXX";
static char path[128];

static struct store_request request_for(const char *pattern, uint64_t limit)
{
    return (struct store_request){.pattern = pattern,
                                  .size_limit = limit,
                                  .program_id = 0x1234,
                                  .program = "/bin/test",
                                  .command_line = "test",
                                  .host = "host"};
}

static void open_store(const char *name, uint64_t limit)
{
    char why[2048];
    struct store_request request;
    snprintf(path, sizeof(path), "%s/%s", directory, name);
    request = request_for(path, limit);
    if (!store_open(&request, why, sizeof(why)))
        fail_msg("store_open: %s", why);
}

static void close_store(void)
{
    munmap(store_mapping.base, store_mapping.header->size_limit);
    memset(&store_mapping, 0, sizeof(store_mapping));
    unlink(path);
}

/* Sum of the counts of all ready traces that match. */
static uint64_t traces_sum(uint64_t from, uint64_t to)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < PGORAW_MAX_CHUNKS; i++) {
        const struct pgoraw_chunk *chunk = &store_header()->chunks[i];
        const struct pgoraw_trace *trace = (const void *)(store_mapping.base + chunk->offset);
        if (chunk->kind != PGORAW_CHUNK_TRACES)
            continue;
        for (uint64_t j = 0; j < chunk->entry_count; j++)
            if (trace[j].state == PGORAW_READY && trace[j].from == from && trace[j].to == to)
                sum += trace[j].count;
    }
    return sum;
}

static void counts_of_one_trace_add_up(void **unused)
{
    (void)unused;
    open_store("add", 1u << 20);
    for (int i = 0; i < 1000; i++)
        store_add_trace(7, 8, 9, 1);
    store_add_trace(7, 8, 10, 5);
    assert_int_equal(traces_sum(7, 8), 1005);
    close_store();
}

static void every_trace_is_kept_while_the_table_grows(void **unused)
{
    struct stat status;
    (void)unused;
    open_store("grow", PGORAW_DEFAULT_LIMIT);
    assert_int_equal(stat(path, &status), 0);
    assert_in_range(status.st_size, PGORAW_HEADER_SIZE, 128 << 10); /* small when little is hot */
    for (uint64_t round = 0; round < 2; round++)
        for (uint64_t i = 1; i <= 50000; i++)
            store_add_trace(i, i * 3, 4, 1);
    for (uint64_t i = 1; i <= 50000; i += 997)
        assert_int_equal(traces_sum(i, i * 3), 2);
    assert_int_equal(store_header()->counters[PGORAW_COUNT_DROP_TABLE_FULL], 0);
    close_store();
}

static void the_file_stays_within_its_limit_and_losses_are_counted(void **unused)
{
    struct stat status;
    uint64_t kept = 0;
    (void)unused;
    open_store("limit", 512u << 10);
    for (uint64_t i = 1; i <= 100000; i++)
        store_add_trace(i, i, 4, 1);
    assert_int_equal(stat(path, &status), 0);
    assert_in_range(status.st_size, 1, 512 << 10);
    assert_in_range(store_header()->used_size, 1, 512 << 10);
    for (unsigned i = 0; i < PGORAW_MAX_CHUNKS; i++) {
        const struct pgoraw_chunk *chunk = &store_header()->chunks[i];
        const struct pgoraw_trace *trace = (const void *)(store_mapping.base + chunk->offset);
        for (uint64_t j = 0; chunk->kind == PGORAW_CHUNK_TRACES && j < chunk->entry_count; j++)
            kept += trace[j].count;
    }
    assert_int_equal(kept + store_header()->counters[PGORAW_COUNT_DROP_TABLE_FULL], 100000);
    assert_true(kept > 3000);
    close_store();
}

static void a_file_that_was_replaced_is_left_alone(void **unused)
{
    struct stat status;
    FILE *other;
    (void)unused;
    open_store("replaced", 8u << 20);
    unlink(path);
    other = fopen(path, "w");
    fputs("somebody else's", other);
    fclose(other);
    for (uint64_t i = 1; i <= 50000; i++)
        store_add_trace(i, i, 4, 1);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_size, 15);
    assert_true(store_header()->counters[PGORAW_COUNT_DROP_CANNOT_GROW] > 0);
    close_store();
}

static void an_existing_file_is_never_touched(void **unused)
{
    char why[2048], text[32] = "";
    struct store_request request;
    FILE *other;
    (void)unused;
    snprintf(path, sizeof(path), "%s/existing", directory);
    other = fopen(path, "w");
    fputs("precious", other);
    fclose(other);
    request = request_for(path, 1u << 20);
    assert_true(store_open(&request, why, sizeof(why)));
    assert_string_not_equal(store_path(), path); /* a name of its own beside it */
    other = fopen(path, "r");
    assert_non_null(fgets(text, sizeof(text), other));
    fclose(other);
    assert_string_equal(text, "precious");
    unlink(store_path());
    close_store();
}

static void processes_add_to_one_file(void **unused)
{
    (void)unused;
    open_store("shared", 8u << 20);
    for (int i = 0; i < 4; i++) {
        if (fork() == 0) {
            store_process_enter();
            for (uint64_t j = 0; j < 20000; j++)
                store_add_trace(1 + j % 5000, 2, 3, 1);
            _exit(0);
        }
    }
    while (wait(NULL) > 0)
        ;
    for (uint64_t j = 1; j <= 5000; j += 311)
        assert_int_equal(traces_sum(j, 2), 16);
    assert_int_equal(store_header()->counters[PGORAW_COUNT_PROCESSES], 5);
    close_store();
}

static void a_joined_file_goes_on_and_a_foreign_one_is_refused(void **unused)
{
    char why[2048], first[128];
    struct store_request request;
    (void)unused;
    snprintf(path, sizeof(path), "%s/%%m", directory);
    request = request_for(path, 1u << 20);
    assert_true(store_open(&request, why, sizeof(why)));
    store_add_trace(1, 2, 3, 10);
    snprintf(first, sizeof(first), "%s", store_path());
    munmap(store_mapping.base, 1u << 20);
    memset(&store_mapping, 0, sizeof(store_mapping));

    assert_true(store_open(&request, why, sizeof(why)));
    assert_string_equal(store_path(), first);
    store_add_trace(1, 2, 3, 1);
    assert_int_equal(traces_sum(1, 2), 11);
    store_header()->program_id = 0x9999; /* now it is another program's */
    munmap(store_mapping.base, 1u << 20);
    memset(&store_mapping, 0, sizeof(store_mapping));

    assert_true(store_open(&request, why, sizeof(why)));
    assert_string_not_equal(store_path(), first);
    unlink(store_path());
    snprintf(path, sizeof(path), "%s", first);
    close_store();
}

static void stacks_share_their_callers(void **unused)
{
    const uint64_t one[] = {30, 20, 10}, two[] = {31, 20, 10};
    unsigned nodes = 0, leaves = 0;
    uint32_t callers[3];
    (void)unused;
    open_store("stacks", 1u << 20);
    assert_true(store_add_stack(one, 3, &callers[0]));
    assert_true(store_add_stack(two, 3, &callers[1]));
    assert_true(store_add_stack(one, 3, &callers[2]));
    assert_int_equal(callers[0], callers[1]);
    assert_int_equal(callers[0], callers[2]);
    assert_int_equal(store_stack_node(callers[0])->location, 20);
    assert_int_equal(store_find_stack_node(store_stack_node(callers[0])->parent, 20), callers[0]);
    for (unsigned i = 0; i < PGORAW_MAX_CHUNKS; i++) {
        const struct pgoraw_chunk *chunk = &store_header()->chunks[i];
        const struct pgoraw_stack_node *node = (const void *)(store_mapping.base + chunk->offset);
        for (uint64_t j = 0; chunk->kind == PGORAW_CHUNK_STACKS && j < chunk->entry_count; j++) {
            nodes += node[j].state == PGORAW_READY;
            leaves += node[j].count > 0;
            if (node[j].location == 30)
                assert_int_equal(node[j].count, 2);
        }
    }
    assert_int_equal(nodes, 4);
    assert_int_equal(leaves, 2);
    close_store();
}

static void contexts_leave_room_for_traces(void **unused)
{
    uint64_t bytes = 0, kept = 0;
    (void)unused;
    open_store("contexts", 1u << 20);
    store_limit_contexts(4);
    for (uint64_t i = 1; i <= 200; i++)
        for (uint32_t callers = 0; callers < 200; callers++)
            store_add_context(callers, store_add_trace(i, i, 4, 1), 1, PGORAW_WEIGHT_ONE);
    for (unsigned i = 0; i < PGORAW_MAX_CHUNKS; i++) {
        const struct pgoraw_chunk *chunk = &store_header()->chunks[i];
        const struct pgoraw_context *context = (const void *)(store_mapping.base + chunk->offset);
        if (chunk->kind != PGORAW_CHUNK_CONTEXTS)
            continue;
        bytes += chunk->entry_count * chunk->entry_size;
        for (uint64_t j = 0; j < chunk->entry_count; j++)
            kept += context[j].count;
    }
    assert_in_range(bytes, 128 << 10, 256 << 10);
    assert_true(kept > 2000);
    assert_int_equal(kept + store_header()->counters[PGORAW_COUNT_CONTEXTS_FULL], 40000);
    assert_int_equal(store_header()->counters[PGORAW_COUNT_DROP_TABLE_FULL], 0);
    close_store();
}

static void modules_have_one_number_each(void **unused)
{
    struct pgoraw_module module = {.build_id_size = 4};
    uint32_t first;
    (void)unused;
    open_store("modules", 1u << 20);
    snprintf(module.path, sizeof(module.path), "/lib/one.so");
    first = store_add_module(&module);
    assert_int_equal(first, 1);
    assert_int_equal(store_add_module(&module), first);
    for (int i = 0; i < 100; i++) { /* more than the first chunk holds */
        snprintf(module.path, sizeof(module.path), "/lib/%d.so", i);
        assert_int_equal(store_add_module(&module), 2 + i);
    }
    close_store();
}

static void an_impossible_path_leaves_nothing_behind(void **unused)
{
    char why[2048];
    struct store_request request = request_for("/proc/self/nosuch/x", 1u << 20);
    (void)unused;
    assert_false(store_open(&request, why, sizeof(why)));
    assert_non_null(strstr(why, "cannot be created"));
    assert_null(store_header());
}

static void patterns_expand_as_llvms_do(void **unused)
{
    const struct pattern_facts facts = {
        .process_id = 42, .program_id = 0xabc, .host = "box", .temporary_directory = "/scratch"};
    static const struct {
        const char *pattern, *path;
        bool shares, process;
    } cases[] = {
        {"a.pgoraw", "a.pgoraw", false, false},
        {"%p", "42", false, true},
        {"%t/x-%h-%p.raw", "/scratch/x-box-42.raw", false, true},
        {"%m", "0000000000000abc_0", true, false},
        {"%5m", "0000000000000abc_2", true, false},
        {"%c100%%", "100%", false, false},
    };
    char expanded[256];
    bool shares, process;
    (void)unused;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_true(pattern_expand(cases[i].pattern, &facts, expanded, sizeof(expanded), &shares,
                                   &process));
        assert_string_equal(expanded, cases[i].path);
        assert_int_equal(shares, cases[i].shares);
        assert_int_equal(process, cases[i].process);
    }
    assert_false(pattern_expand("%q", &facts, expanded, sizeof(expanded), &shares, &process));
    assert_false(pattern_expand("%", &facts, expanded, sizeof(expanded), &shares, &process));
    assert_false(pattern_expand("12345678", &facts, expanded, 8, &shares, &process));
}

static int set_up(void **unused)
{
    (void)unused;
    return mkdtemp(directory) == NULL;
}

static int tear_down(void **unused)
{
    (void)unused;
    return rmdir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_of_one_trace_add_up),
        cmocka_unit_test(every_trace_is_kept_while_the_table_grows),
        cmocka_unit_test(the_file_stays_within_its_limit_and_losses_are_counted),
        cmocka_unit_test(a_file_that_was_replaced_is_left_alone),
        cmocka_unit_test(an_existing_file_is_never_touched),
        cmocka_unit_test(processes_add_to_one_file),
        cmocka_unit_test(a_joined_file_goes_on_and_a_foreign_one_is_refused),
        cmocka_unit_test(stacks_share_their_callers),
        cmocka_unit_test(contexts_leave_room_for_traces),
        cmocka_unit_test(modules_have_one_number_each),
        cmocka_unit_test(an_impossible_path_leaves_nothing_behind),
        cmocka_unit_test(patterns_expand_as_llvms_do),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
