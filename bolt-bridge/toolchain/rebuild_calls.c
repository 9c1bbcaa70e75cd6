#include "bolt-bridge/toolchain/rebuild_calls.h"

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

/* The compiler of most of the result's code, where it is not that of the toolchain; or NULL. */
static const char *other_maker(const struct rebuild *rebuild)
{
    struct error ignored;
    struct compilation compilation = {0};
    struct binary *made = binary_open(rebuild->result, &ignored);
    bool is_read = made && compilation_read(&compilation, made, &ignored);
    enum compiler most = toolchain_compiler(rebuild->toolchain), ours = most;
    for (size_t i = 0; is_read && i < COMPILERS; i++)
        if (compilation.parts[i].code_size > compilation.parts[most].code_size)
            most = (enum compiler)i;
    compilation_free(&compilation);
    binary_free(made);
    return most == ours ? NULL : compiler_name(most);
}

/* No compiler noted a call: there was none, or what is set for it did not reach it. */
static void answer_no_calls(struct rebuild *rebuild, const struct rebuild_before *before)
{
    static const char *const clean[TOOLCHAINS] = {
        [TOOLCHAIN_CLANG] = "clean first (make clean, cmake --build . --target clean); build with "
                            "CC=clang; " FLAGS_BY_HAND,
        [TOOLCHAIN_RUSTC] = "clean first (cargo clean -p PACKAGE); let cargo run rustc, without a "
                            "RUSTC_WRAPPER of its own",
        [TOOLCHAIN_GCC] = "clean first (make clean); build with CC=gcc; " FLAGS_BY_HAND,
    };
    static const char *const reach[TOOLCHAINS] = {
        [TOOLCHAIN_CLANG] = "build with CC=clang, by its driver, not by clang -cc1; " FLAGS_BY_HAND,
        [TOOLCHAIN_RUSTC] = "let cargo run rustc with the RUSTC_WRAPPER that is set for it",
        [TOOLCHAIN_GCC] = "build with CC=gcc; leave the COMPILER_PATH that is set for it, and have "
                          "no GCC_EXEC_PREFIX and no -B DIRECTORY in which gcc's cc1 is, since gcc "
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

bool rebuild_check_calls(struct rebuild *rebuild, const struct rebuild_before *before)
{
    const struct compile_log *log = &rebuild->log;
    if (rebuild_check_runs(rebuild, before) && log->with_profile == 0)
        rebuild_answer(rebuild, false,
                       "let the build keep CCC_OVERRIDE_OPTIONS as it is set for it; name the "
                       "clang that it runs by CC, if another one is found: versions take the "
                       "flags in different ways",
                       "%s ran %llu times, never with it: %s", toolchain_name(rebuild->toolchain),
                       (unsigned long long)log->runs, log->compiler ? log->compiler : "");
    return log->with_profile > 0;
}
