/* Reads a text again and again, and sums its words up by a table: work for a recorder. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 4096, ROUNDS = 150 };

static unsigned counts[SLOTS];

static unsigned slot_of(const char *word, size_t length)
{
    unsigned hash = 5381;
    for (size_t i = 0; i < length; i++)
        hash = hash * 33 + (unsigned char)word[i];
    return hash % SLOTS;
}

static void words_count(const char *text, size_t size)
{
    for (size_t i = 0, start = 0; i <= size; i++) {
        if (i < size && text[i] != ' ' && text[i] != '\n')
            continue;
        if (i > start)
            counts[slot_of(text + start, i - start)]++;
        start = i + 1;
    }
}

int main(int argc, char **argv)
{
    static char text[1 << 20];
    FILE *file = argc > 1 ? fopen(argv[1], "r") : NULL;
    size_t size;
    unsigned most = 0;
    if (!file)
        return 2;
    size = fread(text, 1, sizeof(text), file);
    fclose(file);
    for (int round = 0; round < ROUNDS; round++)
        words_count(text, size);
    for (size_t i = 0; i < SLOTS; i++)
        most = counts[i] > most ? counts[i] : most;
    printf("%u\n", most / ROUNDS);
    return 0;
}
