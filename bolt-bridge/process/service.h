/*
 * Running a server for a while: started, waited for until it is ready, given a
 * bounded load by a command, and asked to end.  All traffic is that of the load
 * command; we ourselves connect to 127.0.0.1 only.
 */
#ifndef BOLT_BRIDGE_PROCESS_SERVICE_H
#define BOLT_BRIDGE_PROCESS_SERVICE_H

#include <stdbool.h>

#include "analyzer/base/error.h"
#include "bolt-bridge/process/run.h"

/* All strings are borrowed.  Command lines are for /bin/sh. */
struct service {
    const char *load_command;
    const char *ready_command; /* succeeds when the server can be used; NULL */
    unsigned ready_port;       /* or: it accepts connections to this port; 0 */
    double ready_timeout;      /* seconds that it may take to get ready */
    double load_timeout;       /* seconds that the load may take */
};

/*
 * Runs `server` (filled in as for process_start, its output files included) under
 * the load.  `result` is the server's: CPU time, memory, and elapsed time from
 * start to end; but the way it ended is the load command's, unless the server
 * ended before it was asked to.  `load_output` and `load_errors` get what the
 * load command prints.  Whatever happens, no process is left.  Errors: ERROR_WORKLOAD_FAILED
 * about the server (it ended at once, or never got ready), those of process_run.
 */
bool service_run(struct process *server, const struct service *service, const char *load_output,
                 const char *load_errors, struct process_result *result, struct error *error);

#endif
