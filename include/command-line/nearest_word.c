#include "command-line/nearest_word.h"

#include <stdint.h>
#include <string.h>

size_t word_distance(const char *left, const char *right)
{
    size_t row[32]; /* distances from the left word so far to each beginning of the right one */
    size_t columns = strlen(right);
    if (columns >= sizeof(row) / sizeof(*row) || strlen(left) >= sizeof(row) / sizeof(*row))
        return SIZE_MAX;
    for (size_t j = 0; j <= columns; j++)
        row[j] = j;
    for (size_t i = 0; left[i]; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < columns; j++) {
            size_t replaced = diagonal + (left[i] != right[j]);
            size_t shorter = (row[j] < row[j + 1] ? row[j] : row[j + 1]) + 1;
            diagonal = row[j + 1];
            row[j + 1] = replaced < shorter ? replaced : shorter;
        }
    }
    return row[columns];
}

const char *nearest_word(const char *word, const char *const *names)
{
    const char *nearest = NULL;
    size_t distance = WORD_MISTYPED + 1;
    for (size_t i = 0; names[i]; i++) {
        size_t found = word_distance(word, names[i]);
        if (found < distance) {
            distance = found;
            nearest = names[i];
        }
    }
    return nearest;
}
