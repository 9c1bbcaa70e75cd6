#include "bolt-bridge/toolchain/advice.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bolt-bridge/toolchain/recorded_flags.h"

/* Samples of one's own code alone need no more than that. */
#define HIGHEST_PARANOIA 2

enum toolchain advice_toolchain(const struct compilation *compilation)
{
    enum toolchain best = TOOLCHAIN_AUTO;
    uint64_t largest = 0;
    for (size_t i = 0; i < COMPILERS; i++) {
        const struct compiled_part *part = &compilation->parts[i];
        enum toolchain toolchain = toolchain_of((enum compiler)i);
        if (toolchain == TOOLCHAIN_AUTO || !*part->producer)
            continue;
        /* Without debug information, gcc is named for the C library's start-up code too. */
        uint64_t size = part->code_size ? part->code_size : i == COMPILER_GCC ? 1 : 2;
        if (size > largest) {
            largest = size;
            best = toolchain;
        }
    }
    return best;
}

/* --- the binary ------------------------------------------------------------------------------ */

static void judge_compiler(const struct compilation *compilation, enum toolchain toolchain,
                           const struct compiler_found *compiler, struct findings *findings)
{
    const struct compiled_part *part = &compilation->parts[toolchain_compiler(toolchain)];
    if (!compiler || !part->version) {
        findings_add(findings, "compiled by", VERDICT_OK, NULL, "%s", part->producer);
        return;
    }
    if (toolchain == TOOLCHAIN_CLANG && part->version != compiler->version)
        findings_add(findings, "compiled by", VERDICT_WEAK,
                     "build both with one version: CC=clang-N, CXX=clang++-N",
                     "clang %u, and %s is %u: lines and probes of the two need not be the same",
                     part->version, compiler->path, compiler->version);
    else if (toolchain == TOOLCHAIN_GCC && part->version != compiler->version)
        findings_add(findings, "compiled by", VERDICT_WEAK, "build both with one version: CC=gcc-N",
                     "gcc %u, and %s is %u: the lines of the two need not be the same",
                     part->version, compiler->path, compiler->version);
    else
        findings_add(findings, "compiled by", VERDICT_OK, NULL, "%s", part->producer);
}

static void judge_lines(const struct binary *binary, const struct compilation *compilation,
                        enum toolchain toolchain, struct findings *findings)
{
    static const char *const remedies[TOOLCHAINS] = {
        [TOOLCHAIN_AUTO] = "compile it with -g",
        [TOOLCHAIN_CLANG] = ("CFLAGS += -gdwarf-4 -fdebug-info-for-profiling "
                             "-funique-internal-linkage-names, or -fpseudo-probe-for-profiling; "
                             "strip a copy only"),
        [TOOLCHAIN_RUSTC] = "in Cargo.toml: [profile.release] debug = 1, strip = \"none\"",
        [TOOLCHAIN_GCC] = "CFLAGS += -g; strip a copy only",
        [TOOLCHAIN_GO] = "go build without -ldflags=-s and -w",
    };
    const struct compiled_part *part = &compilation->parts[toolchain_compiler(toolchain)];
    bool by_probes = toolchain == TOOLCHAIN_CLANG && compilation->has_probes;
    if (by_probes && !binary_has_symbols(binary))
        findings_add(findings, "source lines", VERDICT_FAIL, remedies[toolchain],
                     "pseudo-probes, but no symbols to place them by: it is stripped");
    else if (by_probes)
        findings_add(findings, "source lines", VERDICT_OK, NULL, "pseudo-probes stand for them");
    else if (!part->has_lines)
        findings_add(findings, "source lines", VERDICT_FAIL, remedies[toolchain],
                     compilation->has_debug_information
                         ? "none of the code that %s compiled"
                         : "no debug information: no profile for %s can be made",
                     toolchain_name(toolchain));
    else
        findings_add(findings, "source lines", VERDICT_OK, NULL, "of %llu bytes of code by %s",
                     (unsigned long long)part->code_size, toolchain_name(toolchain));
}

static void judge_discriminators(const struct compilation *compilation, enum toolchain toolchain,
                                 struct findings *findings)
{
    const struct compiled_part *part = &compilation->parts[toolchain_compiler(toolchain)];
    if (!part->has_lines || toolchain == TOOLCHAIN_GO ||
        (toolchain == TOOLCHAIN_CLANG && compilation->has_probes))
        return;
    if (part->has_discriminators)
        findings_add(findings, "discriminators", VERDICT_OK, NULL,
                     "tell apart what is on one line");
    else if (toolchain == TOOLCHAIN_RUSTC)
        findings_add(findings, "discriminators", VERDICT_WEAK,
                     "RUSTFLAGS += -Zdebug-info-for-profiling, which stable rustc takes with "
                     "RUSTC_BOOTSTRAP=1",
                     "none: branches of one line count as one, and the rebuild tells them apart");
    else
        findings_add(findings, "discriminators", VERDICT_WEAK,
                     toolchain == TOOLCHAIN_CLANG ? "CFLAGS += -fdebug-info-for-profiling"
                                                  : "CFLAGS += -O2 -g",
                     "none: %s",
                     toolchain == TOOLCHAIN_CLANG
                         ? "branches of one line count as one, and inlined functions "
                           "have no names to match"
                         : "branches of one line count as one");
}

static void judge_names(const struct binary *binary, const struct compilation *compilation,
                        enum toolchain toolchain, struct findings *findings)
{
    size_t locals = 0;
    if (toolchain != TOOLCHAIN_CLANG)
        return;
    if (compilation->has_unique_names) {
        findings_add(findings, "local names", VERDICT_OK, NULL, "unique (.__uniq.)");
        return;
    }
    for (size_t i = 0; i < binary_function_count(binary); i++) {
        const struct function *function = binary_function(binary, i);
        locals +=
            function->is_local && compilation_at(compilation, function->address) == COMPILER_CLANG;
    }
    if (locals == 0)
        return;
    findings_add(findings, "local names", VERDICT_WEAK, "CFLAGS += -funique-internal-linkage-names",
                 "%zu static functions whose names another file may have too: their counts would "
                 "be mixed",
                 locals);
}

static void judge_probes(const struct compilation *compilation, enum toolchain toolchain,
                         struct findings *findings)
{
    if (toolchain == TOOLCHAIN_CLANG && compilation->has_probes)
        findings_add(findings, "pseudo-probes", VERDICT_OK, NULL, "in the code");
    else if (toolchain == TOOLCHAIN_CLANG)
        findings_add(findings, "pseudo-probes", VERDICT_OK,
                     "CFLAGS += -fpseudo-probe-for-profiling, for a better match",
                     "none: the profile will be by source lines");
}

/* What the code itself does not tell: flags that `pgo-bolt flags --best` has for this compiler. */
static void judge_flags(const struct compilation *compilation, enum toolchain toolchain,
                        struct findings *findings)
{
    static const char subject[] = "recorded flags";
    struct recorded_flags flags;
    char remedy[sizeof(flags.missing) + 32];
    if (toolchain == TOOLCHAIN_RUSTC)
        findings_add(findings, subject, VERDICT_OK, NULL,
                     "rustc records none: whether it had those of pgo-bolt flags --best is not "
                     "known");
    if (toolchain != TOOLCHAIN_CLANG)
        return;
    recorded_flags_read(compilation, COMPILER_CLANG, compiler_best_flags(toolchain), &flags);
    const char *linker =
        flags.is_for_linker ? "; with -flto the linker has its own, which are not known" : "";
    const char *unit = flags.by_commands ? "commands" : "bytes of code";
    snprintf(remedy, sizeof(remedy), "CFLAGS += %s", flags.missing);
    if (flags.told == 0)
        findings_add(findings, subject, VERDICT_OK, "CFLAGS += -grecord-command-line, to see them",
                     "none: whether it had those of pgo-bolt flags --best is not known");
    else if (flags.lacking > 0)
        findings_add(findings, subject, VERDICT_OK, remedy,
                     "%llu of %llu %s lack some of pgo-bolt flags --best%s",
                     (unsigned long long)flags.lacking, (unsigned long long)flags.told, unit,
                     linker);
    else
        findings_add(findings, subject, VERDICT_OK, NULL,
                     "all of pgo-bolt flags --best, in %llu of %llu %s%s",
                     (unsigned long long)flags.told, (unsigned long long)flags.all, unit, linker);
}

void advice_on_binary(const struct binary *binary, const struct compilation *compilation,
                      enum toolchain toolchain, const struct compiler_found *compiler,
                      struct findings *findings)
{
    if (toolchain == TOOLCHAIN_AUTO) {
        findings_add(findings, "compiled by", VERDICT_WEAK,
                     "compile it with clang, rustc, gcc or go and with debug information",
                     "no compiler that takes profiles has left its name in it");
        return;
    }
    judge_compiler(compilation, toolchain, compiler, findings);
    judge_lines(binary, compilation, toolchain, findings);
    judge_discriminators(compilation, toolchain, findings);
    judge_names(binary, compilation, toolchain, findings);
    judge_probes(compilation, toolchain, findings);
    judge_flags(compilation, toolchain, findings);
}

/* --- the machine ------------------------------------------------------------------------------ */

/* A number in a file of /proc; `otherwise` where there is none. */
static long number_in(const char *path, const char *key, long otherwise)
{
    char line[256];
    FILE *stream = fopen(path, "re");
    while (stream && fgets(line, sizeof(line), stream)) {
        size_t size = strlen(key);
        if (strncmp(line, key, size) == 0) {
            otherwise = strtol(line + size, NULL, 10);
            break;
        }
    }
    if (stream)
        fclose(stream);
    return otherwise;
}

/* 0, or why the kernel gives no event that samples this thread's own code by the clock. */
static int try_event(void)
{
    struct perf_event_attr attributes = {.type = PERF_TYPE_SOFTWARE,
                                         .size = sizeof(attributes),
                                         .config = PERF_COUNT_SW_TASK_CLOCK,
                                         .sample_period = 1000000,
                                         .exclude_kernel = 1,
                                         .exclude_hv = 1,
                                         .disabled = 1};
    long event = syscall(SYS_perf_event_open, &attributes, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
    if (event < 0)
        return errno;
    close((int)event);
    return 0;
}

void advice_on_machine(struct findings *findings)
{
    long paranoia = number_in("/proc/sys/kernel/perf_event_paranoid", "", -1);
    long filter = number_in("/proc/self/status", "Seccomp:", 0);
    int reason = try_event();
    if (reason == 0)
        findings_add(findings, "perf events", VERDICT_OK, NULL,
                     "allowed (kernel.perf_event_paranoid = %ld)", paranoia);
    else if (paranoia > HIGHEST_PARANOIA)
        findings_add(findings, "perf events", VERDICT_WEAK, "sysctl kernel.perf_event_paranoid=2",
                     "refused, kernel.perf_event_paranoid is %ld: timers sample instead, at the "
                     "kernel's tick",
                     paranoia);
    else if (filter)
        findings_add(findings, "perf events", VERDICT_WEAK,
                     "docker run --cap-add PERFMON --security-opt seccomp=FILE with "
                     "perf_event_open allowed in it",
                     "refused by the container's system call filter (%s): timers sample instead, "
                     "at the kernel's tick",
                     strerror(reason));
    else
        findings_add(findings, "perf events", VERDICT_WEAK,
                     "a kernel with CONFIG_PERF_EVENTS, outside of gVisor and its like",
                     "refused (%s): timers sample instead, at the kernel's tick", strerror(reason));
}
