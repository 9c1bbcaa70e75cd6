#include "analyzer/read/reader.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "analyzer/read/fdata.h"
#include "analyzer/read/llvm_ext.h"
#include "analyzer/read/llvm_text.h"
#include "analyzer/read/perf_data.h"
#include "analyzer/read/perf_script.h"
#include "analyzer/read/preagg.h"
#include "analyzer/read/raw.h"
#include "analyzer/read/text_file.h"
#include "analyzer/read/unsymbolized.h"
#include "include/pgoshim/raw.h"

#define HEAD_SIZE 65536

/* The beginning of a file: its first lines that have something in them, perhaps cut short. */
struct head {
    char bytes[HEAD_SIZE + 1];
    size_t size;
    char first[1024];
    char second[1024];
};

struct format {
    enum profile_kind kind;
    const char *words; /* what such a file is */
    bool (*fits)(const struct head *head);
    /* The one for its kind; fdata has one form only, and so none here. */
    bool (*read)(const char *path, struct profile *into, struct error *error);
    bool (*read_lines)(const char *path, struct sample_profile *into, struct error *error);
};

static bool is_perf_data(const struct head *head)
{
    return head->size >= sizeof(PERF_DATA_MAGIC) - 1 &&
           memcmp(head->bytes, PERF_DATA_MAGIC, sizeof(PERF_DATA_MAGIC) - 1) == 0;
}

static bool is_preagg(const struct head *head)
{
    return preagg_line_fits(head->first);
}

static bool is_number(const char *line)
{
    return *line != '\0' && line[strspn(line, "0123456789")] == '\0';
}

static bool is_unsymbolized(const struct head *head)
{
    return is_number(head->first) &&
           (*head->second == '\0' || is_number(head->second) ||
            strspn(head->second, "0123456789abcdefABCDEFx->:") == strlen(head->second));
}

static bool is_fdata(const struct head *head)
{
    return fdata_line_fits(head->first);
}

static bool is_perf_script(const struct head *head)
{
    return perf_script_line_fits(head->first);
}

static bool is_llvm_text(const struct head *head)
{
    return llvm_text_line_fits(head->first);
}

static bool is_llvm_ext(const struct head *head)
{
    return llvm_ext_fits(head->bytes, head->size);
}

static const struct format formats[] = {
    {PROFILE_BY_ADDRESS, "perf.data", is_perf_data, profile_read_perf_data, NULL},
    {PROFILE_BY_ADDRESS, "pre-aggregated text", is_preagg, profile_read_preagg, NULL},
    {PROFILE_BY_ADDRESS, "ranges and branches as text", is_unsymbolized, profile_read_unsymbolized,
     NULL},
    {PROFILE_BY_SYMBOL, "BOLT's fdata", is_fdata, NULL, NULL},
    {PROFILE_BY_ADDRESS, "perf script's text", is_perf_script, profile_read_perf_script, NULL},
    {PROFILE_BY_LINE, "an LLVM sample profile", is_llvm_text, NULL, sample_profile_read_text},
    {PROFILE_BY_LINE, "an LLVM sample profile", is_llvm_ext, NULL, sample_profile_read_ext},
};

/* Copies the next line that counts and goes past it. */
static void next_line(const char **text, char *line, size_t size)
{
    *line = '\0';
    while (**text) {
        size_t length = strcspn(*text, "\n");
        size_t blanks = strspn(*text, " \t\r");
        bool counts = blanks < length && **text != '#';
        if (counts) {
            size_t copied = length < size ? length : size - 1;
            memcpy(line, *text, copied);
            while (copied > 0 && strchr(" \t\r", line[copied - 1]))
                copied--;
            line[copied] = '\0';
        }
        *text += length + ((*text)[length] == '\n');
        if (counts)
            return;
    }
}

/* Files that cannot be looked into are left to a reader, which says why. */
static void read_head(const char *path, struct head *head)
{
    const char *text = head->bytes;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t got = descriptor < 0 ? -1 : pread(descriptor, head->bytes, HEAD_SIZE, 0);
    if (descriptor >= 0)
        close(descriptor);
    head->size = got < 0 ? 0 : (size_t)got;
    head->bytes[head->size] = '\0';
    next_line(&text, head->first, sizeof(head->first));
    next_line(&text, head->second, sizeof(head->second));
}

/* The format of a file, or NULL, which raw profiles are as well. */
static const struct format *find_format(const char *path)
{
    struct head head;
    read_head(path, &head);
    for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++) {
        if (formats[i].fits(&head))
            return &formats[i];
    }
    return NULL;
}

enum profile_kind profile_kind_of(const char *path)
{
    const struct format *format = find_format(path);
    return format ? format->kind : PROFILE_BY_ADDRESS;
}

static bool has_filter(const struct profile_filter *filter)
{
    return filter && (filter->by_process || filter->thread);
}

/* A raw profile of one process is of that one or not; threads have no names in it. */
static bool filter_raw(const char *path, const struct profile_filter *filter,
                       const struct profile *profile, struct error *error)
{
    const struct recording *recording = &profile->recordings[profile->recording_count - 1];
    const char *what = NULL;
    if (filter->thread)
        what = "raw profiles do not tell the names of threads";
    else if (recording->counters[PGORAW_COUNT_PROCESSES] > 1 || recording->process_id == 0)
        what = "several processes were recorded into it, and it does not tell them apart";
    else if ((uint32_t)recording->process_id != filter->process)
        what = "it is of another process";
    if (what)
        error_set(error, ERROR_PROFILE_KIND, path, "%s", what);
    return !what;
}

bool profile_read_filtered(const char *path, const struct profile_filter *filter,
                           struct profile *into, struct error *error)
{
    const struct format *format = find_format(path);
    if (!has_filter(filter))
        return profile_read(path, into, error);
    if (!format)
        return profile_read_raw(path, into, error) && filter_raw(path, filter, into, error);
    if (format->read == profile_read_perf_data)
        return profile_read_perf_data_filtered(path, filter, into, error);
    if (format->read == profile_read_perf_script)
        return profile_read_perf_script_filtered(path, filter, into, error);
    error_set(error, ERROR_PROFILE_KIND, path, "it is %s, which does not tell whose samples are",
              format->words);
    return false;
}

bool profile_read(const char *path, struct profile *into, struct error *error)
{
    const struct format *format = find_format(path);
    if (!format)
        return profile_read_raw(path, into, error);
    if (format->read)
        return format->read(path, into, error);
    error_set(error, ERROR_PROFILE_KIND, path, "it is %s, which has no addresses", format->words);
    return false;
}

bool sample_profile_read(const char *path, struct sample_profile *into, struct error *error)
{
    const struct format *format = find_format(path);
    if (format && format->read_lines)
        return format->read_lines(path, into, error);
    error_set(error, ERROR_PROFILE_KIND, path, "it is %s, no LLVM sample profile",
              format ? format->words : "of no kind that is known, or a raw profile");
    return false;
}
