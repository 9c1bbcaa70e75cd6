#include "bolt-bridge/process/service.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define POLL_NANOSECONDS 20000000L
/* How long a server may take to end once it was asked to. */
#define STOP_SECONDS 10.0

static double seconds_now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static bool accepts_connections(unsigned port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0)
        return false;
    bool connected = connect(descriptor, (struct sockaddr *)&address, sizeof(address)) == 0;
    close(descriptor);
    return connected;
}

static bool run_shell(const char *command, const char *output, const char *errors, double timeout,
                      struct process_result *result, struct error *error)
{
    char *arguments[] = {"sh", "-c", (char *)command, NULL};
    struct process process = {.path = "/bin/sh",
                              .arguments = arguments,
                              .output_file = output,
                              .error_file = errors,
                              .timeout = timeout};
    return process_run(&process, result, error);
}

static bool is_ready(const struct service *service, double left, bool *ready, struct error *error)
{
    struct process_result result;

    if (service->ready_command) {
        if (!run_shell(service->ready_command, NULL, NULL, left, &result, error))
            return false;
        *ready = process_succeeded(&result);
    } else {
        *ready = service->ready_port == 0 || accepts_connections(service->ready_port);
    }
    return true;
}

/* False with ERROR_WORKLOAD_FAILED where it ended or does not get ready. */
static bool wait_until_ready(const struct process *server, const struct service *service,
                             struct error *error)
{
    const struct timespec pause = {.tv_nsec = POLL_NANOSECONDS};
    double deadline = seconds_now() + service->ready_timeout;
    bool ready = false;

    for (;;) {
        if (process_has_ended(server)) {
            error_set(error, ERROR_WORKLOAD_FAILED, server->arguments[0],
                      "the server ended before it was ready");
            return false;
        }
        double left = deadline - seconds_now();
        if (left <= 0) {
            error_set(error, ERROR_WORKLOAD_FAILED, server->arguments[0],
                      "the server was not ready after %.0f s (%s)", service->ready_timeout,
                      service->ready_command ? service->ready_command
                                             : "no connection to its port on 127.0.0.1");
            return false;
        }
        if (!is_ready(service, left, &ready, error) || process_interrupted(error))
            return false;
        if (ready)
            return true;
        nanosleep(&pause, NULL);
    }
}

/* Adds what the server said last, which tells more than that it failed. */
static void quote_server(const struct process *server, struct error *error)
{
    char tail[1024], detail[sizeof(error->detail)];

    if (error->code != ERROR_WORKLOAD_FAILED || !server->error_file)
        return;
    process_quote_tail(server->error_file, 6, tail, sizeof(tail));
    if (!*tail)
        return;
    snprintf(detail, sizeof(detail), "%.2048s; it said:%s", error->detail, tail);
    error_set(error, ERROR_WORKLOAD_FAILED, server->arguments[0], "%s", detail);
}

bool service_run(struct process *server, const struct service *service, const char *load_output,
                 const char *load_errors, struct process_result *result, struct error *error)
{
    struct process_result load = {0};
    struct error stop_error;

    if (service->ready_port && accepts_connections(service->ready_port)) {
        error_set(error, ERROR_WORKLOAD_FAILED, server->arguments[0],
                  "another program answers at 127.0.0.1:%u already", service->ready_port);
        return false;
    }
    if (!process_start(server, error))
        return false;
    bool done = wait_until_ready(server, service, error) &&
                run_shell(service->load_command, load_output, load_errors, service->load_timeout,
                          &load, error);
    bool ended_early = process_has_ended(server);
    if (!process_stop(server, STOP_SECONDS, result, done ? error : &stop_error))
        return false;
    if (!done) {
        quote_server(server, error);
        return false;
    }
    if (ended_early) /* it crashed, or gave up, under the load: its own end tells */
        return true;
    result->exit_status = load.exit_status;
    result->signal = load.signal;
    result->timed_out = load.timed_out;
    return true;
}
