#include "bolt-bridge/tune/choices.h"

#include <ctype.h>
#include <string.h>

/* Identical code is folded where no address is taken (safe) alone: addresses may be compared. */
const struct tune_axis tune_axes[] = {
    {"blocks",
     {{"-reorder-blocks=cache+"},
      {"-reorder-blocks=cache"},
      {"-reorder-blocks=branch-predictor"},
      {"-reorder-blocks=normal"}},
     false},
    {"functions",
     {{"-reorder-functions=hfsort"},
      {"-reorder-functions=hfsort+"},
      {"-reorder-functions=pettis-hansen"},
      {"-reorder-functions=exec-count"}},
     false},
    {"splitting",
     {{"-split-strategy=cdsplit"},
      {"-split-all-cold=0"},
      {"-split-functions=0"},
      {"-split-eh=0"},
      {"-split-threshold=64"}},
     false},
    {"blocks' alignment",
     {{"-align-blocks"}, {"-align-blocks", "-align-blocks-min-size=16"}},
     false},
    {"functions' alignment",
     {{"-align-functions=16"}, {"-align-functions=32"}, {"-use-compact-aligner=0"}},
     false},
    {"fused instructions", {{"-align-macro-fusion=hot"}, {"-align-macro-fusion=all"}}, false},
    {"jump tables",
     {{"-jump-tables=move"}, {"-jump-tables=split"}, {"-jump-tables=aggressive"}},
     false},
    {"calls of libraries", {{"-plt=all"}, {"-plt=none"}}, true},
    {"indirect calls",
     {{"-indirect-call-promotion=calls"},
      {"-indirect-call-promotion=jump-tables"},
      {"-indirect-call-promotion=all"}},
     false},
    {"inlining", {{"-inline-small-functions"}, {"-inline-memcpy"}}, false},
    {"folding", {{"-icf=safe"}}, false},
    {"peepholes", {{"-peepholes=all"}, {"-peepholes=double-jumps"}}, false},
    {"stack frames", {{"-frame-opt=hot"}}, false},
    {"tail duplication",
     {{"-tail-duplication=cache"},
      {"-tail-duplication=moderate"},
      {"-tail-duplication=aggressive"}},
     false},
    {"conditional tail calls", {{"-sctc-mode=preserve"}, {"-sctc-mode=heuristic"}}, false},
    {"constants", {{"-simplify-rodata-loads"}}, false},
    {"conditional moves", {{"-cmov-conversion"}}, false},
    {"three-way branches", {{"-three-way-branch"}}, false},
    {"registers", {{"-reg-reassign"}}, false},
};
const size_t tune_axis_count = sizeof(tune_axes) / sizeof(*tune_axes);

/* The line that describes the option: "  --name=<value>  - ..." or "  --name  - ..."; NULL. */
static const char *find_option(const char *help, const char *name, size_t length, bool with_value)
{
    for (const char *line = help; line; line = strchr(line, '\n')) {
        line += strspn(line, "\n ");
        if (strncmp(line, "--", 2) != 0 || strncmp(line + 2, name, length) != 0)
            continue;
        char next = line[2 + length];
        if (with_value ? next == '=' : isspace((unsigned char)next))
            return line;
    }
    return NULL;
}

/* The values that are listed below an option begin with "=" each; false where none is. */
static bool lists_values(const char *line, const char *value, bool *found)
{
    bool listed = false;

    *found = false;
    for (line = strchr(line, '\n'); line; line = strchr(line, '\n')) {
        line += 1 + strspn(line + 1, " ");
        if (*line != '=')
            break;
        size_t length = strcspn(++line, " \n");
        listed = true;
        *found = *found || (length == strlen(value) && strncmp(line, value, length) == 0);
    }
    return listed;
}

bool choice_is_known(const char *help, const char *option)
{
    bool found;

    option += strspn(option, "-");
    size_t length = strcspn(option, "=");
    const char *value = option[length] ? option + length + 1 : NULL;
    const char *line = value ? find_option(help, option, length, true) : NULL;
    if (line && lists_values(line, value, &found))
        return found;
    /* A switch takes "=0" too. */
    return line || find_option(help, option, length, false);
}
