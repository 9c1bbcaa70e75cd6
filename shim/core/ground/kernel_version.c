#include "shim/core/ground/kernel_version.h"

#include <sys/utsname.h>

#include "shim/core/ground/system_call.h"
#include "shim/core/ground/text.h"

bool kernel_timers_spare_system_calls(void)
{
    const unsigned long wanted[] = {5, 10};
    struct utsname kernel = {0};
    const char *next = kernel.release;

    if (system_call(SYS_uname, &kernel) != 0)
        return false;
    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        unsigned long number = text_number(next, &next);
        if (number != wanted[i])
            return number > wanted[i];
        next += *next == '.';
    }
    return true;
}
