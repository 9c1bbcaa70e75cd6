#include "tests/support/temporary.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[64];

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

static void remove_all(void)
{
    nftw(directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *temporary_path(const char *name)
{
    static char paths[16][512]; /* a test holds no more than a few at a time */
    static unsigned next;
    char *path = paths[next++ % 16];
    if (!*directory) {
        snprintf(directory, sizeof(directory), "/tmp/pgoshim-test-XXXXXX");
        if (!mkdtemp(directory)) {
            perror(directory);
            abort();
        }
        atexit(remove_all);
    }
    snprintf(path, sizeof(paths[0]), "%s/%s", directory, name);
    return path;
}
