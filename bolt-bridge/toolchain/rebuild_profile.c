/* The first half of a rebuild: reads, checks and converts profiles (see rebuild.h). */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/base/count.h"
#include "analyzer/base/file.h"
#include "analyzer/base/text.h"
#include "analyzer/model/binary/separate_debug_file.h"
#include "analyzer/model/compare/staleness.h"
#include "analyzer/model/match/address_check.h"
#include "analyzer/model/match/binaries.h"
#include "analyzer/model/match/placement.h"
#include "analyzer/model/profile/correction.h"
#include "analyzer/model/profile/normalise.h"
#include "analyzer/model/profile/profile_merge.h"
#include "analyzer/model/samples/build.h"
#include "analyzer/read/reader.h"
#include "analyzer/write/writer.h"
#include "bolt-bridge/process/ask.h"
#include "bolt-bridge/process/temporary.h"
#include "bolt-bridge/toolchain/advice.h"
#include "bolt-bridge/toolchain/compiler_evidence.h"
#include "bolt-bridge/toolchain/profile_quality.h"
#include "bolt-bridge/toolchain/rebuild.h"
#include "bolt-bridge/toolchain/rebuild_dumps.h"
#include "bolt-bridge/toolchain/rebuild_profile.h"

/* What is known of the recorded binary while it is prepared. */
struct recorded {
    struct profile *profile; /* NULL where the files are no profiles by address */
    struct binary *binary;
    uint32_t module;
    struct compilation compilation;
};

/* --- files --------------------------------------------------------------------------------- */

/* DIRECTORY/recorded/BUILD-ID: the binary that builds of that id are recognised by. */
static bool kept_path(const struct rebuild *rebuild, const uint8_t *build_id, uint32_t size,
                      char path[PATH_MAX], struct error *error)
{
    char text[PROFILE_BUILD_ID_TEXT];
    return file_path(path, error, "%s/recorded/%s", rebuild->directory,
                     build_id_text(build_id, size, text));
}

/* Its split debug information, where it is in a package of its own. */
static bool keep_package(const char *binary, const char *kept, struct error *error)
{
    char path[PATH_MAX], *package;
    bool done = true, is_found = false;
    for (unsigned i = 0; done && !is_found && (package = debug_file_package_path(binary, i)); i++) {
        is_found = access(package, R_OK) == 0;
        done = !is_found ||
               (file_path(path, error, "%s.dwp", kept) && file_copy(package, path, true, error));
        free(package);
    }
    return done;
}

/* The build may well overwrite what was recorded, and the next rebuild needs it again. */
static bool keep_recorded(struct rebuild *rebuild, const struct binary *binary, struct error *error)
{
    char path[PATH_MAX], directory[PATH_MAX];
    uint32_t size;
    const uint8_t *build_id = binary_build_id(binary, &size);
    if (size == 0 || !rebuild->request->command)
        return true;
    if (!kept_path(rebuild, build_id, size, path, error))
        return false;
    if (access(path, F_OK) != 0) {
        snprintf(directory, sizeof(directory), "%.*s", (int)(strrchr(path, '/') - path), path);
        if (!file_make_directory(directory, error) || !keep_package(rebuild->binary, path, error) ||
            !file_copy(rebuild->binary, path, true, error))
            return false;
    }
    snprintf(rebuild->binary, sizeof(rebuild->binary), "%s", path);
    return true;
}

/*
 * Version control must not see ours as a change of the user's tree: Go stamps programs with
 * that.  git reads the file, and Mercurial, which reads such a file at the top of a tree alone,
 * takes a directory with a .hg in it for another repository.  A directory that somebody else made
 * is not ours to hide.
 */
static bool hide_directory(const char *directory, struct error *error)
{
    static const char everything[] = "*\n";
    char path[PATH_MAX];
    if (!file_path(path, error, "%s/.hg", directory) || !file_make_directory(path, error) ||
        !file_path(path, error, "%s/.gitignore", directory))
        return false;
    int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor < 0 && errno == EEXIST)
        return true;
    bool done = descriptor >= 0 &&
                write(descriptor, everything, strlen(everything)) == (ssize_t)strlen(everything);
    if (!done)
        error_set_errno(error, ERROR_WRITE, path);
    if (descriptor >= 0)
        close(descriptor);
    return done;
}

static bool set_directory(struct rebuild *rebuild, struct error *error)
{
    const char *wanted =
        rebuild->request->directory ? rebuild->request->directory : REBUILD_DIRECTORY;
    bool is_ours =
        strcmp(text_file_name(wanted), REBUILD_DIRECTORY) == 0 || access(wanted, F_OK) != 0;
    if (!file_make_directory(wanted, error) || (is_ours && !hide_directory(wanted, error)))
        return false;
    if (realpath(wanted, rebuild->directory))
        return true;
    error_set_errno(error, ERROR_WRITE, wanted);
    return false;
}

/* --- the recorded binary ---------------------------------------------------------------------- */

static bool read_profiles(struct rebuild *rebuild, const struct binary *binary,
                          struct recorded *recorded, struct error *error)
{
    const struct rebuild_request *request = rebuild->request;
    recorded->profile = profile_new(error);
    bool done = recorded->profile != NULL;
    for (size_t i = 0; done && i < request->profile_count; i++) {
        struct profile *one = profile_new(error);
        done = one && profile_read(request->profiles[i], one, error) &&
               (!binary || profile_place(one, binary, error)) &&
               profile_merge(recorded->profile, one, 1, error);
        profile_free(one);
    }
    if (done)
        profile_find_repeats(&rebuild->findings, recorded->profile);
    return done && profile_normalise(recorded->profile, error);
}

/* The recorded program's module, where the user did not say which binary. */
static bool find_program(const struct profile *profile, uint32_t *module, struct error *error)
{
    size_t mains = 0;
    for (size_t i = 0; i < profile->module_count; i++) {
        if (profile->modules[i].is_main && !module_is_unnamed(&profile->modules[i])) {
            *module = (uint32_t)i;
            mains++;
        }
    }
    if (mains == 1)
        return true;
    error_set(error, ERROR_USAGE, "the recording",
              mains > 1 ? "%zu programs are in it, choose one with --binary"
                        : "it names no program (%zu), give it with --binary",
              mains);
    return false;
}

/* Says how far the other build is away: how many counts its code cannot have. */
static void tell_staleness(const struct profile *profile, const struct module *module,
                           const struct binary *binary, struct error *error)
{
    struct staleness staleness = {0};
    struct error ignored;
    char given[PROFILE_BUILD_ID_TEXT], was[PROFILE_BUILD_ID_TEXT];
    uint32_t size;
    const uint8_t *build_id = binary_build_id(binary, &size);
    bool told = staleness_of_addresses(&staleness, profile, (uint32_t)(module - profile->modules),
                                       binary, &ignored) &&
                staleness.counts + staleness.outside > 0;
    double share = told ? (double)count_add(staleness.differing, staleness.outside) /
                              (double)count_add(staleness.counts, staleness.outside)
                        : 1;
    error_set(error, ERROR_BUILD_ID, binary_path(binary),
              "its build-id is %s, recorded was %s (%s), and %.1f %% of the counts are where its "
              "code has no such branch or instruction; name the recorded one with --binary",
              build_id_text(build_id, size, given),
              build_id_text(module->build_id, module->build_id_size, was), module->path,
              100 * share);
    staleness_free(&staleness);
}

/* The module that has the binary's file name, or the only program: what was meant. */
static const struct module *meant_module(const struct profile *profile, const char *path)
{
    const struct module *found = NULL;
    for (size_t i = 0; i < profile->module_count; i++) {
        const struct module *module = &profile->modules[i];
        if (strcmp(text_file_name(module->path), text_file_name(path)) == 0)
            return module;
        if (module->is_main)
            found = module;
    }
    return found;
}

/* Opens `path`, or the copy that was kept of what was recorded there. */
static bool open_recorded(struct rebuild *rebuild, struct recorded *recorded, const char *path,
                          struct error *error)
{
    char kept[PATH_MAX];
    const struct module *module;
    if (!recorded->binary)
        recorded->binary = binary_open(path, error);
    if (recorded->binary &&
        binary_find_module(recorded->binary, recorded->profile, &recorded->module, error)) {
        snprintf(rebuild->binary, sizeof(rebuild->binary), "%s", path);
        return true;
    }
    module = meant_module(recorded->profile, path);
    if (!module || !module->build_id_size ||
        !kept_path(rebuild, module->build_id, module->build_id_size, kept, error) ||
        access(kept, R_OK) != 0) {
        if (recorded->binary && error->code == ERROR_BUILD_ID && module)
            tell_staleness(recorded->profile, module, recorded->binary, error);
        return false;
    }
    binary_free(recorded->binary);
    snprintf(rebuild->binary, sizeof(rebuild->binary), "%s", kept);
    recorded->binary = binary_open(kept, error);
    return recorded->binary && profile_place(recorded->profile, recorded->binary, error) &&
           profile_normalise(recorded->profile, error) &&
           binary_find_module(recorded->binary, recorded->profile, &recorded->module, error);
}

static bool find_recorded(struct rebuild *rebuild, struct recorded *recorded, struct error *error)
{
    const struct rebuild_request *request = rebuild->request;
    const char *path = request->binary;
    uint32_t program;
    /* Text by address is placed by the binary; it has to be there then. */
    if (path && access(path, F_OK) == 0 && !(recorded->binary = binary_open(path, error)))
        return false;
    if (!read_profiles(rebuild, recorded->binary, recorded, error))
        return false;
    if (!path) {
        if (!find_program(recorded->profile, &program, error))
            return false;
        path = recorded->profile->modules[program].path;
    }
    snprintf(rebuild->result, sizeof(rebuild->result), "%s",
             request->result ? request->result : path);
    return open_recorded(rebuild, recorded, path, error);
}

/* Counts of each compiler's code decide whose profile it becomes. */
static enum toolchain choose_toolchain(const struct recorded *recorded)
{
    uint64_t counts[COMPILERS] = {0};
    size_t best = COMPILER_OTHER;
    for (size_t i = 0; recorded->profile && i < recorded->profile->trace_count; i++) {
        const struct trace *trace = &recorded->profile->traces[i];
        if (trace->to.module == recorded->module) {
            enum compiler compiler = compilation_at(&recorded->compilation, trace->to.address);
            counts[compiler] = count_add(counts[compiler], trace->count);
        }
    }
    for (size_t i = 0; i < COMPILERS; i++)
        if (toolchain_of((enum compiler)i) != TOOLCHAIN_AUTO && counts[i] > counts[best])
            best = i;
    return counts[best] > 0 && best != COMPILER_OTHER ? toolchain_of((enum compiler)best)
                                                      : advice_toolchain(&recorded->compilation);
}

static bool set_toolchain(struct rebuild *rebuild, const struct recorded *recorded,
                          struct error *error)
{
    rebuild->toolchain = rebuild->request->toolchain != TOOLCHAIN_AUTO ? rebuild->request->toolchain
                                                                       : choose_toolchain(recorded);
    const char *other = recorded->compilation.parts[COMPILER_OTHER].producer;
    if (rebuild->toolchain == TOOLCHAIN_AUTO && *other &&
        recorded->compilation.has_debug_information) {
        error_set(error, ERROR_USAGE, rebuild->binary,
                  "it was compiled by %s, for which no profile can be made; say --toolchain where "
                  "that is clang, rustc, gcc or go by another name",
                  other);
        return false;
    }
    if (rebuild->toolchain == TOOLCHAIN_AUTO) {
        error_set(error, ERROR_USAGE, rebuild->binary,
                  "it does not tell which compiler made it: say --toolchain clang, rustc, gcc or "
                  "go");
        return false;
    }
    rebuild->architecture = binary_machine(recorded->binary) == EM_AARCH64 ? "aarch64" : "x86_64";
    unsigned version = recorded->compilation.parts[toolchain_compiler(rebuild->toolchain)].version;
    return compiler_find(rebuild->toolchain, version, &rebuild->compiler, error);
}

/* --- conversion ------------------------------------------------------------------------------- */

static uint64_t counts_of(const struct recorded *recorded)
{
    uint64_t counts = 0;
    for (size_t i = 0; i < recorded->profile->trace_count; i++) {
        const struct trace *trace = &recorded->profile->traces[i];
        if (trace->to.module == recorded->module)
            counts = count_add(counts, trace->count);
    }
    return counts;
}

bool rebuild_name_profile(struct rebuild *rebuild, const char *suffix, const char *written,
                          struct error *error)
{
    uint8_t digest[16];
    if (!file_digest(written, digest, error))
        return false;
    snprintf(rebuild->digest, sizeof(rebuild->digest), "%02x%02x%02x%02x", digest[0], digest[1],
             digest[2], digest[3]);
    snprintf(rebuild->profile, sizeof(rebuild->profile), "%s/%s-%s.%s", rebuild->directory,
             text_file_name(rebuild->result), rebuild->digest, suffix);
    return file_copy(written, rebuild->profile, true, error);
}

/* What is counted below is what the compiler gets. */
static bool infer(const struct writer *writer, struct recorded *recorded, struct error *error)
{
    struct profile *inferred;
    if (!writer_infer(writer, recorded->profile, recorded->module, recorded->binary, INFERENCE_AUTO,
                      &inferred, error))
        return false;
    if (inferred) {
        profile_free(recorded->profile);
        recorded->profile = inferred;
    }
    return true;
}

static bool convert(struct rebuild *rebuild, struct recorded *recorded, struct error *error)
{
    const struct writer *writer =
        writer_find(compiler_format(rebuild->toolchain, rebuild->compiler.version));
    char written[PATH_MAX], dumps[PATH_MAX];
    struct writer_options options = {.contexts.by_lines =
                                         rebuild->request->kind == REBUILD_BY_LINES};
    if (rebuild->request->kind == REBUILD_COUNTERS) {
        writer = writer_find("profdata");
        options.ir_directory = dumps;
        if (!file_path(dumps, error, "%s/dumps", rebuild->directory) ||
            !keep_recorded(rebuild, recorded->binary, error) ||
            !rebuild_make_dumps(rebuild, &recorded->compilation, dumps, error))
            return false;
    }
    if (writer->wants_executions && correction_is_sound(recorded->profile))
        correction_apply(recorded->profile);
    if (!profile_check_addresses(recorded->profile, recorded->module, recorded->binary, error) ||
        !infer(writer, recorded, error) || !temporary_path("profile", written, error) ||
        !writer_write_file(writer, recorded->profile, recorded->binary, &options, written, true,
                           error) ||
        !rebuild_name_profile(rebuild, writer->suffix, written, error))
        return false;
    if (rebuild->toolchain == TOOLCHAIN_GCC)
        return sample_profile_build_gcc(&rebuild->samples, recorded->profile, recorded->module,
                                        recorded->binary, error);
    return true;
}

/* Go's own profiles, gzipped protocol buffers, are taken as they are; several are merged by go. */
static bool is_gzipped(const char *path)
{
    FILE *stream = fopen(path, "re");
    bool found = stream && fgetc(stream) == 0x1f && fgetc(stream) == 0x8b;
    if (stream)
        fclose(stream);
    return found;
}

static bool take_pprof(struct rebuild *rebuild, struct error *error)
{
    const struct rebuild_request *request = rebuild->request;
    if (request->profile_count > 1) {
        error_set(error, ERROR_USAGE, request->profiles[1],
                  "merge Go's own profiles first: go tool pprof -proto A B >merged.pprof");
        return false;
    }
    rebuild->toolchain = TOOLCHAIN_GO;
    if (!request->binary && !request->result) {
        error_set(error, ERROR_NO_BINARY, request->profiles[0], "or what is built, with --result");
        return false;
    }
    snprintf(rebuild->binary, sizeof(rebuild->binary), "%s",
             request->binary ? request->binary : request->result);
    snprintf(rebuild->result, sizeof(rebuild->result), "%s",
             request->result ? request->result : request->binary);
    return compiler_find(TOOLCHAIN_GO, 0, &rebuild->compiler, error) &&
           rebuild_name_profile(rebuild, "pprof", request->profiles[0], error);
}

/* A profile that somebody made for the compiler: nothing is left to convert. */
static bool take_sample_profile(struct rebuild *rebuild, struct recorded *recorded,
                                struct error *error)
{
    const struct rebuild_request *request = rebuild->request;
    const char *path = request->binary ? request->binary : request->result;
    if (request->profile_count > 1) {
        error_set(error, ERROR_USAGE, request->profiles[1],
                  "merge sample profiles first: pgo-analyze merge -f llvm-ext");
        return false;
    }
    if (!path) {
        error_set(error, ERROR_NO_BINARY, request->profiles[0], "or what is built, with --result");
        return false;
    }
    snprintf(rebuild->binary, sizeof(rebuild->binary), "%s", path);
    snprintf(rebuild->result, sizeof(rebuild->result), "%s",
             request->result ? request->result : path);
    recorded->binary = binary_open(path, error);
    return recorded->binary && compilation_read(&recorded->compilation, recorded->binary, error) &&
           set_toolchain(rebuild, recorded, error) &&
           rebuild_name_profile(rebuild, "prof", request->profiles[0], error);
}

/* go looks at the hottest calls alone, and at 100 samples a second: five seconds tell them. */
#define GO_SAMPLES_ENOUGH 500

static bool may_use(struct rebuild *rebuild, const struct recorded *recorded, struct error *error)
{
    bool is_enough_for_go =
        rebuild->toolchain == TOOLCHAIN_GO && rebuild->counts >= GO_SAMPLES_ENOUGH;
    return profile_quality_allows(
        &rebuild->findings, rebuild->request->accepts_poor || is_enough_for_go, recorded->profile,
        recorded->binary, rebuild->request->profiles[0], error);
}

static bool take_recording(struct rebuild *rebuild, struct recorded *recorded, struct error *error)
{
    if (!find_recorded(rebuild, recorded, error) ||
        !compilation_read(&recorded->compilation, recorded->binary, error) ||
        !set_toolchain(rebuild, recorded, error))
        return false;
    advice_on_binary(recorded->binary, &recorded->compilation, rebuild->toolchain,
                     &rebuild->compiler, &rebuild->findings);
    rebuild->is_by_probes = rebuild->toolchain == TOOLCHAIN_CLANG &&
                            recorded->compilation.has_probes &&
                            rebuild->request->kind != REBUILD_BY_LINES;
    rebuild->counts = counts_of(recorded);
    if (rebuild->counts == 0 && rebuild->request->allow_empty)
        return true;
    if (rebuild->counts == 0) {
        error_set(error, ERROR_NO_SAMPLES, rebuild->request->profiles[0],
                  "none in %s; --allow-empty builds all the same", rebuild->binary);
        return false;
    }
    /* Before it is converted, which changes it; what stands in the way of that is said first. */
    struct error poor;
    bool is_good = may_use(rebuild, recorded, &poor);
    /* But before anything is built that takes no profile yet. */
    enum rebuild_kind kind = rebuild->request->kind;
    if (kind != REBUILD_PLAIN && (is_good || kind != REBUILD_COUNTERS)) {
        if (!convert(rebuild, recorded, error))
            return false;
    }
    if (!is_good) {
        *error = poor;
        return false;
    }
    return keep_recorded(rebuild, recorded->binary, error);
}

/* --- Go's default.pgo ------------------------------------------------------------------------- */

static bool put_default_pgo(struct rebuild *rebuild, struct error *error)
{
    static char text[1 << 20];
    char package[PATH_MAX] = "", directory[PATH_MAX];
    char *version[] = {rebuild->compiler.path, "version", "-m", rebuild->binary, NULL};
    char *list[] = {rebuild->compiler.path, "list", "-f", "{{.Dir}}", package, NULL};
    if (!process_ask(rebuild->compiler.path, version, text, sizeof(text), error))
        return false;
    if (!ask_word_after(text, "\tpath\t", package, sizeof(package))) {
        error_set(error, ERROR_OTHER_BINARY, rebuild->binary, "go version -m knows no package");
        return false;
    }
    if (!process_ask(rebuild->compiler.path, list, directory, sizeof(directory), error))
        return false;
    text_end_before(directory, "\n");
    snprintf(rebuild->default_pgo, sizeof(rebuild->default_pgo), "%.*s/default.pgo",
             (int)sizeof(rebuild->default_pgo) - 16, directory);
    struct error ignored; /* where there is none yet */
    uint64_t offset;
    bool same;
    if (file_compare(rebuild->default_pgo, rebuild->profile, &same, &offset, &ignored) && same)
        return true;
    return file_copy(rebuild->profile, rebuild->default_pgo, rebuild->request->force, error);
}

/* cargo and go see by themselves what has to be compiled again: nothing is to be noted. */
static bool wants_injection(struct rebuild *rebuild)
{
    if (rebuild->request->kind != REBUILD_PLAIN)
        return *rebuild->profile;
    snprintf(rebuild->digest, sizeof(rebuild->digest), "plain");
    return rebuild->toolchain == TOOLCHAIN_CLANG || rebuild->toolchain == TOOLCHAIN_GCC;
}

static void set_flags(struct rebuild *rebuild, const struct compilation *compilation)
{
    enum rebuild_kind kind = rebuild->request->kind;
    if (kind == REBUILD_COUNTERS) {
        compiler_counter_debug_flags(rebuild->toolchain, compilation, &rebuild->debug_flags);
        compiler_counter_flags(rebuild->toolchain, rebuild->profile, compilation,
                               &rebuild->use_flags);
    } else if (kind != REBUILD_PLAIN) {
        compiler_debug_flags(rebuild->toolchain, compilation, &rebuild->debug_flags);
        compiler_use_flags(rebuild->toolchain, &rebuild->compiler, rebuild->profile, compilation,
                           kind == REBUILD_BY_LINES, &rebuild->use_flags);
    }
}

bool rebuild_inject(struct rebuild *rebuild, struct error *error)
{
    char log[PATH_MAX];
    struct injection_request request = {.toolchain = rebuild->toolchain,
                                        .compiler = &rebuild->compiler,
                                        .debug_flags = &rebuild->debug_flags,
                                        .use_flags = &rebuild->use_flags,
                                        .architecture = rebuild->architecture,
                                        .digest = rebuild->digest,
                                        .directory = rebuild->directory,
                                        .log = rebuild->request->command ? log : NULL};
    enum rebuild_kind kind = rebuild->request->kind;
    if (request.log && !temporary_path("compilations", log, error))
        return false;
    if (request.log)
        unlink(log); /* of an earlier build */
    /* Its options are unstable ones, by which a stable rustc names functions otherwise. */
    bool has_evidence = kind != REBUILD_COUNTERS && kind != REBUILD_PLAIN;
    if (request.log && !compiler_evidence_prepare(log, has_evidence, error))
        return false;
    injection_free(&rebuild->injection);
    return injection_make(&rebuild->injection, &request, error);
}

bool rebuild_prepare(struct rebuild *rebuild, const struct rebuild_request *request,
                     struct error *error)
{
    struct recorded recorded = {0};
    bool done;
    rebuild->request = request;
    if (request->kind != REBUILD_SAMPLES &&
        (profile_kind_of(request->profiles[0]) == PROFILE_BY_LINE ||
         is_gzipped(request->profiles[0]))) {
        error_set(error, ERROR_USAGE, request->profiles[0],
                  "it has no counts by address, of which other profiles are made: give a "
                  "recording");
        return false;
    }
    if (!set_directory(rebuild, error))
        return false;
    if (profile_kind_of(request->profiles[0]) == PROFILE_BY_LINE)
        done = take_sample_profile(rebuild, &recorded, error);
    else if (is_gzipped(request->profiles[0]))
        done = take_pprof(rebuild, error);
    else
        done = take_recording(rebuild, &recorded, error);
    if (done && wants_injection(rebuild)) {
        set_flags(rebuild, &recorded.compilation);
        done = rebuild_inject(rebuild, error);
    }
    if (done && *rebuild->profile && request->default_pgo)
        done = put_default_pgo(rebuild, error);
    compilation_free(&recorded.compilation);
    binary_free(recorded.binary);
    profile_free(recorded.profile);
    return done;
}
