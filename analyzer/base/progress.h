/*
 * How far long work has come, from the rooms that do it to whoever shows it.
 * Libraries do not talk to users: they report steps here, and a program that
 * wants to show them listens.
 */
#ifndef ANALYZER_BASE_PROGRESS_H
#define ANALYZER_BASE_PROGRESS_H

/* `total` 0: not known. */
typedef void progress_listener(const char *what, unsigned long long done, unsigned long long total);

/* Whom to tell; NULL, as at the start: nobody.  One at a time, in one thread. */
void progress_listen(progress_listener *listener);

/* Steps of `what` are done.  Cheap enough for every turn of a loop: few of them are told. */
void progress_step(const char *what, unsigned long long done, unsigned long long total);

#endif
