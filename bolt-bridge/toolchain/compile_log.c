#include "bolt-bridge/toolchain/compile_log.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/memory.h"
#include "analyzer/base/search.h"
#include "analyzer/base/text.h"
#include "bolt-bridge/toolchain/command_words.h"

/* In the names of rustc's units: "src/lib.rs/@/CRATE.HASH-cgu.0", or a hash alone behind it where
 * it compiles incrementally. */
#define CRATE_MARK "/@/"
#define LINK_UNIT "link "
#define PREPROCESSED_UNIT "preprocessed "
#define UNIT_MAX (2 * PATH_MAX)

/* --- units --------------------------------------------------------------------------------- */

/* Takes "." and ".." out, in place. */
static void tidy(char *path)
{
    char *to = path, *begin = path;
    bool is_absolute = *path == '/';
    const char *at = path;
    while (*at) {
        size_t size = strcspn(at, "/");
        bool is_up = size == 2 && at[0] == '.' && at[1] == '.';
        if (is_up && to > begin) {
            do
                to--;
            while (to > begin && *to != '/');
        } else if (size > 0 && !(size == 1 && *at == '.')) {
            if (to > begin || is_absolute)
                *to++ = '/';
            memmove(to, at, size);
            to += size;
        }
        at += size + (at[size] == '/');
    }
    *to = '\0';
}

static void name_unit(const char *directory, const char *name, char unit[UNIT_MAX])
{
    const char *crate = strstr(name, CRATE_MARK);
    size_t size = crate ? (size_t)(crate - name) : strlen(name);
    if (crate && strchr(crate, '.')) {
        crate += strlen(CRATE_MARK);
        snprintf(unit, UNIT_MAX, "crate %.*s", (int)strcspn(crate, "."), crate);
        return;
    }
    snprintf(unit, UNIT_MAX, "%s%s%.*s", *name == '/' ? "" : directory, *name == '/' ? "" : "/",
             (int)size, name);
    tidy(unit);
}

static bool note(struct compile_log *log, const char *unit, enum compile_use use,
                 struct error *error)
{
    if (!memory_reserve(&log->notes, &log->capacity, log->count + 1, sizeof(*log->notes), error))
        return false;
    char *copy = memory_copy_text(unit, error);
    if (copy)
        log->notes[log->count++] = (struct compile_note){copy, use, log->line};
    return copy != NULL;
}

/* Applies the last map of prefixes that fits, as compilers do: -ffile-prefix-map=OLD=NEW. */
static const char *map_prefix(const struct command_words *words, const char *path,
                              char mapped[PATH_MAX])
{
    for (size_t i = words->count; i-- > 0;) {
        const char *map = strstr(words->items[i], "-prefix-map=");
        if (*words->items[i] != '-' || !map || strstr(words->items[i], "-macro-") ||
            strstr(words->items[i], "-coverage-"))
            continue;
        map += strlen("-prefix-map=");
        size_t size = strcspn(map, "=");
        if (map[size] == '=' && strncmp(path, map, size) == 0) {
            snprintf(mapped, PATH_MAX, "%s%s", map + size + 1, path + size);
            return mapped;
        }
    }
    return path;
}

static bool ends_in(const char *path, const char *const *endings)
{
    const char *ending = strrchr(path, '.');
    for (; ending && *endings; endings++)
        if (strcmp(ending, *endings) == 0)
            return true;
    return false;
}

/* LLVM's own code, which clang takes as a source. */
static bool is_intermediate(const char *path)
{
    static const char *const endings[] = {".bc", ".ll", NULL};
    return ends_in(path, endings);
}

/* Of what was preprocessed before (-save-temps): the source's path is not told to the compiler. */
static bool is_preprocessed(const char *path)
{
    static const char *const endings[] = {".i", ".ii", ".mi", ".mii", NULL};
    return ends_in(path, endings) || is_intermediate(path);
}

/* Such a source is known by its name alone, without its ending. */
static void name_preprocessed(const char *path, char unit[UNIT_MAX])
{
    const char *file = text_file_name(path), *ending = strrchr(file, '.');
    snprintf(unit, UNIT_MAX, PREPROCESSED_UNIT "%.*s",
             ending ? (int)(ending - file) : (int)strlen(file), file);
}

static bool note_preprocessed(struct compile_log *log, const char *path, enum compile_use use,
                              struct error *error)
{
    char unit[UNIT_MAX];
    name_preprocessed(path, unit);
    return note(log, unit, use, error);
}

/* A source is noted by its path, and by that which debug information has instead. */
static bool note_source(struct compile_log *log, const struct command_words *words,
                        const char *directory, const char *name, enum compile_use use,
                        struct error *error)
{
    char unit[UNIT_MAX], mapped_directory[PATH_MAX], mapped_name[PATH_MAX];
    name_unit(directory, name, unit);
    if (!note(log, unit, use, error))
        return false;
    const char *other_directory = map_prefix(words, directory, mapped_directory);
    const char *other_name = map_prefix(words, name, mapped_name);
    if (other_directory == directory && other_name == name)
        return true;
    name_unit(other_directory, other_name, unit);
    return note(log, unit, use, error);
}

/* --- lines --------------------------------------------------------------------------------- */

static bool is_for(const struct command_words *words, const char *architecture)
{
    const char *triple = command_words_behind(words, "-triple");
    return !triple || strncmp(triple, architecture, strlen(architecture)) == 0;
}

/* A flag of gcc or rustc that names a profile of samples: the build's own, not ours. */
static bool names_samples(const char *word)
{
    return strncmp(word, "-fauto-profile", strlen("-fauto-profile")) == 0 ||
           (*word == '-' && strstr(word, "profile-sample-use="));
}

/* A flag of gcc's that counts, or uses counts; or that names a profile of samples. */
static bool is_of_profile(const char *word)
{
    return strncmp(word, "-fprofile-", strlen("-fprofile-")) == 0 ||
           strcmp(word, "-fbranch-probabilities") == 0 || names_samples(word);
}

static void note_own_profile(struct compile_log *log, const char *flag, const char *value)
{
    if (!*log->own_profile)
        snprintf(log->own_profile, sizeof(log->own_profile), "%s%s", flag, value);
}

/*
 * Whether a command of clang's takes the profile that the log is about by the flag; the build's
 * own, which comes later, stands in place of it.
 */
static bool takes_profile(struct compile_log *log, const struct command_words *words,
                          const char *flag, const char *shown)
{
    const char *taken = command_words_after(words, flag);
    if (!taken || !log->profile || strcmp(taken, log->profile) == 0)
        return taken != NULL;
    note_own_profile(log, shown, taken);
    return false;
}

/* A link; the driver tells the linker of the profile where -flto is among its arguments. */
static bool add_link(struct compile_log *log, const struct command_words *words,
                     struct error *error)
{
    char unit[UNIT_MAX];
    const char *lto = command_words_after(words, "--lto-sample-profile=");
    const char *taken = lto ? lto : command_words_after(words, "-plugin-opt=sample-profile=");
    bool has_profile = taken && (!log->profile || strcmp(taken, log->profile) == 0);
    log->links++;
    log->links_with_profile += has_profile;
    for (size_t i = 0; i + 1 < words->count; i++) {
        if (strcmp(words->items[i], "-o") == 0) {
            snprintf(unit, sizeof(unit), LINK_UNIT "%s", text_file_name(words->items[i + 1]));
            return note(log, unit, has_profile ? COMPILE_WITH : COMPILE_WITHOUT, error);
        }
    }
    return true;
}

/* clang's driver notes all that it starts; what makes no code of the program is left out. */
static bool add_job(struct compile_log *log, const struct command_words *words,
                    const char *architecture, struct error *error)
{
    if (words->count == 0)
        return true;
    /* Long commands go through a file of arguments, whose words are a line of their own. */
    if (!command_words_have(words, "-cc1") && !command_words_have(words, "-main-file-name"))
        return !command_words_have(words, "-o") || add_link(log, words, error);
    bool makes_intermediate =
        command_words_have(words, "-emit-llvm-bc") || command_words_have(words, "-emit-llvm");
    bool makes_code = command_words_have(words, "-emit-obj") || makes_intermediate ||
                      command_words_have(words, "-S");
    if (!makes_code || !is_for(words, architecture))
        return true;
    bool has_samples = takes_profile(log, words, "-fprofile-sample-use=", "-fprofile-sample-use=");
    bool with_profile =
        has_samples ||
        takes_profile(log, words, "-fprofile-instrument-use-path=", "-fprofile-use=");
    const char *directory = command_words_after(words, "-fdebug-compilation-dir=");
    if (!log->compiler && !(log->compiler = memory_copy_text(words->items[0], error)))
        return false;
    log->runs++;
    log->with_profile += with_profile;
    log->link_time_objects += has_samples && command_words_after(words, "-flto") &&
                              !command_words_have(words, "-ffat-lto-objects");
    enum compile_use use = !with_profile                      ? COMPILE_WITHOUT
                           : command_words_have(words, "-O0") ? COMPILE_UNOPTIMISED
                                                              : COMPILE_WITH;
    const char *source = words->items[words->count - 1];
    log->intermediate += has_samples && makes_intermediate &&
                         !command_words_have(words, "-disable-llvm-passes") &&
                         !command_words_after(words, "-flto");
    log->twice += has_samples && is_intermediate(source);
    const char *main_file = command_words_behind(words, "-main-file-name");
    return (!main_file || !is_preprocessed(source) ||
            note_preprocessed(log, main_file, use, error)) &&
           note_source(log, words, directory ? directory : "", source, use, error);
}

/* words: the kind, the directory, and what it is about. */
static bool add_note(struct compile_log *log, const struct command_words *words,
                     struct error *error)
{
    char unit[UNIT_MAX];
    enum compile_use use = command_words_have(words, "-O0") ? COMPILE_UNOPTIMISED : COMPILE_WITH;
    if (command_words_have(words, "-fno-auto-profile"))
        use = COMPILE_WITHOUT;
    for (size_t i = 2; i < words->count; i++) {
        if (is_of_profile(words->items[i]))
            note_own_profile(log, words->items[i], "");
        if (names_samples(words->items[i]))
            use = COMPILE_WITHOUT;
    }
    log->runs++;
    log->with_profile += use != COMPILE_WITHOUT;
    if (words->count >= 3 && strcmp(words->items[0], "crate") == 0) {
        snprintf(unit, sizeof(unit), "crate %s", words->items[2]);
        if (!note(log, unit, use, error))
            return false;
        for (size_t i = 3; i < words->count; i++)
            if (*words->items[i] != '-' &&
                !note_source(log, words, words->items[1], words->items[i], use, error))
                return false;
        return true;
    }
    bool was_preprocessed = false;
    for (size_t i = 2; i < words->count; i++)
        was_preprocessed |= is_preprocessed(words->items[i]);
    for (size_t i = 2; was_preprocessed && i < words->count; i++)
        if (!note_preprocessed(log, words->items[i], use, error))
            return false;
    for (size_t i = 2; i < words->count; i++)
        if (*words->items[i] != '-' &&
            !note_source(log, words, words->items[1], words->items[i], use, error))
            return false;
    return true;
}

bool compile_log_add(struct compile_log *log, const char *line, const char *architecture,
                     struct error *error)
{
    struct command_words words = {0};
    bool is_ours = strncmp(line, COMPILE_LOG_NOTE, strlen(COMPILE_LOG_NOTE)) == 0;
    bool done = is_ours ? command_words_by_tabs(&words, line + strlen(COMPILE_LOG_NOTE), error) &&
                              add_note(log, &words, error)
                        : command_words_quoted(&words, line, error) &&
                              add_job(log, &words, architecture, error);
    command_words_free(&words);
    return done;
}

static int compare_notes(const void *left, const void *right)
{
    const struct compile_note *a = left;
    const struct compile_note *b = right;
    int order = strcmp(a->unit, b->unit);
    return order ? order : (int)b->use - (int)a->use;
}

bool compile_log_read(struct compile_log *log, const char *path, const char *architecture,
                      struct error *error)
{
    char *line = NULL;
    size_t capacity = 0;
    bool done = true;
    FILE *stream = fopen(path, "re");
    while (done && stream && (log->line = ftell(stream)) >= 0 &&
           getline(&line, &capacity, stream) > 0)
        done = compile_log_add(log, line, architecture, error);
    free(line);
    if (stream)
        fclose(stream);
    if (log->count > 0)
        qsort(log->notes, log->count, sizeof(*log->notes), compare_notes);
    return done;
}

void compile_log_free(struct compile_log *log)
{
    for (size_t i = 0; i < log->count; i++)
        free(log->notes[i].unit);
    free(log->notes);
    free(log->compiler);
    *log = (struct compile_log){0};
}

/* The first of its notes is that of the most use. */
static const struct compile_note *find_unit(const struct compile_log *log, const char *unit,
                                            size_t *count)
{
    size_t first = SEARCH_COUNT(log->count, i, strcmp(log->notes[i].unit, unit) < 0);
    *count = 0;
    while (first + *count < log->count && strcmp(log->notes[first + *count].unit, unit) == 0)
        ++*count;
    return *count > 0 ? &log->notes[first] : NULL;
}

const struct compile_note *compile_log_notes(const struct compile_log *log, const char *directory,
                                             const char *name, size_t *count)
{
    char unit[UNIT_MAX];
    name_unit(directory, name, unit);
    const struct compile_note *found = find_unit(log, unit, count);
    if (found)
        return found;
    name_preprocessed(name, unit);
    return find_unit(log, unit, count);
}

const struct compile_note *compile_log_later_notes(const struct compile_log *log, size_t *count)
{
    size_t size = strlen(PREPROCESSED_UNIT);
    size_t first = SEARCH_COUNT(log->count, i, strcmp(log->notes[i].unit, PREPROCESSED_UNIT) < 0);
    *count = 0;
    while (first + *count < log->count &&
           strncmp(log->notes[first + *count].unit, PREPROCESSED_UNIT, size) == 0)
        ++*count;
    return *count > 0 ? &log->notes[first] : NULL;
}

enum compile_use compile_log_find(const struct compile_log *log, const char *directory,
                                  const char *name)
{
    size_t count;
    const struct compile_note *found = compile_log_notes(log, directory, name, &count);
    return found ? found->use : COMPILE_NONE;
}

enum compile_use compile_log_find_link(const struct compile_log *log, const char *name)
{
    char unit[UNIT_MAX];
    size_t count;
    snprintf(unit, sizeof(unit), LINK_UNIT "%s", name);
    const struct compile_note *found = find_unit(log, unit, &count);
    return found ? found->use : COMPILE_NONE;
}
