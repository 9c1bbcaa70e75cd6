/*
 * No raw file, however damaged, does more than be refused: thousands of bits
 * turned and files cut, through the reader and all that works on what it read.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "analyzer/model/counts/hotspots.h"
#include "analyzer/model/profile/normalise.h"
#include "analyzer/read/formats.h"
#include "analyzer/write/html/page.h"
#include "analyzer/write/writer.h"
#include "tests/unit/analyzer/walk.h"

#define SEEDS "tests/fuzz/seeds/raw"

static struct binary *binary; /* this test program, as the one that was recorded */
static FILE *nowhere;

/* Formats that read the program's debug information, and the page of all, take most of the time. */
#define PROGRAM_EVERY 4
#define PAGE_EVERY 64

static uint64_t random_state = 1;

static size_t chance(size_t of)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (size_t)(random_state >> 20) % of;
}

/* The page of all that is shown: costs, pictures, code. */
static void write_page(const struct profile *profile, struct binaries *binaries)
{
    struct error error = {0};
    struct function_costs costs;
    struct source_texts *texts = source_texts_new(NULL, &error);
    assert_true(function_costs_find(&costs, profile, binaries, PROFILE_MODULE_NONE, &error));
    const struct html_page page = {.profile = profile,
                                   .binaries = binaries,
                                   .costs = &costs,
                                   .texts = texts,
                                   .functions = 2,
                                   .after = profile};
    assert_true(html_page_write(&page, nowhere, &error));
    source_texts_free(texts);
    function_costs_free(&costs);
}

/* Reads the file and, where that works, writes it in every format and looks for hotspots. */
static void use(const char *path)
{
    struct error error = {0};
    struct profile *profile = profile_new(&error);
    assert_non_null(profile);
    if (reader_raw.read(path, NULL, profile, &error)) {
        struct binaries *binaries;
        struct hotspots hotspots;
        assert_true(profile_normalise(profile, &error));
        for (size_t i = 0; writer_at(i); i++)
            if (!writer_at(i)->needs_binary || chance(PROGRAM_EVERY) == 0)
                writer_write(writer_at(i), profile, writer_at(i)->needs_binary ? binary : NULL,
                             nowhere, &error);
        binaries = binaries_new(profile, &error);
        if (profile->module_count > 0)
            binaries_give(binaries, 0, binary);
        assert_true(hotspots_find(&hotspots, profile, binaries, PROFILE_MODULE_NONE, &error));
        hotspots_free(&hotspots);
        if (chance(PAGE_EVERY) == 0)
            write_page(profile, binaries);
        binaries_free(binaries);
    } else {
        assert_int_not_equal(error.code, ERROR_NONE);
        assert_true(*error.subject);
    }
    profile_free(profile);
}

/* Through a file in memory: a disk would take most of the test's time. */
static void use_bytes(const uint8_t *bytes, size_t size)
{
    char path[64];
    int descriptor = memfd_create("damaged.pgoraw", 0);
    assert_true(descriptor >= 0 && write(descriptor, bytes, size) == (ssize_t)size);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", descriptor);
    use(path);
    close(descriptor);
}

/* A small profile of this very program, with some of everything. */
static uint8_t *good_bytes(size_t *size)
{
    struct raw_builder *builder = walk_binary(binary, 3, 1);
    uint32_t outer = raw_builder_stack(builder, 0, PGORAW_LOCATION_TRUNCATED, 0);
    outer = raw_builder_stack(builder, outer, PGORAW_LOCATION(1, 0x1300), 1);
    raw_builder_stack(builder, outer, WALK_LIBRARY, 5);
    raw_builder_context(builder, outer, 1, 2);
    raw_builder_context(builder, 0, 2, 1);
    raw_builder_chunk_entries(builder, 20);
    uint8_t *bytes = raw_builder_bytes(builder, size);
    raw_builder_free(builder);
    return bytes;
}

/* Most of the header is text and zeros: half of the damage goes to what steers the reader. */
static size_t choose_place(size_t size)
{
    if (chance(2) == 0)
        return offsetof(struct pgoraw_header, chunks) + chance(12 * sizeof(struct pgoraw_chunk));
    return chance(2) == 0 ? chance(sizeof(uint64_t) * 12)
                          : PGORAW_HEADER_SIZE + chance(size - PGORAW_HEADER_SIZE);
}

static void turned_bits_do_no_harm(void **state)
{
    (void)state;
    size_t size;
    uint8_t *good = good_bytes(&size);
    uint8_t *bytes = malloc(size);
    for (int i = 0; i < 3000; i++) {
        memcpy(bytes, good, size);
        for (size_t changes = 1 + chance(4); changes > 0; changes--) {
            size_t place = choose_place(size);
            switch (chance(4)) {
            case 0:
                bytes[place] ^= (uint8_t)(1 << chance(8));
                break;
            case 1:
                bytes[place] = (uint8_t)chance(256);
                break;
            case 2:
                bytes[place] = 0xff;
                break;
            default:
                memset(bytes + place, chance(2) ? 0xff : 0, place + 8 <= size ? 8 : size - place);
                break;
            }
        }
        use_bytes(bytes, size);
    }
    free(bytes);
    free(good);
}

static void cut_files_do_no_harm(void **state)
{
    (void)state;
    size_t size;
    uint8_t *good = good_bytes(&size);
    for (int i = 0; i < 300; i++)
        use_bytes(good, chance(size + 1));
    free(good);
}

static void shuffled_words_do_no_harm(void **state)
{
    (void)state;
    size_t size;
    uint8_t *good = good_bytes(&size);
    uint8_t *bytes = malloc(size);
    for (int i = 0; i < 500; i++) {
        memcpy(bytes, good, size);
        for (int changes = 0; changes < 4; changes++)
            memcpy(bytes + (choose_place(size - 8) & ~(size_t)7),
                   good + (choose_place(size - 8) & ~(size_t)7), 8);
        use_bytes(bytes, size);
    }
    free(bytes);
    free(good);
}

/* What a fuzzer once found interesting: read as it is, whole and cut in half. */
static void seeds_do_no_harm(void **state)
{
    (void)state;
    DIR *seeds = opendir(SEEDS);
    struct dirent *seed;
    if (!seeds)
        skip(); /* not run from the top of the tree */
    while ((seed = readdir(seeds))) {
        char path[600];
        uint8_t bytes[65536];
        snprintf(path, sizeof(path), "%s/%s", SEEDS, seed->d_name);
        FILE *file = seed->d_name[0] == '.' ? NULL : fopen(path, "rb");
        if (!file)
            continue;
        size_t size = fread(bytes, 1, sizeof(bytes), file);
        fclose(file);
        use(path);
        use_bytes(bytes, size / 2);
    }
    closedir(seeds);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(turned_bits_do_no_harm),
        cmocka_unit_test(cut_files_do_no_harm),
        cmocka_unit_test(shuffled_words_do_no_harm),
        cmocka_unit_test(seeds_do_no_harm),
    };
    struct error error;
    char self[512];
    ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
    self[length > 0 ? length : 0] = '\0';
    binary = binary_open(self, &error);
    nowhere = fopen("/dev/null", "w");
    int failed = binary && nowhere ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
    binary_free(binary);
    fclose(nowhere);
    return failed;
}
