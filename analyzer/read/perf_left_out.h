/*
 * What is in a perf recording and becomes no samples of ours: counted, and said.
 */
#ifndef ANALYZER_READ_PERF_LEFT_OUT_H
#define ANALYZER_READ_PERF_LEFT_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* As much as is told of a recording. */
#define PERF_NOTES_SIZE 4096

struct perf_left_out {
    uint64_t in_kernel, in_guests; /* samples */
    uint64_t without_address;      /* samples */
    uint64_t kernel_branches;      /* entries of branch stacks from the kernel or to it */
    uint64_t empty_branches;       /* entries of branch stacks that hold nothing */
    uint64_t named_branches;       /* entries of branch stacks by symbol, without addresses */
    uint64_t lost;                 /* records, by the kernel */
    uint64_t traces;               /* pieces of a hardware trace */
    uint64_t trace_errors;         /* places where perf could not decode one */
    uint64_t cut_bytes;            /* at the end, of a record that is not whole */
    uint32_t events;               /* that have samples, which all count alike */
};

/* Adds a line for each cause that there is to what `text` holds. */
void perf_left_out_describe(const struct perf_left_out *left_out, bool was_not_ended, char *text,
                            size_t size);

#endif
