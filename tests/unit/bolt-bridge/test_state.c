/* What a cycle keeps of its stages is found again, and what cannot be kept says why. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "bolt-bridge/cycle/recordings.h"
#include "bolt-bridge/cycle/state.h"
#include "bolt-bridge/process/temporary.h"

#define NOBODY 65534

static struct error error;

/* A directory of that name, and the path of the state file in it. */
static void make_directory(const char *name, char directory[PATH_MAX], char file[PATH_MAX])
{
    assert_true(temporary_path(name, directory, &error));
    assert_int_equal(mkdir(directory, 0755), 0);
    assert_true(snprintf(file, PATH_MAX, "%s/" STATE_FILE, directory) < PATH_MAX);
}

static void a_stage_is_found_by_its_key(void **state)
{
    char directory[PATH_MAX], file[PATH_MAX];
    (void)state;
    make_directory("kept", directory, file);
    struct state *first = state_open(directory, STATE_FILE, &error);
    assert_non_null(first);
    assert_true(state_keep(first, "stage", "key", json_pack("{s:i}", "n", 7), &error));
    assert_null(state_open(directory, STATE_FILE, &error)); /* the first one works in it */
    assert_int_equal(error.code, ERROR_IN_USE);
    state_free(first);
    struct state *second = state_open(directory, STATE_FILE, &error);
    const json_t *done = state_done(second, "stage", "key");
    assert_int_equal(json_integer_value(json_object_get(done, "n")), 7);
    assert_null(state_done(second, "stage", "another key"));
    state_free(second);
}

static void the_directory_is_free_at_the_end_whatever_a_child_has_open(void **state)
{
    char directory[PATH_MAX], file[PATH_MAX];
    (void)state;
    make_directory("free", directory, file);
    struct state *first = state_open(directory, STATE_FILE, &error);
    assert_non_null(first);
    pid_t child = fork();
    if (child == 0)
        for (;;)
            pause();
    assert_true(child > 0);
    state_free(first);
    struct state *second = state_open(directory, STATE_FILE, &error);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    assert_non_null(second);
    state_free(second);
}

static void refuse_to_keep(const char *directory, const char *file, int reason)
{
    struct state *opened = state_open(directory, STATE_FILE, &error);
    assert_non_null(opened);
    /* More than a stream's buffer, so that the first write fails and not only the last. */
    json_t *result = json_array();
    for (int i = 0; i < 5000; i++)
        json_array_append_new(result, json_string("a line"));
    assert_false(state_keep(opened, "stage", "key", result, &error));
    assert_int_equal(error.code, ERROR_WRITE);
    assert_string_equal(error.subject, file);
    assert_string_equal(error.detail, strerror(reason));
    state_free(opened);
}

static void a_state_that_cannot_be_written_says_why(void **state)
{
    char directory[PATH_MAX], file[PATH_MAX];
    (void)state;
    make_directory("directory-in-its-place", directory, file);
    assert_int_equal(mkdir(file, 0755), 0);
    refuse_to_keep(directory, file, EISDIR);
    make_directory("full-disk", directory, file);
    assert_int_equal(symlink("/dev/full", file), 0);
    refuse_to_keep(directory, file, ENOSPC);
    make_directory("read-only", directory, file);
    assert_int_equal(chmod(directory, 0555), 0);
    char private[PATH_MAX]; /* and those above it can be gone through */
    assert_true(temporary_path("", private, &error));
    assert_int_equal(chmod(private, 0755), 0);
    if (geteuid() == 0)
        assert_int_equal(seteuid(NOBODY), 0);
    refuse_to_keep(directory, file, EACCES);
    if (getuid() == 0)
        assert_int_equal(seteuid(0), 0);
}

static void a_key_is_that_of_all_its_parts(void **state)
{
    char first[STATE_KEY_SIZE], second[STATE_KEY_SIZE];
    struct state_key key;
    (void)state;
    state_key_begin(&key);
    state_key_text(&key, "a");
    state_key_text(&key, "bc");
    assert_true(state_key_finish(&key, first, &error));
    state_key_begin(&key);
    state_key_text(&key, "ab");
    state_key_text(&key, "c");
    assert_true(state_key_finish(&key, second, &error));
    assert_string_not_equal(first, second);
    state_key_begin(&key);
    state_key_file(&key, "/no/such/file");
    state_key_text(&key, "later parts do not hide it");
    assert_false(state_key_finish(&key, second, &error));
    assert_int_equal(error.code, ERROR_READ);
    assert_string_equal(error.subject, "/no/such/file");
    assert_string_equal(error.detail, strerror(ENOENT));
}

static void recordings_that_cannot_be_listed_are_an_error(void **state)
{
    static struct workloads workloads = {.count = 1};
    const struct cycle_request request = {.workloads = &workloads};
    static struct cycle cycle = {.plain.label = "plain"};
    struct recordings recordings;
    char directory[PATH_MAX], file[PATH_MAX];
    (void)state;
    make_directory("recordings", directory, file);
    cycle.request = &request;
    assert_true(snprintf(cycle.directory, PATH_MAX, "%s", directory) < PATH_MAX);
    for (int i = 3; i > 0; i--) {
        assert_true(snprintf(file, PATH_MAX, "%s/recording-plain-%d.pgoraw", directory, i) > 0);
        fclose(fopen(file, "w"));
    }
    assert_true(recordings_list(&cycle, &cycle.plain, 0, &recordings, &error));
    assert_int_equal(recordings.count, 3);
    assert_string_equal(strrchr(recordings.paths[0], '/'), "/recording-plain-1.pgoraw");
    recordings_free(&recordings);
    assert_true(recordings_remove(&cycle, &cycle.plain, 0, &error));
    assert_true(recordings_list(&cycle, &cycle.plain, 0, &recordings, &error));
    assert_int_equal(recordings.count, 0);
    recordings_free(&recordings);
    assert_int_equal(rmdir(directory), 0);
    assert_false(recordings_list(&cycle, &cycle.plain, 0, &recordings, &error));
    assert_int_equal(error.code, ERROR_READ);
    assert_string_equal(error.subject, directory);
    assert_string_equal(error.detail, strerror(ENOENT));
    recordings_free(&recordings);
}

static void the_pairs_of_a_comparison_are_found_again(void **state)
{
    static struct measure_pairs pairs = {.count = 3}, found;
    (void)state;
    for (size_t side = 0; side < MEASURE_SIDES; side++)
        for (size_t i = 0; i < pairs.count; i++)
            pairs.ratios[side][i] = 1 + 0.1 * (double)side + 0.01 * (double)i;
    json_t *object = json_object();
    assert_false(state_unpack_pairs(object, &found)); /* what an earlier version kept */
    state_pack_pairs(object, &pairs);
    assert_true(state_unpack_pairs(object, &found));
    assert_int_equal(found.count, pairs.count);
    assert_memory_equal(found.ratios, pairs.ratios, sizeof(found.ratios));
    json_array_append_new(json_array_get(json_object_get(object, "ratios"), 1), json_real(1));
    assert_false(state_unpack_pairs(object, &found)); /* a side has more than another */
    json_decref(object);
    state_pack_pairs(NULL, &pairs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stage_is_found_by_its_key),
        cmocka_unit_test(the_directory_is_free_at_the_end_whatever_a_child_has_open),
        cmocka_unit_test(a_state_that_cannot_be_written_says_why),
        cmocka_unit_test(a_key_is_that_of_all_its_parts),
        cmocka_unit_test(recordings_that_cannot_be_listed_are_an_error),
        cmocka_unit_test(the_pairs_of_a_comparison_are_found_again),
    };
    int failures = cmocka_run_group_tests(tests, NULL, NULL);
    temporary_clean();
    return failures;
}
