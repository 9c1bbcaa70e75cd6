/*
 * libFuzzer harness of the perf.data reader and of the writers.
 * Built and run by `make fuzz`; it starts from nothing but the magic.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "analyzer/read/reader.h"
#include "analyzer/write/writer.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* A file in memory, made once: the reader wants a path. */
static const char *file_of(const uint8_t *bytes, size_t size)
{
    static char path[64];
    static int descriptor = -1;
    if (descriptor < 0) {
        descriptor = memfd_create("fuzz.data", 0);
        snprintf(path, sizeof(path), "/proc/self/fd/%d", descriptor);
    }
    if (ftruncate(descriptor, 0) != 0 || pwrite(descriptor, bytes, size, 0) != (ssize_t)size)
        abort();
    return path;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static FILE *nowhere;
    struct error error;
    struct profile *profile = profile_new(&error);
    if (!nowhere)
        nowhere = fopen("/dev/null", "w");
    if (profile && profile_read(file_of(bytes, size), profile, &error) &&
        profile_normalise(profile, &error)) {
        for (size_t i = 0; writer_at(i); i++) {
            if (!writer_at(i)->needs_binary)
                writer_write(writer_at(i), profile, NULL, nowhere, &error);
        }
    }
    profile_free(profile);
    return 0;
}
