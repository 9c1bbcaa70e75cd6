#include "analyzer/base/abbreviate.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#define ARGUMENTS "<...>"
#define MIDDLE "..."
/* What is nested deeper goes with what it is nested in. */
#define DEEPEST 12

/* The brackets of operator<, operator-> and their like are none; the longest first. */
static size_t operator_size(const char *name, const char *at)
{
    static const char *const signs[] = {"->*", "<=>", "<<=", ">>=", "->", "<<",
                                        ">>",  "<=",  ">=",  "<",   ">"};
    static const char word[] = "operator";
    size_t size = sizeof(word) - 1;
    if (strncmp(at, word, size) != 0 ||
        (at > name && (isalnum((unsigned char)at[-1]) || at[-1] == '_')))
        return 0;
    for (size_t i = 0; i < sizeof(signs) / sizeof(*signs); i++) {
        if (strncmp(at + size, signs[i], strlen(signs[i])) == 0)
            return size + strlen(signs[i]);
    }
    return 0;
}

/* The bytes that go together here; `deeper` is 1 at a bracket that opens, -1 at one that closes. */
static size_t step(const char *name, const char *at, int *deeper)
{
    size_t size = operator_size(name, at);
    *deeper = 0;
    if (size > 0)
        return size;
    if (at[0] == '-' && at[1] == '>') /* of a function's result */
        return 2;
    *deeper = *at == '<' ? 1 : *at == '>' ? -1 : 0;
    return 1;
}

/* How deep brackets are nested; -1 where they do not match. */
static int nesting(const char *name)
{
    int depth = 0, deepest = 0, deeper;
    for (const char *at = name; *at; at += step(name, at, &deeper), depth += deeper) {
        if (depth < 0)
            return -1;
        deepest = depth > deepest ? depth : deepest;
    }
    return depth == 0 ? deepest : -1;
}

/* Behind the bracket that closes what opens here. */
static const char *closing(const char *name, const char *at)
{
    int depth = 0, deeper;
    do {
        at += step(name, at, &deeper);
        depth += deeper;
    } while (depth > 0);
    return at;
}

/*
 * Keeps `kept` levels of arguments, those that are no longer than what would stand for them, and
 * what is in brackets at the beginning: Rust's <type as trait>, without which names look the same.
 * Returns the bytes that are left; where `out` is the name itself, it is changed.
 */
static size_t keep_levels(const char *name, int kept, char *out)
{
    size_t used = 0;
    int depth = *name == '<' ? -1 : 0;
    for (const char *at = name; *at;) {
        int deeper;
        const char *next = at + step(name, at, &deeper);
        const char *source = at;
        size_t size = (size_t)(next - at);
        if (deeper > 0 && depth == kept) {
            const char *end = closing(name, at);
            bool shortens = (size_t)(end - at) > strlen(ARGUMENTS);
            source = shortens ? ARGUMENTS : at;
            size = shortens ? strlen(ARGUMENTS) : (size_t)(end - at);
            next = end;
            deeper = 0;
        }
        if (out)
            memmove(out + used, source, size);
        used += size;
        depth = depth + deeper > 0 ? depth + deeper : 0;
        at = next;
    }
    if (out)
        out[used] = '\0';
    return used;
}

char *name_abbreviate(char *name, size_t size)
{
    if (strlen(name) <= size)
        return name;
    int kept = nesting(name);
    if (kept <= 0)
        return name;
    kept = kept > DEEPEST ? DEEPEST : kept;
    do
        kept--;
    while (kept > 0 && keep_levels(name, kept, NULL) > size);
    keep_levels(name, kept, name);
    return name;
}

static bool is_within_character(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

char *name_cut_middle(char *name, size_t size)
{
    size_t whole = strlen(name);
    size_t mark = strlen(MIDDLE);
    if (whole <= size || size <= 2 * mark)
        return name;
    size_t head = (size - mark + 1) / 2;
    size_t tail = whole - (size - mark) / 2;
    while (head > 0 && is_within_character(name[head]))
        head--;
    while (is_within_character(name[tail]))
        tail++;
    memcpy(name + head, MIDDLE, mark);
    memmove(name + head + mark, name + tail, whole - tail + 1);
    return name;
}
