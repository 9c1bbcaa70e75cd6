/* Look-ahead as a branch source: from the interrupted registers, at once. */
#include "shim/core/branch/lookahead_source.h"

#include <asm/prctl.h>
#include <sys/auxv.h>

#include "shim/core/branch/sources.h"
#include "shim/core/commit/window_commit.h"
#include "shim/core/ground/memory.h"
#include "shim/core/ground/system_call.h"
#include "shim/core/ground/text.h"
#include "shim/core/lookahead/vectors.h"
#include "shim/core/pages/pages.h"
#include "shim/core/thread/thread.h"

#define HWCAP2_FSGSBASE_BIT 2u

static bool has_rdfsbase;

static bool lookahead_start(char *why, size_t why_size)
{
    vectors_start();
    pages_start();
    has_rdfsbase = getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE_BIT;
    if (memory_start())
        return true;
    text_print(why, why_size, "checked memory reads (process_vm_readv) are refused");
    return false;
}

static uint64_t fs_base(void)
{
    uint64_t base = 0;
    if (has_rdfsbase)
        __asm__ volatile("rdfsbase %0" : "=r"(base));
    else
        system_call(SYS_arch_prctl, ARCH_GET_FS, &base);
    return base;
}

void lookahead_predict(struct thread *thread, const ucontext_t *context, struct window *window)
{
    lookahead_window(&thread->lookahead, &thread->pages, context, fs_base(), window);
    window->callers = thread->callers;
}

static void lookahead_sample(struct thread *thread, ucontext_t *context)
{
    lookahead_predict(thread, context, &thread->window);
    window_commit(&thread->window);
}

const struct branch_source branch_source_lookahead = {.kind = PGORAW_BRANCHES_LOOKAHEAD,
                                                      .name = "lookahead",
                                                      .start = lookahead_start,
                                                      .sample = lookahead_sample};
