/*
 * LLVM's sample profiles as text.
 *
 * The lines are those of llvm/lib/ProfileData/SampleProfReader.cpp:
 *
 *   NAME:TOTAL:HEAD                       a function, or [CONTEXT]:TOTAL:HEAD
 *    PLACE: COUNT CALLEE:COUNT...         one of its places; one blank deeper where inlined
 *    PLACE: NAME:TOTAL                    what was inlined there
 *    !CFGChecksum: N, !Attributes: N, !Flat
 *
 * PLACE is OFFSET or OFFSET.DISCRIMINATOR.
 */
#include <string.h>

#include "analyzer/base/count.h"
#include "analyzer/model/samples/sample_merge.h"
#include "analyzer/read/formats.h"
#include "analyzer/read/text_file.h"

#define OFFSET_LIMIT 0xffff /* LLVM keeps 16 bits */
#define TARGET_LIMIT 10000  /* of one place */
#define CHECKSUM "!CFGChecksum:"
#define ATTRIBUTES "!Attributes:"
#define FLAT "!Flat"
#define TYPES "<vtables "

struct llvm_text {
    struct text_file text;
    struct sample_profile *samples;
    struct sample_function *functions[SAMPLE_DEPTH_LIMIT + 1]; /* by depth: who is in whom */
    unsigned depth; /* of the innermost; 0: there is none yet */
};

static bool is_digit(char character)
{
    return character >= '0' && character <= '9';
}

/* A whole number that ends the text. */
static bool take_last_number(char *text, uint64_t *number)
{
    return is_digit(*text) && text_take_number(&text, number) && *text == '\0';
}

/* Where the last colon before `end` is, or NULL. */
static char *last_colon(char *text, const char *end)
{
    return memrchr(text, ':', (size_t)(end - text));
}

/* NAME:TOTAL:HEAD. */
static bool fits(const struct file_head *file)
{
    const char *line = file->first;
    const char *head = strrchr(line, ':');
    const char *total = head ? memrchr(line, ':', (size_t)(head - line)) : NULL;
    return total && total > line && *line != ' ' && head > total + 1 && head[1] != '\0' &&
           head[1 + strspn(head + 1, "0123456789")] == '\0' &&
           total + 1 + strspn(total + 1, "0123456789") == head;
}

static bool read_function(struct llvm_text *file)
{
    char *line = file->text.line;
    char *head = strrchr(line, ':');
    char *total = head ? last_colon(line, head) : NULL;
    uint64_t total_count, head_count;
    bool fits = total && total > line && take_last_number(head + 1, &head_count);
    if (fits) {
        *head = '\0';
        fits = take_last_number(total + 1, &total_count);
    }
    if (!fits)
        return text_garbled(&file->text, "expected NAME:TOTAL:HEAD, found '%s'", line);
    bool has_context = *line == '[';
    if (has_context && total[-1] != ']')
        return text_garbled(&file->text, "expected ']' after the callers of a function");
    if (file->depth == 0)
        file->samples->has_contexts = has_context;
    else if (file->samples->has_contexts != has_context)
        return text_garbled(&file->text, "only some functions have callers before them");
    const char *name =
        sample_profile_name(file->samples, line, (size_t)(total - line), file->text.error);
    struct sample_function *function =
        name ? sample_profile_append(file->samples, name, file->text.error) : NULL;
    if (!function)
        return false;
    function->total = total_count;
    function->head = head_count;
    file->functions[1] = function;
    file->depth = 1;
    return true;
}

static bool read_metadata(struct llvm_text *file, char *text, struct sample_function *function)
{
    uint64_t number = 0;
    if (strcmp(text, FLAT) == 0) {
        function->is_flat = true;
        return true;
    }
    bool is_checksum = strncmp(text, CHECKSUM, strlen(CHECKSUM)) == 0;
    bool is_attributes = strncmp(text, ATTRIBUTES, strlen(ATTRIBUTES)) == 0;
    char *rest = text + (is_checksum ? strlen(CHECKSUM) : strlen(ATTRIBUTES));
    if ((!is_checksum && !is_attributes) || !text_take_number(&rest, &number) ||
        !text_is_over(rest) || (is_attributes && number > UINT32_MAX))
        return text_garbled(&file->text, "'%s' is not metadata of a function", text);
    if (is_checksum) {
        function->checksum = number;
        file->samples->by_probes = true;
    } else {
        function->attributes = (uint32_t)number;
    }
    return true;
}

static bool read_place(struct llvm_text *file, char **text, struct sample_place *place)
{
    uint64_t offset;
    uint64_t discriminator = 0;
    char *at = *text;
    bool fits = is_digit(*at) && text_take_number(&at, &offset);
    if (fits && *at == '.') {
        at++;
        fits = is_digit(*at) && text_take_number(&at, &discriminator);
    }
    if (!fits || at[0] != ':' || at[1] != ' ' || at[2] == '\0')
        return text_garbled(&file->text, "expected OFFSET: or OFFSET.DISCRIMINATOR: at '%s'",
                            *text);
    if (offset > OFFSET_LIMIT)
        return text_garbled(&file->text, "line offset %lu is above %d", (unsigned long)offset,
                            OFFSET_LIMIT);
    if (discriminator > UINT32_MAX)
        return text_garbled(&file->text, "discriminator %lu has more than 32 bits",
                            (unsigned long)discriminator);
    *place = (struct sample_place){(uint32_t)offset, (uint32_t)discriminator};
    *text = at + 2;
    return true;
}

/*
 * Targets follow one another as NAME:COUNT.  Names that are not mangled may have
 * blanks and colons in them: a name ends at the first colon with a number after
 * it that ends at a blank.
 */
static bool read_targets(struct llvm_text *file, char *text, struct sample_record *record)
{
    while (*(text += strspn(text, " "))) {
        char *name = text;
        char *colon = name;
        uint64_t count;
        for (;;) {
            colon = strchr(colon, ':');
            if (!colon || colon == name)
                return text_garbled(&file->text, "expected CALLEE:COUNT at '%s'", name);
            text = colon + 1;
            if (is_digit(*text) && text_take_number(&text, &count) &&
                (*text == ' ' || *text == '\0'))
                break;
            colon++;
        }
        const char *own =
            sample_profile_name(file->samples, name, (size_t)(colon - name), file->text.error);
        if (!own || !sample_record_add_target(record, own, count, file->text.error))
            return false;
        if (record->target_count > TARGET_LIMIT)
            return text_garbled(&file->text, "more than %d callees of one place", TARGET_LIMIT);
    }
    return true;
}

static bool read_counts(struct llvm_text *file, char *text, struct sample_place place,
                        struct sample_function *function)
{
    uint64_t count;
    if (!text_take_number(&text, &count) || (*text != ' ' && *text != '\0'))
        return text_garbled(&file->text, "expected a count below 2^64 at '%s'", text);
    struct sample_record *record = sample_function_record(function, place, file->text.error);
    if (!record)
        return false;
    record->count = count_add(record->count, count);
    return read_targets(file, text, record);
}

static bool read_inlined(struct llvm_text *file, char *text, struct sample_place place,
                         struct sample_function *parent)
{
    char *colon = strrchr(text, ':');
    uint64_t total;
    if (strncmp(text, TYPES, strlen(TYPES)) == 0)
        return text_garbled(&file->text, "counts of the types of objects are not supported");
    if (!colon || colon == text || !take_last_number(colon + 1, &total))
        return text_garbled(&file->text, "expected a count or NAME:TOTAL, found '%s'", text);
    if (file->depth == SAMPLE_DEPTH_LIMIT)
        return text_garbled(&file->text, "functions are inlined into one another %d deep",
                            SAMPLE_DEPTH_LIMIT);
    const char *name =
        sample_profile_name(file->samples, text, (size_t)(colon - text), file->text.error);
    struct sample_function *inlined =
        name ? sample_function_inlined(parent, place, name, file->text.error) : NULL;
    if (!inlined)
        return false;
    inlined->total = count_add(inlined->total, total);
    file->functions[++file->depth] = inlined;
    return true;
}

static bool read_line(struct llvm_text *file)
{
    char *text = file->text.line;
    size_t depth = strspn(text, " ");
    struct sample_place place = {0, 0};
    if (depth == 0)
        return read_function(file);
    text += depth;
    if (*text == '#')
        return true;
    if (depth > file->depth)
        return text_garbled(&file->text, "%zu blanks before it, in no more than %u functions",
                            depth, file->depth);
    file->depth = (unsigned)depth;
    struct sample_function *function = file->functions[depth];
    if (*text == '!')
        return read_metadata(file, text, function);
    if (!read_place(file, &text, &place))
        return false;
    return is_digit(*text) ? read_counts(file, text, place, function)
                           : read_inlined(file, text, place, function);
}

static bool read_llvm_text(const char *path, struct sample_profile *into, struct error *error)
{
    struct llvm_text file = {.samples = into};
    bool done = text_open(&file.text, path, error);
    while (done && text_next_filled(&file.text))
        done = read_line(&file);
    done = done && !file.text.failed;
    text_close(&file.text);
    return done && sample_profile_unite(into, path, error);
}

const struct reader reader_llvm_text = {
    .name = "an LLVM sample profile",
    .kind = PROFILE_BY_LINE,
    .fits = fits,
    .read_lines = read_llvm_text,
};
