/*
 * The raw profile (*.pgoraw): what the shim writes and the analyzer reads, and
 * the only thing the two share.  Either side may include this header; it
 * declares a layout and nothing that runs.
 *
 * The file is mapped MAP_SHARED by the recorded process, by its forked
 * children, and by any process that joins it through a %m pattern.  All of
 * them add to it with atomic operations, and nobody ever finalises it: it is
 * complete at every instant, so a killed process loses nothing.
 *
 *   +--------------------+ 0
 *   | struct pgoraw_     |   counters, chunk directory, who was recorded
 *   | header             |
 *   +--------------------+ PGORAW_HEADER_SIZE
 *   | chunk              |   an array of entries of one kind
 *   +--------------------+
 *   | chunk ...          |   later chunks of a kind carry on its entries
 *   +--------------------+ header.used_size   (<= header.reserved_size)
 *
 * All integers are little-endian.  A reader takes the entries of one kind from
 * all of its chunks, in directory order.  It skips kinds that it does not know
 * and entries whose state is not PGORAW_READY: those are free, or their writer
 * died while it filled them in.  Two entries may carry the same key (they were
 * added at the same moment): their counts belong together.
 */
#ifndef PGOSHIM_RAW_H
#define PGOSHIM_RAW_H

#include <stdint.h>

#define PGORAW_MAGIC "PGORAW\x1a\n" /* 8 bytes, without a terminating NUL */
#define PGORAW_VERSION 1u
#define PGORAW_HEADER_SIZE 8192u
#define PGORAW_MAX_CHUNKS 64u
#define PGORAW_MAX_COUNTERS 64u

/* Bytes that a file may grow to unless the user asks for another limit. */
#define PGORAW_DEFAULT_LIMIT (16u << 20)

/*
 * A location is a place in code, in its module's own address space: the module
 * number (1 = first module entry) above the link-time virtual address.  It
 * therefore means the same in every process whatever the load address was.
 * Module 0 is code outside every module (JIT, vdso); its address is absolute.
 */
#define PGORAW_ADDRESS_BITS 48
#define PGORAW_ADDRESS_MASK ((UINT64_C(1) << PGORAW_ADDRESS_BITS) - 1)
#define PGORAW_LOCATION(module, address)                                                           \
    (((uint64_t)(module) << PGORAW_ADDRESS_BITS) | ((uint64_t)(address) & PGORAW_ADDRESS_MASK))
#define PGORAW_MODULE(location) ((uint32_t)((location) >> PGORAW_ADDRESS_BITS))
#define PGORAW_ADDRESS(location) ((location) & PGORAW_ADDRESS_MASK)
#define PGORAW_MAX_MODULES 65535u

#define PGORAW_LOCATION_NONE UINT64_C(0)
/* Outermost frame of a call stack whose remaining callers are not known. */
#define PGORAW_LOCATION_TRUNCATED UINT64_C(1)

enum pgoraw_state {
    PGORAW_EMPTY = 0,
    PGORAW_BUSY = 1, /* being filled in, or abandoned by a process that died */
    PGORAW_READY = 2,
};

/* What made the samples happen: the rungs of the sampling ladder, best first. */
enum pgoraw_sampler {
    PGORAW_SAMPLER_NONE = 0,
    PGORAW_SAMPLER_HARDWARE_BRANCHES = 1, /* CPU cycles with a branch stack (LBR, BRBE) */
    PGORAW_SAMPLER_HARDWARE = 2,          /* CPU cycles */
    PGORAW_SAMPLER_CPU_CLOCK = 3,         /* the kernel's software CPU clock */
    PGORAW_SAMPLER_POSIX_TIMER = 4,       /* timer_create on each thread's CPU-time clock */
};

/* What told which branches the thread takes around a sample. */
enum pgoraw_branch_source {
    PGORAW_BRANCHES_OFF = 0,       /* sampled addresses only */
    PGORAW_BRANCHES_HARDWARE = 1,  /* the CPU's branch stack */
    PGORAW_BRANCHES_LOOKAHEAD = 2, /* emulation ahead of the sample */
    PGORAW_BRANCHES_STEP = 3,      /* single-stepping after the sample */
    PGORAW_BRANCHES_UNKNOWN = 4,   /* counts of another program, which does not tell */
};

/* Number, identifier, text.  Numbers are for ever; new counters go to the end. */
#define PGORAW_COUNTERS(X)                                                                         \
    X(0, SAMPLES, "samples taken")                                                                 \
    X(1, WINDOWS, "branch windows")                                                                \
    X(2, BRANCHES, "taken branches in windows")                                                    \
    X(3, INSTRUCTIONS, "instructions looked at")                                                   \
    X(4, STACKS, "call stacks")                                                                    \
    X(5, STACKS_TRUNCATED, "call stacks cut short")                                                \
    X(6, HANDLER_NANOSECONDS, "nanoseconds in the sample handler")                                 \
    X(7, DECODED, "instructions decoded")                                                          \
    X(8, MEMORY_FETCHES, "checked memory reads")                                                   \
    X(9, THREADS, "threads sampled")                                                               \
    X(10, PROCESSES, "processes sampled")                                                          \
    X(11, DELIVERY_NANOSECONDS, "nanoseconds reckoned for the delivery of samples")                \
    X(12, START_NANOSECONDS, "nanoseconds of CPU time that loading the recorder took")             \
    X(13, RESERVED_13, "reserved")                                                                 \
    X(14, RESERVED_14, "reserved")                                                                 \
    X(15, RESERVED_15, "reserved")                                                                 \
    X(16, DROP_REENTRY, "dropped: a sample was being taken")                                       \
    X(17, DROP_TOO_SOON, "dropped: too soon after the sample before")                              \
    X(18, DROP_FRAME, "dropped: the signal frame is behind a protection key")                      \
    X(19, DROP_TABLE_FULL, "branches dropped: file limit reached")                                 \
    X(20, DROP_CANNOT_GROW, "branches dropped: file could not grow")                               \
    X(21, DROP_MODULES, "samples outside every known module")                                      \
    X(22, DROP_STACK_TABLE, "call stacks dropped: table full")                                     \
    X(23, DROP_STACK_BUSY, "call stacks skipped: another thread was unwinding")                    \
    X(24, DROP_THREAD, "threads not sampled: no timer or memory for them")                         \
    X(25, DROP_PAUSED, "samples while paused")                                                     \
    X(26, DROP_STEP_BUSY, "dropped: a window was still being stepped")                             \
    X(27, DROP_BUDGET, "dropped: the budget was used up")                                          \
    X(28, DROP_RING_FULL, "dropped: the kernel's buffer was full")                                 \
    X(29, DROP_NOT_STOPPED, "dropped: the thread had left user code")                              \
    X(30, RESERVED_30, "reserved")                                                                 \
    X(31, RESERVED_31, "reserved")                                                                 \
    X(32, STOP_BRANCH_LIMIT, "windows ended: branch limit")                                        \
    X(33, STOP_INSTRUCTION_LIMIT, "windows ended: instruction limit")                              \
    X(34, STOP_SYSTEM_CALL, "windows ended: system call")                                          \
    X(35, STOP_UNKNOWN_BRANCH, "windows ended: branch on an unknown value")                        \
    X(36, STOP_UNKNOWN_ADDRESS, "windows ended: store to an unknown address")                      \
    X(37, STOP_UNSUPPORTED, "windows ended: unsupported instruction")                              \
    X(38, STOP_FAULT, "windows ended: the program would fault")                                    \
    X(39, STOP_STORES_FULL, "windows ended: memory buffer full")                                   \
    X(40, STOP_NO_MODULE, "windows ended: code outside modules")                                   \
    X(41, STOP_DECODE, "windows ended: undecodable code")                                          \
    X(42, COMPARED, "windows compared with single-stepping")                                       \
    X(43, COMPARED_PATH_WRONG, "compared: wrong path")                                             \
    X(44, COMPARED_VALUE_WRONG, "compared: right path, wrong register or flag")                    \
    X(45, WINDOWS_WEIGHED, "windows weighed by enough others before them")                         \
    X(46, SWITCHES, "context switches of threads with an event of ours")                           \
    X(47, SWITCH_NANOSECONDS, "nanoseconds reckoned for clocks at context switches and in calls")  \
    X(48, PAUSED_NANOSECONDS, "nanoseconds without sampling, to keep the budget")                  \
    X(49, THREADS_GIVEN_UP, "threads not sampled any more: switched to too often")                 \
    X(50, CONTEXT_BRANCHES, "taken branches whose callers are known")                              \
    X(51, CONTEXTS_FULL, "branches not counted by callers: file limit reached")                    \
    X(52, DROP_SYSTEM_CALL, "dropped: in a system call, where a timer's signal waits for its end") \
    X(53, THREADS_ON_TIMERS, "threads sampled by timers: perf_event would cost more")              \
    X(54, DROP_BLOCKED, "dropped: the signal of samples was blocked")                              \
    X(55, DROP_THREAD_BLOCK, "dropped: the thread's FS base is not libc's")                        \
    X(56, DROP_REPLACED, "branches dropped: through code that was gone")

enum pgoraw_counter {
#define PGORAW_COUNTER_ENUM(number, identifier, text) PGORAW_COUNT_##identifier = number,
    PGORAW_COUNTERS(PGORAW_COUNTER_ENUM)
#undef PGORAW_COUNTER_ENUM
};

enum pgoraw_chunk_kind {
    PGORAW_CHUNK_FREE = 0,
    PGORAW_CHUNK_MODULES = 1,  /* struct pgoraw_module */
    PGORAW_CHUNK_TRACES = 2,   /* struct pgoraw_trace */
    PGORAW_CHUNK_STACKS = 3,   /* struct pgoraw_stack_node */
    PGORAW_CHUNK_CONTEXTS = 4, /* struct pgoraw_context */
    PGORAW_CHUNK_ORIGINS = 5,  /* struct pgoraw_origin */
    PGORAW_CHUNK_CLAIMED = 0xffffffffu,
};

/* A directory slot.  `kind` is written last: until then the slot says FREE or CLAIMED. */
struct pgoraw_chunk {
    uint32_t kind;
    uint32_t entry_size;  /* bytes; readers step by it, so entries may grow in later versions */
    uint64_t offset;      /* bytes from the start of the file */
    uint64_t entry_count; /* entries that fit, whether used or not */
};

struct pgoraw_header {
    char magic[8];
    uint32_t version;
    uint32_t header_size;    /* PGORAW_HEADER_SIZE */
    uint64_t size_limit;     /* bytes that the file will never exceed */
    uint64_t reserved_size;  /* bytes with disk space behind them */
    uint64_t used_size;      /* bytes handed out to chunks, header included */
    uint32_t machine;        /* ELF e_machine of the recorded process; EM_NONE: not known */
    uint32_t sampler;        /* enum pgoraw_sampler */
    uint32_t branch_source;  /* enum pgoraw_branch_source */
    uint32_t stack_interval; /* samples from one call stack to the next; 0: no stacks */
    uint64_t period_ns;      /* CPU time between two samples of a thread, chosen last */
    uint64_t start_time_ns;  /* since the epoch */
    int32_t process_id;      /* of the process that made the file, in its own pid namespace */
    uint32_t processes_live; /* processes that map the file and have not exited normally */
    uint64_t program_id;     /* the %m signature: processes with another do not join */
    uint64_t counters[PGORAW_MAX_COUNTERS]; /* by enum pgoraw_counter */
    struct pgoraw_chunk chunks[PGORAW_MAX_CHUNKS];
    char program[1024];      /* absolute path of the executable, NUL-terminated */
    char command_line[1024]; /* arguments, separated by spaces, cut to fit */
    char host[64];
    char why[1024];              /* why this rung and this branch source: one line each */
    uint64_t shortest_period_ns; /* that the governor may choose; 0: not known */
    uint32_t budget_ppm;         /* millionths of CPU time that recording may take; 0: not known */
    uint32_t unused;
    uint8_t reserved[PGORAW_HEADER_SIZE - 5288];
};

#define PGORAW_MODULE_MAIN 1u     /* flags: the executable itself */
#define PGORAW_MODULE_PATH_CUT 2u /* flags: the path lost its beginning */

/* An executable or a shared object.  Its number is its position in the table, from 1. */
struct pgoraw_module {
    uint32_t state; /* enum pgoraw_state */
    uint32_t flags;
    uint64_t load_bias;   /* where it was first seen: run-time minus link-time address */
    uint64_t low_address; /* link-time address range of its loadable segments */
    uint64_t high_address;
    uint32_t build_id_size; /* bytes; 0: it has none */
    uint8_t build_id[32];
    uint8_t unused[4];
    char path[440]; /* NUL-terminated */
};

/* Unit of weights and of what they are made of: a weight of one. */
#define PGORAW_WEIGHT_ONE 65536u
/* Windows before the first that counts as PGORAW_COUNT_WINDOWS_WEIGHED. */
#define PGORAW_WEIGHED_AFTER 4000u

/* The run_length of a trace that is only a branch: the range after it is not known. */
#define PGORAW_NO_RUN UINT32_MAX

/*
 * A trace: one taken branch and the range, straight code, that followed it.
 *   from: the branch instruction, or PGORAW_LOCATION_NONE where the range begins
 *         at a sampled instruction.  The sum of those with one `to` is the
 *         number of samples at that address.
 *   to:   the branch's target: the first instruction of the range.
 *   run_length: bytes from `to` to the first byte of the last instruction of
 *         the range.  That is the next taken branch, or the last instruction
 *         known to be executed where the window ended.
 *   weighted: the sum of the weights of the windows that `count` came from.
 *         A weight says how many executions a window stands for, compared with
 *         others (docs/lookahead.md, Counts).
 *   starts, passes: what the recorder makes weights from; it alone reads them.
 * Entries of PGORAW_TRACE_UNWEIGHED_SIZE bytes end after `count`: all weights
 * are one.
 */
struct pgoraw_trace {
    uint64_t from;
    uint64_t to;
    uint32_t run_length;
    uint32_t state; /* enum pgoraw_state */
    uint64_t count;
    uint64_t weighted;  /* in 1/PGORAW_WEIGHT_ONE */
    uint64_t starts;    /* windows that began with this trace */
    uint64_t passes[2]; /* the share of all windows that later places owe it, in
                           1/PGORAW_WEIGHT_ONE: windows counted alike, and by their first weights */
};

#define PGORAW_TRACE_UNWEIGHED_SIZE 32u

/*
 * A node of the calling context tree.  Node numbers count from 1 over all
 * chunks of the kind; `parent` is the caller's node, 0 at the outermost frame.
 * `location` is the sampled instruction in the innermost frame and an address
 * inside the call instruction in all others.  A parent's number is not
 * necessarily smaller than its child's.
 */
struct pgoraw_stack_node {
    uint32_t parent;
    uint32_t state; /* enum pgoraw_state */
    uint64_t location;
    uint64_t count; /* samples whose innermost frame this is */
};

/*
 * How often a trace was taken under the same callers, in windows that began where
 * a call stack was taken: each call on the way adds a caller, each return takes
 * one away.  A window counts as long as its callers are certain, so these counts
 * are part of the traces' own, never more.
 *   callers: node of the innermost caller of the trace's range; 0: it has none.
 *            Where the branch is a call, that caller is the call itself.
 *   trace: number of the trace, from 1 over all chunks of the kind.
 * Both were there before this entry was.
 */
struct pgoraw_context {
    uint32_t callers;
    uint32_t trace;
    uint32_t state; /* enum pgoraw_state */
    uint32_t unused;
    uint64_t count;
    uint64_t weighted; /* of these, as the trace's; in 1/PGORAW_WEIGHT_ONE */
};

/*
 * A recording that merging put into the file: it is not to be added once more.  Files by the
 * recorder have none; they are known by what their header says of their beginning.
 */
struct pgoraw_origin {
    uint32_t state; /* enum pgoraw_state */
    uint32_t unused;
    uint64_t number; /* the recording's own, by chance no other's */
};

_Static_assert(sizeof(struct pgoraw_header) == PGORAW_HEADER_SIZE, "header layout");
_Static_assert(sizeof(struct pgoraw_module) == 512, "module layout");
_Static_assert(sizeof(struct pgoraw_trace) == 64, "trace layout");
_Static_assert(sizeof(struct pgoraw_stack_node) == 24, "stack layout");
_Static_assert(sizeof(struct pgoraw_context) == 32, "context layout");
_Static_assert(sizeof(struct pgoraw_origin) == 16, "origin layout");

#endif
