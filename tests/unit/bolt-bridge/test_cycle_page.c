/* The page of a cycle says what was decided and why, on measurements that were made up. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bolt-bridge/cycle/page.h"

#define PAIRS 12

static struct workloads workloads;
static struct cycle_request request;
static struct cycle cycle;
static struct checklist checklist;
static char *page;

static struct measure_row row_of(double ratio, enum paired_verdict verdict)
{
    return (struct measure_row){
        .value = 0.5,
        .has_interval = true,
        .interval = {.ratio = ratio, .low = ratio - 0.01, .high = ratio + 0.01, .pairs = PAIRS},
        .verdict = verdict};
}

static int begin(void **state)
{
    (void)state;
    workloads = (struct workloads){.count = 1, .items = {{.weight = 1}}};
    request = (struct cycle_request){
        .name = "dir/<b>app&", .output = "new.bolt", .size_limit = -1, .workloads = &workloads};
    memset(&cycle, 0, sizeof(cycle));
    cycle.request = &request;
    cycle.accepted = cycle.compared = cycle.has_relinked = cycle.comparison.same = true;
    cycle.candidate = "new";
    cycle.plain.recordings = 6;
    cycle.plain.samples = cycle.plain.own_samples = 12345;
    cycle.comparison.pairs = cycle.pairs.count = PAIRS;
    cycle.comparison.all.cpu[MEASURE_A] = row_of(1, PAIRED_NO_DIFFERENCE);
    cycle.comparison.all.cpu[MEASURE_B] = row_of(0.9, PAIRED_FASTER);
    for (size_t i = 0; i < PAIRS; i++) {
        cycle.pairs.ratios[MEASURE_A][i] = 0.995 + 0.001 * (double)i;
        cycle.pairs.ratios[MEASURE_B][i] = 0.89 + 0.002 * (double)i;
    }
    checklist = (struct checklist){
        .items = {{.name = "gain", .verdict = VERDICT_OK, .text = "faster"},
                  {.name = "tests", .verdict = VERDICT_WEAK, .text = "not run: <none>"}},
        .count = 2};
    return 0;
}

static int end(void **state)
{
    (void)state;
    free(page);
    page = NULL;
    return 0;
}

static void write_page(void)
{
    size_t size;
    free(page);
    FILE *stream = open_memstream(&page, &size);
    assert_non_null(stream);
    cycle_page_write(&cycle, &checklist, stream);
    fclose(stream);
}

static void expect(const char *text)
{
    if (!strstr(page, text))
        fail_msg("not in the page: %s\n%s", text, strstr(page, "<body>"));
}

/* How many pairs the bars after `from` stand for, up to the end of that picture. */
static size_t count_pairs(const char *from)
{
    const char *bar = strstr(page, from), *last;
    size_t sum = 0;
    assert_non_null(bar);
    bar = strstr(bar, "<svg");
    last = strstr(bar, "</svg>");
    while ((bar = strstr(bar, "<title>")) && bar < last) {
        bar += strlen("<title>");
        sum += strtoul(bar, NULL, 10);
    }
    return sum;
}

static void what_was_made_is_said_with_every_pair(void **state)
{
    (void)state;
    write_page();
    expect("<code>new.bolt</code>: <b class=\"v ok\">made</b>.");
    expect("CPU time: faster: -10.0 %, 95 % interval -11.0 ... -9.0 %; decided by time.");
    expect("6 recordings: 12,345 samples");
    expect("look at what is weak");
    assert_int_equal(count_pairs("<p class=\"row\">B/A"), PAIRS);
    assert_int_equal(count_pairs("<p class=\"row\">A/A"), PAIRS);
    expect("class=\"band\"");
    assert_null(strstr(page, "stand at the edge"));
}

static void the_same_cycle_gives_the_same_page(void **state)
{
    (void)state;
    write_page();
    char *first = page;
    page = NULL;
    write_page();
    assert_string_equal(page, first);
    free(first);
}

static void names_stay_text(void **state)
{
    static char *words[] = {"</script><script>alert(1)</script>", NULL};
    (void)state;
    workloads.items[0].words = words;
    workloads.items[0].word_count = 1;
    workloads.items[0].input_file = "\"><img>";
    write_page();
    expect("<h1>&lt;b&gt;app&amp;</h1>");
    expect("&lt;/script&gt;&lt;script&gt;alert(1)");
    expect("not run: &lt;none&gt;");
    assert_null(strstr(page, "<script"));
    assert_null(strstr(page, "<img"));
}

static void a_rebuilt_program_is_a_side_of_its_own(void **state)
{
    (void)state;
    request.build_command = "make 'a<b>'";
    cycle.has_rebuilt = true;
    cycle.comparison.all.cpu[MEASURE_C] = row_of(0.8, PAIRED_FASTER);
    for (size_t i = 0; i < PAIRS; i++)
        cycle.pairs.ratios[MEASURE_C][i] = 0.8;
    write_page();
    expect("by <code>make &#39;a&lt;b&gt;&#39;</code>");
    expect("<th scope=\"row\">rebuilt + BOLT</th>");
    expect("CPU time: faster: -20.0 %");
    assert_int_equal(count_pairs("<p class=\"row\">C/A"), PAIRS);
}

static void a_refusal_has_its_reason(void **state)
{
    (void)state;
    cycle.accepted = false;
    cycle.reason = "it behaves differently";
    cycle.comparison.same = false;
    cycle.pairs.count = 0;
    snprintf(cycle.comparison.difference, sizeof(cycle.comparison.difference), "at byte 7 'a'");
    write_page();
    expect("<b class=\"v fail\">not made</b>, it behaves differently.");
    expect("It behaves differently: at byte 7 &#39;a&#39;");
    assert_null(strstr(page, "<svg"));
}

/* One run of a hundred times the length leaves the others where they can be seen. */
static void what_is_far_out_stands_at_the_edge_and_is_counted(void **state)
{
    (void)state;
    cycle.pairs.count = 40;
    for (size_t side = 0; side < 2; side++)
        for (size_t i = 0; i < 40; i++)
            cycle.pairs.ratios[side][i] = 0.99 + 0.0005 * (double)i;
    cycle.pairs.ratios[MEASURE_B][39] = 100;
    write_page();
    expect("stand at the edge: 1.");
    assert_int_equal(count_pairs("<p class=\"row\">B/A"), 40);
    expect(">-10 %</text>");
}

/* The same times everywhere are no reason to divide by nothing. */
static void pairs_without_any_difference_are_drawn(void **state)
{
    (void)state;
    cycle.comparison.all.cpu[MEASURE_A] = (struct measure_row){.interval.ratio = 1};
    cycle.comparison.all.cpu[MEASURE_B] = (struct measure_row){.interval.ratio = 1};
    for (size_t side = 0; side < 2; side++)
        for (size_t i = 0; i < PAIRS; i++)
            cycle.pairs.ratios[side][i] = 1;
    write_page();
    assert_int_equal(count_pairs("<p class=\"row\">B/A"), PAIRS);
    assert_null(strstr(page, "nan"));
    assert_null(strstr(page, "inf"));
}

static void a_profile_alone_is_a_page_too(void **state)
{
    (void)state;
    request.profile_only = true;
    cycle.compared = cycle.has_relinked = false;
    cycle.candidate = NULL;
    write_page();
    expect("<b class=\"v ok\">recorded</b>.");
    assert_null(strstr(page, "h-made"));
    assert_null(strstr(page, "h-compared"));
}

#define page_test(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        page_test(what_was_made_is_said_with_every_pair),
        page_test(the_same_cycle_gives_the_same_page),
        page_test(names_stay_text),
        page_test(a_rebuilt_program_is_a_side_of_its_own),
        page_test(a_refusal_has_its_reason),
        page_test(what_is_far_out_stands_at_the_edge_and_is_counted),
        page_test(pairs_without_any_difference_are_drawn),
        page_test(a_profile_alone_is_a_page_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
