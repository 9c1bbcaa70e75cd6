#include "shim/core/life/closing.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/ioctl.h>

#include "shim/core/ground/descriptor.h"
#include "shim/core/ground/log.h"
#include "shim/core/ground/system_call.h"
#include "shim/core/pages/pages.h"
#include "shim/core/store/chunks.h"
#include "shim/core/store/store.h"

/* Whether the number is open, and not of what we open while threads run: events, and our file. */
static bool is_applications(int number)
{
    uint64_t id;
    long result = system_call(SYS_ioctl, number, PERF_EVENT_IOC_ID, &id);

    if (result == -EBADF)
        return false;
    return !descriptors_in_use() || (result != 0 && !store_is_file_of(number));
}

void closing_of(int number)
{
    if (!is_applications(number))
        closing_of_unknown();
}

void closing_of_unknown(void)
{
    if (pages_process_is_alone())
        return;
    store_grow_in_place();
    log_line("no descriptor is opened any more: the application closes what it does not know");
    descriptors_forbid();
}
