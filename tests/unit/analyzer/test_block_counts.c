/* Counts of blocks from a release whose code was moved, merged, or is gone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/model/counters/block_counts.h"
#include "analyzer/model/counters/block_flow.h"
#include "analyzer/model/counters/call_sites.h"
#include "analyzer/model/counters/lost_entries.h"
#include "analyzer/model/counters/way_counts.h"
#include "analyzer/model/ir/ir_read.h"

#define HEAD                                                                                       \
    "; ModuleID = 'a.c'\n"                                                                         \
    "@__profn_f = private constant [1 x i8] c\"f\"\n"                                              \
    "@__profn_g = private constant [1 x i8] c\"g\"\n"
#define COUNTER(name, number)                                                                      \
    "  call void @llvm.instrprof.increment(ptr @__profn_" name ", i64 1, i32 4, i32 " #number ")"  \
    "\n"
#define FUNCTIONS                                                                                  \
    "!1 = distinct !DISubprogram(name: \"f\", line: 10)\n"                                         \
    "!2 = distinct !DISubprogram(name: \"g\", line: 20)\n"
#define LINE(id, number, scope)                                                                    \
    "!" #id " = !DILocation(line: " #number ", column: 1, scope: !" #scope ")\n"

#define MOST 64

static struct error error;

/* A program, and counts of its positions. */
struct fixture {
    struct ir_program program;
    struct position_counts counts;
    struct position_branches branches;
    struct position_count items[MOST];
    struct position_branch branch_items[MOST];
    uint32_t first[MOST], first_branches[MOST];
};

static void set_up(struct fixture *fixture, const char *text)
{
    FILE *stream = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
    memset(fixture, 0, sizeof(*fixture));
    error = (struct error){0};
    if (!ir_program_read(&fixture->program, stream, "a.ll", &error))
        fail_msg("%s", error.detail);
    fclose(stream);
    fixture->counts.counts = fixture->items;
    fixture->counts.first_counts = fixture->first;
    fixture->counts.first_count_size = MOST;
    fixture->branches.items = fixture->branch_items;
    fixture->branches.first = fixture->first_branches;
    fixture->branches.first_size = MOST;
    for (size_t i = 0; i < MOST; i++)
        fixture->first[i] = fixture->first_branches[i] = POSITION_NONE;
}

static void tear_down(struct fixture *fixture)
{
    positions_free(&fixture->counts.contexts);
    ir_program_free(&fixture->program);
}

static uint32_t function_of(const struct fixture *fixture, const char *name, uint32_t declared)
{
    return positions_find_function(&fixture->program.positions, name, declared);
}

/* The position of a line, which is in f below 20. */
static uint32_t position_of(struct fixture *fixture, uint32_t line)
{
    uint32_t function = line < 20 ? function_of(fixture, "f", 10) : function_of(fixture, "g", 20);
    struct position place = {POSITION_NONE, function, line, 1, 0};
    uint32_t position = positions_find(&fixture->program.positions, place);
    assert_true(position < MOST);
    return position;
}

/* A function of the binary by itself, or what is inlined into that at a line of g. */
static uint32_t context_of(struct fixture *fixture, uint32_t binary_function, uint32_t line)
{
    uint32_t context;
    struct position outermost = {.inner = POSITION_NONE, .function = binary_function};
    assert_true(positions_add(&fixture->counts.contexts, outermost, &context, &error));
    if (line == UINT32_MAX)
        return context;
    struct position call = {context, function_of(fixture, "g", 20), line, line ? 1 : 0, 0};
    assert_true(positions_add(&fixture->counts.contexts, call, &context, &error));
    return context;
}

static void count(struct fixture *fixture, uint32_t line, uint32_t context, uint64_t runs)
{
    uint32_t position = position_of(fixture, line);
    bool is_outermost = fixture->counts.contexts.items[context].inner == POSITION_NONE;
    fixture->items[fixture->counts.count] =
        (struct position_count){context, 0, is_outermost, runs, fixture->first[position]};
    fixture->first[position] = (uint32_t)fixture->counts.count++;
}

static void branch(struct fixture *fixture, uint32_t line, uint32_t context, uint32_t first_line,
                   uint64_t first, uint32_t second_line, uint64_t second)
{
    uint32_t position = position_of(fixture, line);
    struct position_branch item = {.context = context, .next = fixture->first_branches[position]};
    item.sides[0].landing = first_line ? position_of(fixture, first_line) : POSITION_NONE;
    item.sides[0].count = first;
    item.sides[1].landing = second_line ? position_of(fixture, second_line) : POSITION_NONE;
    item.sides[1].count = second;
    fixture->branch_items[fixture->branches.count] = item;
    fixture->first_branches[position] = (uint32_t)fixture->branches.count++;
}

/* Weights of the first function's blocks. */
static void weigh(struct fixture *fixture, struct block_weight *weights)
{
    uint64_t executions;
    struct block_weigher *weigher = block_weigher_new(&fixture->program, &fixture->counts, &error);
    assert_non_null(weigher);
    assert_true(
        block_weights_find(weigher, &fixture->program.functions[0], weights, &executions, &error));
    block_weigher_free(weigher);
}

/* A branch at line 11, behind code at 14, goes by line 12 to 13 or straight there. */
static const char triangle[] = HEAD "define void @f() {\n" COUNTER(
    "f", 0) "  %e = add i32 %b, 1, !dbg !14\n"
            "  br i1 %c, label %1, label %2, !dbg !11\n"
            "1:\n" COUNTER("f",
                           1) "  %a = add i32 %b, 1, !dbg !12\n"
                              "  br label %2\n"
                              "2:\n  %d = add i32 %b, 1, !dbg !13\n  ret void\n}\n" FUNCTIONS LINE(
                                  11, 11, 1) LINE(12, 12, 1) LINE(13, 13, 1) LINE(14, 14, 1);

static void a_line_that_only_cold_copies_have_says_nothing(void **state)
{
    (void)state;
    struct fixture fixture;
    struct block_weight weights[3];
    set_up(&fixture, triangle);
    uint32_t hot = context_of(&fixture, 1, UINT32_MAX);
    uint32_t cold = context_of(&fixture, 2, UINT32_MAX);
    count(&fixture, 14, hot, 1000);
    count(&fixture, 13, hot, 1000);
    count(&fixture, 14, cold, 0);
    count(&fixture, 12, cold, 0);
    weigh(&fixture, weights);
    assert_int_equal(weights[0].count, 1000);
    assert_int_equal(weights[1].source, WEIGHT_UNKNOWN);
    tear_down(&fixture);
}

static void code_that_was_moved_out_of_a_block_does_not_count_for_it(void **state)
{
    (void)state;
    static const char text[] = HEAD "define void @f() {\n" COUNTER(
        "f", 0) "  %a = add i32 %b, 1, !dbg !11\n"
                "  %c = add i32 %b, 1, !dbg !12\n  %d = add i32 %b, 1, !dbg !13\n"
                "  %e = add i32 %b, 1, !dbg !14\n  %x = add i32 %b, 1, !dbg !15\n"
                "  ret void\n}\n" FUNCTIONS LINE(15, 15, 1) LINE(11, 11, 1) LINE(12, 12, 1)
                    LINE(13, 13, 1) LINE(14, 14, 1);
    struct fixture fixture;
    struct block_weight weight;
    set_up(&fixture, text);
    uint32_t context = context_of(&fixture, 1, UINT32_MAX);
    count(&fixture, 11, context, 9000);
    for (uint32_t line = 12; line <= 15; line++)
        count(&fixture, line, context, 100);
    weigh(&fixture, &weight);
    assert_int_equal(weight.count, 100);
    tear_down(&fixture);
}

static void ways_are_known_by_the_code_that_they_come_to(void **state)
{
    (void)state;
    struct fixture fixture;
    uint64_t ways[8], ends[4];
    set_up(&fixture, triangle);
    uint32_t context = context_of(&fixture, 1, UINT32_MAX);
    struct block_weigher *weigher = block_weigher_new(&fixture.program, &fixture.counts, &error);
    struct way_counter *counter =
        way_counter_new(&fixture.program, weigher, &fixture.branches, &error);
    const struct ir_function *f = &fixture.program.functions[0];
    /* Both sides in one copy, and in another one whose way through line 12 has no code left. */
    branch(&fixture, 11, context, 13, 900, 12, 100);
    branch(&fixture, 11, context, 0, 30, 13, 70);
    assert_true(way_counts_find(counter, f, ways, ends, &error));
    assert_int_equal(ways[0], 130);
    assert_int_equal(ways[1], 970);
    assert_int_equal(ends[0], 1100);
    /* A side that goes on with a branch of the same line is counted there. */
    branch(&fixture, 11, context, 11, 500, 12, 5);
    assert_true(way_counts_find(counter, f, ways, ends, &error));
    assert_int_equal(ends[0], 1105);
    assert_int_equal(ways[0], 135);
    way_counter_free(counter);
    block_weigher_free(weigher);
    tear_down(&fixture);
}

/* f calls g at lines 12 and 13, where g's branch at 21 goes by 22 or straight on; both inlined. */
static const char two_calls[] = HEAD "define void @f() {\n" COUNTER(
    "f", 0) "  br i1 %e, label %1, label %4\n"
            "1:\n  br i1 %c, label %2, label %3, !dbg !31\n"
            "2:\n  %a = add i32 %b, 1, !dbg !32\n  br label %3\n"
            "3:\n  ret void\n"
            "4:\n  br i1 %c, label %5, label %3, !dbg !33\n"
            "5:\n  %d = add i32 %b, 1, !dbg !34\n  br label %3\n}\n" FUNCTIONS LINE(12, 12, 1) LINE(
                13, 13, 1) "!31 = !DILocation(line: 21, column: 1, scope: !2, inlinedAt: !12)\n"
                           "!32 = !DILocation(line: 22, column: 1, scope: !2, inlinedAt: !12)\n"
                           "!33 = !DILocation(line: 21, column: 1, scope: !2, inlinedAt: !13)\n"
                           "!34 = !DILocation(line: 22, column: 1, scope: !2, inlinedAt: !13)\n";

/* A line of g where f calls it at another line, which is 0 in code of several calls. */
static uint32_t position_inlined(struct fixture *fixture, uint32_t line, uint32_t call)
{
    struct position place = {POSITION_NONE, function_of(fixture, "g", 20), line, 1, 0};
    struct position outer = {
        .function = function_of(fixture, "f", 10), .line = call, .column = call ? 1 : 0};
    uint32_t position;
    assert_true(positions_add(&fixture->program.positions, place, &outer.inner, &error));
    assert_true(positions_add(&fixture->program.positions, outer, &position, &error));
    assert_true(position < MOST);
    return position;
}

static void find_ways(struct fixture *fixture, uint64_t *ways, uint64_t *ends)
{
    struct block_weigher *weigher = block_weigher_new(&fixture->program, &fixture->counts, &error);
    struct way_counter *counter =
        way_counter_new(&fixture->program, weigher, &fixture->branches, &error);
    assert_non_null(counter);
    assert_true(way_counts_find(counter, &fixture->program.functions[0], ways, ends, &error));
    way_counter_free(counter);
    block_weigher_free(weigher);
}

static void ways_are_known_by_code_that_was_inlined_behind_the_counters(void **state)
{
    (void)state;
    struct fixture fixture;
    uint64_t ways[8], ends[4];
    set_up(&fixture, triangle);
    uint32_t context = context_of(&fixture, 1, UINT32_MAX);
    struct position_branch item = {.context = context, .next = POSITION_NONE};
    item.sides[0].landing = position_inlined(&fixture, 21, 12);
    item.sides[0].count = 100;
    /* What is inlined where the branch is tells nothing. */
    item.sides[1].landing = position_inlined(&fixture, 21, 11);
    item.sides[1].count = 900;
    fixture.branch_items[0] = item;
    fixture.first_branches[position_of(&fixture, 11)] = 0;
    find_ways(&fixture, ways, ends);
    assert_int_equal(ways[0], 100);
    assert_int_equal(ways[1], 900);
    assert_int_equal(ends[0], 1000);
    tear_down(&fixture);
}

static void a_branch_of_several_calls_in_one_tells_the_ways_of_each(void **state)
{
    (void)state;
    struct fixture fixture;
    uint64_t ways[16] = {0}, ends[8];
    set_up(&fixture, two_calls);
    uint32_t context = context_of(&fixture, 1, UINT32_MAX);
    uint32_t merged = position_inlined(&fixture, 21, 0);
    fixture.branch_items[0] = (struct position_branch){
        .context = context,
        .sides = {{position_inlined(&fixture, 22, 0), 900}, {POSITION_NONE, 100}},
        .next = POSITION_NONE};
    fixture.first_branches[merged] = 0;
    find_ways(&fixture, ways, ends);
    const struct ir_block *blocks = fixture.program.blocks;
    for (unsigned block = 1; block <= 4; block += 3) {
        assert_int_equal(ways[blocks[block].first_edge], 900);
        assert_int_equal(ways[blocks[block].first_edge + 1], 100);
        assert_int_equal(ends[block], 0); /* how often is another question */
    }
    /* What a call has of its own counts for that alone. */
    fixture.branch_items[1] = (struct position_branch){
        .context = context,
        .sides = {{position_inlined(&fixture, 22, 13), 7}, {POSITION_NONE, 3}},
        .next = POSITION_NONE};
    fixture.first_branches[position_inlined(&fixture, 21, 13)] = 1;
    find_ways(&fixture, ways, ends);
    assert_int_equal(ways[blocks[1].first_edge], 900);
    assert_int_equal(ways[blocks[4].first_edge], 7);
    assert_int_equal(ends[4], 10);
    tear_down(&fixture);
}

static void ways_that_were_seen_part_what_comes_to_them(void **state)
{
    (void)state;
    static const char text[] = HEAD
        "define void @f() {\n" COUNTER("f", 0) "  br i1 %c, label %1, label %2\n1:\n  br label "
                                               "%3\n2:\n  br label %3\n3:\n  ret void\n}\n";
    const struct block_weight weights[4] = {{WEIGHT_OWN, 1000}};
    const uint64_t seen[4] = {900, 100};
    uint64_t counts[4];
    struct fixture fixture;
    set_up(&fixture, text);
    assert_true(block_flow_solve(&fixture.program, &fixture.program.functions[0], weights, seen,
                                 counts, &error));
    static const uint64_t wanted[4] = {1000, 900, 100, 1000};
    assert_memory_equal(counts, wanted, sizeof(wanted));
    tear_down(&fixture);
}

/* g calls f twice, at lines 21 and 22, and goes on at 23. */
static const char calls[] = HEAD "define void @f() {\n" COUNTER(
    "f", 0) "  %a = add i32 %b, 1, !dbg !11\n  ret void\n}\n"
            "define void @g() {\n" COUNTER("g", 0) "  call void @f(), !dbg !21\n"
                                                   "  call void @f(), !dbg !22\n  call void @g(), "
                                                   "!dbg !22\n  %a = add i32 %b, 1, !dbg !23\n"
                                                   "  ret void\n}\n" FUNCTIONS LINE(11, 11, 1)
                                                       LINE(21, 21, 2) LINE(22, 22, 2)
                                                           LINE(23, 23, 2);

static void functions_come_behind_those_that_call_them(void **state)
{
    (void)state;
    struct fixture fixture;
    size_t number;
    set_up(&fixture, calls);
    struct call_sites *sites = call_sites_new(&fixture.program, &error);
    assert_non_null(sites);
    assert_int_equal(call_sites_order(sites)[0], 1);
    assert_int_equal(call_sites_order(sites)[1], 0);
    const struct named_call *found = call_sites_of(sites, 0, &number);
    assert_int_equal(number, 2);
    assert_int_equal(found[0].block, fixture.program.functions[1].first_block);
    call_sites_of(sites, 1, &number);
    assert_int_equal(number, 0); /* its own calls are no entries from outside */
    call_sites_free(sites);
    tear_down(&fixture);
}

static void callers_count_for_inlined_code_that_is_gone(void **state)
{
    (void)state;
    struct fixture fixture;
    struct block_counts result;
    struct position_function_counts known[4] = {{0}};
    const uint64_t ran[2] = {0, 1};
    set_up(&fixture, calls);
    known[function_of(&fixture, "f", 10)] =
        (struct position_function_counts){.has_code = true, .is_inlined = true};
    fixture.counts.functions = known;
    fixture.counts.function_size = 4;
    /* f is there where it is inlined at line 21; of that at 22 nothing is left. */
    count(&fixture, 11, context_of(&fixture, 1, 21), 400);
    count(&fixture, 23, context_of(&fixture, 1, UINT32_MAX), 400);
    assert_true(block_counts_find(&result, &fixture.program, &fixture.counts, &fixture.branches,
                                  ran, &error));
    assert_int_equal(result.counts[1], 400);
    assert_int_equal(result.counts[0], 800);
    assert_int_equal(result.weights[0].source, WEIGHT_CALLERS);
    block_counts_free(&result);
    tear_down(&fixture);
}

/* f by itself, and inlined into g at line 21 before the counters. */
static void code_that_was_made_one_of_several_calls_is_counted_by_what_is_around(void **state)
{
    (void)state;
    static const char text[] = HEAD "define void @f() {\n" COUNTER(
        "f", 0) "  %a = add i32 %b, 1, !dbg !11\n  ret void\n}\n"
                "define void @g() {\n" COUNTER(
                    "g",
                    0) "  %a = add i32 %b, 1, !dbg !12\n"
                       "  ret void\n}\n" FUNCTIONS LINE(11, 11, 1) LINE(
                           21, 21,
                           2) "!12 = !DILocation(line: 11, column: 1, scope: !1, inlinedAt: !21)\n";
    struct fixture fixture;
    struct block_weight weight;
    set_up(&fixture, text);
    count(&fixture, 11, context_of(&fixture, 1, 0), 100);
    weigh(&fixture, &weight);
    assert_int_equal(weight.source, WEIGHT_UNKNOWN);
    tear_down(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_that_only_cold_copies_have_says_nothing),
        cmocka_unit_test(code_that_was_moved_out_of_a_block_does_not_count_for_it),
        cmocka_unit_test(ways_are_known_by_the_code_that_they_come_to),
        cmocka_unit_test(ways_are_known_by_code_that_was_inlined_behind_the_counters),
        cmocka_unit_test(a_branch_of_several_calls_in_one_tells_the_ways_of_each),
        cmocka_unit_test(ways_that_were_seen_part_what_comes_to_them),
        cmocka_unit_test(functions_come_behind_those_that_call_them),
        cmocka_unit_test(callers_count_for_inlined_code_that_is_gone),
        cmocka_unit_test(code_that_was_made_one_of_several_calls_is_counted_by_what_is_around),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
