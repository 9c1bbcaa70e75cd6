/*
 * What the application closes that it does not know: all numbers from 3 on, one that is not open, a
 * number that it has chosen itself.  Where other threads run, it might be a descriptor of ours that
 * is open for a moment, and the number be a file of the application's when we close it.  So from
 * the first such call on, no descriptor of ours is opened in the process: the file has its largest
 * size then; threads that begin are sampled by timers, and those on a clock of perf_event are from
 * the next change of their period on.
 *
 * Before the call is made.  Signal-safe.
 */
#ifndef SHIM_CORE_LIFE_CLOSING_H
#define SHIM_CORE_LIFE_CLOSING_H

/* The application closes `number`, or puts a descriptor there. */
void closing_of(int number);

/* It closes what it does not know. */
void closing_of_unknown(void);

#endif
