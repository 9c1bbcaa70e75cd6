/* perf script's text: whatever fields it has, it becomes the model's profile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/model/match/placement.h"
#include "analyzer/read/perf_script_words.h"
#include "analyzer/read/reader.h"
#include "tests/support/profile_text.h"

static struct error error;

#define MAPPING                                                                                    \
    " 77 PERF_RECORD_MMAP2 77/77: [0x5500001000(0x1000) @ 0x1000 fe:00 1 2]: r-xp /no/app\n"

/* Two branches in /no/app, at offsets in it, sampled twice. */
static void check_two(const char *text, bool has_address)
{
    struct profile *profile = profile_text_read(text, &error);
    if (!profile)
        fail_msg("%s\n%s: %s", text, error.subject, error.detail);
    assert_int_equal(profile_text_count(profile, 0x1050, 0x1010, 0x1030), 0);
    assert_int_equal(profile_text_count(profile, 0x1020, 0x1040, 0x1050), 2);
    assert_int_equal(profile_text_count(profile, 0x1050, 0x1010, PROFILE_TEXT_NONE), 2);
    assert_int_equal(profile_text_count(profile, PROFILE_TEXT_NONE, 0x1030, PROFILE_TEXT_NONE),
                     has_address ? 2 : 0);
    assert_int_equal(profile->trace_count, has_address ? 3 : 2);
    assert_string_equal(profile->modules[0].path, "/no/app");
    assert_true(profile->modules[0].has_file_offsets);
    profile_free(profile);
}

#define BRANCHES "0x5500001050/0x5500001010/P/-/-/1  0x5500001020/0x5500001040/M/-/-/22/"

static void any_fields_are_understood(void **state)
{
    (void)state;
    check_two(MAPPING "   77       5500001030  " BRANCHES "\n   77       5500001030  " BRANCHES
                      "\n",
              true);
    check_two(MAPPING "   77 " BRANCHES " \n   77 " BRANCHES "\n", false);
    check_two(MAPPING
              "     app 9  77/78  914937.300849:     12345 cycles:u:     5500001030 " BRANCHES
              "\n     app 9  77/78  914937.300849:  77 cycles:u:     5500001030 " BRANCHES "\n",
              true);
    check_two(MAPPING "app   77 [003] 1.5:   1 cycles:  5500001030 main+0x4 (/no/app) " BRANCHES
                      "\napp   77 [003] 1.6:   1 cycles:  5500001030 [unknown] (/no/app) "
                      "0x5500001050(/no/app)/0x5500001010(/no/app)/P/-/-/0 "
                      "0x5500001020(/no/app)/0x5500001040(/no/app)/P/-/-/0\n",
              true);
    /* Without the number of the process: the one that was mapped. */
    check_two(MAPPING "      5500001030 " BRANCHES "\n      5500001030 " BRANCHES "\n", true);
    check_two("# a comment\n" MAPPING "77\n\t      5500001030\n\n " BRANCHES "\n" MAPPING
              " 77 \n\t      5500001030\n " BRANCHES "\n\n",
              true);
}

#define KERNEL_BRANCHES "0xffffffff81000000/0xffffffff81000010/P/-/-/0 0x0/0x0/P/-/-/0"

/* Of a new program, the kernel's samples come before it has mapped anything. */
static void what_is_left_out_is_counted_and_said(void **state)
{
    (void)state;
    struct profile *profile = profile_text_read(
        "app 77 1.0: 1 cycles:  ffffffff81000000 f (k) " KERNEL_BRANCHES "\n" MAPPING
        "app 77 2.0: 1 cycles:        5500001030 f (/no/app) " BRANCHES "\n"
        "app 77 3.0: 1 cycles: \n"
        "\tffffffff81000000 f (k)\n"
        "\n"
        "app 77 4.0: 1 cycles: \n"
        "\n"
        " instruction trace error type 1 time 5.5 cpu 3 pid 77 tid 77 ip 0 code 5: Failed\n",
        &error);
    if (!profile)
        fail_msg("%s", error.detail);
    assert_string_equal(profile->modules[0].path, "/no/app");
    assert_int_equal(profile_text_count(profile, PROFILE_TEXT_NONE, 0x1030, PROFILE_TEXT_NONE), 1);
    assert_int_equal(profile->trace_count, 3);
    static const char *const said[] = {"2 samples in the kernel", "1 samples without an address",
                                       "1 branches from or to the kernel",
                                       "1 entries of branch stacks are empty",
                                       "1 times perf could not decode"};
    for (size_t i = 0; i < sizeof(said) / sizeof(*said); i++)
        assert_non_null(strstr(profile->recordings[0].why, said[i]));
    profile_free(profile);
}

static void call_stacks_are_kept(void **state)
{
    (void)state;
    struct profile *profile = profile_text_read(MAPPING "app 77 1.0: 1 cycles: \n"
                                                        "\tffffffff81000000 kernel ([k])\n"
                                                        "\t      5500001030 f (/no/app)\n"
                                                        "\n"
                                                        "app 77 2.0: 1 cycles: \n"
                                                        "\t            1030 f (/no/app)\n"
                                                        "\t            1045 main (/no/app)\n"
                                                        "\n",
                                                &error);
    assert_non_null(profile);
    assert_int_equal(profile->stack_count, 2);
    assert_int_equal(profile->stacks[0].location.address, 0x1044);
    assert_int_equal(profile->stacks[1].location.address, 0x1030);
    assert_int_equal(profile->stacks[1].count, 1);
    assert_int_equal(profile_text_count(profile, PROFILE_TEXT_NONE, 0x1030, PROFILE_TEXT_NONE), 1);
    profile_free(profile);
}

static void children_have_what_their_parents_mapped(void **state)
{
    (void)state;
    struct profile *profile = profile_text_read(
        MAPPING "app 77 1.0: PERF_RECORD_FORK(78:78):(77:77)\n"
                "app 78/78 2.0: 1 cycles: 5500001030\n"
                "app 78 3.0: PERF_RECORD_COMM exec: o:th/er:78/78\n"
                "app 78/78 4.0: 1 cycles: 5500001030\n"
                "app 77 5.0: PERF_RECORD_EXIT(77:77):(1:1)\n"
                "swapper -1 PERF_RECORD_MMAP -1/0: [0xffffffff81000000(0x10) @ 0]: x [k]\n",
        &error);
    assert_non_null(profile);
    assert_int_equal(profile->trace_count, 2);
    assert_int_equal(profile_text_count(profile, PROFILE_TEXT_NONE, 0x1030, PROFILE_TEXT_NONE), 1);
    profile_free(profile);
}

static void without_mappings_the_binary_is_not_named(void **state)
{
    (void)state;
    struct profile *profile =
        profile_text_read("          401030 0x401050/0x401010/P/-/-/0\n"
                          "          401030 0x401050/0xffffffff81000000/P/-/-/0\n",
                          &error);
    assert_non_null(profile);
    assert_true(module_is_unnamed(&profile->modules[0]));
    assert_int_equal(profile->trace_count, 2);
    assert_int_equal(profile_text_count(profile, PROFILE_TEXT_NONE, 0x401030, PROFILE_TEXT_NONE),
                     2);
    profile_free(profile);
}

/* Samples at offset 0x1030 of /no/app, which all of the text's are. */
static void check_samples(const char *text, uint64_t count)
{
    struct profile *profile = profile_text_read(text, &error);
    if (!profile)
        fail_msg("%s\n%s: %s", text, error.subject, error.detail);
    if (profile_text_count(profile, PROFILE_TEXT_NONE, 0x1030, PROFILE_TEXT_NONE) != count)
        fail_msg("%s\n%d samples expected", text, (int)count);
    profile_free(profile);
}

/* With a time: names of any kind, without call stacks in 16 columns, with them at the line's start.
 */
static void names_of_threads_may_be_anything(void **state)
{
    static const char *const names[] = {
        "app",      "worker 3",      "7 8",     "[ET 0] 99", "w/1 2",           "",
        "#1 of 2",  "1.5: x 2",      "a: b",    "0x10/0x20", "PERF_RECORD_COM", "3 1.000000: y",
        "[003] 12", "12 [003] 1.5:", "77/77 K",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        char text[2048];
        snprintf(text, sizeof(text),
                 MAPPING
                 "%16s    77     1.000000:     250000 cycles:u:        5500001030 f (/no/app)\n"
                 "%16s    77/77    [003]     2.000000: cycles:u:        5500001030\n"
                 "%16s    77     3.000000:        5500001030 f+0x3 (/no/a: 12/app)\n",
                 names[i], names[i], names[i]);
        check_samples(text, 3);
        snprintf(text, sizeof(text),
                 MAPPING "%s    77     1.000000:     250000 cycles:u: \n"
                         "\t      5500001030 f (/no/app)\n"
                         "\n"
                         "%s    77/77    [003] U    2.000000: cycles:u: \n"
                         "\t            1030 f(int) (/no/app)\n"
                         "  a.c:5\n"
                         "\t            1040 g (inlined)\n"
                         "\t            1040 main (/no/app)\n"
                         "\n",
                 names[i], names[i]);
        check_samples(text, 2);
    }
}

/* Without a time: 16 columns, or what is known, tell the thread from a number in its name. */
static void without_time_columns_tell_names(void **state)
{
    (void)state;
    check_samples(MAPPING
                  "        worker 3    77     250000 cycles:        5500001030 f (/no/app)\n"
                  "                    77 cycles:        5500001030\n"
                  "        worker 3    77        5500001030 f (/no/app)\n",
                  3);
    check_samples(MAPPING "worker 3    77     250000 cycles: \n"
                          "\t      5500001030 f (/no/app)\n"
                          "\n"
                          "worker 3    77/77 cycles: \n"
                          "\t      5500001030 f (/no/app)\n"
                          "\n",
                  2);
}

#define OTHER_MAPPING                                                                              \
    " 88 PERF_RECORD_MMAP2 88/88: [0x7700001000(0x1000) @ 0x1000 fe:00 1 2]: r-xp /no/app\n"

/* The thread's number alone: what made it, or named it, tells its process. */

static void paths_may_look_like_times(void **state)
{
    (void)state;
    struct profile *profile = profile_text_read("77 PERF_RECORD_MMAP2 77/77: [0x5500001000(0x1000) "
                                                "@ 0x1000 fe:00 1 2]: r-xp /no/b [1] 7 1.5: x\n"
                                                "77 \n"
                                                "\t            1030 f (/no/b [1] 7 1.5: x)\n"
                                                " ilen: 3 insn: 48 89 e5\n"
                                                "|4        int x = 1.5: 30;\n"
                                                "\n",
                                                &error);
    if (!profile)
        fail_msg("%s", error.detail);
    assert_string_equal(profile->modules[0].path, "/no/b [1] 7 1.5: x");
    assert_int_equal(profile_text_count(profile, PROFILE_TEXT_NONE, 0x1030, PROFILE_TEXT_NONE), 1);
    assert_int_equal(profile->trace_count, 1);
    profile_free(profile);
}

/* -F tid,ip: addresses may have decimal digits only. */
static void a_thread_and_an_address_are_enough(void **state)
{
    (void)state;
    static const char *const texts[] = {" 5885            400523\n 5885            400523\n",
                                        "5885 \n\t          400523\n\n5885 \n\t          400523\n"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct profile *profile = profile_text_read(texts[i], &error);
        if (!profile)
            fail_msg("%s", error.detail);
        assert_int_equal(
            profile_text_count(profile, PROFILE_TEXT_NONE, 0x400523, PROFILE_TEXT_NONE), 2);
        assert_int_equal(profile_samples(profile), 2);
        profile_free(profile);
    }
}

/* Any choice of fields, also where the first lines have little in them. */
static void lines_with_an_address_are_known_without_mappings(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "         branchy            400523\n         branchy            400523\n",
        "         branchy  2075            400523 classify\n"
        "         branchy  2075            400523 classify\n",
        "            400523 classify (/no/app)\n            400523 classify (/no/app)\n",
        "U                400523\nU                400523\n",
        "branchy \n\t          400523\n\nbranchy \n\t          400523\n\n",
        "    333333            400523 classify (/no/app)\n"
        "    333333            400523 classify (/no/app)\n",
        "            400523 [unknown] ilen: 0\n            400523 insn: 48 89 e5 ilen: 3\n",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct profile *profile = profile_text_read(texts[i], &error);
        if (!profile)
            fail_msg("%s\n%s", texts[i], error.detail);
        if (profile_text_count(profile, PROFILE_TEXT_NONE, 0x400523, PROFILE_TEXT_NONE) != 2)
            fail_msg("%s\n2 samples expected", texts[i]);
        profile_free(profile);
    }
    check_two(" app \n app \n" MAPPING " app  " BRANCHES "\n app  " BRANCHES "\n", false);
    struct profile *profile =
        profile_text_read(" 5595 \n 5595  0x401050/0x401010/P/-/-/1\n", &error);
    assert_non_null(profile);
    assert_int_equal(profile_text_count(profile, 0x401050, 0x401010, PROFILE_TEXT_NONE), 1);
    profile_free(profile);
}

/* Of data (-F addr), in front of the code's; physical, behind it. */
static void other_addresses_are_not_the_samples(void **state)
{
    (void)state;
    check_samples(MAPPING
                  "app 77 1.0: 1 cycles:     7ffd00001030       5500001030 f (/no/app)\n"
                  "app 77 2.0: 1 cycles:       5500001030 f (/no/app)        123456030\n"
                  "app 77 3.0: 1 cycles:         12345678       5500001030        123456030\n",
                  3);
    struct profile *profile =
        profile_text_read("          7fd001030           401030\n"
                          "          7fd001030           401030 f (/no/app)\n",
                          &error);
    assert_non_null(profile);
    assert_int_equal(profile_text_count(profile, PROFILE_TEXT_NONE, 0x401030, PROFILE_TEXT_NONE),
                     2);
    profile_free(profile);
}

/* perf script --itrace=b: the run behind a branch ends at the thread's next one. */
static void traced_branches_are_branches(void **state)
{
    (void)state;
    struct profile *profile = profile_text_read(
        MAPPING
        "app  77 [000] 1.1:  1 branches:u:                 0 [unknown] ([unknown]) =>       "
        "5500001000 f (/no/app)\n"
        "app  77/78 [001] 1.2:  1 branches:u:       5500001080 g+0x1 (/no/app) =>       5500001090 "
        "g (/no/app)\n"
        "app  77/77 [000] 1.3:  1 branches:u:   jmp     5500001010 f+0x10 (/no/app) =>       "
        "5500001020 f (/no/app)\n"
        "app  77/77 [000] 1.4:  1 branches:u:   call     5500001030 f+0x30 (/no/app) => "
        "ffffffff81000000 k ([kernel])\n"
        "app  77/77 [000] 1.5:  1 branches:u:   tr end     5500001048 f+0x48 (/no/app) =>          "
        " "
        "     0 [unknown] ([unknown])\n",
        &error);
    if (!profile)
        fail_msg("%s", error.detail);
    assert_int_equal(profile_text_count(profile, 0, 0x1000, 0x1010), 1);
    assert_int_equal(profile_text_count(profile, 0x1080, 0x1090, PROFILE_TEXT_NONE), 1);
    assert_int_equal(profile_text_count(profile, 0x1010, 0x1020, 0x1030), 1);
    assert_int_equal(profile_text_count(profile, 0x1048, 0, PROFILE_TEXT_NONE), 1);
    assert_int_equal(profile_samples(profile), 0);
    assert_int_equal(profile->trace_count, 4);
    assert_non_null(strstr(profile->recordings[0].why, "1 branches from or to the kernel"));
    profile_free(profile);
}

/* brstackoff with dso tells where; names of places do not. */
static void branches_have_offsets_or_are_said_to_have_none(void **state)
{
    (void)state;
#define OFFSETS "0x1050(/no/app)/0x1010(/no/app)/P/-/-/1  0x1020(/no/app)/0x1040(/no/app)/M/-/-/2/"
    check_two(MAPPING " 77 " OFFSETS "\n 77 " OFFSETS "\n", false);
    struct profile *profile = profile_text_read(
        MAPPING "app 77 1.0: 1 cycles:       5500001030 fmain+0x62/main+0xba/P/-/-/1/ "
                "operator/(a b)+0x35/main+0x4c/PN/-/-/12/COND/- [unknown]/[unknown]/-/X/A/0\n",
        &error);
    if (!profile)
        fail_msg("%s", error.detail);
    assert_int_equal(profile_text_count(profile, PROFILE_TEXT_NONE, 0x1030, PROFILE_TEXT_NONE), 1);
    assert_non_null(strstr(profile->recordings[0].why, "3 entries of branch stacks are names"));
    profile_free(profile);
}

static void named_branches_end_with_their_line(void **state)
{
    (void)state;
    assert_int_equal(perf_script_named_branches("main+0x1/step+0x2/P/-/-/7 main/step/M/X/A/1"), 2);
    /* What lies behind a line that was cut is not of it. */
    assert_int_equal(perf_script_named_branches("main/step/P/\0/-/5"), 0);
    assert_int_equal(perf_script_named_branches("main/step/P/-/\0/5"), 0);
}

static void threads_are_their_processes(void **state)
{
    (void)state;
    check_samples(MAPPING OTHER_MAPPING "app 77 1.0: PERF_RECORD_FORK(77:79):(77:77)\n"
                                        "app 88 1.1: PERF_RECORD_COMM: a:b:88/89\n"
                                        "app 79 2.0: 1 cycles: 5500001030\n"
                                        "app 89 2.1: 1 cycles: 7700001030\n"
                                        "app 89 2.2: 1 cycles: 5500001030\n",
                  2);
}

/* Nothing tells the process: all that were mapped are looked at. */
static void addresses_of_unknown_processes_are_found(void **state)
{
    (void)state;
    check_samples(MAPPING OTHER_MAPPING "      5500001030\n"
                                        "      7700001030\n"
                                        "app 99 2.0: 1 cycles: 5500001030\n",
                  3);
    /* Another program is at that address: it is of neither. */
    struct profile *profile = profile_text_read(
        MAPPING " 88 PERF_RECORD_MMAP2 88/88: [0x5500001000(0x1000) @ 0 fe:00 1 2]: r-xp /no/b\n"
                "      5500001030\n"
                "app 77 2.0: 1 cycles: 5500001030\n",
        &error);
    assert_non_null(profile);
    assert_int_equal(profile_text_count(profile, PROFILE_TEXT_NONE, 0x1030, PROFILE_TEXT_NONE), 1);
    assert_int_equal(profile_samples(profile), 2);
    profile_free(profile);
}

/* Parentheses in paths and symbols; a file that was deleted is not what is there now. */
static void files_have_any_path(void **state)
{
    (void)state;
    struct profile *profile = profile_text_read(
        "a 77 1.0: PERF_RECORD_MMAP2 77/77: [0x5500001000(0x1000) @ 0x1000 fe:00 1 2]: r-xp "
        "/no (x86)/a: 5/my app (deleted)\n"
        "a 77 1.0: 1 cycles: \n"
        "\t            1030 f(int (*)(int)) (/no (x86)/a: 5/my app (deleted))\n"
        "\t            1045 main (/no (x86)/a: 5/my app (deleted))\n"
        "\n"
        "a 77 2.0:  1 cycles:        5500001030 f (/no (x86)/a: 5/my app (deleted))\n",
        &error);
    assert_non_null(profile);
    assert_int_equal(profile_text_count(profile, PROFILE_TEXT_NONE, 0x1030, PROFILE_TEXT_NONE), 2);
    assert_int_equal(profile->stack_count, 2);
    assert_int_equal(profile->stacks[0].location.address, 0x1044);
    assert_string_equal(profile->modules[0].path, "/no (x86)/a: 5/my app (deleted)");
    assert_true(profile->modules[0].has_file_offsets);
    profile_free(profile);
}

/* However many there are: what is not said of each is said in number. */
static void notes_on_many_files_end_with_how_many_more(void **state)
{
    (void)state;
    enum { FILES = 100 };
    static char text[FILES * 200];
    size_t used = 0;
    for (unsigned i = 0; i < FILES; i++)
        used +=
            (size_t)snprintf(text + used, sizeof(text) - used,
                             "a 77 1.0: PERF_RECORD_MMAP2 77/77: [0x55000%02x000(0x1000) @ 0x1000 "
                             "fe:00 1 2]: r-xp /no/%u\n"
                             "a 77 1.0: 1 cycles: 55000%02x030\n",
                             i, i, i);
    struct profile *profile = profile_text_read(text, &error);
    if (!profile)
        fail_msg("%s", error.detail);
    unsigned said = 0;
    unsigned more = 0;
    for (const char *line = profile->recordings[0].why; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        said += strncmp(line, "/no/", 4) == 0;
        sscanf(line, "%u more files", &more);
    }
    assert_true(said > 0 && more > 0);
    assert_int_equal(said + more, FILES);
    profile_free(profile);
}

static void what_is_wrong_is_told_with_its_line(void **state)
{
    static const struct {
        const char *text;
        const char *said;
    } cases[] = {
        {MAPPING " 77 0x10/0x20/P/-/-/0 0x30\n", "line 2: expected 0xFROM/0xTO, found '0x30'"},
        {MAPPING "\tmain\n", "line 2: expected the address of a caller"},
        {MAPPING " 77 \n\tmain+76:\n", "line 3: it is of code that ran (brstackinsn): print"},
        {MAPPING " 77 \n\t00005500001030\tinsn: c3   \t# PRED 1 cycles [11]\n",
         "line 3: it is of code that ran (brstackinsn): print"},
        {" 77 PERF_RECORD_MMAP2 77/77: [0x55]: r-xp /a\n", "line 1: expected PID/TID"},
        {" 77 PERF_RECORD_MMAP2 4294967296/77: [0x55(0x1) @ 0]: r-xp /a\n",
         "line 1: expected the number of a process"},
        {MAPPING "a 77 PERF_RECORD_FORK(78)\n", "line 2: expected (PID:TID):(PID:TID)"},
        {"          401030 0x401050/0x401010/P\n" MAPPING, "line 2: mappings come after samples"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        assert_null(profile_text_read(cases[i].text, &error));
        assert_int_equal(error.code, ERROR_PROFILE_LINE);
        if (!strstr(error.detail, cases[i].said))
            fail_msg("%s\nsaid: %s", cases[i].text, error.detail);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_fields_are_understood),
        cmocka_unit_test(what_is_left_out_is_counted_and_said),
        cmocka_unit_test(call_stacks_are_kept),
        cmocka_unit_test(children_have_what_their_parents_mapped),
        cmocka_unit_test(without_mappings_the_binary_is_not_named),
        cmocka_unit_test(names_of_threads_may_be_anything),
        cmocka_unit_test(without_time_columns_tell_names),
        cmocka_unit_test(paths_may_look_like_times),
        cmocka_unit_test(a_thread_and_an_address_are_enough),
        cmocka_unit_test(lines_with_an_address_are_known_without_mappings),
        cmocka_unit_test(other_addresses_are_not_the_samples),
        cmocka_unit_test(traced_branches_are_branches),
        cmocka_unit_test(branches_have_offsets_or_are_said_to_have_none),
        cmocka_unit_test(named_branches_end_with_their_line),
        cmocka_unit_test(threads_are_their_processes),
        cmocka_unit_test(addresses_of_unknown_processes_are_found),
        cmocka_unit_test(files_have_any_path),
        cmocka_unit_test(notes_on_many_files_end_with_how_many_more),
        cmocka_unit_test(what_is_wrong_is_told_with_its_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
