/*
 * No process and no unfinished file outlives us.  What our programs leave behind them is
 * ended, even where they made themselves independent, and even where we are killed.
 *
 * Three nets.  Each program runs in a group of its own, which is killed when its
 * leader has ended.  We are the subreaper of our descendants, so that daemons
 * become our children and are found.  And a watcher, a process of its own, waits for
 * our end, however it comes, and kills everything that has our mark in the
 * environment it was started with, and removes the files that it was told of.
 */
#ifndef BOLT_BRIDGE_PROCESS_ORPHANS_H
#define BOLT_BRIDGE_PROCESS_ORPHANS_H

#include <stdbool.h>
#include <sys/types.h>

/* Before the first program is started; later calls do nothing.  What fails is done without. */
void orphans_prepare(void);

/*
 * Tells the watcher of a file or directory that must not stay should we be killed.
 * What we remove or rename ourselves need not be taken back.
 */
void orphans_remove_later(const char *path);

/*
 * Kills what is left of the group of a program that has ended, and, where `alone`
 * says that nothing of ours is meant to run, all our children but the watcher.
 * Returns whether there were such children.
 */
bool orphans_end(pid_t group, bool alone);

#endif
