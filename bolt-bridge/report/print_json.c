#include "bolt-bridge/report/print_json.h"

#include "analyzer/base/memory.h"
#include "analyzer/write/json_parts.h"

bool print_json(json_t *root, struct error *error)
{
    json_t *answer = root ? json_versioned() : NULL;
    if (!answer || json_object_update(answer, root) != 0) {
        json_decref(answer);
        json_decref(root);
        return memory_exhausted(error);
    }
    bool done = json_dumpf(answer, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6)) == 0 &&
                putchar('\n') != EOF;
    if (!done)
        error_set_errno(error, ERROR_STANDARD_OUTPUT, "standard output");
    json_decref(answer);
    json_decref(root);
    return done;
}
