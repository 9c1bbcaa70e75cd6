/*
 * What an application may say to the shim, if it wants to.  Programs need not
 * know of it: declare these weak and call them where they are there.
 *
 *     if (pgoshim_pause)
 *         pgoshim_pause();    // start-up is over, do not sample the warm-up
 *
 * Safe in any thread; not in signal handlers.
 */
#ifndef PGOSHIM_PGOSHIM_H
#define PGOSHIM_PGOSHIM_H

#ifdef __cplusplus
extern "C" {
#endif

/* 1 where this process is being sampled, else 0. */
int pgoshim_active(void) __attribute__((weak));

/* Samples of the whole process are dropped until pgoshim_resume. */
void pgoshim_pause(void) __attribute__((weak));
void pgoshim_resume(void) __attribute__((weak));

/* The sampling of this process ends for good: nothing interrupts its threads any more. */
void pgoshim_stop(void) __attribute__((weak));

#ifdef __cplusplus
}
#endif

#endif
