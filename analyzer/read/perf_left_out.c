#include "analyzer/read/perf_left_out.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 3, 4))) static void add_line(char *text, size_t size,
                                                           const char *format, ...)
{
    va_list arguments;
    size_t used = strlen(text);
    int separator = used > 0 ? snprintf(text + used, size - used, "\n") : 0;
    used += (size_t)separator;
    if (used >= size)
        return;
    va_start(arguments, format);
    vsnprintf(text + used, size - used, format, arguments);
    va_end(arguments);
}

void perf_left_out_describe(const struct perf_left_out *left_out, bool was_not_ended, char *text,
                            size_t size)
{
    if (left_out->in_kernel > 0)
        add_line(text, size, "%" PRIu64 " samples in the kernel are left out", left_out->in_kernel);
    if (left_out->in_guests > 0)
        add_line(text, size,
                 "%" PRIu64 " samples in guests and hypervisors are left out: record inside of "
                 "the guest",
                 left_out->in_guests);
    if (left_out->without_address > 0)
        add_line(text, size, "%" PRIu64 " samples without an address are left out",
                 left_out->without_address);
    if (left_out->kernel_branches > 0)
        add_line(text, size, "%" PRIu64 " branches from or to the kernel are left out",
                 left_out->kernel_branches);
    if (left_out->empty_branches > 0)
        add_line(text, size, "%" PRIu64 " entries of branch stacks are empty",
                 left_out->empty_branches);
    if (left_out->named_branches > 0)
        add_line(text, size,
                 "%" PRIu64 " entries of branch stacks are names without addresses: print them "
                 "with perf script -F +brstack",
                 left_out->named_branches);
    if (left_out->lost > 0)
        add_line(text, size,
                 "%" PRIu64 " records were lost by the kernel: perf record -m 8M, or a lower -F",
                 left_out->lost);
    if (left_out->traces > 0)
        add_line(text, size,
                 "%" PRIu64 " pieces of a hardware trace are not decoded: perf inject "
                 "--itrace=i100usl64 -i FILE -o NEW makes samples of them",
                 left_out->traces);
    if (left_out->trace_errors > 0)
        add_line(text, size, "%" PRIu64 " times perf could not decode the hardware trace",
                 left_out->trace_errors);
    if (was_not_ended)
        add_line(text, size,
                 "perf record was not ended properly: %" PRIu64
                 " bytes at the end are no whole record, and there are no build-ids",
                 left_out->cut_bytes);
    else if (left_out->cut_bytes > 0)
        add_line(text, size, "%" PRIu64 " bytes at the end are no whole record",
                 left_out->cut_bytes);
    if (left_out->events > 1)
        add_line(text, size, "samples of %" PRIu32 " events count alike", left_out->events);
}
