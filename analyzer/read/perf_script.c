/*
 * perf script's text: samples with branch stacks, as llvm-profgen --perfscript takes
 * them, with call stacks or without, and mappings where --show-mmap-events asked for
 * them; -F with any of comm, pid, tid, time, event, ip, sym, dso and brstack.  Without
 * mappings, addresses are of a module without a name: profile_place gives it one.
 *
 * The lines are those of tools/perf/builtin-script.c:
 *
 *   COMM PID/TID [CPU] TIME: PERIOD EVENT: ADDRESS SYMBOL (FILE) 0xFROM/0xTO/P/-/-/0 ...
 *   COMM PID TIME: PERF_RECORD_MMAP2 PID/TID: [0xSTART(0xSIZE) @ OFFSET ...]: r-xp FILE
 *   COMM PID TIME: PERF_RECORD_COMM exec: COMM:PID/TID
 *   COMM PID TIME: PERF_RECORD_FORK(CHILD:TID):(PARENT:TID)
 *
 * of which any part may be missing (perf_script_head.h finds whose a line is).  A call stack
 * follows its sample, or stands for it, in lines that begin with a tab, the innermost frame first,
 * and then the branch stack in a line of its own; lines of source, which begin with two blanks, are
 * passed over.
 *
 * One number alone is the process's or the thread's: FORK, COMM and MMAP tell whose the
 * thread is.  What nothing tells the process of is looked for in all that were mapped;
 * addresses that mean several places are counted as of none, and said.
 */
#include <inttypes.h>
#include <limits.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/memory.h"
#include "analyzer/base/message.h"
#include "analyzer/read/foreign_files.h"
#include "analyzer/read/formats.h"
#include "analyzer/read/perf_sample.h"
#include "analyzer/read/perf_script_head.h"
#include "analyzer/read/perf_script_words.h"
#include "analyzer/read/perf_sink.h"
#include "analyzer/read/perf_traced_branches.h"
#include "analyzer/read/text_file.h"
#include "analyzer/read/text_profile.h"

#define RECORD "PERF_RECORD_"
#define TRACE_ERROR " instruction trace error "
#define MOST_ADDRESSES 4
#define PROCESS_LIMIT UINT32_MAX

struct perf_script {
    struct text_file text;
    struct perf_sink sink;
    bool has_mappings;
    bool has_samples;
    struct perf_threads threads;
    struct perf_traced_branches traced;
    uint32_t process; /* of the sample that is being read, or PERF_PROCESS_UNKNOWN */
    const struct profile_filter *filter; /* NULL: all samples are wanted */
    bool is_wanted;                      /* the sample that is being read */
    bool has_no_address;                 /* so far: frames may follow */
    uint64_t undecided;                  /* samples that the filter wants or not: nothing tells */
    uint64_t unmapped;                   /* frames of files that their process has not mapped */
    uint64_t frames[PERF_MAX_STACK_DEPTH];
    size_t frame_count;
};

/* --- what kind of line it is -------------------------------------------------------------- */

static bool fits(const struct file_head *head)
{
    const char *line = head->first;
    struct perf_script_head found;
    struct perf_threads none = {0};
    if (strstr(head->bytes, FOREIGN_PERF_DUMP))
        return false; /* perf script -D: each record is there twice */
    if (strstr(line, RECORD) || perf_script_find_branches((char *)head->bytes))
        return true;
    perf_script_head_find((char *)line, &none, &found);
    if (found.has_time && (found.has_process || found.has_number))
        return true;
    if (perf_script_has_address(line) ||
        (*head->second == '\t' && perf_script_has_address(head->second)))
        return true;
    /* Else something after TIME or EVENT. */
    const char *colon = strstr(line, ": ");
    return colon && colon > line && colon[-1] != ' ' &&
           strspn(line, "0123456789abcdef->:") < (size_t)(colon - line);
}

/* --- records -------------------------------------------------------------------------------- */

static bool take_process(struct perf_script *file, char **text, uint32_t *process)
{
    uint64_t number;
    if (!text_take_number(text, &number) || number > PROCESS_LIMIT)
        return text_garbled(&file->text, "expected the number of a process at '%s'", *text);
    *process = (uint32_t)number;
    return true;
}

/* PID/TID: [0xSTART(0xSIZE) @ OFFSET ...]: PROTECTION FILE */
static bool read_mapping(struct perf_script *file, char *text)
{
    struct perf_mapping mapping = {0};
    uint64_t thread;
    char *protection = NULL;
    if (text_take_character(&text, '-')) /* process -1: the kernel's */
        return true;
    if (!take_process(file, &text, &mapping.process))
        return false;
    bool fits = text_take_character(&text, '/') && text_take_number(&text, &thread) &&
                text_take_character(&text, ':') && text_take_character(&text, '[') &&
                text_take_hex(&text, &mapping.start) && text_take_character(&text, '(') &&
                text_take_hex(&text, &mapping.length) && text_take_character(&text, ')') &&
                text_take_character(&text, '@') && text_take_hex(&text, &mapping.offset);
    char *bracket = fits ? strstr(text, "]: ") : NULL;
    if (bracket) {
        text = bracket + 3;
        protection = text_take_word(&text);
    }
    if (!protection || *text == '\0')
        return text_garbled(&file->text, "expected PID/TID: [0xSTART(0xSIZE) @ OFFSET]: x FILE");
    mapping.path = text;
    if (!strchr(protection, 'x') || perf_is_kernel(mapping.start))
        return true;
    file->has_mappings = true;
    return perf_threads_belongs(&file->threads, (uint32_t)thread, mapping.process,
                                file->text.error) &&
           perf_map(file->sink.spaces, &mapping, file->text.error);
}

/* "exec: COMM:PID/TID" or ": COMM:PID/TID"; names may have colons in them. */
static bool read_command(struct perf_script *file, char *text)
{
    uint32_t process = 0;
    uint32_t thread = 0;
    bool is_exec = strncmp(text, " exec", 5) == 0;
    char *colon = strrchr(text, ':');
    if (!colon)
        return true;
    colon++;
    return take_process(file, &colon, &process) &&
           (!text_take_character(&colon, '/') || take_process(file, &colon, &thread)) &&
           perf_threads_belongs(&file->threads, thread ? thread : process, process,
                                file->text.error) &&
           (!is_exec || perf_exec(file->sink.spaces, process, file->text.error));
}

/* (CHILD:TID):(PARENT:TID) */
static bool read_fork(struct perf_script *file, char *text)
{
    uint32_t child = 0;
    uint32_t thread = 0;
    uint32_t parent = 0;
    if (!text_take_character(&text, '(') || !take_process(file, &text, &child) ||
        !text_take_character(&text, ':') || !take_process(file, &text, &thread) ||
        !text_take_character(&text, ')') || !text_take_character(&text, ':') ||
        !text_take_character(&text, '(') || !take_process(file, &text, &parent))
        return file->text.failed ? false
                                 : text_garbled(&file->text, "expected (PID:TID):(PID:TID)");
    return perf_threads_belongs(&file->threads, thread, child, file->text.error) &&
           perf_fork(file->sink.spaces, child, parent, file->text.error);
}

static bool read_record(struct perf_script *file, char *record)
{
    size_t size = strcspn(record, " (:");
    char *rest = record + size;
    if (file->sink.is_unnamed)
        return text_garbled(&file->text, "mappings come after samples: sort by time");
    if (size == 4 && memcmp(record, "MMAP", 4) == 0)
        return read_mapping(file, rest);
    if (size == 5 && memcmp(record, "MMAP2", 5) == 0)
        return read_mapping(file, rest);
    if (size == 4 && memcmp(record, "COMM", 4) == 0)
        return read_command(file, rest);
    if (size == 4 && memcmp(record, "FORK", 4) == 0)
        return read_fork(file, rest);
    return true;
}

/* --- samples ---------------------------------------------------------------------------------- */

/* Where no mapping came before the first sample, none is known. */
static bool begin_sample(struct perf_script *file)
{
    if (!file->has_samples && !file->has_mappings) {
        file->sink.is_unnamed = true;
        if (!profile_add_unnamed(file->sink.counts.profile, &file->sink.unnamed, file->text.error))
            return false;
    }
    file->has_samples = true;
    return true;
}

static bool count_address(struct perf_script *file, uint64_t address)
{
    bool is_kernel = perf_is_kernel(address);
    if (!file->is_wanted)
        return true;
    file->sink.left_out.in_kernel += is_kernel;
    return is_kernel || (begin_sample(file) &&
                         perf_sink_sample(&file->sink, file->process, address, file->text.error));
}

/* Counts the call stack that was collected, and its innermost frame as the sample. */
static bool end_stack(struct perf_script *file)
{
    size_t count = file->frame_count;
    file->frame_count = 0;
    if (count == 0 || !file->is_wanted)
        return true;
    if (!count_address(file, file->frames[0]))
        return false;
    /* A sample in the kernel is not the program's. */
    return perf_is_kernel(file->frames[0]) ||
           perf_sink_stack(&file->sink, file->process, file->frames, count, file->text.error);
}

static bool end_sample(struct perf_script *file)
{
    file->sink.left_out.without_address += file->has_no_address && file->is_wanted;
    file->has_no_address = false;
    return perf_sink_end_sample(&file->sink, file->text.error);
}

/*
 * Turns the offset of a frame into an address by its file, which stands in parentheses at
 * the end of the line.  Symbols and paths may have parentheses in them: the file is what
 * the process has mapped.
 */
static void place_frame(struct perf_script *file, char *line, uint64_t *address)
{
    char *end = strrchr(line, ')');
    if (!end)
        return;
    *end = '\0';
    for (char *path = strstr(line, " ("); path; path = strstr(path + 1, " (")) {
        if (perf_address_of_offset(file->sink.spaces, file->process, path + 2, address))
            return;
    }
    file->unmapped++;
}

/*
 * ADDRESS SYMBOL (FILE); the address is an offset in the file where perf knows the file.
 * Inlined functions have frames of their own, at the address of the one that they are in.
 */
static bool read_frame(struct perf_script *file)
{
    static const char inlined[] = " (inlined)";
    char *word = file->text.line + strspn(file->text.line, " \t");
    size_t size = strlen(word);
    uint64_t address;
    if (size > 0 && (word[size - 1] == ':' || strstr(word, "\tinsn: ")))
        return text_garbled(&file->text, "it is of code that ran (brstackinsn): print addresses "
                                         "with perf script -F +brstack,-brstackinsn");
    if (!perf_script_is_address(word, strcspn(word, " \t"), &address))
        return text_garbled(&file->text, "expected the address of a caller, found '%s'", word);
    if (size >= sizeof(inlined) && strcmp(word + size - (sizeof(inlined) - 1), inlined) == 0)
        return true;
    if (!file->sink.is_unnamed && !perf_is_kernel(address))
        place_frame(file, word, &address);
    file->has_no_address = false;
    if (file->frame_count < PERF_MAX_STACK_DEPTH)
        file->frames[file->frame_count++] = address;
    return true;
}

/* The address of an end: as it is, or by its offset in the file that is named (brstackoff). */
static uint64_t place_end(const struct perf_script *file, const struct perf_script_place *end)
{
    char path[PATH_MAX];
    uint64_t address = end->address;
    if (end->file && !file->sink.is_unnamed && !perf_is_kernel(address) &&
        end->file_size < sizeof(path)) {
        memcpy(path, end->file, end->file_size);
        path[end->file_size] = '\0';
        perf_address_of_offset(file->sink.spaces, file->process, path, &address);
    }
    return address;
}

static bool read_branches(struct perf_script *file, char *text)
{
    struct perf_branch_place next = {0};
    file->has_no_address = false;
    if (!file->is_wanted)
        return true;
    while (!text_is_over(text)) {
        struct perf_script_place ends[2];
        text += strspn(text, " \t");
        char *rest = perf_script_take_branch(text, &ends[0], &ends[1]);
        if (!rest)
            return text_garbled(&file->text, "expected 0xFROM/0xTO, found '%.80s'", text);
        uint64_t from = place_end(file, &ends[0]);
        uint64_t to = place_end(file, &ends[1]);
        /* The kernel's come before a new program has mapped anything. */
        bool is_left_out = (from == 0 && to == 0) || perf_is_kernel(from) || perf_is_kernel(to);
        if (!is_left_out && !begin_sample(file))
            return false;
        if (!perf_sink_branch(&file->sink, file->process, from, to, &next, file->text.error))
            return false;
        text = rest;
    }
    return true;
}

/* Decides whether the sample is wanted, by its thread's name and its process. */
static void filter_sample(struct perf_script *file, const struct perf_script_head *head)
{
    const struct profile_filter *filter = file->filter;
    bool has_name = !filter->thread || (strlen(filter->thread) == head->name_size &&
                                        memcmp(filter->thread, head->name, head->name_size) == 0);
    file->is_wanted = has_name && (!filter->by_process || filter->process == file->process);
    file->undecided += has_name && filter->by_process && file->process == PERF_PROCESS_UNKNOWN;
}

/* Finds out whose the sample is, and whether that is wanted. */
static void find_owner(struct perf_script *file, const struct perf_script_head *head)
{
    file->process = PERF_PROCESS_UNKNOWN;
    if (head->has_process)
        file->process = head->process;
    else if (head->has_number)
        perf_threads_process(&file->threads, head->thread, &file->process);
    if (file->filter)
        filter_sample(file, head);
}

/* Of several that may be the sample's address, the first that is in code which was mapped. */
static bool find_address(struct perf_script *file, char *rest, uint64_t *address)
{
    uint64_t found[MOST_ADDRESSES];
    size_t count = perf_script_find_addresses(rest, found, MOST_ADDRESSES);
    size_t chosen = 0;
    for (size_t i = 0; i < count && count > 1 && !file->sink.is_unnamed; i++) {
        if (perf_is_mapped(file->sink.spaces, file->process, found[i])) {
            chosen = i;
            break;
        }
    }
    if (count > 0)
        *address = found[chosen];
    return count > 0;
}

/* A branch of a hardware trace: FROM => TO. */
static bool read_traced(struct perf_script *file, const struct perf_script_head *head, char *target)
{
    struct perf_traced_branch branch = {
        true, file->process, head->has_process || head->has_number ? head->thread : 0, 0, 0};
    if (!perf_script_find_addresses(head->rest, &branch.from, 1) ||
        !perf_script_find_addresses(target, &branch.to, 1)) {
        file->has_no_address = true;
        return true;
    }
    return !file->is_wanted ||
           (begin_sample(file) &&
            perf_traced_branch_add(&file->traced, &file->sink, &branch, file->text.error));
}

/* What -F insn and insnlen add to the line is not of the sample. */
static void cut_instruction(char *rest)
{
    static const char *const begins[] = {" ilen: ", " insn: "};
    for (size_t i = 0; i < sizeof(begins) / sizeof(*begins); i++) {
        char *found = strstr(rest, begins[i]);
        if (found)
            *found = '\0';
    }
}

static bool read_sample(struct perf_script *file, const struct perf_script_head *head)
{
    char *line = file->text.line;
    /* The call stack before it is this one's, or another sample's; it counts either way. */
    if (!end_stack(file))
        return false;
    cut_instruction(head->rest);
    char *branches = perf_script_find_branches(head->rest);
    uint64_t address;
    if (branches)
        *branches = '\0';
    if (!text_is_over(line)) {
        if (!end_sample(file))
            return false;
        find_owner(file, head);
        char *target = branches ? NULL : perf_script_split_branch(head->rest);
        if (target)
            return read_traced(file, head, target);
        if (file->is_wanted)
            file->sink.left_out.named_branches += perf_script_named_branches(head->rest);
        file->has_no_address = !find_address(file, head->rest, &address);
        if (!file->has_no_address && !count_address(file, address))
            return false;
    }
    if (!branches)
        return true;
    *branches = '0';
    return read_branches(file, branches) && end_sample(file);
}

/* FILE:LINE, as -F srcline prints it below a sample or a frame. */
static bool is_source_line(const char *line)
{
    size_t size = strlen(line);
    if (strncmp(line, "  ", 2) != 0 || line[2] == ' ')
        return false;
    while (size > 0 && line[size - 1] == ' ')
        size--;
    size_t number = size;
    while (number > 0 && line[number - 1] >= '0' && line[number - 1] <= '9')
        number--;
    return number < size && number > 3 && line[number - 1] == ':' &&
           !memchr(line + 2, ' ', size - 2);
}

/* What -F insn, insnlen and srccode print below a sample with a call stack. */
static bool is_about_instruction(const char *line)
{
    return strncmp(line, " ilen: ", 7) == 0 || strncmp(line, " insn: ", 7) == 0 ||
           (line[0] == '|' && line[1] >= '0' && line[1] <= '9');
}

/* The record in a line; names of threads may look like one, but stand before the time. */
static char *find_record(const struct perf_script_head *head)
{
    char *record = strstr(head->rest, RECORD);
    if (!record || (head->has_time && record != head->rest + strspn(head->rest, " ") &&
                    !strstr(record, ": [0x"))) /* of a mapping: no name has room for that */
        return NULL;
    return record + strlen(RECORD);
}

static bool read_line(struct perf_script *file)
{
    char *line = file->text.line;
    struct perf_script_head head;
    if (text_is_over(line))
        return end_stack(file) && end_sample(file);
    if (*line == '\t' && !perf_script_find_branches(line))
        return read_frame(file);
    if (is_source_line(line) || is_about_instruction(line))
        return true;
    if (strncmp(line, TRACE_ERROR, strlen(TRACE_ERROR)) == 0) {
        file->sink.left_out.trace_errors++;
        return true;
    }
    perf_script_head_find(line, &file->threads, &head);
    if (*line == '#' && !(head.has_time && (head.has_number || head.has_process)))
        return true; /* a comment, and no name of a thread */
    char *record = find_record(&head);
    if (record)
        return end_stack(file) && end_sample(file) && read_record(file, record);
    return read_sample(file, &head);
}

/* What could not be attributed. */
static void warn(const struct perf_script *file, const char *path)
{
    uint64_t ambiguous = perf_spaces_ambiguous(file->sink.spaces);
    if (ambiguous > 0)
        message_warning("%s: %" PRIu64 " addresses are of no known process and lie in several "
                        "files: they count as code of no file; print the process with perf "
                        "script -F +pid",
                        path, ambiguous);
    if (file->undecided > 0)
        message_warning("%s: of %" PRIu64 " samples nothing tells the process: they are left out; "
                        "print it with perf script -F +pid",
                        path, file->undecided);
    if (file->sink.not_mapped > file->sink.placed / 2)
        message_warning(
            "%s: %" PRIu64 " of %" PRIu64 " addresses are in no file that was mapped: "
            "of generated code, or print all mappings (perf script --show-mmap-events), "
            "and branches as addresses (-F +brstack, not brstackoff)",
            path, file->sink.not_mapped, file->sink.placed);
    if (file->sink.left_out.named_branches > 0)
        message_warning("%s: %" PRIu64 " branches are names without addresses and left out: print "
                        "them with perf script -F +brstack",
                        path, file->sink.left_out.named_branches);
    if (file->unmapped > 0)
        message_detail("%s: %" PRIu64 " frames of call stacks are in no file that was mapped", path,
                       file->unmapped);
}

static bool add_recording(struct perf_script *file, const char *path)
{
    uint32_t process;
    const char *program = perf_spaces_program(file->sink.spaces, &process);
    char why[PERF_NOTES_SIZE];
    snprintf(why, sizeof(why), "%s", perf_spaces_notes(file->sink.spaces));
    perf_left_out_describe(&file->sink.left_out, false, why, sizeof(why));
    return profile_add_text_recording(file->sink.counts.profile, path, program,
                                      *why ? why : "perf script's text", file->sink.counters,
                                      file->text.error);
}

static bool read_perf_script(const char *path, const struct profile_filter *filter,
                             struct profile *into, struct error *error)
{
    struct perf_script *file = calloc(1, sizeof(*file));
    if (!file)
        return memory_exhausted(error);
    file->filter = filter;
    file->process = PERF_PROCESS_UNKNOWN;
    file->is_wanted = filter == NULL; /* else a sample tells whose it is */
    file->sink.counts.profile = into;
    file->sink.spaces = perf_spaces_new(path, into, error);
    bool done = text_open(&file->text, path, error) && file->sink.spaces;
    while (done && text_next(&file->text))
        done = read_line(file);
    done = done && !file->text.failed && end_stack(file) && end_sample(file) &&
           perf_traced_branches_end(&file->traced, &file->sink, error) && add_recording(file, path);
    if (done)
        warn(file, path);
    text_close(&file->text);
    perf_threads_free(&file->threads);
    perf_counts_free(&file->sink.counts);
    perf_spaces_free(file->sink.spaces);
    free(file);
    return done;
}

const struct reader reader_perf_script = {
    .name = "perf script's text",
    .kind = PROFILE_BY_ADDRESS,
    .takes_filter = true,
    .fits = fits,
    .read = read_perf_script,
};
