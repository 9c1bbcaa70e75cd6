#include "shim/core/store/disk.h"

#include <linux/fs.h>
#include <stdint.h>
#include <sys/vfs.h>

#include "shim/core/ground/system_call.h"
#include "shim/core/ground/text.h"

/* Of statfs(2): file systems that copy on write, or may lie over one that does. */
#define BTRFS 0x9123683eu
#define BCACHEFS 0xca451a4eu
#define NILFS 0x3434u
#define UBIFS 0x24051905u
#define OVERLAY 0x794c7630u

enum habit { IN_PLACE, COPIES, UNKNOWN };

static enum habit habit_of(int descriptor)
{
    struct statfs system = {0};

    if (system_call(SYS_fstatfs, descriptor, &system) != 0)
        return IN_PLACE;
    switch ((uint32_t)system.f_type) {
    case BTRFS:
    case BCACHEFS:
    case NILFS:
    case UBIFS:
        return COPIES;
    case OVERLAY:
        return UNKNOWN;
    default:
        return IN_PLACE;
    }
}

static bool has_switch(int descriptor, int *flags)
{
    *flags = 0;
    return system_call(SYS_ioctl, descriptor, FS_IOC_GETFLAGS, flags) == 0;
}

static bool refuse(char *why, size_t size)
{
    text_print(why, size,
               "its disk copies on write: a full one would end the program (-o elsewhere)");
    return false;
}

bool disk_begin_in_place(int descriptor, char *why, size_t size)
{
    enum habit habit = habit_of(descriptor);
    int flags;

    if (habit == IN_PLACE)
        return true;
    if (has_switch(descriptor, &flags)) {
        flags |= FS_NOCOW_FL;
        if (system_call(SYS_ioctl, descriptor, FS_IOC_SETFLAGS, &flags) == 0)
            return true;
    }
    return habit == UNKNOWN || refuse(why, size);
}

bool disk_is_in_place(int descriptor, char *why, size_t size)
{
    int flags;

    return habit_of(descriptor) != COPIES ||
           (has_switch(descriptor, &flags) && flags & FS_NOCOW_FL) || refuse(why, size);
}
