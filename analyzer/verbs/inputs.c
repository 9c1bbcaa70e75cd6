#include "analyzer/verbs/inputs.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/base/file.h"
#include "analyzer/base/memory.h"
#include "analyzer/base/message.h"
#include "analyzer/base/number.h"
#include "analyzer/model/match/placement.h"
#include "analyzer/model/profile/normalise.h"
#include "analyzer/model/profile/profile_merge.h"
#include "analyzer/model/profile/repeats.h"
#include "analyzer/model/samples/sample_merge.h"
#include "analyzer/read/reader.h"

/* The descriptor that the path stands for, or -1. */
static int descriptor_of(const char *path)
{
    static const char *const places[] = {"/dev/fd/", "/proc/self/fd/"};
    uint64_t number;
    if (strcmp(path, "/dev/stdin") == 0)
        return STDIN_FILENO;
    for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
        size_t size = strlen(places[i]);
        if (strncmp(path, places[i], size) == 0 && number_parse(path + size, 0, INT_MAX, &number))
            return (int)number;
    }
    return -1;
}

/* Makes the descriptor that of a temporary file with all that comes out of the pipe. */
static bool keep_pipe(int pipe, struct error *error)
{
    uint8_t piece[65536];
    ssize_t size = 0;
    FILE *file = tmpfile();
    while (file && (size = read(pipe, piece, sizeof(piece))) > 0)
        if (fwrite(piece, 1, (size_t)size, file) != (size_t)size)
            break;
    bool done = file && size == 0 && fflush(file) == 0 && dup2(fileno(file), pipe) >= 0;
    if (!done)
        error_set_errno(error, ERROR_SYSTEM, "a temporary file");
    if (file)
        fclose(file);
    return done;
}

bool inputs_add(struct inputs *inputs, const char *path, uint64_t weight, struct error *error)
{
    struct stat status;
    if (strcmp(path, "-") == 0)
        path = "/dev/stdin";
    int descriptor = descriptor_of(path);
    if (descriptor >= 0 && fstat(descriptor, &status) == 0 && S_ISFIFO(status.st_mode) &&
        !keep_pipe(descriptor, error))
        return false;
    if (!memory_reserve(&inputs->items, &inputs->capacity, inputs->count + 1,
                        sizeof(*inputs->items), error))
        return false;
    inputs->items[inputs->count++] = (struct input){path, weight};
    return true;
}

void inputs_free(struct inputs *inputs)
{
    free(inputs->items);
}

bool inputs_add_default(struct inputs *inputs, glob_t *found, struct error *error)
{
    if (inputs->count > 0)
        return true;
    if (glob("*.pgoraw", 0, NULL, found) != 0) {
        error_set(error, ERROR_USAGE, "the command line",
                  "no file was given, and there is no *.pgoraw in the current directory");
        return false;
    }
    for (size_t i = 0; i < found->gl_pathc; i++) {
        if (!inputs_add(inputs, found->gl_pathv[i], 1, error))
            return false;
    }
    return true;
}

/* One file at a time, so that memory is for the distinct keys and one file's. */
static bool merge_input(struct profile *into, const struct input *input,
                        const struct binary *binary, struct error *error)
{
    struct profile *profile = profile_new(error);
    if (profile)
        profile->keeps_hybrid_samples = into->keeps_hybrid_samples;
    bool done = profile && profile_read(input->path, profile, error) &&
                (!binary || profile_place(profile, binary, error)) &&
                profile_merge(into, profile, input->weight, error);
    profile_free(profile);
    return done;
}

static void warn_of_repeat(const char *file, const char *first)
{
    message_warning("%s is the same recording as %s: its counts count twice; leave one out, or "
                    "write %s:2 where that is meant",
                    file, first, first);
}

static void warn_of_recordings(const struct profile *profile)
{
    const struct recording *first;
    const struct recording *repeat = profile_find_repeat(profile, &first);
    if (repeat)
        warn_of_repeat(repeat->file, first->file);
}

/* Of files that hold no recordings. */
static void warn_of_files(const struct inputs *inputs)
{
    for (size_t i = 1; i < inputs->count; i++) {
        uint64_t fingerprint = file_fingerprint(inputs->items[i].path);
        for (size_t k = 0; fingerprint != 0 && k < i; k++) {
            if (fingerprint == file_fingerprint(inputs->items[k].path)) {
                warn_of_repeat(inputs->items[i].path, inputs->items[k].path);
                return;
            }
        }
    }
}

struct profile *inputs_read(const struct inputs *inputs, const struct binary *binary,
                            struct error *error)
{
    struct profile *profile = profile_new(error);
    bool done = profile != NULL;
    if (profile)
        profile->keeps_hybrid_samples = inputs->with_hybrid_samples;
    for (size_t i = 0; done && i < inputs->count; i++) {
        message_progress("reading profiles", i, inputs->count);
        done = merge_input(profile, &inputs->items[i], binary, error);
    }
    message_progress_end();
    if (done)
        warn_of_recordings(profile);
    if (done && profile_normalise(profile, error))
        return profile;
    profile_free(profile);
    return NULL;
}

/* What merging says of files that are not of one kind. */
static const char *kind_text(enum profile_kind kind)
{
    static const char *const texts[] = {
        [PROFILE_BY_ADDRESS] = "by address",
        [PROFILE_BY_SYMBOL] = "by symbol (fdata)",
        [PROFILE_BY_LINE] = "by source line (an LLVM sample profile)",
    };
    return texts[kind];
}

bool inputs_kind(const struct inputs *inputs, enum profile_kind *kind, struct error *error)
{
    *kind = profile_kind_of(inputs->items[0].path);
    for (size_t i = 1; i < inputs->count; i++) {
        enum profile_kind other = profile_kind_of(inputs->items[i].path);
        if (other == *kind)
            continue;
        error_set(error, ERROR_PROFILE_KIND, inputs->items[i].path, "it is %s, %s is %s",
                  kind_text(other), inputs->items[0].path, kind_text(*kind));
        return false;
    }
    return true;
}

bool inputs_read_symbols(const struct inputs *inputs, struct symbol_profile *into,
                         struct error *error)
{
    bool done = true;
    for (size_t i = 0; done && i < inputs->count; i++) {
        struct symbol_profile one = {0};
        message_progress("reading profiles", i, inputs->count);
        done =
            symbol_profile_read(inputs->items[i].path, &one, error) &&
            symbol_profile_merge(into, &one, inputs->items[i].weight, inputs->items[i].path, error);
        symbol_profile_free(&one);
    }
    message_progress_end();
    if (done)
        warn_of_files(inputs);
    if (done && inputs->count > 1)
        symbol_profile_sort(into);
    return done;
}

bool inputs_read_lines(const struct inputs *inputs, struct sample_profile *into,
                       struct error *error)
{
    bool done = true;
    for (size_t i = 0; done && i < inputs->count; i++) {
        struct sample_profile one = {0};
        message_progress("reading profiles", i, inputs->count);
        done =
            sample_profile_read(inputs->items[i].path, &one, error) &&
            sample_profile_merge(into, &one, inputs->items[i].weight, inputs->items[i].path, error);
        sample_profile_free(&one);
    }
    message_progress_end();
    if (done)
        warn_of_files(inputs);
    return done;
}

bool inputs_check_samples(const struct inputs *inputs, const struct profile *profile,
                          struct error *error)
{
    if (profile->trace_count > 0 || profile->stack_count > 0)
        return true;
    error_set(error, ERROR_NO_SAMPLES, inputs->items[0].path,
              inputs->count > 1 ? "nor have the %zu other files" : NULL, inputs->count - 1);
    return false;
}
