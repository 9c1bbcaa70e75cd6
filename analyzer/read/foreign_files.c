#include "analyzer/read/foreign_files.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/base/file.h"

struct foreign_file {
    size_t offset;
    const char *magic;
    const char *description;
};

#define COMPRESSED(program, unpacks)                                                               \
    "it is compressed by " program ": unpack it first (" unpacks "), or pipe that to us as -"

#define WIDE "it is text in UTF-16: give it in UTF-8 (iconv -f UTF-16 -t UTF-8)"

static const struct foreign_file foreign_files[] = {
    {0, "\x1f\x8b", COMPRESSED("gzip", "gunzip -c")},
    {0, "\xfd\x37zXZ", COMPRESSED("xz", "xz -dc")},
    {0, "\x28\xb5\x2f\xfd", COMPRESSED("zstd", "zstd -dc")},
    {0, "BZh", COMPRESSED("bzip2", "bzip2 -dc")},
    {257, "ustar", "it is an archive: unpack it first (tar -xf), as perf archive's"},
    {0, "2ELIFREP",
     "it is perf.data of a big-endian machine: give perf script's text of it, with "
     "--show-mmap-events"},
    {0, "PERFFILE", "it is perf.data from before perf 3.6: record again with a later one"},
    {0, "SIMPLEPERF", "it is what simpleperf report-sample wrote: give the perf.data itself"},
    {0, "\xff\xfe", WIDE},
    {0, "\xfe\xff", WIDE},
    {0, "\x81rforpl\xff",
     "it holds the counters of an instrumented program (.profraw), which "
     "llvm-profdata reads"},
    {0, "\x81rforpR\xff",
     "it holds the counters of an instrumented program (.profraw), which "
     "llvm-profdata reads"},
    {0,
     "\xff"
     "lprofi\x81",
     "it holds the counters of an instrumented program (.profdata), which llvm-profdata reads"},
    {0, "adcg", "it is what GCC's programs or AutoFDO write (.gcda, .afdo), which GCC reads"},
    {0, "# To display the perf.data header info",
     "it is perf report's text: give the perf.data itself"},
    {0, "---\nheader:",
     "it is BOLT's YAML profile, which llvm-bolt reads: give fdata, or the recording"},
    {0,
     "\x7f"
     "ELF",
     "it is a program or library: give that with -b, and a profile of it"},
};

const char *foreign_file_describe(const char *path)
{
    char head[512 + 1] = {0};
    int descriptor = file_is_directory(path) ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t got = descriptor < 0 ? -1 : pread(descriptor, head, sizeof(head) - 1, 0);
    if (descriptor >= 0)
        close(descriptor);
    for (size_t i = 0; i < sizeof(foreign_files) / sizeof(*foreign_files); i++) {
        const struct foreign_file *file = &foreign_files[i];
        size_t size = strlen(file->magic);
        bool is_it = got >= (ssize_t)(file->offset + size) &&
                     memcmp(head + file->offset, file->magic, size) == 0;
        if (is_it)
            return file->description;
    }
    if (strstr(head, FOREIGN_PERF_DUMP))
        return "it is a dump of perf.data (perf script -D): give perf script's text without -D, or "
               "the perf.data itself";
    return NULL;
}
