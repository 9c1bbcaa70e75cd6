/* LLVM's text as it is dumped with counters in it, and the counts of its blocks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/base/discriminator.h"
#include "analyzer/model/counters/block_flow.h"
#include "analyzer/model/counters/block_weights.h"
#include "analyzer/model/counters/position_counts.h"
#include "analyzer/model/ir/ir_read.h"

#define HEAD                                                                                       \
    "some warning of the compiler\n"                                                               \
    "; *** IR Dump After PGOInstrumentationGen on [module] ***\n"                                  \
    "; ModuleID = 'a.c'\n"                                                                         \
    "@__profn_f = private constant [1 x i8] c\"f\"\n"                                              \
    "@\"__profn_a.c;g\" = private constant [5 x i8] c\"a.c\\3Bg\"\n"
#define COUNTER(number)                                                                            \
    "  call void @llvm.instrprof.increment(ptr @__profn_f, i64 -2, i32 4, i32 " #number ")\n"

/* Two ways, one of them again in two; a loop; a call that may throw; what never returns. */
static const char module[] = HEAD
    "define dso_local i32 @f(ptr noundef %0) #0 personality ptr @p !dbg !1 {\n"
    "  %2 = load i8, ptr %0, align 1, !dbg !5, !tbaa !9\n"
    "    #dbg_value(ptr %0, !7, !DIExpression(), !5)\n"
    "  switch i8 %2, label %3 [\n"
    "    i8 98, label %4\n"
    "    i8 99, label %4\n"
    "  ], !dbg !6\n"
    "\n"
    "3:                                                ; preds = %1\n" COUNTER(
        0) "  %x = tail call fastcc i32 (ptr, ...) @\"a b\"(ptr %0), !dbg !6\n"
           "  br label %5\n"
           "\n"
           "4:\n" COUNTER(
               1) "  call void @llvm.instrprof.increment.step(ptr @__profn_f, i64 -2, i32 4, i32 "
                  "3, i64 %9)\n"
                  "  call void @llvm.instrprof.value.profile(ptr @__profn_f, i64 -2, i64 %8, i32 "
                  "0, i32 0), "
                  "!dbg !6\n"
                  "  %y = invoke noundef i32 %z(ptr @f)\n"
                  "          to label %5 unwind label %\"odd label\", !dbg !6\n"
                  "\n"
                  "5:\n"
                  "  ret i32 0\n"
                  "\n"
                  "\"odd label\":\n" COUNTER(
                      2) "  %l = landingpad { ptr, i32 }\n"
                         "          cleanup\n"
                         "  resume { ptr, i32 } %l\n"
                         "}\n"
                         "\n"
                         "define void @bare() {\n  ret void\n}\n"
                         "define internal void @g() {\n"
                         "  call void @llvm.instrprof.increment(ptr @\"__profn_a.c;g\", i64 7, i32 "
                         "1, i32 0)\n"
                         "  ret void\n"
                         "}\n"
                         "!0 = !DIFile(filename: \"a.c\", directory: \"/line: 7\")\n"
                         "!1 = distinct !DISubprogram(name: \"f\", linkageName: \"_Zf\", scope: "
                         "!0, line: 10)\n"
                         "!2 = distinct !DILexicalBlock(scope: !1, file: !0, line: 99, column: 4)\n"
                         "!3 = !DILexicalBlockFile(scope: !2, file: !0, discriminator: 4)\n"
                         "!4 = distinct !DISubprogram(name: \"inner, line: 3\", scope: !0, line: "
                         "20)\n"
                         "!5 = !DILocation(line: 21, column: 3, scope: !4, inlinedAt: !6)\n"
                         "!6 = distinct !DILocation(line: 11, column: 5, scope: !3)\n";

static struct error error;

static bool read_text(struct ir_program *program, const char *text)
{
    FILE *stream = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
    error = (struct error){0};
    bool done = ir_program_read(program, stream, "a.ll", &error);
    fclose(stream);
    return done;
}

static void functions_come_with_their_blocks(void **state)
{
    (void)state;
    struct ir_program program = {0};
    assert_true(read_text(&program, module));
    assert_int_equal(program.function_count, 2);
    assert_int_equal(program.definition_count, 3);
    const struct ir_function *f = ir_program_find(&program, "f");
    assert_non_null(f);
    assert_string_equal(f->profile_name, "f");
    assert_true(f->hash == UINT64_MAX - 1);
    assert_int_equal(f->counter_count, 4);
    assert_int_equal(f->block_count, 5);
    const struct ir_block *blocks = &program.blocks[f->first_block];
    assert_int_equal(blocks[1].first_edge - blocks[0].first_edge, 3);
    assert_int_equal(program.edges[blocks[0].first_edge], 1);
    assert_int_equal(program.edges[blocks[0].first_edge + 2], 2);
    assert_int_equal(program.edges[blocks[2].first_edge], 3);
    assert_int_equal(program.edges[blocks[2].first_edge + 1], 4);
    assert_int_equal(blocks[2].end, IR_END_INVOKE);
    assert_int_equal(blocks[4].end, IR_END_NEVER);
    assert_string_equal(program.calls[0].callee, "a b");
    assert_null(program.calls[1].callee);
    assert_int_equal(program.counter_count, 5);
    assert_true(program.counters[blocks[2].first_counter + 1].is_step);
    assert_int_equal(program.site_count, 1);
    assert_string_equal(ir_program_find(&program, "g")->profile_name, "a.c;g");
    ir_program_free(&program);
}

static void positions_have_all_that_they_are_inlined_into(void **state)
{
    (void)state;
    struct ir_program program = {0};
    assert_true(read_text(&program, module));
    assert_true(program.has_locations);
    const struct positions *positions = &program.positions;
    const struct position *outer = &positions->items[program.block_positions[0]];
    assert_int_equal(outer->line, 11);
    assert_int_equal(outer->column, 5);
    assert_int_equal(outer->discriminator, 2);
    assert_string_equal(positions->functions[outer->function].name, "_Zf");
    assert_int_equal(positions->functions[outer->function].declared, 10);
    const struct position *inner = &positions->items[outer->inner];
    assert_int_equal(inner->line, 21);
    assert_int_equal(inner->inner, POSITION_NONE);
    assert_string_equal(positions->functions[inner->function].name, "inner, line: 3");
    uint32_t call = program.calls[0].position;
    assert_int_equal(positions->items[call].inner, POSITION_NONE);
    assert_int_equal(positions_find_inlined(positions, outer->inner, call),
                     program.block_positions[0]);
    ir_program_free(&program);
}

static void what_several_modules_have_counts_once(void **state)
{
    (void)state;
    struct ir_program program = {0};
    assert_true(read_text(&program, module));
    size_t blocks = program.block_count;
    assert_true(read_text(&program, module));
    assert_int_equal(program.function_count, 2);
    assert_int_equal(program.block_count, blocks);
    assert_int_equal(program.module_count, 2);
    ir_program_free(&program);
}

static void what_makes_no_sense_is_told_with_its_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *reason;
    } wrong[] = {
        {HEAD "define i32 @f() {\n", "line 6: the file ends inside"},
        {HEAD "define i32 f {\n}\n", "line 6: a function without a name"},
        {HEAD "define i32 @f() {\n<<<\n}\n", "line 7: a line of a function"},
        {HEAD "define i32 @f() {\n" COUNTER(4) "}\n", "a counter that makes no sense"},
        {HEAD "define i32 @f() {\n" COUNTER(0) "  br label %8\n}\n", "that is not there"},
        {HEAD "define i32 @f() {\n  call void @llvm.instrprof.increment(ptr @__profn_x, i64 1, i32 "
              "1, i32 0)\n}\n",
         "whose name is not known"},
        {HEAD "define i32 @f() {\n" COUNTER(0) "  ret void, !dbg !8\n}\n!1 = !{}\n", "cut short"},
        {HEAD "define i32 @f() {\n  %1 = invoke i32 @g(), !dbg !8\n}\n", "leads nowhere"},
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        struct ir_program program = {0};
        assert_false(read_text(&program, wrong[i].text));
        assert_int_equal(error.code, ERROR_IR);
        if (!strstr(error.detail, wrong[i].reason))
            fail_msg("%s, not %s", error.detail, wrong[i].reason);
        ir_program_free(&program);
    }
}

static void compilers_are_known_by_what_they_call_themselves(void **state)
{
    (void)state;
    static const char text[] = HEAD "define void @f() {\n" COUNTER(
        0) "  ret void\n}\n"
           "!0 = distinct !DICompileUnit(language: DW_LANG_C11, file: !1, producer: \"a "
           "\\22clang\\22 "
           "version 9, isOptimized: true\", isOptimized: false, runtimeVersion: 0)\n"
           "!2 = distinct !DICompileUnit(producer: \"rustc\", isOptimized: true)\n"
           "!3 = distinct !DICompileUnit(producer: \"rustc\")\n"
           "!4 = distinct !DICompileUnit(language: DW_LANG_C11)\n";
    struct ir_program program = {0};
    assert_true(read_text(&program, text));
    assert_int_equal(program.compilers.units, 4);
    assert_int_equal(program.compilers.optimised_units, 1);
    assert_int_equal(program.compilers.producers.count, 2);
    assert_string_equal(program.compilers.producers.items[0],
                        "a \"clang\" version 9, isOptimized: true");
    ir_program_free(&program);
}

/* Calls of a release with pseudo-probes, as clang 22 writes them; dumps have none. */
static void calls_with_probes_are_where_those_without_are(void **state)
{
    (void)state;
    assert_int_equal(discriminator_base(2), 1);
    assert_int_equal(discriminator_base(1026), 1);
    assert_int_equal(discriminator_base(0x1b200017), 0);
    assert_int_equal(discriminator_base(0x1b21001f), 1);
    assert_int_equal(discriminator_base(0x1b27002f), 7);
    assert_int_equal(discriminator_base(0x0b21001f), 0); /* a large probe: no room for it */
    assert_int_equal(discriminator_copies(0x1b21001f), 1);
    assert_int_equal(discriminator_copies(2), 1);
}

/* Debug information that goes round in a circle has no position. */
static void locations_without_end_are_none(void **state)
{
    (void)state;
    static const char text[] = HEAD
        "define i32 @f() {\n" COUNTER(0) "  ret void, !dbg !1\n}\n"
                                         "!1 = !DILocation(line: 1, scope: !2, inlinedAt: !1)\n"
                                         "!2 = distinct !DISubprogram(name: \"f\", line: 1)\n"
                                         "!3 = !DILexicalBlock(scope: !3)\n";
    struct ir_program program = {0};
    assert_true(read_text(&program, text));
    assert_false(program.has_locations);
    ir_program_free(&program);
}

/* --- counts of blocks ----------------------------------------------------------------------- */

static void solve(const char *body, const struct block_weight *weights, uint64_t *counts)
{
    char text[4096];
    struct ir_program program = {0};
    snprintf(text, sizeof(text), HEAD "define i32 @f() {\n" COUNTER(0) "%s}\n", body);
    assert_true(read_text(&program, text));
    assert_true(block_flow_solve(&program, &program.functions[0], weights, NULL, counts, &error));
    ir_program_free(&program);
}

static void unknown_ways_share_what_comes_to_them(void **state)
{
    (void)state;
    static const char body[] = "  br i1 %a, label %1, label %2\n"
                               "1:\n  br i1 %b, label %3, label %4\n"
                               "2:\n  br label %5\n"
                               "3:\n  br label %5\n"
                               "4:\n  br label %5\n"
                               "5:\n  ret void\n";
    const struct block_weight weights[6] = {{WEIGHT_OWN, 1000}};
    uint64_t counts[6];
    solve(body, weights, counts);
    static const uint64_t wanted[6] = {1000, 500, 500, 250, 250, 1000};
    assert_memory_equal(counts, wanted, sizeof(wanted));
}

static void what_is_thrown_or_never_returns_gets_nothing(void **state)
{
    (void)state;
    static const char body[] = "  %1 = invoke i32 @g()\n          to label %2 unwind label %6\n"
                               "2:\n  br i1 %b, label %3, label %4\n"
                               "3:\n  call void @abort()\n  unreachable\n"
                               "4:\n  ret void\n"
                               "6:\n  resume { ptr, i32 } %l\n";
    const struct block_weight weights[5] = {{WEIGHT_OWN, 1000}};
    uint64_t counts[5];
    solve(body, weights, counts);
    static const uint64_t wanted[5] = {1000, 1000, 0, 1000, 0};
    assert_memory_equal(counts, wanted, sizeof(wanted));
}

static void what_is_left_over_does_not_go_where_nothing_should(void **state)
{
    (void)state;
    static const char body[] = "  br i1 %b, label %1, label %2\n"
                               "1:\n  call void @abort()\n  unreachable\n"
                               "2:\n  ret void\n";
    /* One copy of the last block was lost, it did not abort. */
    struct block_weight weights[3] = {{WEIGHT_OWN, 1000}, {WEIGHT_UNKNOWN, 0}, {WEIGHT_OWN, 900}};
    uint64_t counts[3];
    solve(body, weights, counts);
    static const uint64_t wanted[3] = {1000, 0, 1000};
    assert_memory_equal(counts, wanted, sizeof(wanted));
    weights[1] = (struct block_weight){WEIGHT_OWN, 100};
    solve(body, weights, counts);
    static const uint64_t seen[3] = {1000, 100, 900};
    assert_memory_equal(counts, seen, sizeof(seen));
}

/* A function by itself, and inlined into another at line 11 before the counters. */
static const char inlined_early[] = HEAD "define void @f() {\n" COUNTER(
    0) "  %a = add i32 %b, 1, !dbg !3\n  ret void\n}\n"
       "define void @g() {\n"
       "  call void @llvm.instrprof.increment(ptr @\"__profn_a.c;g\", i64 7, i32 1, i32 0)\n"
       "  %a = add i32 %b, 1, !dbg !4\n  ret void\n}\n"
       "!0 = !DIFile(filename: \"a.c\", directory: \"/\")\n"
       "!1 = distinct !DISubprogram(name: \"g\", scope: !0, line: 10)\n"
       "!2 = distinct !DISubprogram(name: \"f\", scope: !0, line: 20)\n"
       "!3 = !DILocation(line: 21, column: 3, scope: !2)\n"
       "!4 = !DILocation(line: 21, column: 3, scope: !2, inlinedAt: !5)\n"
       "!5 = distinct !DILocation(line: 11, column: 5, scope: !1)\n";

/* Counts 100 of f's line where it is inlined into g at `line`. */
static void count_inlined(struct position_counts *counts, const struct ir_program *program,
                          uint32_t line)
{
    const struct ir_block *block = &program->blocks[program->functions[0].first_block];
    const struct ir_block *outer = &program->blocks[program->functions[1].first_block];
    uint32_t position = program->block_positions[block->first_position];
    struct position call =
        program->positions.items[program->block_positions[outer->first_position]];
    uint32_t context;
    while (counts->first_count_size <= position)
        counts->first_counts[counts->first_count_size++] = POSITION_NONE;
    assert_true(positions_add(&counts->contexts, (struct position){.inner = POSITION_NONE},
                              &call.inner, &error));
    call.line = line;
    assert_true(positions_add(&counts->contexts, call, &context, &error));
    counts->counts[counts->count] =
        (struct position_count){context, 0, false, 100, counts->first_counts[position]};
    counts->first_counts[position] = (uint32_t)counts->count++;
}

static void what_was_inlined_before_the_counters_is_counted_there_alone(void **state)
{
    (void)state;
    struct ir_program program = {0};
    struct position_count items[2];
    uint32_t first[16];
    struct position_counts counts = {.counts = items, .first_counts = first};
    struct block_weight weight;
    uint64_t executions;
    assert_true(read_text(&program, inlined_early));
    count_inlined(&counts, &program, 11);
    struct block_weigher *weigher = block_weigher_new(&program, &counts, &error);
    assert_non_null(weigher);
    assert_true(block_weights_find(weigher, &program.functions[0], &weight, &executions, &error));
    assert_int_equal(weight.source, WEIGHT_UNKNOWN);
    /* What a later inliner did is the function's own. */
    count_inlined(&counts, &program, 12);
    assert_true(block_weights_find(weigher, &program.functions[0], &weight, &executions, &error));
    assert_int_equal(weight.source, WEIGHT_OWN);
    assert_int_equal(weight.count, 100);
    block_weigher_free(weigher);
    positions_free(&counts.contexts);
    ir_program_free(&program);
}

static void counts_fit_together(void **state)
{
    (void)state;
    /* A loop that never ends, entered once; what was seen of it does not add up. */
    static const char body[] = "  br label %1\n"
                               "1:\n  br i1 %b, label %2, label %3\n"
                               "2:\n  br label %4\n"
                               "3:\n  br label %4\n"
                               "4:\n  br label %1\n";
    const struct block_weight weights[5] = {{WEIGHT_UNKNOWN, 0},
                                            {WEIGHT_OWN, 1000},
                                            {WEIGHT_OWN, 300},
                                            {WEIGHT_OWN, 690},
                                            {WEIGHT_SHARED, 5}};
    uint64_t counts[5];
    solve(body, weights, counts);
    assert_int_equal(counts[1], counts[2] + counts[3]);
    assert_int_equal(counts[4], counts[1]);
    /* Too few in the loop's head would cost more than too many in one of its sides. */
    assert_true(counts[1] == 1000 && counts[2] >= 300 && counts[3] >= 690);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(functions_come_with_their_blocks),
        cmocka_unit_test(positions_have_all_that_they_are_inlined_into),
        cmocka_unit_test(what_several_modules_have_counts_once),
        cmocka_unit_test(what_makes_no_sense_is_told_with_its_line),
        cmocka_unit_test(compilers_are_known_by_what_they_call_themselves),
        cmocka_unit_test(calls_with_probes_are_where_those_without_are),
        cmocka_unit_test(locations_without_end_are_none),
        cmocka_unit_test(unknown_ways_share_what_comes_to_them),
        cmocka_unit_test(what_is_thrown_or_never_returns_gets_nothing),
        cmocka_unit_test(what_is_left_over_does_not_go_where_nothing_should),
        cmocka_unit_test(what_was_inlined_before_the_counters_is_counted_there_alone),
        cmocka_unit_test(counts_fit_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
