#include "analyzer/read/perf_script_words.h"

#include <string.h>

#include "analyzer/read/text_file.h"

#define ADDRESS_COLUMN 16 /* addresses end there or later, process numbers before it */
#define MOST_COLUMNS 4    /* of addresses in one line: of data, a weight, the code's, physical */

/* An address of a branch, and in parentheses its file where perf was asked for it. */
static bool take_end(char **text, struct perf_script_place *place)
{
    *place = (struct perf_script_place){0};
    if ((*text)[0] != '0' || (*text)[1] != 'x' || !text_take_hex(text, &place->address))
        return false;
    if (**text != '(')
        return true;
    place->file = *text + 1;
    *text = strchr(*text, ')');
    if (*text) {
        place->file_size = (size_t)(*text - place->file);
        ++*text;
    }
    return *text != NULL;
}

char *perf_script_take_branch(char *word, struct perf_script_place *from,
                              struct perf_script_place *to)
{
    char *text = word;
    bool is_one = take_end(&text, from) && text_take_character(&text, '/') && take_end(&text, to) &&
                  strchr("/ \r\n", *text);
    return is_one ? text + strcspn(text, " \t\r\n") : NULL;
}

char *perf_script_find_branches(char *text)
{
    struct perf_script_place from, to;
    for (char *at = text; (at = strstr(at, "0x")); at += 2) {
        if ((at == text || strchr(" \t\n", at[-1])) && perf_script_take_branch(at, &from, &to))
            return at;
    }
    return NULL;
}

static bool is_one_of(char letter, const char *letters)
{
    return letter != '\0' && strchr(letters, letter);
}

/* What follows the ends of a branch: /P/X/A/CYCLES, of which any but the cycles may be '-'. */
static bool is_about_branch(const char *text)
{
    size_t letters = *text == '/' ? strspn(text + 1, "PMN-") : 0;
    const char *rest = text + 1 + letters;
    return letters > 0 && rest[0] == '/' && is_one_of(rest[1], "X-") && rest[2] == '/' &&
           is_one_of(rest[3], "A-") && rest[4] == '/' && is_one_of(rest[5], "0123456789");
}

uint64_t perf_script_named_branches(const char *text)
{
    uint64_t count = 0;
    for (const char *at = text; (at = strchr(at, '/')); at++)
        count += is_about_branch(at);
    return count;
}

bool perf_script_is_address(const char *word, size_t size, uint64_t *address)
{
    char digits[17];
    char *text = digits;
    if (size == 0 || size >= sizeof(digits))
        return false;
    memcpy(digits, word, size);
    digits[size] = '\0';
    return digits[strspn(digits, "0123456789abcdef")] == '\0' && text_take_hex(&text, address);
}

/* The next address in its columns, behind *text, which goes past it. */
static bool next_column(const char **text, uint64_t *address)
{
    const char *past = *text;
    for (const char *word = past + strspn(past, " \t"); *word; word = past + strspn(past, " \t")) {
        size_t size = strcspn(word, " \t");
        bool is_one = word > past && (size_t)(word - past) + size >= ADDRESS_COLUMN &&
                      perf_script_is_address(word, size, address);
        past = word + size;
        if (is_one) {
            *text = past;
            return true;
        }
    }
    return false;
}

bool perf_script_has_address(const char *text)
{
    uint64_t address;
    return next_column(&text, &address);
}

/* Without columns: behind the event, which ends in a colon, else behind the period, which is
 * decimal; it stands before symbol and file. */
static bool find_by_words(char *rest, uint64_t *address)
{
    bool has_address = false;
    for (char *word = rest + strspn(rest, " \t"); *word;) {
        size_t size = strcspn(word, " \t");
        bool is_decimal = strspn(word, "0123456789") == size;
        if (word[size - 1] == ':')
            has_address = false;
        else if (!has_address && perf_script_is_address(word, size, address))
            has_address = true;
        else
            is_decimal = false;
        word += size + strspn(word + size, " \t");
        /* A decimal number may be the period: the event comes next. */
        size = strcspn(word, " \t");
        if (has_address && !(is_decimal && size > 0 && word[size - 1] == ':'))
            return true;
    }
    return has_address;
}

size_t perf_script_find_addresses(char *rest, uint64_t *addresses, size_t limit)
{
    uint64_t found[MOST_COLUMNS];
    const char *text = rest;
    size_t count = 0;
    while (count < MOST_COLUMNS && next_column(&text, &found[count]))
        count++;
    if (count == 0)
        return limit > 0 && find_by_words(rest, addresses) ? 1 : 0;
    /* Data's address comes before the code's, a physical one behind it. */
    size_t first = count > 1 ? 1 : 0;
    size_t kept = 0;
    for (size_t i = 0; i < count && kept < limit; i++)
        addresses[kept++] = found[(first + i) % count];
    return kept;
}

char *perf_script_split_branch(char *rest)
{
    uint64_t address;
    for (char *at = rest; (at = strstr(at, " => ")); at++) {
        char *to = at + strlen(" => ");
        const char *word = to + strspn(to, " ");
        if (perf_script_is_address(word, strcspn(word, " "), &address)) {
            *at = '\0';
            return to;
        }
    }
    return NULL;
}
