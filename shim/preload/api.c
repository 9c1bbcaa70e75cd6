/* The public API: include/pgoshim/pgoshim.h, whose declarations are weak for its users. */
#include "shim/preload/preload.h"
#include "shim/preload/waiting.h"

int pgoshim_active(void);
void pgoshim_pause(void);
void pgoshim_resume(void);
void pgoshim_stop(void);

static void pause_set(bool paused)
{
    const struct core_interface *core = preload_core();
    if (core)
        core->pause(paused);
}

PRELOAD_EXPORT int pgoshim_active(void)
{
    return waiting_is_recorded();
}

PRELOAD_EXPORT void pgoshim_pause(void)
{
    pause_set(true);
}

PRELOAD_EXPORT void pgoshim_resume(void)
{
    pause_set(false);
}

PRELOAD_EXPORT void pgoshim_stop(void)
{
    const struct core_interface *core = preload_core();
    if (core)
        core->wind_down("it was asked for");
}
