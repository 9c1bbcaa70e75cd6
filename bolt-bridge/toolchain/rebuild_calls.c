#include "bolt-bridge/toolchain/rebuild_calls.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/base/text.h"
#include "analyzer/model/binary/binary.h"
#include "analyzer/model/debug/compilation.h"

#define FLAGS_BY_HAND                                                                              \
    "where the build empties its environment, put the output of pgo-bolt rebuild --dry-run into "  \
    "its flags"

bool rebuild_left_result(const struct rebuild *rebuild, const struct rebuild_before *before)
{
    struct stat status;
    return before->exists && stat(rebuild->result, &status) == 0 &&
           status.st_ino == before->status.st_ino && status.st_size == before->status.st_size &&
           status.st_mtim.tv_sec == before->status.st_mtim.tv_sec &&
           status.st_mtim.tv_nsec == before->status.st_mtim.tv_nsec;
}

/* The compiler of most of a program's code; that of the toolchain where none has more. */
static enum compiler maker_of(const struct rebuild *rebuild, const char *path)
{
    struct error ignored;
    struct compilation compilation = {0};
    struct binary *binary = binary_open(path, &ignored);
    bool is_read = binary && compilation_read(&compilation, binary, &ignored);
    enum compiler most = toolchain_compiler(rebuild->toolchain);
    for (size_t i = 0; is_read && i < COMPILERS; i++)
        if (compilation.parts[i].code_size > compilation.parts[most].code_size)
            most = (enum compiler)i;
    compilation_free(&compilation);
    binary_free(binary);
    return most;
}

/*
 * The compiler of most of the result's code, where it is not that of the toolchain; or NULL, also
 * where it made most of the recorded program: C in a Go or Rust program is not compiled by it.
 */
static const char *other_maker(const struct rebuild *rebuild)
{
    enum compiler most = maker_of(rebuild, rebuild->result);
    bool is_ours = most == toolchain_compiler(rebuild->toolchain);
    return is_ours || most == maker_of(rebuild, rebuild->binary) ? NULL : compiler_name(most);
}

/* No compiler noted a call: there was none, or what is set for it did not reach it. */
static void answer_no_calls(struct rebuild *rebuild, const struct rebuild_before *before)
{
    static const char *const clean[TOOLCHAINS] = {
        [TOOLCHAIN_CLANG] =
            "clean first (make clean, cmake --build . --target clean, cargo clean); "
            "build with CC=clang; " FLAGS_BY_HAND,
        [TOOLCHAIN_RUSTC] = "clean first (cargo clean -p PACKAGE); let cargo run rustc, without a "
                            "RUSTC_WRAPPER of its own",
        [TOOLCHAIN_GCC] =
            "clean first (make clean, cargo clean); build with CC=gcc; " FLAGS_BY_HAND,
    };
    static const char *const reach[TOOLCHAINS] = {
        [TOOLCHAIN_CLANG] = "clean first (make clean, cargo clean); build with CC=clang, by its "
                            "driver, not by clang -cc1; " FLAGS_BY_HAND,
        [TOOLCHAIN_RUSTC] = "let cargo run rustc with the RUSTC_WRAPPER that is set for it",
        [TOOLCHAIN_GCC] = "clean first (make clean, cargo clean); build with CC=gcc; leave the "
                          "COMPILER_PATH that is set for it, and have no GCC_EXEC_PREFIX and no -B "
                          "DIRECTORY in which gcc's cc1 is, since gcc "
                          "looks there first; " FLAGS_BY_HAND,
    };
    const char *name = toolchain_name(rebuild->toolchain), *maker;
    if (access(rebuild->result, F_OK) != 0 || rebuild_left_result(rebuild, before))
        rebuild_answer(rebuild, false, clean[rebuild->toolchain],
                       "the build did not run %s: nothing was compiled again", name);
    else if ((maker = other_maker(rebuild)))
        rebuild_answer(rebuild, false, reach[rebuild->toolchain],
                       "the build did not run %s: %s was made by %s", name,
                       text_file_name(rebuild->result), maker);
    else
        rebuild_answer(rebuild, false, reach[rebuild->toolchain],
                       "the build did not run %s with what was set for it, though it made %s anew: "
                       "of objects of before, or in an environment of its own",
                       name, text_file_name(rebuild->result));
}

bool rebuild_check_runs(struct rebuild *rebuild, const struct rebuild_before *before)
{
    if (rebuild->log.runs == 0)
        answer_no_calls(rebuild, before);
    return rebuild->log.runs > 0;
}

/* A profile of the build's own: compilers take it in place of ours, or leave one of them out. */
static void answer_own_profile(struct rebuild *rebuild)
{
    const char *own = rebuild->log.own_profile, *name = toolchain_name(rebuild->toolchain);
    bool is_taken = rebuild->toolchain != TOOLCHAIN_GCC || strstr(own, "-fauto-profile");
    rebuild_answer(rebuild, false,
                   rebuild->toolchain == TOOLCHAIN_GCC
                       ? "leave -fauto-profile, -fprofile-use, -fprofile-generate and --coverage "
                         "out of this build"
                       : "leave its own -fprofile-sample-use, -fprofile-use or "
                         "profile-sample-use= out of this build",
                   "%s was called with %s, which %s", name, own,
                   is_taken ? "it takes in place of this profile"
                            : "it leaves out beside a profile of samples");
}

bool rebuild_check_calls(struct rebuild *rebuild, const struct rebuild_before *before)
{
    const struct compile_log *log = &rebuild->log;
    if (!rebuild_check_runs(rebuild, before))
        return false;
    if (*log->own_profile) {
        answer_own_profile(rebuild);
        return false;
    }
    if (log->with_profile == 0 && rebuild->toolchain == TOOLCHAIN_CLANG)
        rebuild_answer(rebuild, false,
                       "let the build keep CCC_OVERRIDE_OPTIONS as it is set for it, and leave "
                       "-fno-profile-sample-use out; name the clang that it runs by CC, if "
                       "another one is found: versions take the flags in different ways",
                       "%s ran %llu times, never with it: %s", toolchain_name(rebuild->toolchain),
                       (unsigned long long)log->runs, log->compiler ? log->compiler : "");
    else if (log->with_profile == 0)
        rebuild_answer(rebuild, false, "leave -fno-auto-profile out of this build",
                       "%s ran %llu times, never with it", toolchain_name(rebuild->toolchain),
                       (unsigned long long)log->runs);
    return log->with_profile > 0;
}
