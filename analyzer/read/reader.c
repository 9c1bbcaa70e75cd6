#include "analyzer/read/reader.h"

#include "analyzer/base/file.h"
#include "analyzer/read/foreign_files.h"
#include "analyzer/read/formats.h"

enum profile_kind profile_kind_of(const char *path)
{
    const struct reader *reader = reader_of_file(path);
    return reader ? reader->kind : PROFILE_BY_ADDRESS;
}

bool profile_read_filtered(const char *path, const struct profile_filter *filter,
                           struct profile *into, struct error *error)
{
    const struct reader *reader = reader_of_file(path);
    bool has_filter = filter && (filter->by_process || filter->thread);

    const char *foreign = reader ? NULL : foreign_file_describe(path);
    if (foreign) {
        error_set(error, ERROR_NOT_RAW_PROFILE, path, "%s", foreign);
        return false;
    }
    if (!reader)
        reader = &reader_raw; /* which says what is wrong with the file */
    if (has_filter && !reader->takes_filter) {
        error_set(error, ERROR_PROFILE_KIND, path,
                  "it is %s, which does not tell whose samples are", reader->name);
        return false;
    }
    if (!reader->read) {
        error_set(error, ERROR_PROFILE_KIND, path, "it is %s, which has no addresses",
                  reader->name);
        return false;
    }
    size_t known = into->recording_count;
    if (!reader->read(path, has_filter ? filter : NULL, into, error))
        return false;
    for (size_t i = known; i < into->recording_count; i++) {
        struct recording *recording = &into->recordings[i];
        uint64_t fingerprint = recording->origin_count == 0 ? file_fingerprint(path) : 0;
        if (fingerprint != 0)
            recording->origins[recording->origin_count++] = fingerprint;
    }
    return true;
}

bool profile_read(const char *path, struct profile *into, struct error *error)
{
    return profile_read_filtered(path, NULL, into, error);
}

bool symbol_profile_read(const char *path, struct symbol_profile *into, struct error *error)
{
    return reader_fdata.read_symbols(path, into, error);
}

bool sample_profile_read(const char *path, struct sample_profile *into, struct error *error)
{
    const struct reader *reader = reader_of_file(path);

    if (reader && reader->read_lines)
        return reader->read_lines(path, into, error);
    error_set(error, ERROR_PROFILE_KIND, path, "it is %s, no LLVM sample profile",
              reader ? reader->name : "of no kind that is known");
    return false;
}
