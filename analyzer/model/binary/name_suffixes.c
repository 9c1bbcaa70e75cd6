#include "analyzer/model/binary/name_suffixes.h"

#include <string.h>

/* A word, or a word and a number; LLVM's lists and in its order. */
static const char *const of_entries[] = {".llvm.", ".part."};
static const char *const of_coroutines[] = {".cleanup", ".destroy", ".resume"};
static const char *const of_functions[] = {".cleanup",    ".destroy",  ".resume", ".cold",
                                           ".warm",       ".llvm.",    ".part.",  ".isra.",
                                           ".constprop.", ".lto_priv."};

static size_t without(const char *name, size_t size, const char *const *suffixes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t suffix_size = strlen(suffixes[i]);
        size_t word = suffixes[i][suffix_size - 1] == '.' ? suffix_size - 1 : 0;
        const char *dot = memrchr(name, '.', size);
        if (!dot || (size_t)(dot - name) < word)
            continue;
        size_t start = (size_t)(dot - name) - word;
        if (size - start >= suffix_size && memcmp(name + start, suffixes[i], suffix_size) == 0 &&
            (word > 0 || start + suffix_size == size))
            size = start;
    }
    return size;
}

size_t name_size_of_entry(const char *name, size_t size)
{
    return without(name, size, of_entries, sizeof(of_entries) / sizeof(*of_entries));
}

size_t name_size_of_coroutine(const char *name, size_t size)
{
    return without(name, size, of_coroutines, sizeof(of_coroutines) / sizeof(*of_coroutines));
}

size_t name_size_of_function(const char *name, size_t size)
{
    return without(name, size, of_functions, sizeof(of_functions) / sizeof(*of_functions));
}
