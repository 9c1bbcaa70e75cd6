#include "shim/core/ground/descriptor.h"

#include <errno.h>
#include <fcntl.h>

#include "shim/core/ground/system_call.h"

/* Below the 64 that every table of descriptors has: a larger table is waited for by threads. */
#define FIRST_NUMBER 48

long descriptor_move_away(long descriptor, bool (*is_ours)(long descriptor))
{
    long moved;

    if (descriptor < 0 || descriptor >= FIRST_NUMBER)
        return descriptor;
    moved = system_call(SYS_fcntl, descriptor, F_DUPFD_CLOEXEC, FIRST_NUMBER);
    if (moved < 0)
        return moved == -EBADF ? moved : descriptor;
    if (is_ours && !is_ours(moved)) {
        system_call(SYS_close, moved);
        return -EBADF;
    }
    system_call(SYS_close, descriptor);
    return moved;
}
