#include "shim/record/reasons.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pgoshim/raw.h"
#include "shim/core/ground/notes.h"
#include "shim/record/say.h"

#define MOST_NOTES 4      /* said */
#define LONGEST_NOTE 1500 /* bytes of a line */
#define LITTLE_CPU_S 0.05 /* less than this may well hold no sample */

/* --- the file for notes ------------------------------------------------------------ */

void reasons_begin(struct outcome *outcome)
{
    const char *temporary = getenv("TMPDIR");
    const char *const directories[] = {"/tmp", temporary ? temporary : "/var/tmp"};
    int descriptor = -1;

    *outcome = (struct outcome){0};
    /* Processes of other users write there too, so /tmp first; they may not read. */
    for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]) && descriptor < 0; i++) {
        int length = snprintf(outcome->notes, sizeof(outcome->notes), "%s/pgo-record-XXXXXX",
                              directories[i]);
        if ((size_t)length < sizeof(outcome->notes))
            descriptor = mkostemp(outcome->notes, O_CLOEXEC);
    }
    if (descriptor < 0 || fchmod(descriptor, 0622) != 0 ||
        setenv(NOTES_VARIABLE, outcome->notes, 1) != 0)
        outcome->notes[0] = '\0';
    if (descriptor >= 0)
        close(descriptor);
}

void reasons_end(struct outcome *outcome)
{
    if (outcome->notes[0])
        unlink(outcome->notes);
    outcome->notes[0] = '\0';
}

/* --- what to do about it ------------------------------------------------------------- */

static const char *remedy_of(const char *reason)
{
    static const struct {
        const char *part, *remedy;
    } remedies[] = {
        {"File name too long", "a shorter name for the output (-o)"},
        {"copies on write", "an output (-o) on another disk, or more space on that one"},
        {"created", "an output (-o) in a directory that the process's user may write to"},
        {"LD_PRELOAD",
         "env -i, sudo, su and ssh clean the environment: run pgo-record behind them, "
         "or record with -p while it runs"},
        {"linked", "make it the command that pgo-record runs, or record it with -p while it runs"},
        {"no library", "make it the command that pgo-record runs, or record it with -p"},
        {"AddressSanitizer", "make it the command that pgo-record runs, or record it with -p"},
        {"libpgoshim.so is not there", "run pgo-record there, or record with -p while it runs"},
        {"set-user-ID", "record it with -p while it runs, or have a copy without that bit started"},
        {"traces", "record it without the tracer"},
        {"filter", "record it with -p while it runs"},
        {"core", "make sure that the core's libraries (ldd libpgoshim-core.so) are those it was "
                 "built with"},
        {"debugs", "record it without the tracer"},
        {"ulimit", "raise the limit on file size"},
    };
    for (size_t i = 0; i < sizeof(remedies) / sizeof(remedies[0]); i++)
        if (strstr(reason, remedies[i].part))
            return remedies[i].remedy;
    return "see what was chosen, and why, with -v";
}

/* --- notes ------------------------------------------------------------------------------ */

struct note {
    char text[LONGEST_NOTE]; /* of the line: number, program and reason, each ended */
    const char *program, *reason;
};

/* Parts a line; what others wrote into it must not reach a terminal as commands. */
static bool note_read(struct note *note, FILE *stream)
{
    char *program, *reason;

    if (!fgets(note->text, sizeof(note->text), stream))
        return false;
    *strchrnul(note->text, '\n') = '\0';
    note->program = note->reason = "";
    program = strchr(note->text, '\t');
    reason = program ? strchr(program + 1, '\t') : NULL;
    if (!reason)
        return true;
    for (char *at = note->text; *at; at++)
        if (((unsigned char)*at < ' ' || *at == 0x7f) && at != program && at != reason)
            *at = '?';
    *program = *reason = '\0';
    note->program = program + 1;
    note->reason = reason + 1;
    return true;
}

/* The first few of different programs and reasons. */
bool reasons_notes_say(const struct outcome *outcome)
{
    static struct note notes[MOST_NOTES + 1]; /* the last: what is one too many */
    FILE *stream = outcome->notes[0] ? fopen(outcome->notes, "re") : NULL;
    unsigned count = 0, more = 0;

    while (stream && note_read(&notes[count], stream)) {
        bool known = !*notes[count].reason;
        for (unsigned i = 0; i < count; i++)
            known = known || (strcmp(notes[i].program, notes[count].program) == 0 &&
                              strcmp(notes[i].reason, notes[count].reason) == 0);
        if (count < MOST_NOTES)
            count += !known;
        else
            more += !known;
    }
    if (stream)
        fclose(stream);
    for (unsigned i = 0; i < count; i++)
        record_say("not recorded: %s (process %s): %s\n  remedy: %s", notes[i].program,
                   notes[i].text, notes[i].reason, remedy_of(notes[i].reason));
    if (more)
        record_say("and %u more", more);
    return count != 0;
}

/* --- the rest --------------------------------------------------------------------------- */

void reasons_command_ended(struct outcome *outcome, int status, const struct rusage *usage)
{
    outcome->is_command = true;
    outcome->status = status;
    outcome->cpu_s = (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) +
                     (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) / 1e6;
}

/* The number of a process's parent; 0: it is gone. */
static long parent_of(const char *process)
{
    char path[64], text[512];
    const char *name_end;
    FILE *stream;
    size_t length = 0;

    snprintf(path, sizeof(path), "/proc/%.20s/stat", process);
    stream = fopen(path, "re");
    if (stream) {
        length = fread(text, 1, sizeof(text) - 1, stream);
        fclose(stream);
    }
    text[length] = '\0';
    name_end = strrchr(text, ')'); /* ") S 1 …" */
    return name_end && strlen(name_end) > 4 ? strtol(name_end + 4, NULL, 10) : 0;
}

static bool list_has(const char *list, long number)
{
    char *end;

    for (const char *at = list; *at; at = *end ? end + 1 : end) {
        if (strtol(at, &end, 10) == number && end != at)
            return true;
        if (end == at)
            return false;
    }
    return false;
}

void reasons_attached(struct outcome *outcome, const char *processes, double cpu_s)
{
    DIR *directory = opendir("/proc");
    struct dirent *entry;

    outcome->cpu_s = cpu_s;
    snprintf(outcome->attached, sizeof(outcome->attached), "%s", processes);
    while (directory && (entry = readdir(directory))) {
        size_t length = strlen(outcome->children);
        long parent;
        if (!isdigit((unsigned char)entry->d_name[0]) ||
            length + strlen(entry->d_name) + 2 > sizeof(outcome->children) ||
            list_has(processes, strtol(entry->d_name, NULL, 10)))
            continue;
        parent = parent_of(entry->d_name);
        if (parent && list_has(processes, parent))
            snprintf(outcome->children + length, sizeof(outcome->children) - length, "%s%.20s",
                     length ? "," : "", entry->d_name);
    }
    if (directory)
        closedir(directory);
}

/* The reason for which most samples were dropped; NULL: none were. */
static const char *drop_find(const uint64_t *counters, uint64_t *most)
{
    static const struct {
        int counter;
        const char *identifier, *text;
    } all[] = {
#define COUNTER(number, identifier, text) {number, #identifier, text},
        PGORAW_COUNTERS(COUNTER)
#undef COUNTER
    };
    const char *found = NULL;

    *most = 0;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (strncmp(all[i].identifier, "DROP_", 5) != 0 || counters[all[i].counter] <= *most)
            continue;
        *most = counters[all[i].counter];
        found = all[i].text;
    }
    return found;
}

static void end_describe(const struct outcome *outcome, char *text, size_t size)
{
    if (WIFSIGNALED(outcome->status))
        snprintf(text, size, "was ended by signal %d (%s)", WTERMSIG(outcome->status),
                 strsignal(WTERMSIG(outcome->status)));
    else
        snprintf(text, size, "ended with status %d", WEXITSTATUS(outcome->status));
}

static void attached_say(const struct outcome *outcome)
{
    if (outcome->children[0])
        record_say(
            "no samples: process %s used %.2f s of CPU time; its children were there before, "
            "and are not recorded: %s\n  remedy: -p %s,%s",
            outcome->attached, outcome->cpu_s, outcome->children, outcome->attached,
            outcome->children);
    else
        record_say("no samples: process %s used %.2f s of CPU time\n  remedy: %s",
                   outcome->attached, outcome->cpu_s,
                   outcome->cpu_s < LITTLE_CPU_S ? "attach while it works, or for longer"
                                                 : "raise --budget or the rate (-F)");
}

void reasons_say(const struct outcome *outcome, const uint64_t *counters)
{
    uint64_t dropped;
    const char *drop = drop_find(counters, &dropped);
    char end[128];

    if (!outcome->is_command) {
        attached_say(outcome);
        return;
    }
    end_describe(outcome, end, sizeof(end));
    if (reasons_notes_say(outcome))
        record_say("no samples: the command used %.2f s of CPU time and %s", outcome->cpu_s, end);
    else if (drop)
        record_say("no samples: %llu: %s; the command used %.2f s of CPU time and %s\n"
                   "  remedy: a larger --budget, or run it longer",
                   (unsigned long long)dropped, drop, outcome->cpu_s, end);
    else if (outcome->cpu_s < LITTLE_CPU_S)
        record_say("no samples: the command used too little CPU time, %.3f s, and %s\n"
                   "  remedy: run it longer, raise the rate with -F, or, where a sandbox or a\n"
                   "  service works for it, run pgo-record inside of that",
                   outcome->cpu_s, end);
    else
        record_say("no samples: the command used %.2f s of CPU time and %s, and none of its "
                   "processes was reached\n  remedy: see what was chosen, and why, with -v",
                   outcome->cpu_s, end);
}
