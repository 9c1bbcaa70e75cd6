#include "analyzer/read/perf_script_head.h"

#include <string.h>

#include "analyzer/read/text_file.h"

#define NAME_COLUMNS 16    /* perf writes names into these, to the right, without call stacks */
#define ADDRESS_COLUMNS 16 /* and addresses, where numbers of processes take 5 */
#define OWNER_COLUMN 24    /* the owner begins before it: names have at most 15 bytes */
#define PROCESS_LIMIT UINT32_MAX

struct head_word {
    char *text;
    size_t size;
};

/* Where the process or thread is, and the time behind it. */
struct owner {
    struct head_word numbers; /* text NULL: none */
    struct head_word time;    /* likewise */
};

static struct head_word word_at(char *text)
{
    text += strspn(text, " \t");
    return (struct head_word){text, strcspn(text, " \t")};
}

static struct head_word word_after(struct head_word word)
{
    return word_at(word.text + word.size);
}

static size_t digits(const char *text)
{
    return strspn(text, "0123456789");
}

/* Seconds, a point, parts of seconds, a colon. */
static bool is_time(struct head_word word)
{
    size_t seconds = digits(word.text);
    if (seconds == 0 || word.text[seconds] != '.')
        return false;
    size_t parts = digits(word.text + seconds + 1);
    return parts > 0 && word.text[seconds + 1 + parts] == ':' && word.size == seconds + parts + 2;
}

static bool is_pair(struct head_word word)
{
    size_t first = digits(word.text);
    if (first == 0 || word.text[first] != '/')
        return false;
    size_t second = digits(word.text + first + 1);
    return second > 0 && word.size == first + 1 + second;
}

static bool is_number(struct head_word word)
{
    char *text = word.text;
    uint64_t number;
    return word.size > 0 && digits(word.text) == word.size && text_take_number(&text, &number) &&
           number <= PROCESS_LIMIT;
}

static bool is_owner(struct head_word word)
{
    return is_pair(word) || is_number(word);
}

/* [CPU] */
static bool is_processor(struct head_word word)
{
    return word.size > 2 && word.text[0] == '[' && digits(word.text + 1) == word.size - 2 &&
           word.text[word.size - 1] == ']';
}

/* Letters for the mode that the CPU was in (-F misc). */
static bool is_mode(struct head_word word)
{
    return word.size > 0 && word.size <= 5 && strspn(word.text, "KUHGMESFABXCR") == word.size;
}

/* PERF_RECORD_MMAP2 PID/TID: ... what follows is of the mapping, and paths may have anything. */
static bool is_mapping(struct head_word word)
{
    static const char record[] = "PERF_RECORD_MMAP";
    struct head_word owner = word_after(word);
    if (word.size < sizeof(record) - 1 || memcmp(word.text, record, sizeof(record) - 1) != 0 ||
        owner.size == 0 || owner.text[owner.size - 1] != ':')
        return false;
    owner.size--;
    return is_pair(owner);
}

/* The last time that has an owner before it, where perf writes that; else the first of all. */
static struct owner find_by_time(char *line)
{
    struct owner found = {0};
    struct head_word before[3] = {{0}}; /* the nearest first */
    for (struct head_word word = word_at(line); word.size > 0 && !is_mapping(word);
         word = word_after(word)) {
        if (is_time(word)) {
            size_t i = before[0].text && is_mode(before[0]);
            i += before[i].text && is_processor(before[i]);
            bool is_owned = before[i].text && is_owner(before[i]);
            bool is_placed = is_owned && before[i].text - line < OWNER_COLUMN;
            if (is_placed)
                found = (struct owner){before[i], word};
            else if (!found.time.text)
                found = (struct owner){is_owned ? before[i] : (struct head_word){0}, word};
        }
        before[2] = before[1];
        before[1] = before[0];
        before[0] = word;
    }
    return found;
}

static uint32_t number_of(struct head_word word)
{
    uint64_t number = 0;
    char *text = word.text;
    return text_take_number(&text, &number) && number <= PROCESS_LIMIT ? (uint32_t)number : 0;
}

/* Without a time: where columns tell where the name ends, what stands behind it. */
static bool find_by_column(char *line, struct owner *found)
{
    size_t size = strlen(line);
    if (*line != ' ' || size <= NAME_COLUMNS || line[NAME_COLUMNS] != ' ')
        return false;
    found->numbers = word_at(line + NAME_COLUMNS);
    const char *past = line + NAME_COLUMNS; /* the name's end */
    while (past > line && past[-1] == ' ')
        past--;
    if (past == line)
        past = line + NAME_COLUMNS;
    /* Addresses may have decimal digits only: the last word is one, and what has their columns. */
    return is_owner(found->numbers) && word_after(found->numbers).size > 0 &&
           found->numbers.text + found->numbers.size - past < ADDRESS_COLUMNS;
}

/* Else PID/TID, a number before [CPU], or a number that is known; and else the first one. */
static struct owner find_by_words(char *line, const struct perf_threads *threads)
{
    struct owner found = {0};
    const char *past = line; /* the word before */
    int best = 0;
    if (find_by_column(line, &found))
        return found;
    found = (struct owner){0};
    for (struct head_word word = word_at(line); word.size > 0; word = word_after(word)) {
        uint32_t unused;
        if (word.text - line >= OWNER_COLUMN ||
            (word.text[word.size - 1] == ':' && best > 0) || /* the event */
            strncmp(word.text, "PERF_RECORD_", 12) == 0)
            break;
        bool is_address = !is_pair(word) && word.text + word.size - past >= ADDRESS_COLUMNS;
        past = word.text + word.size;
        if (!is_owner(word) || is_address)
            continue;
        int worth = is_pair(word)                                             ? 4
                    : is_processor(word_after(word))                          ? 3
                    : perf_threads_process(threads, number_of(word), &unused) ? 2
                                                                              : 1;
        if (worth > best) {
            best = worth;
            found.numbers = word;
        }
    }
    return found;
}

static void set_name(struct perf_script_head *head, char *line, const char *end)
{
    size_t size;
    head->name = line + strspn(line, " ");
    if (head->name > end)
        head->name = end;
    size = (size_t)(end - head->name);
    while (size > 0 && head->name[size - 1] == ' ')
        size--;
    head->name_size = size;
}

void perf_script_head_find(char *line, const struct perf_threads *threads,
                           struct perf_script_head *head)
{
    struct owner owner = find_by_time(line);
    *head = (struct perf_script_head){.name = line, .rest = line};
    head->has_time = owner.time.text != NULL;
    if (!head->has_time)
        owner = find_by_words(line, threads);
    if (owner.time.text)
        head->rest = owner.time.text + owner.time.size;
    else if (owner.numbers.text)
        head->rest = owner.numbers.text + owner.numbers.size;
    if (!owner.numbers.text)
        return;
    set_name(head, line, owner.numbers.text);
    if (!head->has_time && is_processor(word_at(head->rest))) {
        struct head_word processor = word_at(head->rest);
        head->rest = processor.text + processor.size;
    }
    if (is_pair(owner.numbers)) {
        struct head_word second = owner.numbers;
        second.text += digits(second.text) + 1;
        head->has_process = true;
        head->process = number_of(owner.numbers);
        head->thread = number_of(second);
    } else {
        head->has_number = true;
        head->thread = number_of(owner.numbers);
    }
}
