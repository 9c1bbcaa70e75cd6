#include "analyzer/model/view/source_places.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/memory.h"
#include "analyzer/base/text.h"
#include "analyzer/model/debug/source_lines.h"

struct module_places {
    struct address_ranges wanted;
    struct source_lines *lines;
    bool is_open; /* was tried */
};

struct source_places {
    struct binaries *binaries;
    struct module_places *modules;
    size_t module_count;
};

struct source_places *source_places_new(const struct profile *profile, struct binaries *binaries,
                                        struct error *error)
{
    struct source_places *places = calloc(1, sizeof(*places));
    if (places)
        places->modules = calloc(profile->module_count + 1, sizeof(*places->modules));
    if (!places || !places->modules) {
        free(places);
        memory_exhausted(error);
        return NULL;
    }
    places->binaries = binaries;
    places->module_count = profile->module_count;
    return places;
}

void source_places_free(struct source_places *places)
{
    if (!places)
        return;
    for (size_t i = 0; i < places->module_count; i++) {
        address_ranges_free(&places->modules[i].wanted);
        source_lines_free(places->modules[i].lines);
    }
    free(places->modules);
    free(places);
}

bool source_places_want(struct source_places *places, uint32_t module, uint64_t start, uint64_t end,
                        struct error *error)
{
    return module >= places->module_count ||
           address_ranges_add(&places->modules[module].wanted, start, end, error);
}

struct source_place source_places_at(struct source_places *places, struct location location)
{
    struct source_place place = {.file = NULL};
    const struct source_frame *frames;
    struct error unused;
    size_t count = 0;
    uint64_t until;
    if (location.module >= places->module_count)
        return place;
    struct module_places *module = &places->modules[location.module];
    if (!module->is_open) {
        const struct binary *binary = binaries_get(places->binaries, location.module);
        module->is_open = true;
        address_ranges_join(&module->wanted);
        if (binary)
            module->lines = source_lines_open(binary, false, &module->wanted, &unused);
    }
    if (!module->lines ||
        !source_frames_at(module->lines, location.address, &frames, &count, &until, &unused) ||
        count == 0 || frames[count - 1].line == 0)
        return place;
    place.directory = source_frame_directory(&frames[count - 1]);
    place.file = source_frame_file(module->lines, &frames[count - 1]);
    place.line = frames[count - 1].line;
    return place;
}

char *source_place_text(struct source_place place, char *text, size_t size)
{
    *text = '\0';
    if (!place.file)
        return text;
    text_printable(text_file_name(place.file), text, size);
    size_t used = strlen(text);
    snprintf(text + used, size - used, ":%" PRIu32, place.line);
    return text;
}
