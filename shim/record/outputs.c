#include "shim/record/outputs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pgoshim/enough.h"
#include "pgoshim/raw.h"
#include "shim/core/ground/limits.h"
#include "shim/record/say.h"

#define SMALLEST_FILE (128u << 10) /* bytes of a raw file with a little in it */

/* What is large is static here: the stack may be no larger than the command needs (ulimit -s). */

/* The pattern's directory and, of its file name, what a shell would match it by. */
static bool pattern_split(const struct record_options *options, char *directory, char *glob,
                          size_t size)
{
    const char *pattern = options->absolute_pattern, *slash = strrchr(pattern, '/');
    const char *temporary = getenv("TMPDIR");
    size_t length = 0;

    if (strncmp(pattern, "%t/", 3) == 0)
        snprintf(directory, size, "%s%.*s", temporary && *temporary ? temporary : "/tmp",
                 (int)(slash - pattern - 2), pattern + 2);
    else
        snprintf(directory, size, "%.*s", slash == pattern ? 1 : (int)(slash - pattern), pattern);
    if (strchr(directory, '%'))
        return false; /* a directory a process: not followed */
    for (const char *at = slash + 1; *at && length + 3 < size; at++) {
        if (*at == '%') {
            at += at[1] >= '1' && at[1] <= '9' ? 2 : 1;
            if (*at == '%' || *at == 'c')
                continue;
            glob[length++] = '*';
        } else if (strchr("*?[\\", *at)) {
            glob[length++] = '?';
        } else {
            glob[length++] = *at;
        }
    }
    glob[length++] = '*'; /* a second program of the same name gets a suffix */
    glob[length] = '\0';
    return true;
}

/* Tries it: permissions do not tell of read-only or full file systems. */
static bool directory_writable(const char *directory)
{
    static char trial[4200];
    int descriptor, result;
    bool named = false;

    if (!limits_allow_file(SMALLEST_FILE)) {
        record_say("a raw file needs %u KiB, and the limit on file size is less\n"
                   "  remedy: raise it with ulimit -f",
                   SMALLEST_FILE >> 10);
        return false;
    }
    /* A file without a name, which nobody who watches the directory sees, where it is supported. */
    descriptor = open(directory, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
    if (descriptor < 0) {
        snprintf(trial, sizeof(trial), "%s/.pgo-record.%d", directory, (int)getpid());
        descriptor = open(trial, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        named = descriptor >= 0;
    }
    result = descriptor < 0 ? errno : posix_fallocate(descriptor, 0, SMALLEST_FILE);
    if (named)
        unlink(trial);
    if (descriptor >= 0)
        close(descriptor);
    if (result == 0)
        return true;
    record_say("%s cannot be written to: %s\n  remedy: choose another output with -o", directory,
               strerror(result));
    return false;
}

bool outputs_prepare(const struct record_options *options)
{
    static char directory[4096], glob[4096];
    struct stat status;

    if (pattern_split(options, directory, glob, sizeof(glob)) && !directory_writable(directory))
        return false;
    if (strchr(options->absolute_pattern, '%') || lstat(options->absolute_pattern, &status) != 0)
        return true;
    if (!S_ISREG(status.st_mode) && !S_ISLNK(status.st_mode)) {
        record_say("%s is not a regular file\n  remedy: choose another output with -o",
                   options->pattern);
        return false;
    }
    if (options->exec && !options->force)
        return true; /* a service that starts again: the shim finds another name */
    if (!options->force) {
        record_say("%s already exists\n  remedy: choose another output with -o, or overwrite "
                   "with --force",
                   options->pattern);
        return false;
    }
    if (unlink(options->absolute_pattern) == 0)
        return true;
    record_say("%s cannot be removed: %s\n  remedy: choose another output with -o",
               options->pattern, strerror(errno));
    return false;
}

/* Whether a process that we may look at still has the file mapped. */
static bool file_is_mapped(const char *path)
{
    static char line[8400];
    char name[64];
    struct dirent *entry;
    bool mapped = false;
    DIR *processes = opendir("/proc");

    if (!processes)
        return true; /* in doubt it stays */
    while (!mapped && (entry = readdir(processes))) {
        FILE *maps;
        if (entry->d_name[0] < '0' || entry->d_name[0] > '9')
            continue;
        snprintf(name, sizeof(name), "/proc/%.20s/maps", entry->d_name);
        maps = fopen(name, "re");
        while (maps && !mapped && fgets(line, sizeof(line), maps))
            mapped = strstr(line, path) != NULL;
        if (maps)
            fclose(maps);
    }
    closedir(processes);
    return mapped;
}

struct totals {
    unsigned files, waiting; /* with samples; without, and their program is still there */
    unsigned long long samples, branches, dropped;
    unsigned long long without_room;      /* branches and call stacks, of those that were dropped */
    uint64_t silent[PGORAW_MAX_COUNTERS]; /* counters of files without samples */
    char first[8200];                     /* name of a file */
};

/* What pgo-analyze report calls dropped. */
static uint64_t dropped_sum(const uint64_t *counters)
{
    uint64_t sum = 0;
#define COUNTER(number, identifier, text)                                                          \
    sum += strncmp(#identifier, "DROP_", 5) == 0 ? counters[number] : 0;
    PGORAW_COUNTERS(COUNTER)
#undef COUNTER
    return sum;
}

static void file_look(const char *path, uint64_t start_ns, struct totals *totals)
{
    static struct pgoraw_header header;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    bool read_whole;

    if (descriptor < 0)
        return;
    read_whole = pread(descriptor, &header, sizeof(header), 0) == (ssize_t)sizeof(header) &&
                 memcmp(header.magic, PGORAW_MAGIC, sizeof(header.magic)) == 0;
    close(descriptor);
    if (!read_whole || header.start_time_ns < start_ns)
        return;
    /* A program that exec'ed another one at once could not tidy up behind itself. */
    if (header.counters[PGORAW_COUNT_SAMPLES] == 0) {
        if (file_is_mapped(path))
            totals->waiting++;
        else
            unlink(path);
        for (unsigned i = 0; i < PGORAW_MAX_COUNTERS; i++)
            totals->silent[i] += header.counters[i];
        return;
    }
    totals->files++;
    totals->samples += header.counters[PGORAW_COUNT_SAMPLES];
    totals->branches += header.counters[PGORAW_COUNT_BRANCHES];
    totals->dropped += dropped_sum(header.counters);
    totals->without_room += header.counters[PGORAW_COUNT_DROP_TABLE_FULL] +
                            header.counters[PGORAW_COUNT_DROP_STACK_TABLE];
    if (totals->files == 1)
        snprintf(totals->first, sizeof(totals->first), "%s", path);
}

static void room_say(const struct totals *totals)
{
    if (totals->without_room > 0)
        record_say("%s full, and %llu branches and call stacks found no room: give more (--limit)",
                   totals->files > 1 ? "files were" : "the file was", totals->without_room);
}

/* What the recording is good for, by how much there is; how well it fits takes the binary. */
static void amount_say(const struct totals *totals)
{
    bool by_branches = totals->branches > totals->samples;
    unsigned long long known = by_branches ? totals->branches : totals->samples;
    unsigned long long few = by_branches ? PGOSHIM_BRANCHES_FEW : PGOSHIM_SAMPLES_FEW;
    unsigned long long enough = by_branches ? PGOSHIM_BRANCHES_ENOUGH : PGOSHIM_SAMPLES_ENOUGH;
    unsigned long long times = (enough + known - 1) / (known > 0 ? known : 1);

    if (known >= enough)
        record_say("enough to rebuild or relink with; pgo-analyze check says how well it fits");
    else
        record_say("%s; record %llu times as much (longer, or -F higher), or %s",
                   known >= few ? "can be used to rebuild or relink, and more would be better"
                                : "enough for pgo-analyze report, little to rebuild or relink with",
                   times,
                   totals->branches > 0 ? "ask pgo-analyze check"
                                        : "branches too (--branches lookahead)");
}

void outputs_summarize(const struct record_options *options, uint64_t start_ns,
                       const struct outcome *outcome)
{
    static char directory[4096], glob[4096], path[8200];
    static struct totals totals;
    struct dirent *entry;
    DIR *stream;

    if (!pattern_split(options, directory, glob, sizeof(glob)) || !(stream = opendir(directory)))
        return;
    while ((entry = readdir(stream))) {
        if (fnmatch(glob, entry->d_name, 0) != 0)
            continue;
        snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
        file_look(path, start_ns, &totals);
    }
    closedir(stream);
    if (totals.files == 0 && !totals.waiting) {
        reasons_say(outcome, totals.silent);
        return;
    }
    reasons_notes_say(outcome);
    if (totals.files == 0)
        record_say("no samples yet: what was started goes on in the background, and so does its "
                   "recording in %s",
                   directory);
    else
        record_say("%llu samples, %llu branches, %llu dropped: %s%s", totals.samples,
                   totals.branches, totals.dropped, totals.first,
                   totals.files > 1 ? " and others" : "");
    room_say(&totals);
    if (totals.files > 0)
        amount_say(&totals);
}
