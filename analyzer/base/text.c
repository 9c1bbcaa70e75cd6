#include "analyzer/base/text.h"

#include <inttypes.h>
#include <stdint.h>
#include <string.h>

/* Bytes of the valid, visible UTF-8 character at `text`, or 0. */
static size_t visible_character(const uint8_t *text)
{
    uint32_t character;
    size_t size;
    if (text[0] < 0x80)
        return text[0] >= 0x20 && text[0] != 0x7f ? 1 : 0;
    if (text[0] >= 0xc2 && text[0] <= 0xdf)
        size = 2, character = text[0] & 0x1f;
    else if (text[0] >= 0xe0 && text[0] <= 0xef)
        size = 3, character = text[0] & 0x0f;
    else if (text[0] >= 0xf0 && text[0] <= 0xf4)
        size = 4, character = text[0] & 0x07;
    else
        return 0;
    for (size_t i = 1; i < size; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
        character = character << 6 | (text[i] & 0x3f);
    }
    if (character < 0xa0 || (size == 3 && character < 0x800) ||
        (size == 4 && (character < 0x10000 || character > 0x10ffff)) ||
        (character >= 0xd800 && character <= 0xdfff))
        return 0;
    return size;
}

void text_print(FILE *stream, const char *text)
{
    while (*text) {
        size_t size = visible_character((const uint8_t *)text);
        if (size > 0)
            fwrite(text, 1, size, stream);
        else
            fputc('?', stream);
        text += size > 0 ? size : 1;
    }
}

char *text_printable(const char *text, char *copy, size_t size)
{
    size_t used = 0;
    while (*text) {
        size_t length = visible_character((const uint8_t *)text);
        if (used + (length > 0 ? length : 1) >= size)
            break;
        if (length > 0)
            memcpy(copy + used, text, length);
        else
            copy[used] = '?';
        used += length > 0 ? length : 1;
        text += length > 0 ? length : 1;
    }
    copy[used] = '\0';
    return copy;
}

void text_end_before(char *text, const char *ends)
{
    char *end = strpbrk(text, ends);
    if (end)
        *end = '\0';
}

const char *text_file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

char *text_count(uint64_t count, char text[32])
{
    char digits[24];
    size_t length = (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, count);
    size_t used = 0;
    for (size_t i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            text[used++] = ',';
        text[used++] = digits[i];
    }
    text[used] = '\0';
    return text;
}
