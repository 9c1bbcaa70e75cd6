#include "bolt-bridge/toolchain/compile_log.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/memory.h"
#include "analyzer/base/text.h"

/* In the names of rustc's units: "src/lib.rs/@/CRATE.HASH-cgu.0". */
#define CRATE_MARK "/@/"
#define LINK_UNIT "link "
#define PREPROCESSED_UNIT "preprocessed "
#define UNIT_MAX (2 * PATH_MAX)

/* The words of a command, in a copy of its line. */
struct words {
    char *text;
    char **items;
    size_t count, capacity;
};

static void words_free(struct words *words)
{
    free(words->text);
    free(words->items);
    *words = (struct words){0};
}

static bool words_add(struct words *words, char *word, struct error *error)
{
    if (!memory_reserve(&words->items, &words->capacity, words->count + 1, sizeof(*words->items),
                        error))
        return false;
    words->items[words->count++] = word;
    return true;
}

/* Between quotes, where a backslash stands before quotes and backslashes. */
static bool words_split_quoted(struct words *words, const char *line, struct error *error)
{
    char *to = words->text = memory_copy_text(line, error);
    bool done = to != NULL;
    for (const char *at = line; done && (at = strchr(at, '"'));) {
        char *word = to;
        for (at++; *at && *at != '"'; at++) {
            at += *at == '\\' && at[1];
            *to++ = *at;
        }
        at += *at == '"';
        *to++ = '\0'; /* where a quote was */
        done = words_add(words, word, error);
    }
    return done;
}

static bool words_split_tabs(struct words *words, const char *line, struct error *error)
{
    words->text = memory_copy_text(line, error);
    if (!words->text)
        return false;
    words->text[strcspn(words->text, "\n")] = '\0';
    char *rest = NULL;
    for (char *word = strtok_r(words->text, "\t", &rest); word; word = strtok_r(NULL, "\t", &rest))
        if (!words_add(words, word, error))
            return false;
    return true;
}

/* What follows `prefix` in the last word that begins with it, or NULL. */
static const char *words_after(const struct words *words, const char *prefix)
{
    for (size_t i = words->count; i-- > 0;)
        if (strncmp(words->items[i], prefix, strlen(prefix)) == 0)
            return words->items[i] + strlen(prefix);
    return NULL;
}

static bool words_have(const struct words *words, const char *wanted)
{
    for (size_t i = 0; i < words->count; i++)
        if (strcmp(words->items[i], wanted) == 0)
            return true;
    return false;
}

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
    if (crate) {
        crate += strlen(CRATE_MARK);
        snprintf(unit, UNIT_MAX, "crate %.*s", (int)strcspn(crate, "."), crate);
        return;
    }
    snprintf(unit, UNIT_MAX, "%s%s%s", *name == '/' ? "" : directory, *name == '/' ? "" : "/",
             name);
    tidy(unit);
}

static bool note(struct compile_log *log, const char *unit, enum compile_use use,
                 struct error *error)
{
    if (!memory_reserve(&log->notes, &log->capacity, log->count + 1, sizeof(*log->notes), error))
        return false;
    char *copy = memory_copy_text(unit, error);
    if (copy)
        log->notes[log->count++] = (struct compile_note){copy, use};
    return copy != NULL;
}

/* Applies the last map of prefixes that fits, as compilers do: -ffile-prefix-map=OLD=NEW. */
static const char *map_prefix(const struct words *words, const char *path, char mapped[PATH_MAX])
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

/* Of what was preprocessed before (-save-temps): the source's path is not told to the compiler. */
static bool is_preprocessed(const char *path)
{
    static const char *const endings[] = {".i", ".ii", ".mi", ".mii", ".bc"};
    const char *ending = strrchr(path, '.');
    for (size_t i = 0; ending && i < sizeof(endings) / sizeof(*endings); i++)
        if (strcmp(ending, endings[i]) == 0)
            return true;
    return false;
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
static bool note_source(struct compile_log *log, const struct words *words, const char *directory,
                        const char *name, enum compile_use use, struct error *error)
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

static const char *word_behind(const struct words *words, const char *option)
{
    for (size_t i = 0; i + 1 < words->count; i++)
        if (strcmp(words->items[i], option) == 0)
            return words->items[i + 1];
    return NULL;
}

static bool is_for(const struct words *words, const char *architecture)
{
    const char *triple = word_behind(words, "-triple");
    return !triple || strncmp(triple, architecture, strlen(architecture)) == 0;
}

/* A link; the driver tells the linker of the profile where -flto is among its arguments. */
static bool add_link(struct compile_log *log, const struct words *words, struct error *error)
{
    char unit[UNIT_MAX];
    bool has_profile = words_after(words, "-plugin-opt=sample-profile=") ||
                       words_after(words, "--lto-sample-profile=");
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
static bool add_job(struct compile_log *log, const struct words *words, const char *architecture,
                    struct error *error)
{
    if (words->count == 0)
        return true;
    if (!words_have(words, "-cc1"))
        return !words_have(words, "-o") || add_link(log, words, error);
    bool makes_code = words_have(words, "-emit-obj") || words_have(words, "-emit-llvm-bc") ||
                      words_have(words, "-S");
    if (!makes_code || !is_for(words, architecture))
        return true;
    bool with_profile = words_after(words, "-fprofile-sample-use=") != NULL;
    const char *directory = words_after(words, "-fdebug-compilation-dir=");
    log->runs++;
    log->with_profile += with_profile;
    log->link_time_objects +=
        with_profile && words_after(words, "-flto") && !words_have(words, "-ffat-lto-objects");
    enum compile_use use = with_profile ? COMPILE_WITH : COMPILE_WITHOUT;
    const char *source = words->items[words->count - 1];
    const char *main_file = word_behind(words, "-main-file-name");
    return (!main_file || !is_preprocessed(source) ||
            note_preprocessed(log, main_file, use, error)) &&
           note_source(log, words, directory ? directory : "", source, use, error);
}

/* words: the kind, the directory, and what it is about. */
static bool add_note(struct compile_log *log, const struct words *words, struct error *error)
{
    char unit[UNIT_MAX];
    log->runs++;
    log->with_profile++;
    if (words->count == 3 && strcmp(words->items[0], "crate") == 0) {
        snprintf(unit, sizeof(unit), "crate %s", words->items[2]);
        return note(log, unit, COMPILE_WITH, error);
    }
    bool was_preprocessed = false;
    for (size_t i = 2; i < words->count; i++)
        was_preprocessed |= is_preprocessed(words->items[i]);
    for (size_t i = 2; was_preprocessed && i < words->count; i++)
        if (!note_preprocessed(log, words->items[i], COMPILE_WITH, error))
            return false;
    for (size_t i = 2; i < words->count; i++)
        if (*words->items[i] != '-' &&
            !note_source(log, words, words->items[1], words->items[i], COMPILE_WITH, error))
            return false;
    return true;
}

bool compile_log_add(struct compile_log *log, const char *line, const char *architecture,
                     struct error *error)
{
    struct words words = {0};
    bool is_ours = strncmp(line, COMPILE_LOG_NOTE, strlen(COMPILE_LOG_NOTE)) == 0;
    bool done = is_ours ? words_split_tabs(&words, line + strlen(COMPILE_LOG_NOTE), error) &&
                              add_note(log, &words, error)
                        : words_split_quoted(&words, line, error) &&
                              add_job(log, &words, architecture, error);
    words_free(&words);
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
    while (done && stream && getline(&line, &capacity, stream) > 0)
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
    *log = (struct compile_log){0};
}

static enum compile_use find_unit(const struct compile_log *log, const char *unit)
{
    size_t low = 0, high = log->count;
    /* The first of its notes is that of the most use. */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(log->notes[middle].unit, unit) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < log->count && strcmp(log->notes[low].unit, unit) == 0 ? log->notes[low].use
                                                                       : COMPILE_NONE;
}

enum compile_use compile_log_find(const struct compile_log *log, const char *directory,
                                  const char *name)
{
    char unit[UNIT_MAX];
    name_unit(directory, name, unit);
    enum compile_use use = find_unit(log, unit);
    if (use != COMPILE_NONE)
        return use;
    name_preprocessed(name, unit);
    return find_unit(log, unit);
}

enum compile_use compile_log_find_link(const struct compile_log *log, const char *name)
{
    char unit[UNIT_MAX];
    snprintf(unit, sizeof(unit), LINK_UNIT "%s", name);
    return find_unit(log, unit);
}
