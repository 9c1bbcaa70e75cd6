/*
 * What windows of a program's branches would have found that begin where windows of recordings
 * began: as often at each address, at any of its executions, and from there on along a trace of all
 * instructions.
 *
 *     window_starts BRANCHES WINDOWS ENTRY STARTS CONDITIONS <TRACE
 *
 * TRACE is the log of valgrind --tool=lackey --trace-superblocks=yes --vex-guest-max-insns=1; ENTRY
 * the program's entry point, by which its place in the trace is known; STARTS has lines "ADDRESS
 * COUNT", where address `outside` is any instruction of other files; CONDITIONS "ADDRESS SIZE", its
 * conditional branches.  Prints "ADDRESS EXECUTED TAKEN SEEN SEEN_TAKEN" of each of these, in the
 * trace and in WINDOWS windows of BRANCHES taken branches.  Addresses are link-time addresses.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CODE_SIZE (1u << 22) /* more than the program has */
#define OUTSIDE CODE_SIZE    /* instructions of other files */
#define LOADED_BELOW                                                                               \
    0x4000000u /* valgrind maps the program below, and the dynamic linker there                    \
                */
#define LONGEST_INSTRUCTION 15
#define MOST_INSTRUCTIONS 8192 /* of a window, as look-ahead has it */

static uint32_t *trace, *places; /* addresses; numbers of instructions by address */
static size_t length;
static uint32_t base, first[CODE_SIZE + 2], next[CODE_SIZE];
static uint64_t executed[CODE_SIZE], taken[CODE_SIZE], seen[CODE_SIZE], seen_taken[CODE_SIZE];

static void die(const char *what)
{
    fprintf(stderr, "window_starts: %s: %s\n", what, strerror(errno));
    exit(3);
}

static uint32_t place_of(uint32_t address)
{
    return address - base < CODE_SIZE ? address - base : OUTSIDE;
}

static void read_trace(uint32_t entry)
{
    size_t capacity = 0;
    char line[128];
    while (fgets(line, sizeof(line), stdin)) {
        if (strncmp(line, "SB ", 3) != 0)
            continue;
        if (length == capacity) {
            capacity = capacity ? 2 * capacity : 1u << 20;
            trace = realloc(trace, capacity * sizeof(*trace));
            if (!trace)
                die("the trace");
        }
        trace[length++] = (uint32_t)strtoull(line + 3, NULL, 16);
        if (base == 0 && trace[length - 1] < LOADED_BELOW)
            base = trace[length - 1] - entry;
    }
    if (length == 0 || base == 0 || base % 4096 != 0)
        die("the trace does not enter the program");
}

static void sort_places(void)
{
    static uint32_t filled[CODE_SIZE + 2];
    places = malloc(length * sizeof(*places));
    if (!places)
        die("the trace");
    for (size_t i = 0; i < length; i++)
        first[place_of(trace[i]) + 1]++;
    for (size_t i = 0; i <= CODE_SIZE; i++)
        first[i + 1] += first[i];
    memcpy(filled, first, sizeof(filled));
    for (size_t i = 0; i < length; i++)
        places[filled[place_of(trace[i])]++] = (uint32_t)i;
}

/* Whether the instruction is one of the conditional branches; *goes: it was taken. */
static bool is_condition(size_t number, uint32_t *place, bool *goes)
{
    *place = place_of(trace[number]);
    if (*place == OUTSIDE || next[*place] == 0)
        return false;
    *goes = trace[number + 1] - base != next[*place];
    return true;
}

static void follow(size_t number, unsigned branches)
{
    size_t end = number + MOST_INSTRUCTIONS;
    uint32_t place;
    bool goes;
    for (unsigned found = 0; found < branches && number < end && number + 1 < length; number++) {
        if (is_condition(number, &place, &goes)) {
            seen[place]++;
            seen_taken[place] += goes;
            found += goes;
        } else {
            found += trace[number + 1] - trace[number] > LONGEST_INSTRUCTION;
        }
    }
}

static FILE *opened(const char *path)
{
    FILE *file = fopen(path, "r");
    if (!file)
        die(path);
    return file;
}

int main(int argc, char **argv)
{
    char word[32];
    unsigned count, place;
    double all = 0;
    bool goes;
    if (argc != 6) {
        fputs("usage: window_starts BRANCHES WINDOWS ENTRY STARTS CONDITIONS <TRACE\n", stderr);
        return 2;
    }
    unsigned branches = (unsigned)atoi(argv[1]);
    double windows = atof(argv[2]);
    read_trace((uint32_t)strtoull(argv[3], NULL, 16));
    sort_places();
    FILE *file = opened(argv[5]);
    while (fscanf(file, "%x %u", &place, &count) == 2)
        if (place < CODE_SIZE)
            next[place] = place + count;
    fclose(file);
    for (size_t i = 0; i + 1 < length; i++) {
        if (is_condition(i, &place, &goes)) {
            executed[place]++;
            taken[place] += goes;
        }
    }
    file = opened(argv[4]);
    while (fscanf(file, "%31s %u", word, &count) == 2)
        all += count;
    rewind(file);
    srand48(1);
    while (fscanf(file, "%31s %u", word, &count) == 2) {
        size_t at = strcmp(word, "outside") == 0 ? OUTSIDE : strtoull(word, NULL, 16);
        if (at > OUTSIDE || first[at] == first[at + 1])
            continue; /* not in this trace */
        for (double wanted = windows * count / all + drand48(); wanted >= 1; wanted--)
            follow(places[first[at] + (size_t)(drand48() * (first[at + 1] - first[at]))], branches);
    }
    fclose(file);
    for (place = 0; place < CODE_SIZE; place++)
        if (executed[place] > 0)
            printf("%x %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", place, executed[place],
                   taken[place], seen[place], seen_taken[place]);
    return 0;
}
