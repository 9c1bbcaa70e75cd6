/*
 * core/pages/pages.h for recording from outside, in place of the core's own: no page of another
 * process can be read directly, so every read is a checked one.
 */
#include "shim/core/ground/memory.h"
#include "shim/core/pages/pages.h"

void pages_start(void) {}

bool pages_direct(struct pages *pages, uint64_t address)
{
    (void)pages;
    (void)address;
    return false;
}

void pages_mark_plain(struct pages *pages, uint64_t address)
{
    (void)pages;
    (void)address;
}

bool pages_read(struct pages *pages, void *to, uint64_t address, size_t size)
{
    (void)pages;
    return memory_read(to, address, size);
}
