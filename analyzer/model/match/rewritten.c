#include "analyzer/model/match/rewritten.h"

#include <string.h>

static bool is_made_of(const uint8_t *build_id, uint32_t size, const struct binary *original)
{
    uint32_t original_size;
    const uint8_t *original_id = binary_build_id(original, &original_size);
    return size > 0 && size == original_size && memcmp(build_id, original_id, size - 1) == 0 &&
           (build_id[size - 1] ^ original_id[size - 1]) == 1;
}

struct binary *rewritten_open(const struct profile *profile, const struct binary *original,
                              struct error *error)
{
    struct error unused;
    uint32_t size;
    for (size_t i = 0; i < profile->module_count; i++) {
        const struct module *module = &profile->modules[i];
        if (!is_made_of(module->build_id, module->build_id_size, original))
            continue;
        struct binary *binary = binary_open(module->path, &unused);
        const uint8_t *build_id = binary ? binary_build_id(binary, &size) : NULL;
        bool is_there = build_id && is_made_of(build_id, size, original);
        if (is_there && binary_has_translation(binary))
            return binary;
        binary_free(binary);
        error_set(error, ERROR_NOT_IN_PROFILE, binary_path(original),
                  is_there
                      ? "recorded was %s, which BOLT made of it without a table of addresses; "
                        "relink with: -- -enable-bat"
                      : "recorded was %s, which BOLT made of it and which is not there any more",
                  module->path);
        return NULL;
    }
    error_set(error, ERROR_NOT_IN_PROFILE, binary_path(original), NULL);
    return NULL;
}
