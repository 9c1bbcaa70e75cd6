/*
 * Packs and unpacks text with a compression library:
 *
 *     pack SIZE           packs SIZE pieces of 256 KiB
 *     pack SIZE numbers   of numbers alone
 *
 * -DPACK_XZ, -DPACK_BZIP2 or -DPACK_ZSTD chooses.  The text is made up (words, numbers and
 * repeated sentences), so that the same SIZE always prints the same line.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PIECE 262144u
#define ROOM (PIECE + PIECE / 2)

#ifdef PACK_XZ
#include <lzma.h>

static size_t pack(const uint8_t *text, size_t size, uint8_t *packed, size_t room)
{
    size_t used = 0;
    if (lzma_easy_buffer_encode(5, LZMA_CHECK_CRC64, NULL, text, size, packed, &used, room) !=
        LZMA_OK)
        exit(1);
    return used;
}

static size_t unpack(const uint8_t *packed, size_t size, uint8_t *text, size_t room)
{
    uint64_t memory = UINT64_MAX;
    size_t read = 0, written = 0;
    if (lzma_stream_buffer_decode(&memory, 0, NULL, packed, &read, size, text, &written, room) !=
        LZMA_OK)
        exit(1);
    return written;
}
#elif defined(PACK_ZSTD)
#include <zstd.h>

static size_t checked(size_t size)
{
    if (ZSTD_isError(size))
        exit(1);
    return size;
}

static size_t pack(const uint8_t *text, size_t size, uint8_t *packed, size_t room)
{
    return checked(ZSTD_compress(packed, room, text, size, 6));
}

static size_t unpack(const uint8_t *packed, size_t size, uint8_t *text, size_t room)
{
    return checked(ZSTD_decompress(text, room, packed, size));
}
#else
#include <bzlib.h>

static size_t pack(const uint8_t *text, size_t size, uint8_t *packed, size_t room)
{
    unsigned used = (unsigned)room;
    if (BZ2_bzBuffToBuffCompress((char *)packed, &used, (char *)text, (unsigned)size, 9, 0, 0) !=
        BZ_OK)
        exit(1);
    return used;
}

static size_t unpack(const uint8_t *packed, size_t size, uint8_t *text, size_t room)
{
    unsigned used = (unsigned)room;
    if (BZ2_bzBuffToBuffDecompress((char *)text, &used, (char *)packed, (unsigned)size, 0, 0) !=
        BZ_OK)
        exit(1);
    return used;
}
#endif

static uint64_t random_state = 88172645463325252u;

static unsigned random_below(unsigned limit)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (unsigned)((random_state >> 11) % limit);
}

static void text_make(uint8_t *text, unsigned numbers)
{
    static const char *const words[] = {"the",   "of",    "profile", "branch", "window", "and",
                                        "taken", "never", "layout",  "cache",  "line",   "path"};
    size_t size = 0;
    while (size < PIECE) {
        char word[32];
        size_t length;
        if (size > 4096 && random_below(12) == 0) { /* something said before */
            length = 16 + random_below(200);
            if (length > PIECE - size)
                length = PIECE - size;
            memmove(text + size, text + random_below((unsigned)(size - 512)), length);
            size += length;
            continue;
        }
        if (random_below(5) < numbers)
            snprintf(word, sizeof(word), "%u, ", random_below(100000));
        else
            snprintf(word, sizeof(word), "%s ", words[random_below(12)]);
        length = strlen(word);
        if (length > PIECE - size)
            length = PIECE - size;
        memcpy(text + size, word, length);
        size += length;
    }
}

int main(int argc, char **argv)
{
    static uint8_t text[PIECE], packed[ROOM], again[ROOM];
    unsigned long pieces = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
    unsigned numbers = argc > 2 && strcmp(argv[2], "numbers") == 0 ? 5 : 1;
    size_t total = 0;

    if (pieces == 0) {
        fputs("usage: pack SIZE [numbers]\n", stderr);
        return 2;
    }
    for (unsigned long i = 0; i < pieces; i++) {
        text_make(text, numbers);
        size_t size = pack(text, PIECE, packed, ROOM);
        if (unpack(packed, size, again, ROOM) != PIECE || memcmp(text, again, PIECE) != 0)
            return 1;
        total += size;
    }
    printf("%lu pieces, %zu bytes packed\n", pieces, total);
    return 0;
}
