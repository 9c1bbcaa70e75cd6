/*
 * The verbs of pgo-bolt, a file each.
 *
 * A verb takes the command line from its own name on (argv[0] is "pgo-bolt
 * VERB", for its messages) and returns an exit status: 0 done, 1 the answer is
 * no, 2 wrong usage, 3 a file, tool or system does not allow it.
 */
#ifndef BOLT_BRIDGE_VERBS_VERBS_H
#define BOLT_BRIDGE_VERBS_VERBS_H

int verb_doctor(int argc, char **argv);
int verb_relink(int argc, char **argv);
int verb_rebuild(int argc, char **argv);
int verb_flags(int argc, char **argv);
int verb_tune(int argc, char **argv);
int verb_compare(int argc, char **argv);
int verb_cycle(int argc, char **argv);

#endif
