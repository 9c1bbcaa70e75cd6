#include "shim/record/outside.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "shim/core/budget/governor.h"
#include "shim/core/ground/log.h"
#include "shim/core/ground/memory.h"
#include "shim/core/ground/system_call.h"
#include "shim/core/lookahead/vectors.h"
#include "shim/core/modules/image.h"
#include "shim/core/settings/settings.h"
#include "shim/core/store/store.h"
#include "shim/outside/session.h"
#include "shim/outside/stop.h"
#include "shim/record/command.h"
#include "shim/record/say.h"

#define NANOSECONDS 1000000000u
#define STACKS_OUTSIDE "1" /* call chains by frame pointers cost little */

/* --- what may stand in the way ---------------------------------------------------- */

/* The number after `key`, on the first line that begins with it.  False: there is none. */
static bool number_in_file(const char *path, const char *key, long *number)
{
    FILE *stream = fopen(path, "re");
    char line[256];
    bool found = false;

    while (stream && !found && fgets(line, sizeof(line), stream)) {
        char *end, *start = line + strlen(key);
        if (strncmp(line, key, strlen(key)) != 0)
            continue;
        *number = strtol(start, &end, 10);
        found = end != start;
    }
    if (stream)
        fclose(stream);
    return found;
}

static void refused_say(const char *what, int error)
{
    long paranoid = 0;

    if (error == EMFILE || error == ENFILE)
        record_say(
            "%s: its threads cannot be sampled: %s\n  remedy: ulimit -n: a descriptor a thread",
            what, strerror(error));
    else if (error != EACCES && error != EPERM)
        record_say("%s cannot be sampled: %s", what, strerror(error));
    else if (geteuid() != 0 &&
             number_in_file("/proc/sys/kernel/perf_event_paranoid", "", &paranoid) && paranoid > 2)
        record_say("%s may not be sampled: kernel.perf_event_paranoid is %ld\n"
                   "  remedy: sysctl kernel.perf_event_paranoid=2, or CAP_PERFMON",
                   what, paranoid);
    else
        record_say("%s may not be sampled (perf_event_open: %s)\n"
                   "  remedy: be its user or root; in a container: --cap-add=PERFMON, or a seccomp "
                   "profile that allows perf_event_open",
                   what, strerror(error));
}

static void invisible_say(pid_t process)
{
    char path[64], line[256];
    FILE *stream;
    size_t length = 0;

    snprintf(path, sizeof(path), "/proc/%d/maps", (int)process);
    stream = fopen(path, "re");
    if (stream)
        length = fread(line, 1, sizeof(line), stream);
    if (stream && length == 0 && !ferror(stream))
        record_say("process %d has no program of its own: it is ending, or part of the kernel",
                   (int)process);
    else if (stream && length)
        record_say("process %d is not a 64-bit x86 program that can be read\n"
                   "  remedy: be its user or root; in a container: --cap-add=SYS_PTRACE",
                   (int)process);
    else
        record_say("process %d may not be looked at\n"
                   "  remedy: be its user or root; in a container: --cap-add=SYS_PTRACE",
                   (int)process);
    if (stream)
        fclose(stream);
}

/* For look-ahead, which must stop threads and read their memory. */
static bool lookahead_check(pid_t process)
{
    long scope = 0;

    if (target_memory_readable(process))
        return true;
    if (geteuid() != 0 && number_in_file("/proc/sys/kernel/yama/ptrace_scope", "", &scope) && scope)
        record_say("process %d may not be looked ahead in: kernel.yama.ptrace_scope is %ld\n"
                   "  remedy: sysctl kernel.yama.ptrace_scope=0, or be root; or record without "
                   "branches: --branches off",
                   (int)process, scope);
    else
        record_say("process %d may not be looked ahead in: its memory may not be read\n"
                   "  remedy: be its user or root; in a container: --cap-add=SYS_PTRACE; or record "
                   "without branches: --branches off",
                   (int)process);
    return false;
}

/* --- the file --------------------------------------------------------------------------- */

static void command_line_read(pid_t process, char *line, size_t size)
{
    char path[64];
    FILE *stream;
    size_t length = 0;

    snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)process);
    stream = fopen(path, "re");
    if (stream) {
        length = fread(line, 1, size - 1, stream);
        fclose(stream);
    }
    while (length && line[length - 1] == '\0')
        length--;
    for (size_t i = 0; i < length; i++)
        if (line[i] == '\0')
            line[i] = ' ';
    line[length] = '\0';
}

/* Of the first process, whose program must have begun.  False: said. */
static bool file_open(const struct recording_session *session, const struct record_options *options,
                      const struct settings *settings, pid_t process)
{
    const char *branches = session->lookahead ? "lookahead" : "off";
    char program[1024] = "", command_line[1024], host[64] = "", why[2048];
    struct store_request request = {
        .pattern = options->absolute_pattern,
        .size_limit = settings->size_limit,
        .program = program,
        .command_line = command_line,
        .host = host,
        .period_ns = NANOSECONDS / settings->rate,
        .temporary_directory = settings->temporary_directory,
        .process = process,
    };
    struct pgoraw_header *header;
    struct image image;

    memory_use_process(process);
    if (!target_executable(process, &image, program, sizeof(program))) {
        invisible_say(process);
        return false;
    }
    gethostname(host, sizeof(host) - 1);
    command_line_read(process, command_line, sizeof(command_line));
    request.program_id = image_signature(&image, program);
    if (!store_open(&request, why, sizeof(why))) {
        record_say("%s", why);
        return false;
    }
    header = store_header();
    header->budget_ppm = (uint32_t)(settings->budget * 10000);
    header->shortest_period_ns = request.period_ns;
    header->sampler = PGORAW_SAMPLER_CPU_CLOCK;
    header->branch_source = session->lookahead ? PGORAW_BRANCHES_LOOKAHEAD : PGORAW_BRANCHES_OFF;
    header->stack_interval = settings->stack_interval;
    snprintf(header->why, sizeof(header->why),
             "sampling: perf_event software CPU clock, from outside, on %s\nbranches: %s\n",
             session->targets.by_cpu ? "all CPUs" : "its threads", branches);
    log_line("%s: up to %u samples a second; %s", store_path(), settings->rate, header->why);
    return true;
}

/* --- the run ---------------------------------------------------------------------------- */

static bool session_prepare(struct recording_session *session, const struct record_options *options,
                            struct settings *settings)
{
    if (options->branches && strcmp(options->branches, "auto") != 0 &&
        strcmp(options->branches, "lookahead") != 0 && strcmp(options->branches, "off") != 0 &&
        strcmp(options->branches, "compare") != 0) {
        record_say("--branches %s: from outside, lookahead and off are possible",
                   options->branches);
        return false;
    }
    options_export(options);
    if (!options->stacks)
        setenv("PGOSHIM_STACKS", STACKS_OUTSIDE, 0);
    log_start(getenv(LOG_VARIABLE));
    settings_read(settings);
    vectors_start();
    *session =
        (struct recording_session){.stack_interval = settings->stack_interval,
                                   .lookahead = settings->branches == SETTINGS_BRANCHES_LOOKAHEAD ||
                                                settings->branches == SETTINGS_BRANCHES_COMPARE,
                                   .compare = settings->branches == SETTINGS_BRANCHES_COMPARE};
    session->duration_ns = (uint64_t)(options->duration_s * NANOSECONDS);
    governor_start(settings->budget, NANOSECONDS / settings->rate, settings->window, 0, true);
    if (session->lookahead && !stop_allowed()) {
        record_say("threads may not be stopped (ptrace: %s)\n"
                   "  remedy: in a container: --cap-add=SYS_PTRACE; or --branches off",
                   strerror(errno));
        return false;
    }
    if (targets_open(&session->targets, settings->stack_interval != 0))
        return true;
    record_say("recording cannot begin: epoll_create1: %s", strerror(errno));
    return false;
}

static void costs_prepare(struct recording_session *session, const struct settings *settings)
{
    session->costs = costs_measure(NANOSECONDS / settings->rate, settings->stack_interval != 0);
    log_line("an event costs %llu ns when its clock expires; on a thread %llu ns a context switch, "
             "%llu while it pauses",
             (unsigned long long)session->costs.expiry_ns,
             (unsigned long long)session->costs.switch_ns,
             (unsigned long long)session->costs.paused_switch_ns);
}

/* Events on all CPUs where they are allowed, which cost least; else on threads. */
static void events_choose(struct recording_session *session)
{
    int result = targets_use_cpus(&session->targets, session->lookahead);

    if (result < 0)
        log_line("events on all CPUs: %s: on the threads instead", strerror(-result));
}

/* The signals that are blocked can be read from now on. */
static bool signals_collect(struct recording_session *session, const sigset_t *set)
{
    session->signals = signalfd(-1, set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (session->signals >= 0)
        return true;
    record_say("recording cannot begin: signalfd: %s", strerror(errno));
    return false;
}

/* Where nobody is to be passed a signal: those that end the recording. */
static bool ends_collect(struct recording_session *session)
{
    static const int ends[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP};
    sigset_t set;

    sigemptyset(&set);
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        sigaddset(&set, ends[i]);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signals_collect(session, &set);
}

static bool relay_collect(struct recording_session *session)
{
    sigset_t all;

    relay_begin(&session->relay);
    sigfillset(&all);
    return signals_collect(session, &all);
}

static bool process_check(const char *text, bool lookahead, pid_t *process)
{
    char path[64], *end;
    long number = strtol(text, &end, 10), group = 0, tracer = 0;

    if (*text == '\0' || *end != '\0' || number <= 0 || number > INT32_MAX) {
        record_say("-p %s: a process number is wanted", text);
        return false;
    }
    *process = (pid_t)number;
    snprintf(path, sizeof(path), "/proc/%ld/status", number);
    if (!number_in_file(path, "Tgid:", &group)) {
        record_say("no process %ld\n  remedy: pgrep NAME shows the numbers", number);
        return false;
    }
    number_in_file(path, "TracerPid:", &tracer);
    if (group == number && tracer && lookahead)
        record_say("process %ld is traced by process %ld\n"
                   "  remedy: end the debugger, or record without branches: --branches off",
                   number, tracer);
    if (group == number)
        return !(tracer && lookahead);
    record_say("%ld is a thread of process %ld\n  remedy: -p %ld records all of its threads",
               number, group, group);
    return false;
}

static bool processes_add(struct recording_session *session, const struct record_options *options,
                          const struct settings *settings)
{
    char *list = strdup(options->processes), *rest = list;
    bool good = list != NULL;

    for (const char *text; good && (text = strsep(&rest, ","));) {
        char name[64];
        pid_t process;
        int result = 0;

        good = process_check(text, session->lookahead, &process) &&
               (!session->lookahead || lookahead_check(process)) &&
               (store_header() || file_open(session, options, settings, process));
        if (good)
            result = targets_add_process(&session->targets, process);
        if (result < 0) {
            snprintf(name, sizeof(name), "process %d", (int)process);
            refused_say(name, -result);
            good = false;
        }
    }
    free(list);
    return good;
}

/* Where the budget went to switches, which nobody expects. */
static void switches_say(const struct recording_session *session,
                         const struct record_options *options)
{
    const uint64_t *counters = store_header()->counters;
    uint64_t switching = counters[PGORAW_COUNT_SWITCH_NANOSECONDS];
    uint64_t sampling =
        counters[PGORAW_COUNT_HANDLER_NANOSECONDS] + counters[PGORAW_COUNT_DELIVERY_NANOSECONDS];

    if (options->quiet || session->targets.by_cpu || switching <= sampling)
        return;
    record_say("%llu context switches took most of the budget (%llu ns each), and sampling paused "
               "for %.1f s\n  remedy: attach as root or with CAP_PERFMON, which costs nothing "
               "there; or a larger --budget",
               (unsigned long long)counters[PGORAW_COUNT_SWITCHES],
               (unsigned long long)session->costs.switch_ns,
               (double)counters[PGORAW_COUNT_PAUSED_NANOSECONDS] / NANOSECONDS);
}

int outside_attach(const struct record_options *options, struct outcome *outcome)
{
    struct settings settings;
    struct recording_session session = {.targets.epoll = -1};
    bool good = session_prepare(&session, options, &settings) && ends_collect(&session);

    if (good) {
        costs_prepare(&session, &settings);
        events_choose(&session);
        good = processes_add(&session, options, &settings);
    }
    if (good) {
        session_run(&session);
        switches_say(&session, options);
        reasons_attached(outcome, options->processes, (double)session.used_ns / NANOSECONDS);
    }
    if (store_header())
        store_process_leave();
    targets_close(&session.targets);
    return good ? 0 : RECORD_STATUS_ENVIRONMENT;
}

/* The session of a command that has its event and is about to run. */
static int command_record(struct recording_session *session, struct command *command,
                          const struct record_options *options, const struct settings *settings)
{
    bool held = command_execute(command), good;

    good = file_open(session, options, settings, command->process);
    if (good) {
        store_count(store_header(), PGORAW_COUNT_THREADS, 1);
        target_use(targets_find(&session->targets, command->process));
    }
    if (held)
        command_release(command);
    if (good) {
        session_run(session);
        switches_say(session, options);
    } else {
        relay_run(&session->relay);
    }
    if (good)
        store_process_leave();
    targets_close(&session->targets);
    return relay_exit_status(&session->relay);
}

int outside_run(const struct record_options *options, const char *program, struct relay *relay)
{
    struct settings settings;
    struct recording_session session = {.targets.epoll = -1};
    struct command command;
    int result;

    if (!session_prepare(&session, options, &settings) || !relay_collect(&session))
        return RECORD_STATUS_ENVIRONMENT;
    costs_prepare(&session, &settings);
    if (!command_fork(&command, program, options->command, &session.relay)) {
        record_say("%s was not started: %s", program, strerror(errno));
        return RECORD_STATUS_ENVIRONMENT;
    }
    session.relay.command = command.process;
    result = targets_add_command(&session.targets, command.process);
    if (result == 0) {
        result = command_record(&session, &command, options, &settings);
        *relay = session.relay;
        return result;
    }
    command_give_up(&command);
    refused_say(program, -result);
    return RECORD_STATUS_ENVIRONMENT;
}
