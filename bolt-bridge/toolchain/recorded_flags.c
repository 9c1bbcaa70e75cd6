#include "bolt-bridge/toolchain/recorded_flags.h"

#include <stdio.h>
#include <string.h>

#include "bolt-bridge/toolchain/producer_flags.h"

/* What comes before a flag for LLVM. */
#define FOR_LLVM "-mllvm"

/* The next flag of `words`, and its size; NULL: there is none.  One behind -mllvm is a flag. */
static const char *next_flag(const char **words, size_t *size)
{
    for (;;) {
        const char *flag = *words + strspn(*words, " ");
        *size = strcspn(flag, " ");
        *words = flag + *size;
        if (*size == 0)
            return NULL;
        if (strncmp(flag, "-g", 2) != 0 && strncmp(flag, FOR_LLVM, *size) != 0)
            return flag;
    }
}

static void add_missing(struct recorded_flags *found, const char *flag, size_t size)
{
    size_t used = strlen(found->missing);
    if (producer_find_flag(found->missing, flag, size))
        return;
    snprintf(found->missing + used, sizeof(found->missing) - used, "%s%s%.*s", used ? " " : "",
             flag[1] == 'f' ? "" : FOR_LLVM " ", (int)size, flag);
}

/* Takes what one command was, which made `amount` of the code. */
static void add_command(struct recorded_flags *found, const char *producer, uint64_t amount,
                        const char *wanted)
{
    bool lacks = false;
    size_t size;
    found->all += amount;
    if (!producer_tells_flags(producer))
        return;
    found->told += amount;
    found->is_for_linker |= strstr(producer, " -flto") != NULL;
    for (const char *flag; (flag = next_flag(&wanted, &size));) {
        if (producer_has_flag(producer, flag, size))
            continue;
        add_missing(found, flag, size);
        lacks = true;
    }
    if (lacks)
        found->lacking += amount;
}

/* gcc's begin with the language, others with the compiler's path. */
static bool is_command_of(const char *command, enum compiler compiler)
{
    return (strncmp(command, "GNU ", strlen("GNU ")) == 0) == (compiler == COMPILER_GCC);
}

void recorded_flags_read(const struct compilation *compilation, enum compiler compiler,
                         const char *wanted, struct recorded_flags *found)
{
    const struct names *commands = &compilation->command_lines;
    *found = (struct recorded_flags){0};
    for (size_t i = 0; i < compilation->range_count; i++) {
        const struct compiled_range *range = &compilation->ranges[i];
        if (range->compiler == compiler && !range->is_library)
            add_command(found, compilation_unit_of(compilation, range)->producer,
                        range->end - range->start, wanted);
    }
    if (found->told > 0 || commands->count == 0)
        return;
    *found = (struct recorded_flags){.by_commands = true};
    for (size_t i = 0; i < commands->count; i++)
        if (is_command_of(commands->items[i], compiler))
            add_command(found, commands->items[i], 1, wanted);
}
