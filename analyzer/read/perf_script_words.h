/*
 * The words of a line of perf script's text that are addresses and branches, wherever its
 * choice of fields (-F) puts them.
 */
#ifndef ANALYZER_READ_PERF_SCRIPT_WORDS_H
#define ANALYZER_READ_PERF_SCRIPT_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An end of a branch, and the file that it is in (brstack with dso), ended by nothing. */
struct perf_script_place {
    uint64_t address;
    const char *file; /* NULL: not printed */
    size_t file_size;
};

/* A word that is a hexadecimal number as perf writes addresses, without 0x. */
bool perf_script_is_address(const char *word, size_t size, uint64_t *address);

/* Whether an address stands in the columns that perf gives it: with blanks before it, 16 wide. */
bool perf_script_has_address(const char *text);

/*
 * An entry of a branch stack: 0xFROM/0xTO, and perhaps more after a slash.  Returns what is behind
 * it, or NULL where there is none.
 */
char *perf_script_take_branch(char *word, struct perf_script_place *from,
                              struct perf_script_place *to);

/* The first branch in the text, or NULL. */
char *perf_script_find_branches(char *text);

/* How many entries of branch stacks are names (brstacksym), which tell no address. */
uint64_t perf_script_named_branches(const char *text);

/*
 * Addresses in what comes behind the thread and the time: that of the sample, and beside it
 * others (of data, physical ones), which look alike.  At most `limit` are found, the likeliest
 * first; their number is returned.
 */
size_t perf_script_find_addresses(char *rest, uint64_t *addresses, size_t limit);

/* Of a traced branch (FROM => TO): what leads to TO, ended by NUL in front of it; else NULL. */
char *perf_script_split_branch(char *rest);

#endif
