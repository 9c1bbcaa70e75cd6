#include "analyzer/read/reader.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/read/perf_data.h"
#include "analyzer/read/raw.h"

/* Files that cannot be looked into are left to a reader, which says why. */
static bool is_perf_data(const char *path)
{
    char magic[sizeof(PERF_DATA_MAGIC) - 1];
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    bool is = descriptor >= 0 &&
              pread(descriptor, magic, sizeof(magic), 0) == (ssize_t)sizeof(magic) &&
              memcmp(magic, PERF_DATA_MAGIC, sizeof(magic)) == 0;
    if (descriptor >= 0)
        close(descriptor);
    return is;
}

bool profile_read(const char *path, struct profile *into, struct error *error)
{
    return is_perf_data(path) ? profile_read_perf_data(path, into, error)
                              : profile_read_raw(path, into, error);
}
