/*
 * Switches of the CPU that the application may set and a handler inherits: protection keys
 * (PKRU), alignment checks (EFLAGS.AC), and whether rdtsc is allowed (PR_SET_TSC).  A handler
 * begins by making its own world: kernel_signal.c clears the flag and opens the keys before
 * anything is pushed, and the kernel restores both from the signal frame.
 *
 * Sources: Intel SDM volume 1, 13.4 (XSAVE area) and 13.8.1 (init state); pkeys(7);
 * arch/x86/include/uapi/asm/sigcontext.h of Linux (struct _fpx_sw_bytes).
 */
#ifndef SHIM_CORE_GROUND_CPU_STATE_H
#define SHIM_CORE_GROUND_CPU_STATE_H

#include <stdbool.h>
#include <stdint.h>
#include <ucontext.h>

#define CPU_KEYS_ALL_OPEN 0u

/* Finds out whether memory may have protection keys here.  Outside handlers, before all else. */
void cpu_state_start(void);

/* Whether memory may have protection keys here.  Signal-safe. */
bool cpu_has_keys(void);

/*
 * The application's PKRU as the signal frame has it, where `offset` is that of PKRU in an XSAVE
 * area.  False: the frame has none.  Signal-safe.
 */
bool cpu_keys_of_frame(const ucontext_t *context, uint32_t offset, uint32_t *keys);

/*
 * In a handler: from here on, what the application may read is what we may read, beside our own
 * memory, which has key 0.  False: the frame does not say what that is, and all keys are open.
 * Nothing where the CPU has no keys.  Signal-safe.
 */
bool cpu_keys_take_over(const ucontext_t *context);

/* Opens all keys again.  Signal-safe. */
void cpu_keys_open(void);

/* From here on, clocks are read by system calls: rdtsc would raise SIGSEGV.  Signal-safe. */
void cpu_forbid_time_stamps(void);
bool cpu_time_stamps_forbidden(void);

#endif
