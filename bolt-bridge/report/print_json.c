#include "bolt-bridge/report/print_json.h"

#include "analyzer/base/memory.h"

bool print_json(json_t *root, struct error *error)
{
    if (!root)
        return memory_exhausted(error);
    bool done = json_dumpf(root, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6)) == 0 &&
                putchar('\n') != EOF;
    if (!done)
        error_set_errno(error, ERROR_STANDARD_OUTPUT, "standard output");
    json_decref(root);
    return done;
}
