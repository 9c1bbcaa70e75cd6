/*
 * reuse WAY DIRECTORY MILLISECONDS: plug-ins of DIRECTORY that are alike come and go in turns at
 * one address for that long, turns_one.so to work in its turns_front, turns_two.so in its
 * turns_back (plugins/turns.h).  They are closed by the dlclose that the program is linked with
 * ("linked"), or by libc's own, as libc closes its plug-ins ("libc").  Prints "done"; status 3:
 * they never got the same address.
 */
#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/programs/work.h"

#define TURN_MILLISECONDS 12

typedef int close_function(void *);

/* One turn.  The address at which the plug-in was, 0 where it cannot be loaded. */
static uintptr_t turn(const char *path, const char *function, close_function *close)
{
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    uintptr_t address;
    unsigned (*work)(int);

    if (!handle)
        return 0;
    address = ((struct link_map *)handle)->l_addr;
    *(void **)&work = dlsym(handle, function);
    work(TURN_MILLISECONDS);
    close(handle);
    return address;
}

int main(int argc, char **argv)
{
    char one[4096], two[4096];
    close_function *close = dlclose;
    int64_t end;
    int reused = 0;

    if (argc < 4)
        return 2;
    if (strcmp(argv[1], "libc") == 0)
        *(void **)&close = dlsym(dlopen("libc.so.6", RTLD_NOW), "dlclose");
    snprintf(one, sizeof(one), "%s/turns_one.so", argv[2]);
    snprintf(two, sizeof(two), "%s/turns_two.so", argv[2]);
    end = work_clock_ms() + atoi(argv[3]);
    do {
        uintptr_t first = turn(one, "turns_front", close);
        if (!first)
            return 1;
        reused += turn(two, "turns_back", close) == first;
    } while (work_clock_ms() < end);
    if (!reused)
        return 3;
    puts("done");
    return 0;
}
