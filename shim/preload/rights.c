/*
 * Calls that change the process's user, its groups or its root.  What the core needs rights for is
 * done before, and its events are made anew afterwards: the kernel asks whether the user who opened
 * an event may send signals to the user that the process is now (kill(2) has the rule).
 *
 * Callers may be children that share their parent's memory (vfork): the core knows them.
 */
#include <errno.h>
#include <grp.h>
#include <sched.h>
#include <sys/fsuid.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "shim/preload/preload.h"
#include "shim/preload/rights.h"

#define LANDLOCK_RESTRICT_SELF 446 /* where the headers have it */

static const struct core_interface *core_here(void)
{
    return preload_stands_aside() ? NULL : preload_core();
}

void rights_begin(void)
{
    const struct core_interface *core = core_here();
    int saved_errno = errno;
    if (core)
        core->rights_will_change();
    errno = saved_errno;
}

void rights_end(void)
{
    const struct core_interface *core = core_here();
    int saved_errno = errno;
    if (core)
        core->rights_changed();
    errno = saved_errno;
}

bool rights_are_changed_by(long number)
{
    static const long numbers[] = {
        SYS_setuid,   SYS_setreuid,           SYS_setresuid, SYS_setfsuid,  SYS_setgid,
        SYS_setregid, SYS_setresgid,          SYS_setfsgid,  SYS_setgroups, SYS_capset,
        SYS_chroot,   SYS_pivot_root,         SYS_unshare,   SYS_setns,     SYS_mount,
        SYS_umount2,  LANDLOCK_RESTRICT_SELF,
    };
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        if (numbers[i] == number)
            return true;
    return false;
}

enum {
    SETUID,
    SETEUID,
    SETREUID,
    SETRESUID,
    SETFSUID,
    SETGID,
    SETEGID,
    SETREGID,
    SETRESGID,
    SETFSGID,
    SETGROUPS,
    INITGROUPS,
    CHROOT,
    UNSHARE,
    SETNS,
    CAPSET
};
static const char *const names[] = {"setuid",    "seteuid",  "setreuid",  "setresuid",
                                    "setfsuid",  "setgid",   "setegid",   "setregid",
                                    "setresgid", "setfsgid", "setgroups", "initgroups",
                                    "chroot",    "unshare",  "setns",     "capset"};
static void *slots[sizeof(names) / sizeof(names[0])];

#define CHANGES_RIGHTS(name, number, parameters, arguments)                                        \
    PRELOAD_EXPORT int name parameters                                                             \
    {                                                                                              \
        int(*next) parameters;                                                                     \
        int result;                                                                                \
        *(void **)&next = preload_next(&slots[number], names[number]);                             \
        rights_begin();                                                                            \
        result = next arguments;                                                                   \
        rights_end();                                                                              \
        return result;                                                                             \
    }

CHANGES_RIGHTS(setuid, SETUID, (uid_t user), (user))
CHANGES_RIGHTS(seteuid, SETEUID, (uid_t user), (user))
CHANGES_RIGHTS(setreuid, SETREUID, (uid_t real, uid_t effective), (real, effective))
CHANGES_RIGHTS(setresuid, SETRESUID, (uid_t real, uid_t effective, uid_t saved),
               (real, effective, saved))
CHANGES_RIGHTS(setfsuid, SETFSUID, (uid_t user), (user))
CHANGES_RIGHTS(setgid, SETGID, (gid_t group), (group))
CHANGES_RIGHTS(setegid, SETEGID, (gid_t group), (group))
CHANGES_RIGHTS(setregid, SETREGID, (gid_t real, gid_t effective), (real, effective))
CHANGES_RIGHTS(setresgid, SETRESGID, (gid_t real, gid_t effective, gid_t saved),
               (real, effective, saved))
CHANGES_RIGHTS(setfsgid, SETFSGID, (gid_t group), (group))
CHANGES_RIGHTS(setgroups, SETGROUPS, (size_t count, const gid_t *groups), (count, groups))
CHANGES_RIGHTS(initgroups, INITGROUPS, (const char *user, gid_t group), (user, group))
CHANGES_RIGHTS(chroot, CHROOT, (const char *path), (path))
CHANGES_RIGHTS(unshare, UNSHARE, (int flags), (flags))
CHANGES_RIGHTS(setns, SETNS, (int descriptor, int type), (descriptor, type))
int capset(void *header, const void *data); /* no header of libc's has it */
CHANGES_RIGHTS(capset, CAPSET, (void *header, const void *data), (header, data))
