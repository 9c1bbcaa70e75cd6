#include "analyzer/model/ir/ir_lines.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/memory.h"

/* An instruction of more text is a switch of more cases than there are. */
#define LONGEST_INSTRUCTION (64 << 20)

bool ir_lines_refuse(const struct ir_lines *lines, const char *reason, struct error *error)
{
    error_set(error, ERROR_IR, lines->path, "line %" PRIu64 ": %s", lines->number, reason);
    return false;
}

bool ir_lines_next(struct ir_lines *lines)
{
    if (lines->is_kept) {
        lines->is_kept = false;
        return true;
    }
    ssize_t size = getline(&lines->line, &lines->line_capacity, lines->stream);
    if (size < 0)
        return false;
    lines->number++;
    if (size > 0 && lines->line[size - 1] == '\n')
        lines->line[size - 1] = '\0';
    return true;
}

static bool append(struct ir_lines *lines, const char *text, struct error *error)
{
    size_t size = strlen(text);
    if (lines->instruction_size + size > LONGEST_INSTRUCTION)
        return ir_lines_refuse(lines, "the instruction is too long", error);
    if (!memory_reserve(&lines->instruction, &lines->instruction_capacity,
                        lines->instruction_size + size + 1, 1, error))
        return false;
    memcpy(lines->instruction + lines->instruction_size, text, size + 1);
    lines->instruction_size += size;
    return true;
}

/* Lines that go on with the instruction before: of a switch, an invoke, a landing pad. */
static bool goes_on(const char *line)
{
    return strncmp(line, "  ]", 3) == 0 || (strncmp(line, "    ", 4) == 0 && line[4] != '#');
}

bool ir_lines_gather(struct ir_lines *lines, struct error *error)
{
    lines->instruction_size = 0;
    if (!append(lines, lines->line + strspn(lines->line, " "), error))
        return false;
    while (ir_lines_next(lines)) {
        if (!goes_on(lines->line)) {
            lines->is_kept = true;
            return true;
        }
        if (!append(lines, lines->line + 1, error))
            return false;
    }
    return true;
}

void ir_lines_free(struct ir_lines *lines)
{
    free(lines->line);
    free(lines->instruction);
    lines->line = lines->instruction = NULL;
}
