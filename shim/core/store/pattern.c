#include "shim/core/store/pattern.h"

#include "shim/core/ground/text.h"
#include <string.h>

bool pattern_expand(const char *pattern, const struct pattern_facts *facts, char *path, size_t size,
                    bool *shares, bool *has_process)
{
    size_t length = 0;

    *shares = *has_process = false;
    for (const char *at = pattern; *at; at++) {
        char piece[300] = {*at, '\0'};
        if (*at == '%') {
            int pool = 0;
            at++;
            if (*at >= '1' && *at <= '9' && at[1] == 'm')
                pool = *at++ - '0';
            switch (*at) {
            case '%':
                break;
            case 'p':
                text_print(piece, sizeof(piece), "%d", facts->process_id);
                *has_process = true;
                break;
            case 'm':
                text_print(piece, sizeof(piece), "%016llx_%d",
                           (unsigned long long)facts->program_id,
                           pool ? facts->process_id % pool : 0);
                *shares = true;
                break;
            case 'h':
                text_print(piece, sizeof(piece), "%s", facts->host);
                break;
            case 't':
                text_print(piece, sizeof(piece), "%s", facts->temporary_directory);
                break;
            case 'c':
                piece[0] = '\0';
                break;
            default:
                return false;
            }
        }
        if (length + strlen(piece) >= size)
            return false;
        memcpy(path + length, piece, strlen(piece) + 1);
        length += strlen(piece);
    }
    return length > 0;
}
