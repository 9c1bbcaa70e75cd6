/* The constructor, fork and the end. */
#include <pthread.h>
#include <stdlib.h>

#include "shim/core/ground/log.h"
#include "shim/core/ground/notes.h"
#include "shim/core/ground/places.h"
#include "shim/core/ground/system_call.h"
#include "shim/core/ground/text.h"
#include "shim/core/settings/settings.h"
#include "shim/preload/core_objects.h"
#include "shim/preload/preload.h"
#include "shim/preload/signal_stacks.h"
#include "shim/preload/signals.h"
#include "shim/preload/unsuited.h"
#include "shim/preload/waiting.h"

static void refuse(const char *why)
{
    if (!why[0])
        return; /* not even that may be said */
    log_line("not profiled: %s", why);
    notes_add(NULL, why);
}

/* --- fork and the end ------------------------------------------------------------------ */

static void fork_begin(void)
{
    const struct core_interface *core = preload_core();
    if (core)
        core->fork_begin();
}

static void fork_end_parent(void)
{
    const struct core_interface *core = preload_core();
    if (core)
        core->fork_end_parent();
}

static void fork_end_child(void)
{
    const struct core_interface *core = preload_core();
    if (core)
        core->fork_end_child();
}

__attribute__((destructor)) static void preload_end(void)
{
    const struct core_interface *core = preload_core();
    if (core)
        core->end();
}

/* Programs change their arguments as they read them, before the core does. */
static char command_line[1024];

static void command_line_join(int count, char **arguments)
{
    size_t length = 0;

    for (int i = 0; i < count && length + 1 < sizeof(command_line); i++)
        length += text_print(command_line + length, sizeof(command_line) - length, "%s%s",
                             i ? " " : "", arguments[i]);
}

/* --- the start -------------------------------------------------------------------------- */

__attribute__((constructor)) static void preload_start(int argument_count, char **arguments)
{
    static struct settings settings;
    static struct core_host host;
    char why[1024];

    log_start(getenv(LOG_VARIABLE));
    notes_start(getenv(NOTES_VARIABLE));
    settings_read(&settings);
    if (unsuited(why, sizeof(why))) {
        refuse(why);
        return;
    }
    command_line_join(argument_count, arguments);
    host = (struct core_host){.command_line = command_line,
                              .arguments = arguments,
                              .settings = &settings,
                              .log_place = log_place(),
                              .notes_place = notes_place(),
                              .last_object = core_objects_prepare(),
                              .heap_start = (uint64_t)system_call(SYS_brk, 0),
                              .places = places_area(&host, 1),
                              .forward_signal = signals_forward};
    places_use(places_area(&host, 0));
    signals_note_inherited();
    waiting_begin(&host);
    if (!preload_core())
        return;
    pthread_atfork(fork_begin, fork_end_parent, fork_end_child);
    handlers_adopt();
}
