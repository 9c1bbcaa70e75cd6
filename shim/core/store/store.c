#include "shim/core/store/store.h"

#include <elf.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shim/core/ground/descriptor.h"
#include "shim/core/ground/limits.h"
#include "shim/core/ground/places.h"
#include "shim/core/ground/system_call.h"
#include "shim/core/ground/text.h"
#include "shim/core/store/chunks.h"
#include "shim/core/store/disk.h"
#include "shim/core/store/pattern.h"
#include "shim/core/store/tables.h"

#define FIRST_RESERVE (84u << 10) /* header and the first chunk of each table */
#define NUMBERED_NAMES 1000       /* tried before a name with the time in it */
#define NAME_ATTEMPTS (NUMBERED_NAMES + 10)

const char *store_path(void)
{
    return store_mapping.path;
}

struct pgoraw_header *store_header(void)
{
    return store_mapping.header;
}

void store_stop_growing(void)
{
    store_mapping.fixed_size = true;
}

static bool mapping_make(int descriptor, uint64_t size_limit, char *why, size_t why_size)
{
    struct stat status = {0};
    long result = system_call(SYS_fstat, descriptor, &status), base;

    if (result < 0) {
        text_print(why, why_size, "stat: %s", text_of_error((int)-result));
        return false;
    }
    /* The whole range that the file may ever need; only what is reserved is touched. */
    base = places_map(size_limit, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor);
    if (base < 0 && base > -4096) {
        text_print(why, why_size, "cannot be mapped: %s", text_of_error((int)-base));
        return false;
    }
    store_mapping.base = (uint8_t *)base;
    store_mapping.header = (struct pgoraw_header *)base;
    store_mapping.device = status.st_dev;
    store_mapping.inode = status.st_ino;
    return true;
}

static void mapping_drop(uint64_t size_limit)
{
    system_unmap(store_mapping.base, size_limit);
    memset(&store_mapping, 0, sizeof(store_mapping));
}

/* True: it has its largest size. */
static bool grow_at_once(void)
{
    struct pgoraw_header *header = store_mapping.header;
    uint64_t limit = header->size_limit, reserved = header->reserved_size;
    long descriptor = store_reopen();
    bool done;

    if (descriptor < 0)
        return false;
    done = store_extend(descriptor);
    if (!done) {
        done = system_call(SYS_fallocate, descriptor, 0, reserved, limit - reserved) == 0;
        if (done)
            store_note_reserved(limit);
    }
    system_call(SYS_close, descriptor);
    return done;
}

void store_grow_in_place(void)
{
    kernel_sigset mask;

    if (store_mapping.fixed_size || store_mapping.grows_in_place ||
        !limits_allow_file(store_mapping.header->size_limit) || !descriptors_begin(&mask))
        return;
    store_mapping.grows_in_place = grow_at_once();
    descriptors_end(&mask);
}

static int process_of(const struct store_request *request)
{
    return request->process ? (int)request->process : (int)system_call(SYS_getpid);
}

static void header_fill(struct pgoraw_header *header, const struct store_request *request)
{
    header->version = PGORAW_VERSION;
    header->header_size = PGORAW_HEADER_SIZE;
    header->size_limit = request->size_limit;
    header->reserved_size = FIRST_RESERVE;
    header->used_size = PGORAW_HEADER_SIZE;
    header->machine = EM_X86_64;
    header->period_ns = request->period_ns;
    header->start_time_ns = system_clock(CLOCK_REALTIME);
    header->process_id = process_of(request);
    header->program_id = request->program_id;
    text_print(header->program, sizeof(header->program), "%s", request->program);
    text_print(header->command_line, sizeof(header->command_line), "%s", request->command_line);
    text_print(header->host, sizeof(header->host), "%s", request->host);
    memcpy(header->magic, PGORAW_MAGIC, sizeof(header->magic));
}

/* Disk space for the first `size` bytes of a new file.  0, or a negative errno value. */
static int space_begin(int descriptor, uint64_t size)
{
    static const char nothing[4096];
    long result = system_call(SYS_fallocate, descriptor, 0, 0, size);

    /* Where the file system cannot reserve, what is written takes its space too. */
    for (uint64_t at = 0; result == -EOPNOTSUPP && at < size;) {
        long written = system_call(SYS_pwrite64, descriptor, nothing, sizeof(nothing), at);
        if (written <= 0)
            return written < 0 ? (int)written : -ENOSPC;
        at += (uint64_t)written;
        if (at >= size)
            return 0;
    }
    return (int)result;
}

static int space_first(int descriptor, char *why, size_t why_size)
{
    int result = limits_allow_file(FIRST_RESERVE) ? 0 : -EFBIG;

    if (result == 0 && !disk_begin_in_place(descriptor, why, why_size))
        return -EOPNOTSUPP;
    if (result == 0)
        result = space_begin(descriptor, FIRST_RESERVE);
    if (result == -EFBIG)
        text_print(why, why_size, "may not be larger than the limit on file size (ulimit -f)");
    else if (result < 0)
        text_print(why, why_size, "no disk space reserved: %s", text_of_error(-result));
    return result;
}

/* A new file, complete before it has the name `path`.  0, or a negative errno value. */
static int file_create(const char *path, const struct store_request *request, char *why,
                       size_t why_size)
{
    char temporary[1300];
    struct stat status = {0};
    int result, descriptor;

    if (system_call(SYS_newfstatat, AT_FDCWD, path, &status, AT_SYMLINK_NOFOLLOW) == 0) {
        if (S_ISREG(status.st_mode) || S_ISLNK(status.st_mode))
            return -EEXIST;
        text_print(why, why_size, "is not a regular file");
        return -EINVAL;
    }
    text_print(temporary, sizeof(temporary), "%s.%d.new", path, (int)system_call(SYS_getpid));
    descriptor = (int)system_call(SYS_openat, AT_FDCWD, temporary,
                                  O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (descriptor < 0) {
        text_print(why, why_size, "cannot be created: %s", text_of_error(-descriptor));
        return descriptor;
    }
    result = space_first(descriptor, why, why_size);
    if (result == 0 && !mapping_make(descriptor, request->size_limit, why, why_size)) {
        result = -ENOMEM;
    } else if (result == 0) {
        text_print(store_mapping.path, sizeof(store_mapping.path), "%s", temporary);
        header_fill(store_mapping.header, request);
        if (!tables_open()) {
            result = -ENOSPC;
            text_print(why, why_size, "no disk space for its tables");
        } else if ((result = (int)system_call(SYS_link, temporary, path)) < 0) {
            text_print(why, why_size, "cannot be created: %s", text_of_error(-result));
        }
        if (result < 0)
            mapping_drop(request->size_limit);
        else
            text_print(store_mapping.path, sizeof(store_mapping.path), "%s", path);
    }
    system_call(SYS_unlink, temporary);
    system_call(SYS_close, descriptor);
    return result;
}

/* Joins a file that another process of the same executable made. */
static bool file_join(const char *path, const struct store_request *request, char *why,
                      size_t why_size)
{
    struct pgoraw_header header;
    bool joined = false;
    int descriptor = (int)system_call(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);

    if (descriptor < 0) {
        text_print(why, why_size, "cannot be opened: %s", text_of_error(-descriptor));
        return false;
    }
    if (system_call(SYS_pread64, descriptor, &header, sizeof(header), 0) != (long)sizeof(header) ||
        memcmp(header.magic, PGORAW_MAGIC, sizeof(header.magic)) != 0 ||
        header.version != PGORAW_VERSION || header.machine != EM_X86_64 ||
        header.program_id != request->program_id || header.size_limit < PGORAW_HEADER_SIZE ||
        header.size_limit > (UINT64_C(1) << 30)) {
        text_print(why, why_size, "exists and is not a profile of this program");
    } else if (disk_is_in_place(descriptor, why, why_size) &&
               mapping_make(descriptor, header.size_limit, why, why_size)) {
        text_print(store_mapping.path, sizeof(store_mapping.path), "%s", path);
        joined = tables_open();
        if (!joined) {
            text_print(why, why_size, "no disk space for its tables");
            mapping_drop(header.size_limit);
        }
    }
    system_call(SYS_close, descriptor);
    return joined;
}

/* The pattern, expanded and made absolute: the application may change its directory. */
static bool path_make(const struct store_request *request, char *path, size_t size, bool *shares,
                      char *why, size_t why_size)
{
    struct pattern_facts facts = {
        .process_id = process_of(request),
        .program_id = request->program_id,
        .host = request->host,
        .temporary_directory = request->temporary_directory ? request->temporary_directory : "/tmp",
    };
    char directory[PATH_MAX];
    char expanded[1024];
    bool has_process;
    long result;

    text_print(why, why_size, "%s: too long, or an unknown %% sequence", request->pattern);
    if (!pattern_expand(request->pattern, &facts, expanded, sizeof(expanded), shares, &has_process))
        return false;
    if (expanded[0] == '/')
        return text_print(path, size, "%s", expanded) < size;
    result = system_call(SYS_getcwd, directory, sizeof(directory));
    if (result < 0)
        text_print(why, why_size, "%s: no working directory: %s", request->pattern,
                   text_of_error((int)-result));
    return result > 0 && text_print(path, size, "%s/%s", directory, expanded) < size;
}

/*
 * The name of the n-th attempt.  A program that another one exec'ed, or that it started, gets a
 * name of its own; so does each program of many containers, where all have the same number.
 */
static void name_make(char *name, size_t size, const char *path, int process, int attempt)
{
    if (attempt == 0)
        text_print(name, size, "%s", path);
    else if (attempt == 1)
        text_print(name, size, "%s.%d", path, process);
    else if (attempt < NUMBERED_NAMES)
        text_print(name, size, "%s.%d.%d", path, process, attempt);
    else
        text_print(name, size, "%s.%d.%llx", path, process,
                   (unsigned long long)system_clock(CLOCK_REALTIME));
}

bool store_open(const struct store_request *request, char *why, size_t why_size)
{
    char path[1100], name[1200];
    bool shares, opened = false;
    int result = -EEXIST;

    if (!path_make(request, path, sizeof(path), &shares, why, why_size))
        return false;
    for (int attempt = 0; attempt < NAME_ATTEMPTS && result == -EEXIST && !opened; attempt++) {
        name_make(name, sizeof(name), path, process_of(request), attempt);
        result = file_create(name, request, why, why_size);
        opened =
            result == 0 || (result == -EEXIST && shares && file_join(name, request, why, why_size));
    }
    if (opened) {
        store_process_enter();
    } else {
        char reason[256];
        text_print(reason, sizeof(reason), "%s", why);
        text_print(why, why_size, "%s %s", name, reason);
    }
    return opened;
}

void store_process_enter(void)
{
    store_mapping.process = (int)system_call(SYS_getpid);
    __atomic_fetch_add(&store_mapping.header->processes_live, 1, __ATOMIC_RELAXED);
    store_count(store_mapping.header, PGORAW_COUNT_PROCESSES, 1);
    tables_after_fork();
}

void store_process_leave(void)
{
    struct pgoraw_header *header = store_mapping.header;
    struct stat status = {0};

    if (store_mapping.process != (int)system_call(SYS_getpid))
        return;
    if (__atomic_sub_fetch(&header->processes_live, 1, __ATOMIC_RELAXED) == 0 &&
        __atomic_load_n(&header->counters[PGORAW_COUNT_SAMPLES], __ATOMIC_RELAXED) == 0 &&
        system_call(SYS_newfstatat, AT_FDCWD, store_mapping.path, &status, 0) == 0 &&
        status.st_dev == store_mapping.device && status.st_ino == store_mapping.inode)
        system_call(SYS_unlink, store_mapping.path);
}
