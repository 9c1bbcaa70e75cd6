/* Goes through a directory of inputs without a fuzzer: replay_READER DIRECTORY. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/fuzz/fuzzing.h"

static bool replay(const char *directory, const char *name)
{
    static uint8_t bytes[1 << 20];
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s", directory, name);
    FILE *file = fopen(path, "r");
    if (!file) {
        perror(path);
        return false;
    }
    size_t size = fread(bytes, 1, sizeof(bytes), file);
    fclose(file);
    printf("%s: %zu bytes\n", name, size);
    /* What is not the whole seed is an input, too. */
    for (size_t cut = size; cut > 0; cut = cut * 3 / 4)
        LLVMFuzzerTestOneInput(bytes, cut);
    return true;
}

int main(int argc, char **argv)
{
    DIR *directory = argc == 2 ? opendir(argv[1]) : NULL;
    size_t done = 0;
    if (!directory) {
        perror(argc == 2 ? argv[1] : "usage: replay DIRECTORY");
        return EXIT_FAILURE;
    }
    for (struct dirent *entry; (entry = readdir(directory));) {
        if (entry->d_name[0] == '.')
            continue;
        if (!replay(argv[1], entry->d_name))
            return EXIT_FAILURE;
        done++;
    }
    closedir(directory);
    printf("%zu inputs\n", done);
    return done > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
