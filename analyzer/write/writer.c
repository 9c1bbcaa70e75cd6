#include "analyzer/write/writer.h"

#include "analyzer/base/output.h"
#include "analyzer/model/match/placement.h"
#include "analyzer/model/profile/module_counts.h"
#include "analyzer/write/accounts.h"

static const struct writer_options default_options = {.infer = INFERENCE_AUTO};

static bool has_counts(const struct profile *profile, uint32_t module)
{
    for (size_t i = 0; i < profile->trace_count; i++) {
        if (profile->traces[i].from.module == module || profile->traces[i].to.module == module)
            return true;
    }
    return false;
}

/* Says which module has most samples: a program's work is often in a library. */
static void refuse_unsampled(const struct profile *profile, const struct binary *binary,
                             struct error *error)
{
    const char *hottest = NULL;
    uint64_t most = 0;
    for (size_t i = 0; i < profile->module_count; i++) {
        struct module_counts counts = profile_module_counts(profile, (uint32_t)i);
        if (counts.samples > most && !module_is_unnamed(&profile->modules[i])) {
            most = counts.samples;
            hottest = profile->modules[i].path;
        }
    }
    error_set(error, ERROR_NO_SAMPLES, binary_path(binary),
              hottest ? "it was loaded, but no sample fell into it; most fell into %s (-b)"
                      : "it was loaded, but no sample fell into it",
              hottest);
}

static bool check(const struct writer *writer, const struct profile *profile,
                  const struct binary *binary, uint32_t *module, struct error *error)
{
    if (profile->trace_count == 0 && profile->stack_count == 0) {
        error_set(error, ERROR_NO_SAMPLES,
                  profile->recording_count > 0 ? profile->recordings[0].file : "the profile", NULL);
        return false;
    }
    if (!writer->needs_binary && !binary)
        return true;
    if (!binary_find_module(binary, profile, module, error))
        return false;
    if (writer->needs_symbols && !binary_has_symbols(binary)) {
        error_set(error, ERROR_STRIPPED, binary_path(binary), NULL);
        return false;
    }
    if (writer->needs_binary && !has_counts(profile, *module)) {
        refuse_unsampled(profile, binary, error);
        return false;
    }
    return true;
}

/* Writers of branches by symbol infer for themselves: their edges need no ranges. */
static bool wants_inference(const struct writer *writer, const struct profile *profile,
                            uint32_t module, enum inference_wanted infer)
{
    return writer->wants_executions &&
           (infer == INFERENCE_ON ||
            (infer == INFERENCE_AUTO && !profile_has_branches(profile, module)));
}

bool writer_infer(const struct writer *writer, const struct profile *profile, uint32_t module,
                  const struct binary *binary, enum inference_wanted infer,
                  struct profile **inferred, struct error *error)
{
    *inferred = NULL;
    if (!wants_inference(writer, profile, module, infer))
        return true;
    *inferred = inference_profile(profile, module, binary, error);
    return *inferred != NULL;
}

bool writer_write(const struct writer *writer, const struct profile *profile,
                  const struct binary *binary, FILE *stream, struct error *error)
{
    return writer_write_wanted(writer, profile, binary, &default_options, stream, error);
}

bool writer_write_wanted(const struct writer *writer, const struct profile *profile,
                         const struct binary *binary, const struct writer_options *options,
                         FILE *stream, struct error *error)
{
    struct writer_input input = {.profile = profile,
                                 .binary = binary,
                                 .infer = options->infer,
                                 .contexts = options->contexts,
                                 .ir_directory = options->ir_directory};
    struct profile *inferred = NULL;
    bool done;
    if (!check(writer, profile, binary, &input.module, error))
        return false;
    if (!writer_infer(writer, profile, input.module, binary, options->infer, &inferred, error))
        return false;
    if (inferred || writer->has_no_accounts)
        accounts_tell_places(profile, input.module, binary);
    if (inferred)
        input.profile = inferred;
    input.binaries = binaries_new(input.profile, error);
    done = input.binaries != NULL;
    if (done && binary)
        binaries_give(input.binaries, input.module, binary);
    done = done && writer->write(&input, stream, error);
    binaries_free(input.binaries);
    profile_free(inferred);
    return done;
}

struct file_content {
    const struct writer *writer;
    const struct profile *profile;
    const struct binary *binary;
    const struct writer_options *options;
};

static bool produce(FILE *stream, void *context, struct error *error)
{
    const struct file_content *content = context;
    return writer_write_wanted(content->writer, content->profile, content->binary, content->options,
                               stream, error);
}

bool writer_write_file(const struct writer *writer, const struct profile *profile,
                       const struct binary *binary, const struct writer_options *options,
                       const char *path, bool force, struct error *error)
{
    struct file_content content = {writer, profile, binary, options ? options : &default_options};
    return output_write_file(path, force, produce, &content, error);
}
