#include "analyzer/model/samples/context_name.h"

#include <stdlib.h>
#include <string.h>

#define SEPARATOR " @ "

struct context_frame context_name_next(const char **rest)
{
    const char *text = *rest;
    struct context_frame frame = {text, strlen(text), {0, 0}};
    *rest = NULL;
    if (*text == '[') { /* the first of a chain */
        frame.name++;
        frame.size--;
    }
    const char *separator = strstr(frame.name, SEPARATOR);
    if (!separator) {
        if (frame.size > 0 && frame.name[frame.size - 1] == ']')
            frame.size--;
        return frame;
    }
    frame.size = (size_t)(separator - frame.name);
    *rest = separator + strlen(SEPARATOR);
    const char *colon = memrchr(frame.name, ':', frame.size);
    if (colon) {
        char *end;
        frame.size = (size_t)(colon - frame.name);
        frame.place.line_offset = (uint32_t)strtoul(colon + 1, &end, 10);
        if (*end == '.')
            frame.place.discriminator = (uint32_t)strtoul(end + 1, NULL, 10);
    }
    return frame;
}

struct context_frame context_name_last(const char *name)
{
    struct context_frame frame;
    do
        frame = context_name_next(&name);
    while (name);
    return frame;
}

static int compare_frames(const struct context_frame *a, const struct context_frame *b)
{
    int order = memcmp(a->name, b->name, a->size < b->size ? a->size : b->size);
    if (order == 0)
        order = (a->size > b->size) - (a->size < b->size);
    return order ? order : sample_place_compare(a->place, b->place);
}

int context_name_compare(const char *a, const char *b)
{
    if (*a != '[' || *b != '[')
        return strcmp(a, b);
    while (a && b) {
        struct context_frame left = context_name_next(&a);
        struct context_frame right = context_name_next(&b);
        int order = compare_frames(&left, &right);
        if (order)
            return order;
    }
    return (a != NULL) - (b != NULL);
}
