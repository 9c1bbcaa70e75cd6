#include "bolt-bridge/toolchain/wrappers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/base/file.h"
#include "analyzer/base/output.h"
#include "bolt-bridge/toolchain/compile_log.h"
#include "bolt-bridge/toolchain/compiler_evidence.h"

/* As a word of the shell. */
static void put_quoted(FILE *stream, const char *text)
{
    fputc('\'', stream);
    for (; *text; text++) {
        if (*text == '\'')
            fputs("'\\''", stream);
        else
            fputc(*text, stream);
    }
    fputc('\'', stream);
}

static void put_flags(FILE *stream, const struct compiler_flags *flags)
{
    for (size_t i = 0; i < flags->count; i++) {
        fputc(' ', stream);
        put_quoted(stream, flags->words[i]);
    }
}

static bool write_script(const char *path, output_producer *produce,
                         const struct wrapper_request *request, struct error *error)
{
    if (!output_write_file(path, true, produce, (void *)request, error))
        return false;
    if (chmod(path, 0755) == 0)
        return true;
    error_set_errno(error, ERROR_WRITE, path);
    return false;
}

/* --- gcc ----------------------------------------------------------------------------------- */

/* Finds the real one, and whether it is for the program's machine. */
static void put_gcc_beginning(FILE *stream, const struct wrapper_request *request)
{
    const char *set = getenv("COMPILER_PATH");
    fputs("#!/bin/sh\n"
          "# Made by pgo-bolt rebuild: gcc's own compiler, with one more flag.\n"
          "mine=${0##*/}\n",
          stream);
    if (set) {
        fputs("COMPILER_PATH=", stream);
        put_quoted(stream, set);
        fputs("\nexport COMPILER_PATH\n", stream);
    } else {
        fputs("unset COMPILER_PATH\n", stream);
    }
    fputs("real=$(\"$COLLECT_GCC\" -print-prog-name=\"$mine\")\n"
          "plain=yes\n"
          "# Not for other machines, whose gcc looks here as well.\n"
          "case $(\"$COLLECT_GCC\" -dumpmachine) in ",
          stream);
    put_quoted(stream, request->architecture);
    fputs("*linux*) plain= ;; esac\n", stream);
}

/* Runs it with its arguments, and keeps what its table of functions tells of each. */
static void put_gcc_end(FILE *stream)
{
    fputs("table=${" WRAPPER_LOG "-}" EVIDENCE_DIRECTORY "\n"
          "[ -d \"$table\" ] || exec \"$real\" \"$@\"\n"
          "table=$table/$$\n"
          "\"$real\" \"$@\" -fdump-ipa-whole-program=\"$table.whole\"\n"
          "status=$?\n"
          "if [ -f \"$table.whole\" ]; then\n"
          "    sed -n '/^[^ ]*\\/[0-9]* (/p; /^  Function flags:/p' \"$table.whole\" "
          ">>\"$table.functions\"\n"
          "    rm -f \"$table.whole\"\n"
          "fi\n"
          "exit $status\n",
          stream);
}

static bool produce_gcc(FILE *stream, void *context, struct error *error)
{
    const struct wrapper_request *request = context;
    (void)error;
    put_gcc_beginning(stream, request);
    fputs("tab='\t' words= skip= level=-O0 own=\n"
          "for argument; do\n"
          "    if [ -n \"$skip\" ]; then\n"
          "        skip=\n"
          "        continue\n"
          "    fi\n"
          "    case $argument in\n"
          "    -E | -m16 | -m32 | -mx32) plain=yes ;;\n"
          "    -[oIDUA] | -include | -imacros | -isystem | -iquote | -idirafter) skip=yes ;;\n"
          "    -iprefix | -isysroot | -imultilib | -imultiarch | -M[FTQ]) skip=yes ;;\n"
          "    -f*-prefix-map=*) words=$words$tab$argument ;;\n"
          "    -O*) level=$argument ;;\n"
          "    -fauto-profile | -fauto-profile=* | -fno-auto-profile) own=$tab$argument ;;\n"
          "    -fprofile-generate* | -fprofile-use* | -fprofile-arcs | -fbranch-probabilities)\n"
          "        words=$words$tab$argument ;;\n"
          "    -) words=\"$words$tab<stdin>\" ;;\n"
          "    -*) ;;\n"
          "    *) words=$words$tab$argument ;;\n"
          "    esac\n"
          "done\n"
          "[ -z \"$plain\" ] || exec \"$real\" \"$@\"\n"
          "[ \"$level\" != -O0 ] || words=$words$tab-O0\n"
          "words=$words$own\n"
          "set --",
          stream);
    put_flags(stream, request->debug_flags);
    put_flags(stream, request->use_flags);
    fputs(" \"$@\"\n"
          "[ -z \"${" WRAPPER_LOG "-}\" ] ||\n"
          "    printf '%s\\n' \"" COMPILE_LOG_NOTE "source$tab$PWD$words\" >>\"$" WRAPPER_LOG
          "\"\n",
          stream);
    put_gcc_end(stream);
    return true;
}

/* In link-time optimisation, where objects have their counts already: only the table is wanted. */
static bool produce_lto(FILE *stream, void *context, struct error *error)
{
    (void)error;
    put_gcc_beginning(stream, context);
    fputs("case \" $* \" in *' -fltrans '*) plain=yes ;; esac\n"
          "[ -z \"$plain\" ] || exec \"$real\" \"$@\"\n",
          stream);
    put_gcc_end(stream);
    return true;
}

bool wrappers_write_gcc(const char *directory, const struct wrapper_request *request,
                        struct error *error)
{
    /* C, C++, Objective-C, Fortran, Ada, D, Modula-2, Go: all of them are gcc's. */
    static const char *const names[] = {"cc1",   "cc1plus", "cc1obj", "cc1objplus", "f951",
                                        "gnat1", "d21",     "cc1gm2", "go1"};
    char path[PATH_MAX];
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (!file_path(path, error, "%s/%s", directory, names[i]) ||
            !write_script(path, produce_gcc, request, error))
            return false;
    return file_path(path, error, "%s/lto1", directory) &&
           write_script(path, produce_lto, request, error);
}

/* --- rustc --------------------------------------------------------------------------------- */

/* Of cargo, which has started the wrapper: the wrapper that its configuration names. */
static const char ask_cargo[] =
    "configured() (\n"
    "    case $(readlink \"/proc/$PPID/exe\") in */cargo*) ;; *) exit ;; esac\n"
    "    options=$(tr '\\n\\0' ' \\n' <\"/proc/$PPID/cmdline\")\n"
    "    cd \"/proc/$PPID/cwd\" || exit\n"
    "    set -f\n"
    "    IFS='\n'\n"
    "    set --\n"
    "    next=\n"
    "    for option in $options; do\n"
    "        if [ -n \"$next\" ]; then\n"
    "            set -- \"$@\" --config \"$option\"\n"
    "            next=\n"
    "        else\n"
    "            case $option in\n"
    "            --) break ;;\n"
    "            --config) next=yes ;;\n"
    "            --config=*) set -- \"$@\" \"$option\" ;;\n"
    "            esac\n"
    "        fi\n"
    "    done\n"
    "    said=$(RUSTC_BOOTSTRAP=1 \"${CARGO:-cargo}\" \"$@\" -Zunstable-options config get \\\n"
    "        build.rustc-wrapper --show-origin) || exit\n"
    "    found=${said#*\\\"} origin=${said##*\\\" # }\n"
    "    found=${found%%\\\"*}\n"
    "    case $found:$origin in\n"
    "    /*) ;;\n"
    "    */*:/*) found=${origin%/*}/../$found ;;\n"
    "    */*:*) found=$(pwd -P)/$found ;;\n"
    "    esac\n"
    "    printf '%s\\n' \"$found\"\n"
    ") 2>/dev/null\n";

/* Asked once by each cargo. */
static const char find_chained[] =
    "asked=${" WRAPPER_LOG ":+$" WRAPPER_LOG ".$PPID}\n"
    "if [ -n \"$asked\" ] && [ -f \"$asked\" ]; then\n"
    "    chained=$(cat \"$asked\")\n"
    "else\n"
    "    chained=$(configured)\n"
    "    [ -z \"$asked\" ] || { printf '%s\\n' \"$chained\" >\"$asked.$$\" && mv \"$asked.$$\" "
    "\"$asked\"; }\n"
    "fi\n";

/* Whether some flag is for nightly compilers. */
static bool has_unstable(const struct wrapper_request *request)
{
    const struct compiler_flags *lists[] = {request->debug_flags, request->use_flags};
    for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
        for (size_t k = 0; k < lists[i]->count; k++) {
            if (strncmp(lists[i]->words[k], "-Z", 2) == 0)
                return true;
        }
    }
    return false;
}

/*
 * What a crate depends on has the profile with it, as a variable of the environment that rustc
 * would have read: cargo compiles again where that is another one or is not set.  The mark among
 * the flags is not enough, which cargo drops for those of some target; source: the lines
 * "# env-dep:NAME=VALUE" of rustc's --emit=dep-info, and cargo's fingerprints.
 */
static const char note_dependency[] =
    "directory= extra= next=\n"
    "for word; do\n"
    "    case $next$word in\n"
    "    --out-dir) next=--out-dir= ;;\n"
    "    --out-dir=*) directory=${word#--out-dir=} next= ;;\n"
    "    *extra-filename=*) extra=${word#*extra-filename=} ;;\n"
    "    esac\n"
    "done\n"
    "file=$directory/${crate%% *}$extra.d\n"
    "[ ! -w \"$file\" ] || [ -z \"${" WRAPPER_PROFILE "-}\" ] ||\n"
    "    printf '\\n# env-dep:" WRAPPER_PROFILE "=%s\\n' \"$" WRAPPER_PROFILE "\" >>\"$file\"\n";

static bool produce_rustc(FILE *stream, void *context, struct error *error)
{
    const struct wrapper_request *request = context;
    const char *set = getenv("RUSTC_WRAPPER");
    (void)error;
    fputs("#!/bin/sh\n"
          "# Made by pgo-bolt rebuild: [WORKSPACE-WRAPPER] RUSTC ARGUMENTS, with a profile.\n",
          stream);
    if (set) {
        fputs("chained=", stream);
        put_quoted(stream, set);
        fputc('\n', stream);
    } else {
        fputs(ask_cargo, stream);
        fputs(find_chained, stream);
    }
    fputs("before=0 words= compiler= tab='\t'\n"
          "for word; do\n"
          "    case $word in -* | @*) break ;; esac\n"
          "    before=$((before + 1))\n"
          "    compiler=$word\n"
          "done\n"
          "root=\n"
          "for word; do\n"
          "    case $word in -*) ;; *.rs) root=$tab$word ;; esac\n"
          "    case $word in @*) word=$(tr '\\n' ' ' <\"${word#@}\") ;; esac\n"
          "    words=\"$words $word\"\n"
          "done\n"
          "# Not for build scripts and macros, nor for what build scripts try out, nor for\n"
          "# other machines.\n"
          "plain=${CARGO_CFG_TARGET_ARCH-}\n"
          "case \"$words \" in\n"
          "*' --crate-name build_script_'* | *' --crate-name ___ '* | *' proc-macro '*) plain=yes "
          ";;\n"
          "*' --crate-name '*) ;;\n"
          "*) plain=yes ;;\n"
          "esac\n"
          "case \"$words \" in\n"
          "*' --target '",
          stream);
    put_quoted(stream, request->architecture);
    fputs("-*linux* | *' --target '*.json' '*) ;;\n"
          "*' --target '*) plain=yes ;;\n"
          "esac\n"
          "[ -z \"$plain\" ] || exec ${chained:+\"$chained\"} \"$@\"\n"
          "crate=${words##* --crate-name }\n"
          "level=$tab-O0 own=\n"
          "for word in $words; do\n"
          "    case $word in\n"
          "    *profile-sample-use=*) own=${tab}-${word#-} ;;\n"
          "    [!-]*.rs) root=$tab$word ;;\n"
          "    -O | *opt-level=[123sz]) level= ;;\n"
          "    *opt-level=0) level=$tab-O0 ;;\n"
          "    esac\n"
          "done\n"
          "[ -z \"${" WRAPPER_LOG "-}\" ] ||\n"
          "    printf '%s\\n' \"" COMPILE_LOG_NOTE
          "crate$tab$PWD$tab${crate%% *}$root$level$own\" >>\"$" WRAPPER_LOG "\"\n"
          "evidence=${" WRAPPER_LOG "-}" EVIDENCE_DIRECTORY "\n"
          "[ -d \"$evidence\" ] || evidence=\n"
          "# -Zremark-dir came with rustc 1.73.\n"
          "release() {\n"
          "    \"$compiler\" -vV | sed -n 's/^release: 1\\.\\([0-9]*\\).*/\\1/p'\n"
          "}\n"
          "[ -z \"$evidence\" ] || [ \"$(release)\" -ge 73 ] 2>/dev/null || evidence=\n"
          "number=0\n"
          "for word; do\n"
          "    shift\n"
          "    [ $number -ne $before ] || set -- \"$@\"",
          stream);
    put_flags(stream, request->debug_flags);
    put_flags(stream, request->use_flags);
    fputs("\n"
          "    set -- \"$@\" \"$word\"\n"
          "    number=$((number + 1))\n"
          "done\n"
          "# Lets a stable rustc take -Z, in this call alone.\n",
          stream);
    fputs(has_unstable(request) ? "" : "[ -z \"$evidence\" ] || ", stream);
    fputs("export RUSTC_BOOTSTRAP=1\n"
          "${chained:+\"$chained\"} \"$@\""
          " ${evidence:+-Cremark=" EVIDENCE_PASS " \"-Zremark-dir=$evidence\"} || exit\n",
          stream);
    fputs(note_dependency, stream);
    return true;
}

bool wrappers_write_rustc(const char *path, const struct wrapper_request *request,
                          struct error *error)
{
    return write_script(path, produce_rustc, request, error);
}
