/* Files are replaced in one step, copied whole, compared byte by byte, and errors say why. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "analyzer/base/file.h"
#include "tests/support/temporary.h"

static struct error error;

/* `size` bytes of `filling`, the last of them being `last`. */
static void write_file(const char *path, size_t size, char filling, char last)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (size_t i = 0; i + 1 < size; i++)
        fputc(filling, file);
    if (size)
        fputc(last, file);
    fclose(file);
}

static void assert_alike(const char *left, const char *right)
{
    uint64_t offset;
    bool same;
    assert_true(file_compare(left, right, &same, &offset, &error));
    assert_true(same);
    assert_int_equal(offset, file_size(left));
}

static void assert_differ_at(const char *left, const char *right, uint64_t expected)
{
    uint64_t offset;
    bool same;
    assert_true(file_compare(left, right, &same, &offset, &error));
    assert_false(same);
    assert_int_equal(offset, expected);
}

/* Around the size of the buffers that they are read with. */
static void differences_are_found_where_they_are(void **state)
{
    static const size_t sizes[] = {1, 100, 65535, 65536, 65537, 131072, 200000};
    const char *left = temporary_path("left"), *right = temporary_path("right");
    (void)state;
    write_file(left, 0, 'x', 'x');
    write_file(right, 0, 'x', 'x');
    assert_alike(left, right);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        write_file(left, sizes[i], 'x', 'y');
        write_file(right, sizes[i], 'x', 'y');
        assert_alike(left, right);
        write_file(right, sizes[i], 'x', 'z');
        assert_differ_at(left, right, sizes[i] - 1);
        write_file(left, sizes[i] + 1, 'x', 'x');
        write_file(right, sizes[i], 'x', 'x');
        assert_differ_at(left, right, sizes[i]);
        assert_differ_at(right, left, sizes[i]);
    }
}

static void what_cannot_be_read_is_named_with_the_reason(void **state)
{
    const char *there = temporary_path("there");
    uint8_t digest[16];
    uint64_t offset;
    bool same;
    (void)state;
    write_file(there, 1, 'x', 'x');
    assert_false(file_compare(there, "/no/such/file", &same, &offset, &error));
    assert_int_equal(error.code, ERROR_READ);
    assert_string_equal(error.subject, "/no/such/file");
    assert_string_equal(error.detail, strerror(ENOENT));
    assert_false(file_compare("/", there, &same, &offset, &error));
    assert_string_equal(error.subject, "/");
    assert_string_equal(error.detail, strerror(EISDIR));
    assert_false(file_digest("/no/such/file", digest, &error));
    assert_string_equal(error.detail, strerror(ENOENT));
    assert_false(file_copy("/no/such/file", there, true, &error));
    assert_int_equal(error.code, ERROR_READ);
    assert_string_equal(error.detail, strerror(ENOENT));
}

static void what_cannot_be_written_is_named_with_the_reason(void **state)
{
    const char *there = temporary_path("source"), *directory = temporary_path("directory");
    char path[PATH_MAX], sibling[PATH_MAX];
    (void)state;
    write_file(there, 1, 'x', 'x');
    assert_false(file_copy(there, "/no/such/directory/file", true, &error));
    assert_int_equal(error.code, ERROR_WRITE);
    assert_string_equal(error.subject, "/no/such/directory/file");
    assert_string_equal(error.detail, strerror(ENOENT));
    assert_false(file_copy_into(there, "/dev/full", &error));
    assert_int_equal(error.code, ERROR_WRITE);
    assert_string_equal(error.detail, strerror(ENOSPC));
    assert_true(file_make_directory(directory, &error));
    assert_true(file_make_directory(directory, &error));
    assert_false(file_make_directory(there, &error));
    assert_string_equal(error.detail, strerror(ENOTDIR));
    /* A directory is not replaced, and the copy is not left beside it. */
    assert_false(file_copy(there, directory, true, &error));
    assert_string_equal(error.detail, strerror(EISDIR));
    assert_int_equal(file_open_sibling("/no/such/directory/file", sibling, &error), -1);
    memset(path, 'x', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    assert_false(file_path(sibling, &error, "%s/%s", path, path));
    assert_string_equal(error.detail, strerror(ENAMETOOLONG));
}

static void a_copy_has_the_content_and_the_permissions(void **state)
{
    const char *from = temporary_path("from"), *to = temporary_path("to");
    struct stat status;
    (void)state;
    write_file(from, 3000000, 'a', 'b');
    assert_int_equal(chmod(from, 04751), 0);
    assert_true(file_copy(from, to, false, &error));
    assert_alike(from, to);
    assert_int_equal(stat(to, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0751);
    assert_false(file_copy(from, to, false, &error));
    assert_int_equal(error.code, ERROR_OUTPUT_EXISTS);
    write_file(from, 0, 'a', 'b');
    assert_true(file_copy(from, to, true, &error));
    assert_int_equal(file_size(to), 0);
}

/* Whoever has the old file open keeps it. */
static void a_file_is_replaced_and_not_written_over(void **state)
{
    const char *path = temporary_path("replaced");
    char sibling[PATH_MAX], byte = '\0';
    (void)state;
    write_file(path, 1, 'o', 'o');
    int old = open(path, O_RDONLY | O_CLOEXEC);
    int descriptor = file_open_sibling(path, sibling, &error);
    assert_true(descriptor >= 0);
    assert_int_equal(write(descriptor, "n", 1), 1);
    close(descriptor);
    assert_false(file_put_in_place(sibling, path, false, &error));
    assert_int_equal(error.code, ERROR_OUTPUT_EXISTS);
    assert_int_equal(access(sibling, F_OK), 0);
    assert_true(file_put_in_place(sibling, path, true, &error));
    assert_int_equal(access(sibling, F_OK), -1);
    assert_int_equal(read(old, &byte, 1), 1);
    assert_int_equal(byte, 'o');
    close(old);
    old = open(path, O_RDONLY | O_CLOEXEC);
    assert_int_equal(read(old, &byte, 1), 1);
    assert_int_equal(byte, 'n');
    close(old);
}

/* RFC 1321, A.5: MD5("") and MD5("a"). */
static void a_digest_is_that_of_the_content(void **state)
{
    static const uint8_t of_nothing[16] = {0xd4, 0x1d, 0x8c, 0xd9, 0x8f, 0x00, 0xb2, 0x04,
                                           0xe9, 0x80, 0x09, 0x98, 0xec, 0xf8, 0x42, 0x7e};
    static const uint8_t of_a[16] = {0x0c, 0xc1, 0x75, 0xb9, 0xc0, 0xf1, 0xb6, 0xa8,
                                     0x31, 0xc3, 0x99, 0xe2, 0x69, 0x77, 0x26, 0x61};
    const char *path = temporary_path("digested");
    uint8_t digest[16];
    (void)state;
    write_file(path, 0, 'a', 'a');
    assert_true(file_digest(path, digest, &error));
    assert_memory_equal(digest, of_nothing, sizeof(digest));
    write_file(path, 1, 'a', 'a');
    assert_true(file_digest(path, digest, &error));
    assert_memory_equal(digest, of_a, sizeof(digest));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(differences_are_found_where_they_are),
        cmocka_unit_test(what_cannot_be_read_is_named_with_the_reason),
        cmocka_unit_test(what_cannot_be_written_is_named_with_the_reason),
        cmocka_unit_test(a_copy_has_the_content_and_the_permissions),
        cmocka_unit_test(a_file_is_replaced_and_not_written_over),
        cmocka_unit_test(a_digest_is_that_of_the_content),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
