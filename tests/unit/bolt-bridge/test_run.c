/* Running other programs: how they end, what they cost, what is left of them. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "bolt-bridge/process/run.h"
#include "bolt-bridge/process/temporary.h"

static void run_shell(char *script, struct process *process, struct process_result *result)
{
    char *arguments[] = {"sh", "-c", script, NULL};
    struct error error;
    process->arguments = arguments;
    assert_true(process_run(process, result, &error));
    process->arguments = NULL;
}

static void read_file(const char *path, char *text, size_t size)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    text[fread(text, 1, size - 1, file)] = '\0';
    fclose(file);
}

static void test_status_and_output(void **state)
{
    char out[PATH_MAX], err[PATH_MAX], text[64];
    struct process process = {.output_file = out, .error_file = err};
    struct process_result result;
    struct error error;
    (void)state;
    assert_true(temporary_path("out", out, &error));
    assert_true(temporary_path("err", err, &error));
    run_shell("echo to-out; echo to-err >&2; exit 7", &process, &result);
    assert_int_equal(result.exit_status, 7);
    assert_int_equal(result.signal, 0);
    assert_false(process_succeeded(&result));
    read_file(out, text, sizeof(text));
    assert_string_equal(text, "to-out\n");
    read_file(err, text, sizeof(text));
    assert_string_equal(text, "to-err\n");
}

static void test_standard_input(void **state)
{
    char in[PATH_MAX], out[PATH_MAX], text[64];
    struct process process = {.input_file = in, .output_file = out};
    struct process_result result;
    struct error error;
    (void)state;
    assert_true(temporary_path("in", in, &error));
    assert_true(temporary_path("out", out, &error));
    FILE *file = fopen(in, "w");
    fputs("given", file);
    fclose(file);
    run_shell("cat", &process, &result);
    assert_true(process_succeeded(&result));
    read_file(out, text, sizeof(text));
    assert_string_equal(text, "given");
    process.input_file = NULL; /* the end of the file at once, never our own */
    run_shell("cat", &process, &result);
    read_file(out, text, sizeof(text));
    assert_string_equal(text, "");
}

static void test_signal_is_named(void **state)
{
    struct process process = {0};
    struct process_result result;
    char text[128];
    (void)state;
    run_shell("kill -SEGV $$", &process, &result);
    assert_int_equal(result.signal, SIGSEGV);
    assert_false(process_succeeded(&result));
    process_describe(&result, text, sizeof(text));
    assert_string_equal(text, "was killed by signal 11 (Segmentation fault)");
}

static void test_missing_program(void **state)
{
    char *arguments[] = {"./no-such-program", NULL};
    struct process process = {.path = "./no-such-program", .arguments = arguments};
    struct process_result result;
    struct error error;
    (void)state;
    assert_false(process_run(&process, &result, &error));
    assert_int_equal(error.code, ERROR_NO_SUCH_PROGRAM);
    process.path = NULL;
    arguments[0] = "no-such-program-in-path";
    assert_false(process_run(&process, &result, &error));
    assert_int_equal(error.code, ERROR_NO_SUCH_PROGRAM);
}

static void test_not_executable(void **state)
{
    char script[PATH_MAX];
    char *arguments[] = {script, NULL};
    struct process process = {.path = script, .arguments = arguments};
    struct process_result result;
    struct error error;
    (void)state;
    assert_true(temporary_path("script", script, &error));
    FILE *file = fopen(script, "w");
    fputs("#!/no/such/interpreter\n", file);
    fclose(file);
    assert_false(process_run(&process, &result, &error));
    assert_int_equal(error.code, ERROR_EXECUTE);
    assert_non_null(strstr(error.detail, "Permission denied"));
    chmod(script, 0700);
    assert_false(process_run(&process, &result, &error));
    assert_int_equal(error.code, ERROR_EXECUTE);
    assert_non_null(strstr(error.detail, "interpreter"));
}

static void test_unwritable_output(void **state)
{
    char *arguments[] = {"true", NULL};
    struct process process = {.arguments = arguments, .output_file = "/no/such/directory/out"};
    struct process_result result;
    struct error error;
    (void)state;
    assert_false(process_run(&process, &result, &error));
    assert_int_equal(error.code, ERROR_WRITE);
    process.output_file = NULL;
    process.input_file = "/no/such/input";
    assert_false(process_run(&process, &result, &error));
    assert_int_equal(error.code, ERROR_OPEN);
}

/* Gone, or a zombie: its new parent reaps it when it likes. */
static bool is_gone(pid_t process)
{
    char path[64], status[512] = "";

    snprintf(path, sizeof(path), "/proc/%d/stat", (int)process);
    FILE *file = fopen(path, "r");
    if (!file)
        return true;
    if (!fgets(status, sizeof(status), file))
        status[0] = '\0';
    fclose(file);
    return !status[0] || strstr(status, ") Z ");
}

/* A child that never ends, and its own child, are gone after the timeout. */
static void test_timeout_kills_the_group(void **state)
{
    char out[PATH_MAX], text[64] = "";
    char *arguments[] = {"sh", "-c", "sleep 1000 & echo $!; wait", NULL};
    struct process process = {.arguments = arguments, .output_file = out};
    struct process_result result;
    struct error error;
    (void)state;
    assert_true(temporary_path("out", out, &error));
    assert_true(process_start(&process, &error));
    while (!strchr(text, '\n')) /* however long it takes to start */
        read_file(out, text, sizeof(text));
    process.timeout = 1e-9; /* which is over */
    assert_true(process_finish(&process, &result, &error));
    assert_true(result.timed_out);
    assert_false(process_succeeded(&result));
    pid_t grandchild = (pid_t)atoi(text);
    assert_true(grandchild > 1);
    while (!is_gone(grandchild))
        usleep(10000);
}

static void test_times_and_memory(void **state)
{
    struct process process = {0};
    struct process_result result;
    (void)state;
    run_shell("i=0; while [ $i -lt 50000 ]; do i=$((i+1)); done", &process, &result);
    assert_true(result.user_nanoseconds + result.system_nanoseconds > 0);
    assert_true(result.wall_nanoseconds > 0);
    assert_true(result.peak_bytes > 100 * 1024);
}

/* The child's child says itself how long it worked: "0m0.120000s 0m0.000000s". */
static void test_times_of_children_count(void **state)
{
    char out[PATH_MAX], text[256];
    struct process process = {.output_file = out};
    struct process_result result;
    struct error error;
    double user = 0;
    (void)state;
    assert_true(temporary_path("out", out, &error));
    run_shell("sh -c 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; times'; :", &process,
              &result);
    read_file(out, text, sizeof(text));
    assert_int_equal(sscanf(text, "%*dm%lfs", &user), 1);
    assert_true(user > 0);
    /* The shell counts in ticks. */
    assert_true((double)(result.user_nanoseconds + result.system_nanoseconds) / 1e9 >
                0.9 * user - 0.02);
}

static void test_quote_tail(void **state)
{
    char path[PATH_MAX], text[128];
    struct error error;
    (void)state;
    assert_true(temporary_path("lines", path, &error));
    FILE *file = fopen(path, "w");
    fputs("one\ntwo\nthr\x1b"
          "ee\nfour\n\n",
          file);
    fclose(file);
    process_quote_tail(path, 2, text, sizeof(text));
    assert_string_equal(text, "\n  thr?ee\n  four");
    process_quote_tail(path, 100, text, sizeof(text));
    assert_string_equal(text, "\n  one\n  two\n  thr?ee\n  four");
    process_quote_tail(path, 100, text, 12); /* cut to what fits */
    assert_true(strlen(text) < 12);
    file = fopen(path, "w");
    fputs("gr\xc3\xbc\xc3\n\xff", file);
    fclose(file);
    process_quote_tail(path, 2, text, sizeof(text));
    assert_string_equal(text, "\n  gr\xc3\xbc?\n  ?");
    process_quote_tail("/no/such/file", 2, text, sizeof(text));
    assert_string_equal(text, "");
}

static void test_find_program(void **state)
{
    char path[PATH_MAX];
    (void)state;
    assert_true(process_find_program("sh", path, sizeof(path)));
    assert_int_equal(path[0], '/');
    assert_false(process_find_program("no-such-program-in-path", path, sizeof(path)));
    assert_false(process_find_program("/etc", path, sizeof(path)));
    assert_false(process_find_program("/etc/passwd", path, sizeof(path)));
    assert_false(process_find_program("", path, sizeof(path)));
}

static void test_output_appears_whole(void **state)
{
    char final_path[PATH_MAX], text[64];
    struct temporary_output output;
    struct error error;
    (void)state;
    assert_true(temporary_path("result", final_path, &error));
    assert_true(temporary_output_open(&output, final_path, false, &error));
    assert_int_equal(access(final_path, F_OK), -1);
    assert_false(temporary_output_commit(&output, false, &error)); /* still empty */
    assert_int_equal(error.code, ERROR_WRITE);
    assert_int_equal(access(final_path, F_OK), -1);

    assert_true(temporary_output_open(&output, final_path, false, &error));
    FILE *file = fopen(output.path, "w");
    fputs("whole", file);
    fclose(file);
    char reserved[PATH_MAX];
    strcpy(reserved, output.path);
    assert_true(temporary_output_commit(&output, false, &error));
    read_file(final_path, text, sizeof(text));
    assert_string_equal(text, "whole");
    assert_int_equal(access(reserved, F_OK), -1);

    assert_false(temporary_output_open(&output, final_path, false, &error));
    assert_int_equal(error.code, ERROR_OUTPUT_EXISTS);
    assert_true(temporary_output_open(&output, final_path, true, &error));
    strcpy(reserved, output.path);
    temporary_output_discard(&output);
    assert_int_equal(access(reserved, F_OK), -1);
    read_file(final_path, text, sizeof(text));
    assert_string_equal(text, "whole");
}

static void test_clean_removes_everything(void **state)
{
    char inside[PATH_MAX], final_path[] = "/tmp/pgo-bolt-test-XXXXXX";
    struct temporary_output output;
    struct error error;
    (void)state;
    assert_true(temporary_path("inside", inside, &error));
    FILE *file = fopen(inside, "w");
    fclose(file);
    close(mkstemp(final_path));
    assert_true(temporary_output_open(&output, final_path, true, &error));
    assert_int_equal(access(output.path, F_OK), 0);
    temporary_clean();
    assert_int_equal(access(inside, F_OK), -1);
    assert_int_equal(access(output.path, F_OK), -1);
    unlink(final_path);
}

/* The last test: from here on every call fails. */
static void test_interruption(void **state)
{
    char script[64];
    char *arguments[] = {"sh", "-c", script, NULL};
    struct process process = {.arguments = arguments};
    struct process_result result;
    struct error error;
    (void)state;
    /* A background job of sh starts with SIGINT ignored, and stays deaf to it. */
    signal(SIGINT, SIG_DFL);
    process_catch_interrupts();
    assert_false(process_interrupted(&error));
    snprintf(script, sizeof(script), "trap '' TERM; kill -INT %d; while :; do sleep 1; done",
             (int)getpid());
    assert_false(process_run(&process, &result, &error));
    assert_int_equal(error.code, ERROR_INTERRUPTED);
    assert_int_equal(result.signal, SIGKILL); /* it ignored the polite request */
    assert_true(process_interrupted(&error));
    assert_false(process_start(&process, &error));
    assert_int_equal(error.code, ERROR_INTERRUPTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_status_and_output),
        cmocka_unit_test(test_standard_input),
        cmocka_unit_test(test_signal_is_named),
        cmocka_unit_test(test_missing_program),
        cmocka_unit_test(test_not_executable),
        cmocka_unit_test(test_unwritable_output),
        cmocka_unit_test(test_timeout_kills_the_group),
        cmocka_unit_test(test_times_and_memory),
        cmocka_unit_test(test_times_of_children_count),
        cmocka_unit_test(test_quote_tail),
        cmocka_unit_test(test_find_program),
        cmocka_unit_test(test_output_appears_whole),
        cmocka_unit_test(test_clean_removes_everything),
        cmocka_unit_test(test_interruption),
    };
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    temporary_clean();
    return failures;
}
