/* The interpreter and its state, one per thread. */
#ifndef SHIM_CORE_LOOKAHEAD_EXECUTE_H
#define SHIM_CORE_LOOKAHEAD_EXECUTE_H

#include "pgoshim/raw.h"
#include "shim/core/lookahead/code_cache.h"
#include "shim/core/lookahead/lines.h"
#include "shim/core/lookahead/registers.h"
#include "shim/core/window/window.h"

struct lookahead {
    struct registers registers;
    struct memory_lines lines;
    struct decoded_code code;
    uint32_t branch_limit; /* taken branches that end a window */
    uint32_t instructions; /* looked at in this window */
};

/*
 * Runs ahead from `lookahead->registers` up to
 * `lookahead->branch_limit` branches and adds those to `window`.  The window, the lines and the
 * code have begun.  Returns why the window ended: the counter of include/pgoshim/raw.h to add to.
 * Signal-safe.
 */
enum pgoraw_counter lookahead_run(struct lookahead *lookahead, struct window *window);

#endif
