/*
 * exec and posix_spawn.  A program that the shim must not be preloaded into is started with
 * an environment without it, and a program that will not be recorded is noted for pgo-record.
 *
 * Callers may be children that share their parent's memory and stack (vfork): nothing here
 * allocates, and nothing outside the stack is written to.
 */
#include <errno.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shim/core/ground/notes.h"
#include "shim/core/ground/system_call.h"
#include "shim/core/ground/text.h"
#include "shim/preload/preload.h"
#include "shim/preload/signals.h"
#include "shim/program/fit.h"

#define OBJECT_NAME "libpgoshim.so"
#define VARIABLE "LD_PRELOAD="
#define LONGEST_PATH 1024
#define MOST_VARIABLES 65536 /* of an environment that is changed; others stay as they are */
#define LONGEST_LIST 4096    /* bytes of such a variable */

/* --- the functions that come next ------------------------------------------------- */

static void *slots[8];

enum {
    NEXT_EXECVE,
    NEXT_EXECV,
    NEXT_EXECVP,
    NEXT_EXECVPE,
    NEXT_FEXECVE,
    NEXT_EXECVEAT,
    NEXT_SPAWN,
    NEXT_SPAWNP
};

static const char *const names[] = {"execve",  "execv",    "execvp",      "execvpe",
                                    "fexecve", "execveat", "posix_spawn", "posix_spawnp"};

static void *next_of(int number)
{
    return preload_next(&slots[number], names[number]);
}

/* --- our entry in LD_PRELOAD -------------------------------------------------------- */

struct entry {
    char *const *variable; /* in the environment */
    const char *begin;     /* in its value; NULL: there is none */
    size_t length;
};

static struct entry entry_find(char *const *environment)
{
    struct entry entry = {0};

    for (char *const *at = environment; at && *at; at++) {
        if (strncmp(*at, VARIABLE, strlen(VARIABLE)) != 0)
            continue;
        for (const char *word = *at + strlen(VARIABLE); *word;) {
            size_t length = strcspn(word, ": "), name = strlen(OBJECT_NAME);
            if (length >= name && memcmp(word + length - name, OBJECT_NAME, name) == 0)
                return (struct entry){at, word, length};
            word += length;
            word += strspn(word, ": ");
        }
    }
    return entry;
}

/* Whether the object is there to be loaded: not after a change of root, or for another user. */
static __attribute__((noinline)) bool entry_can_be_read(const struct entry *entry)
{
    char path[LONGEST_PATH];

    if (entry->length >= sizeof(path) || !memchr(entry->begin, '/', entry->length))
        return true;
    memcpy(path, entry->begin, entry->length);
    path[entry->length] = '\0';
    return system_call(SYS_faccessat, AT_FDCWD, path, R_OK) == 0;
}

/* --- what becomes of a start --------------------------------------------------------- */

/* For which the dynamic linker preloads nothing that has a path, and says nothing; NULL: none. */
static const char *gained_rights(const char *program)
{
    uid_t user = (uid_t)system_call(SYS_geteuid);
    struct stat status;
    char capabilities[64];

    if (system_call(SYS_newfstatat, AT_FDCWD, program, &status, 0) != 0)
        return NULL;
    if ((status.st_mode & S_ISUID && status.st_uid != user) ||
        (status.st_mode & S_ISGID && status.st_mode & S_IXGRP &&
         status.st_gid != (gid_t)system_call(SYS_getegid)))
        return "is set-user-ID or set-group-ID: preloading is ignored for it";
    if (user != 0 && system_call(SYS_getxattr, program, "security.capability", capabilities,
                                 sizeof(capabilities)) > 0)
        return "has file capabilities: preloading is ignored for it";
    return NULL;
}

/* True: it is to be started without our entry. */
static __attribute__((noinline)) bool leaves_out(const char *program, const struct entry *entry)
{
    struct fit_facts facts;
    enum fit fit = fit_look(program, &facts);
    const char *rights;

    if (fit == FIT_STATIC || fit == FIT_NO_LIBRARIES || !fit_is_harmless(fit))
        notes_add(program, fit_text(fit));
    else if (!entry_can_be_read(entry))
        notes_add(program, "runs where libpgoshim.so is not there or cannot be read (another "
                           "root, another user)");
    else if ((rights = gained_rights(program)))
        notes_add(program, rights);
    return !fit_is_harmless(fit) || (fit != FIT_STATIC && !entry_can_be_read(entry));
}

typedef int start_function(void *request, char *const *environment);

/* What of LD_PRELOAD is left without the entry; "": nothing.  `list` has room for all of it. */
static void list_without(const struct entry *entry, char *list)
{
    const char *rest = entry->begin + entry->length;
    size_t before = (size_t)(entry->begin - *entry->variable);

    rest += strspn(rest, ": ");
    memcpy(list, *entry->variable, before);
    memcpy(list + before, rest, strlen(rest) + 1);
    if (strcmp(list, VARIABLE) == 0)
        list[0] = '\0';
}

/*
 * Starts with a copy of the environment that lacks the entry.  It takes as much of the stack as it
 * needs: that of the caller may be a few pages that were made for this call.
 */
static __attribute__((noinline)) int start_without(start_function *start, void *request,
                                                   char *const *environment,
                                                   const struct entry *entry)
{
    size_t size = strlen(*entry->variable) + 1, count = 0, kept = 0;
    char **copy, *list;

    while (environment[count])
        count++;
    if (count > MOST_VARIABLES || size > LONGEST_LIST)
        return start(request, environment);
    copy = __builtin_alloca((count + 1) * sizeof(*copy));
    list = __builtin_alloca(size);
    list_without(entry, list);
    for (size_t i = 0; i < count; i++) {
        if (environment + i != entry->variable)
            copy[kept++] = environment[i];
        else if (list[0])
            copy[kept++] = list;
    }
    copy[kept] = NULL;
    return start(request, copy);
}

/* Starts `program` by `start`, in an environment that suits it.  `program` NULL, "": not known. */
static int start_in(start_function *start, void *request, const char *program,
                    char *const *environment)
{
    struct entry entry;

    if (preload_stands_aside() || !program || !program[0])
        return start(request, environment);
    entry = entry_find(environment);
    if (entry.begin && leaves_out(program, &entry))
        return start_without(start, request, environment, &entry);
    if (!entry.begin && preload_core())
        notes_add(program, "was started without LD_PRELOAD: its environment was cleaned");
    return start(request, environment);
}

/* The same, with signals as the application has set them. */
static int start_suited(start_function *start, void *request, const char *program,
                        char *const *environment)
{
    struct signals_shown shown;
    int result, saved_errno;

    signals_show(&shown);
    result = start_in(start, request, program, environment);
    saved_errno = errno;
    signals_hide(&shown);
    errno = saved_errno;
    return result;
}

/* As execvp finds it; "" where it does not. */
static void program_find(const char *name, char path[LONGEST_PATH])
{
    const char *directories = getenv("PATH");
    size_t length = strlen(name);

    path[0] = '\0';
    if (strchr(name, '/') && length < LONGEST_PATH)
        memcpy(path, name, length + 1);
    if (strchr(name, '/') || length == 0)
        return;
    for (const char *at = directories ? directories : "/bin:/usr/bin"; at;) {
        const char *end = strchrnul(at, ':');
        if (text_print(path, LONGEST_PATH, "%.*s%s%s", (int)(end - at), at, end > at ? "/" : "",
                       name) < LONGEST_PATH &&
            system_call(SYS_faccessat, AT_FDCWD, path, X_OK) == 0)
            return;
        at = *end ? end + 1 : NULL;
    }
    path[0] = '\0';
}

/* --- exec ------------------------------------------------------------------------------ */

struct exec_request {
    const char *path;
    char *const *arguments;
    bool searches;          /* PATH */
    bool takes_environment; /* the function that was called does */
};

/* By the function that was called, unless that takes no environment and it is another one. */
static int exec_start(void *request, char *const *environment)
{
    const struct exec_request *exec = request;
    int (*with)(const char *, char *const *, char *const *);
    int (*plain)(const char *, char *const *);

    if (!exec->takes_environment && environment == environ) {
        *(void **)&plain = next_of(exec->searches ? NEXT_EXECVP : NEXT_EXECV);
        return plain(exec->path, exec->arguments);
    }
    *(void **)&with = next_of(exec->searches ? NEXT_EXECVPE : NEXT_EXECVE);
    return with(exec->path, exec->arguments, environment);
}

static __attribute__((noinline)) int exec_found(struct exec_request *request,
                                                char *const *environment)
{
    char program[LONGEST_PATH];

    program_find(request->path, program);
    return start_suited(exec_start, request, program, environment);
}

static int exec_suited(struct exec_request *request, char *const *environment)
{
    if (request->searches)
        return exec_found(request, environment);
    return start_suited(exec_start, request, request->path, environment);
}

PRELOAD_EXPORT int execve(const char *path, char *const arguments[], char *const environment[])
{
    struct exec_request request = {path, arguments, false, true};
    return exec_suited(&request, environment);
}

PRELOAD_EXPORT int execv(const char *path, char *const arguments[])
{
    struct exec_request request = {path, arguments, false, false};
    return exec_suited(&request, environ);
}

PRELOAD_EXPORT int execvp(const char *name, char *const arguments[])
{
    struct exec_request request = {name, arguments, true, false};
    return exec_suited(&request, environ);
}

PRELOAD_EXPORT int execvpe(const char *name, char *const arguments[], char *const environment[])
{
    struct exec_request request = {name, arguments, true, true};
    return exec_suited(&request, environment);
}

/* How many arguments the list has, without its end. */
static size_t list_count(va_list list)
{
    size_t count = 0;
    while (va_arg(list, char *))
        count++;
    return count;
}

/*
 * The arguments of an execl as an array on the caller's stack; with_environment: what comes
 * behind their end is put into `environment`.  The first may be NULL, whatever libc declares.
 */
#define LIST_TO_ARRAY(first, array, environment, with_environment)                                 \
    do {                                                                                           \
        const char *word = first;                                                                  \
        va_list list;                                                                              \
        size_t count = 0;                                                                          \
        __asm__("" : "+r"(word));                                                                  \
        va_start(list, first);                                                                     \
        if (word)                                                                                  \
            count = 1 + list_count(list);                                                          \
        va_end(list);                                                                              \
        array = __builtin_alloca((count + 1) * sizeof(*array));                                    \
        array[0] = (char *)(uintptr_t)word;                                                        \
        va_start(list, first);                                                                     \
        for (size_t i = 1; i <= count; i++)                                                        \
            array[i] = va_arg(list, char *);                                                       \
        if (with_environment)                                                                      \
            environment = va_arg(list, char *const *);                                             \
        va_end(list);                                                                              \
    } while (0)

PRELOAD_EXPORT int execl(const char *path, const char *first, ...)
{
    struct exec_request request = {path, NULL, false, false};
    char **array, *const *environment = environ;
    LIST_TO_ARRAY(first, array, environment, false);
    request.arguments = array;
    return exec_suited(&request, environment);
}

PRELOAD_EXPORT int execlp(const char *name, const char *first, ...)
{
    struct exec_request request = {name, NULL, true, false};
    char **array, *const *environment = environ;
    LIST_TO_ARRAY(first, array, environment, false);
    request.arguments = array;
    return exec_suited(&request, environment);
}

PRELOAD_EXPORT int execle(const char *path, const char *first, ...)
{
    struct exec_request request = {path, NULL, false, true};
    char **array, *const *environment;
    LIST_TO_ARRAY(first, array, environment, true);
    request.arguments = array;
    return exec_suited(&request, environment);
}

/* --- exec by descriptor ------------------------------------------------------------------ */

struct exec_at_request {
    int descriptor;
    const char *path; /* NULL: fexecve */
    char *const *arguments;
    int flags;
};

static int exec_at_start(void *request, char *const *environment)
{
    const struct exec_at_request *exec = request;
    int (*by_descriptor)(int, char *const *, char *const *);
    int (*by_path)(int, const char *, char *const *, char *const *, int);

    if (!exec->path) {
        *(void **)&by_descriptor = next_of(NEXT_FEXECVE);
        return by_descriptor(exec->descriptor, exec->arguments, environment);
    }
    *(void **)&by_path = next_of(NEXT_EXECVEAT);
    return by_path(exec->descriptor, exec->path, exec->arguments, environment, exec->flags);
}

/* By a name for it under /proc. */
static void program_at(int descriptor, const char *path, char program[LONGEST_PATH])
{
    static const char directory[] = "/proc/self/fd/";
    char digits[16];
    size_t at = sizeof(digits), length = sizeof(directory) - 1, rest = path ? strlen(path) : 0;
    unsigned number = (unsigned)descriptor;

    program[0] = '\0';
    if (path && (path[0] == '/' || descriptor == AT_FDCWD)) {
        if (rest < LONGEST_PATH)
            memcpy(program, path, rest + 1);
        return;
    }
    if (descriptor < 0 || rest + sizeof(directory) + sizeof(digits) + 2 > LONGEST_PATH)
        return;
    do
        digits[--at] = (char)('0' + number % 10);
    while (number /= 10);
    memcpy(program, directory, length);
    memcpy(program + length, digits + at, sizeof(digits) - at);
    length += sizeof(digits) - at;
    if (rest)
        program[length++] = '/';
    memcpy(program + length, rest ? path : "", rest + 1);
}

PRELOAD_EXPORT int fexecve(int descriptor, char *const arguments[], char *const environment[])
{
    struct exec_at_request request = {descriptor, NULL, arguments, 0};
    char program[LONGEST_PATH];

    program_at(descriptor, NULL, program);
    return start_suited(exec_at_start, &request, program, environment);
}

PRELOAD_EXPORT int execveat(int descriptor, const char *path, char *const arguments[],
                            char *const environment[], int flags)
{
    struct exec_at_request request = {descriptor, path, arguments, flags};
    char program[LONGEST_PATH];

    program_at(descriptor, path, program);
    return start_suited(exec_at_start, &request, program, environment);
}

/* --- posix_spawn ---------------------------------------------------------------------------- */

struct spawn_request {
    pid_t *process;
    const char *path;
    const posix_spawn_file_actions_t *actions;
    const posix_spawnattr_t *attributes;
    char *const *arguments;
    bool searches;
};

static int spawn_start(void *request, char *const *environment)
{
    const struct spawn_request *spawn = request;
    int (*next)(pid_t *, const char *, const posix_spawn_file_actions_t *,
                const posix_spawnattr_t *, char *const *, char *const *);

    *(void **)&next = next_of(spawn->searches ? NEXT_SPAWNP : NEXT_SPAWN);
    return next(spawn->process, spawn->path, spawn->actions, spawn->attributes, spawn->arguments,
                environment);
}

PRELOAD_EXPORT int posix_spawn(pid_t *process, const char *path,
                               const posix_spawn_file_actions_t *actions,
                               const posix_spawnattr_t *attributes, char *const arguments[],
                               char *const environment[])
{
    struct spawn_request request = {process, path, actions, attributes, arguments, false};
    return start_suited(spawn_start, &request, path, environment);
}

PRELOAD_EXPORT int posix_spawnp(pid_t *process, const char *name,
                                const posix_spawn_file_actions_t *actions,
                                const posix_spawnattr_t *attributes, char *const arguments[],
                                char *const environment[])
{
    struct spawn_request request = {process, name, actions, attributes, arguments, true};
    char program[LONGEST_PATH];

    program_find(name, program);
    return start_suited(spawn_start, &request, program, environment);
}
