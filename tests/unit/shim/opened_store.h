/*
 * A store in a file of its own, for tests of what writes into one.  The functions are static, as
 * those of cmocka's groups are.
 */
#ifndef TESTS_UNIT_SHIM_OPENED_STORE_H
#define TESTS_UNIT_SHIM_OPENED_STORE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "shim/core/store/chunks.h"
#include "shim/core/store/store.h"

static char opened_store_path[64];

/* `name` tells the file from those of other tests. */
static void opened_store_begin(const char *name)
{
    struct store_request request = {.pattern = opened_store_path,
                                    .size_limit = 1u << 20,
                                    .program = "/bin/test",
                                    .command_line = "test",
                                    .host = "host"};
    char why[2048];

    snprintf(opened_store_path, sizeof(opened_store_path), "/tmp/pgoshim-%s.%d", name,
             (int)getpid());
    if (!store_open(&request, why, sizeof(why)))
        fail_msg("store_open: %s", why);
}

/* 0, or what unlink() gives. */
static int opened_store_end(void)
{
    munmap(store_mapping.base, store_mapping.header->size_limit);
    memset(&store_mapping, 0, sizeof(store_mapping));
    return unlink(opened_store_path);
}

#endif
