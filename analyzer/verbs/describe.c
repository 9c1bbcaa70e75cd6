#include "analyzer/verbs/describe.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "analyzer/base/demangle.h"
#include "analyzer/base/terminal.h"
#include "analyzer/base/text.h"
#include "include/pgoshim/raw.h"

#define LABEL_WIDTH 12
#define OFFSET_SIZE 24

static const struct {
    const char *identifier;
    const char *text;
} counters[PGORAW_MAX_COUNTERS] = {
#define COUNTER(number, name, meaning) [number] = {#name, meaning},
    PGORAW_COUNTERS(COUNTER)
#undef COUNTER
};

const char *sampler_text(uint32_t sampler)
{
    switch (sampler) {
    case PGORAW_SAMPLER_HARDWARE_BRANCHES:
        return "CPU cycles with the CPU's branch stack";
    case PGORAW_SAMPLER_HARDWARE:
        return "CPU cycles";
    case PGORAW_SAMPLER_CPU_CLOCK:
        return "the kernel's CPU clock";
    case PGORAW_SAMPLER_POSIX_TIMER:
        return "POSIX timers on CPU time";
    default:
        return "not known, or several";
    }
}

const char *branch_source_text(uint32_t branch_source)
{
    switch (branch_source) {
    case PGORAW_BRANCHES_OFF:
        return "none: sampled addresses only";
    case PGORAW_BRANCHES_HARDWARE:
        return "the CPU's branch stack";
    case PGORAW_BRANCHES_LOOKAHEAD:
        return "emulation ahead of each sample";
    case PGORAW_BRANCHES_STEP:
        return "single-stepping after each sample";
    default:
        return "not known";
    }
}

const char *counter_text(unsigned counter)
{
    const char *text = counter < PGORAW_MAX_COUNTERS ? counters[counter].text : NULL;
    return text && strcmp(text, "reserved") != 0 ? text : NULL;
}

bool counter_is_drop(unsigned counter)
{
    return counter_text(counter) && strncmp(counters[counter].identifier, "DROP_", 5) == 0;
}

char *location_text(struct location location, const struct profile *profile,
                    struct binaries *binaries, bool demangled, char *text, size_t size)
{
    const struct binary *binary = binaries_get(binaries, location.module);
    const struct function *function = binary ? binary_function_at(binary, location.address) : NULL;
    size_t used;
    if (!function) {
        module_text(location.module, profile, text, size);
        used = strlen(text);
        snprintf(text + used, size - used, " %#" PRIx64, location.address);
        return text;
    }
    char offset[OFFSET_SIZE] = "";
    if (location.address > function->address)
        snprintf(offset, sizeof(offset), "+%#" PRIx64, location.address - function->address);
    size = size > strlen(offset) ? size - strlen(offset) : 1;
    if (demangled)
        demangle_name(function->name, text, size);
    else
        text_printable(function->name, text, size);
    memcpy(text + strlen(text), offset, strlen(offset) + 1);
    return text;
}

char *module_text(uint32_t module, const struct profile *profile, char *text, size_t size)
{
    const char *name = "outside";
    if (module < profile->module_count)
        name = text_file_name(profile->modules[module].path);
    return text_printable(name, text, size);
}

double percent(uint64_t part, uint64_t whole)
{
    return whole > 0 ? 100.0 * (double)part / (double)whole : 0;
}

char *time_text(uint64_t nanoseconds, char text[40])
{
    struct tm parts;
    time_t seconds = (time_t)(nanoseconds / 1000000000);
    if (!gmtime_r(&seconds, &parts) || strftime(text, 40, "%Y-%m-%d %H:%M:%S UTC", &parts) == 0)
        snprintf(text, 40, "%" PRIu64 " ns", nanoseconds);
    return text;
}

void print_fact(FILE *stream, const char *label, const char *text)
{
    size_t width = terminal_width(stream);
    while (*text) {
        char line[4096];
        size_t length = strcspn(text, "\n");
        if (length >= sizeof(line))
            length = sizeof(line) - 1;
        memcpy(line, text, length);
        line[length] = '\0';
        fprintf(stream, "%-*s", LABEL_WIDTH, label);
        text_print_words(stream, line, LABEL_WIDTH, width);
        fputc('\n', stream);
        text += length;
        text += *text == '\n';
        label = "";
    }
}
