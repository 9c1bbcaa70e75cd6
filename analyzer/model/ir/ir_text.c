#include "analyzer/model/ir/ir_text.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/base/memory.h"

bool ir_text_is_digit(char character)
{
    return character >= '0' && character <= '9';
}

static bool is_in_name(char character)
{
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
           ir_text_is_digit(character) || character == '_' || character == '.' ||
           character == '-' || character == '$';
}

const char *ir_text_skip_string(const char *text)
{
    const char *end = strchr(text + 1, '"');
    return end ? end : text + strlen(text);
}

const char *ir_text_skip_name(const char *text)
{
    if (*text == '"') {
        text = ir_text_skip_string(text);
        return *text ? text + 1 : text;
    }
    while (is_in_name(*text))
        text++;
    return text;
}

static int hexadecimal(char digit)
{
    if (ir_text_is_digit(digit))
        return digit - '0';
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

char *ir_text_unquote(const char *text, size_t *size, struct error *error)
{
    bool is_string = *text == '"';
    const char *end = is_string ? ir_text_skip_string(text) : ir_text_skip_name(text);
    const char *next = is_string ? text + 1 : text;
    char *copy = malloc((size_t)(end - text) + 1);
    *size = 0;
    if (!copy) {
        memory_exhausted(error);
        return NULL;
    }
    while (next < end) {
        int high = next[0] == '\\' && end - next > 2 ? hexadecimal(next[1]) : -1;
        int low = high >= 0 ? hexadecimal(next[2]) : -1;
        copy[(*size)++] = low >= 0 ? (char)(high * 16 + low) : *next;
        next += low >= 0 ? 3 : 1;
    }
    copy[*size] = '\0';
    *size = strlen(copy); /* no name has a zero in it */
    return copy;
}

bool ir_text_starts_with(const char *text, const char *word)
{
    size_t size = strlen(word);
    return strncmp(text, word, size) == 0 && !is_in_name(text[size]);
}

const char *ir_text_find(const char *text, const char *wanted)
{
    size_t size = strlen(wanted);
    for (; *text; text++) {
        if (*text == *wanted && strncmp(text, wanted, size) == 0)
            return text;
        if (*text == '"') {
            text = ir_text_skip_string(text);
            if (*text == '\0')
                return NULL;
        }
    }
    return NULL;
}
