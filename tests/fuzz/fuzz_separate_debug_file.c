/*
 * libFuzzer harness of debug information that is in a second file: .dwo, .dwp,
 * what `dwz -m` shares.  An input is a binary and, from the last place that
 * begins as an ELF file does, the other; it is there under the names of all three.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/model/binary/separate_debug_file.h"
#include "tests/fuzz/fuzzing.h"

/* As the seeds call them. */
static const char *const names[] = {"binary", "binary.dwp", "unit.dwo", "shared.debug"};

#define NAMES (sizeof(names) / sizeof(*names))

static char directory[] = "/tmp/fuzz-debug-files-XXXXXX";
static char paths[NAMES][sizeof(directory) + 32];

static void remove_files(void)
{
    for (size_t i = 0; i < NAMES; i++)
        unlink(paths[i]);
    rmdir(directory);
}

static void make_files(void)
{
    if (!mkdtemp(directory))
        abort();
    for (size_t i = 0; i < NAMES; i++)
        snprintf(paths[i], sizeof(paths[i]), "%s/%s", directory, names[i]);
    /* The second file has the name of a package, and the others lead to it. */
    for (size_t i = 2; i < NAMES; i++) {
        if (symlink(names[1], paths[i]) != 0)
            abort();
    }
    debug_file_set_directory(directory);
    atexit(remove_files);
}

static void write_file(const char *path, const uint8_t *bytes, size_t size)
{
    FILE *file = fopen(path, "w");
    if (!file || fwrite(bytes, 1, size, file) != size || fclose(file) != 0)
        abort();
}

/* Where the second file begins; `size` where there is none. */
static size_t find_second(const uint8_t *bytes, size_t size)
{
    for (size_t at = size; at-- > 1;) {
        if (size - at >= 4 && memcmp(bytes + at, "\177ELF", 4) == 0)
            return at;
    }
    return size;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    size_t second = find_second(bytes, size);
    if (!*paths[0])
        make_files();
    write_file(paths[0], bytes, second);
    write_file(paths[1], bytes + second, size - second);
    fuzzing_binary(paths[0]);
    return 0;
}
