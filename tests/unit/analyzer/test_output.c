/* Output files are whole or not there, and what was there is safe. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "analyzer/base/output.h"
#include "tests/support/raw_builder.h"
#include "tests/support/temporary.h"

static struct error error;

static bool write_text(FILE *stream, void *context, struct error *why)
{
    (void)why;
    fputs(context, stream);
    return true;
}

static bool write_and_fail(FILE *stream, void *context, struct error *why)
{
    fputs(context, stream);
    error_set(why, ERROR_NO_SAMPLES, "x", NULL);
    return false;
}

static void assert_content(const char *path, const char *expected)
{
    char text[64] = "";
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    fclose(file);
    assert_string_equal(text, expected);
}

/* How many files there are whose names begin with the path. */
static int files_beginning_with(const char *path)
{
    char command[600];
    snprintf(command, sizeof(command), "exit $(ls -d %s* 2>/dev/null | wc -l)", path);
    return WEXITSTATUS(system(command));
}

static void a_new_file_is_written(void **state)
{
    (void)state;
    const char *path = temporary_path("new");
    struct stat status;
    umask(022);
    assert_true(output_write_file(path, false, write_text, "hello", &error));
    assert_content(path, "hello");
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0644);
    assert_int_equal(files_beginning_with(path), 1);
}

static void an_existing_file_is_only_replaced_by_force(void **state)
{
    (void)state;
    const char *path = temporary_path("existing");
    raw_builder_write_bytes(path, "old", 3);
    assert_false(output_write_file(path, false, write_text, "new", &error));
    assert_int_equal(error.code, ERROR_OUTPUT_EXISTS);
    assert_content(path, "old");
    assert_true(output_write_file(path, true, write_text, "new", &error));
    assert_content(path, "new");
    assert_int_equal(files_beginning_with(path), 1);
}

static void a_failure_leaves_nothing_behind(void **state)
{
    (void)state;
    const char *path = temporary_path("failed");
    assert_false(output_write_file(path, false, write_and_fail, "half", &error));
    assert_int_equal(error.code, ERROR_NO_SAMPLES);
    assert_int_equal(files_beginning_with(path), 0);
    raw_builder_write_bytes(path, "old", 3);
    assert_false(output_write_file(path, true, write_and_fail, "half", &error));
    assert_content(path, "old");
    assert_int_equal(files_beginning_with(path), 1);
}

static void a_link_keeps_pointing_to_its_file(void **state)
{
    (void)state;
    const char *path = temporary_path("target");
    const char *link_path = temporary_path("link");
    struct stat status;
    raw_builder_write_bytes(path, "old", 3);
    assert_int_equal(symlink(path, link_path), 0);
    assert_true(output_write_file(link_path, true, write_text, "new", &error));
    assert_int_equal(lstat(link_path, &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    assert_content(path, "new");
}

static void a_full_disk_is_noticed(void **state)
{
    (void)state;
    assert_false(output_write_file("/dev/full", false, write_text, "text", &error));
    assert_int_equal(error.code, ERROR_WRITE);
    assert_true(output_write_file("/dev/null", false, write_text, "text", &error));
}

static void a_missing_directory_is_noticed(void **state)
{
    (void)state;
    assert_false(output_write_file(temporary_path("no/such/file"), false, write_text, "", &error));
    assert_int_equal(error.code, ERROR_WRITE);
    assert_false(output_write_file("/tmp", true, write_text, "", &error));
    assert_int_equal(error.code, ERROR_WRITE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_file_is_written),
        cmocka_unit_test(an_existing_file_is_only_replaced_by_force),
        cmocka_unit_test(a_failure_leaves_nothing_behind),
        cmocka_unit_test(a_link_keeps_pointing_to_its_file),
        cmocka_unit_test(a_full_disk_is_noticed),
        cmocka_unit_test(a_missing_directory_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
