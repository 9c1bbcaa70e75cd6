/*
 * Removing what was made here, whatever is in it.
 */
#ifndef BOLT_BRIDGE_PROCESS_REMOVE_H
#define BOLT_BRIDGE_PROCESS_REMOVE_H

/*
 * Removes a file, or a directory with all that is below it; no link is followed.  What
 * cannot be removed stays.
 */
void remove_tree(const char *path);

#endif
