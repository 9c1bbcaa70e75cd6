/*
 * What mends what llvm-bolt (16 to 22) refuses: told by the words of its messages, which are the
 * same in all of these versions.  And what it takes but makes a broken program of.
 */
#ifndef BOLT_BRIDGE_TOOLCHAIN_BOLT_REMEDIES_H
#define BOLT_BRIDGE_TOOLCHAIN_BOLT_REMEDIES_H

enum bolt_refusal {
    BOLT_REFUSES_NOT_UNIQUE,
    BOLT_REFUSES_SANITIZER,
    BOLT_REFUSES_COVERAGE,
    BOLT_BREAKS_SPLIT_STACK,
    BOLT_REFUSES_PART_WITHOUT_FILE,
    BOLT_REFUSES_PART_WITHOUT_FUNCTION,
    BOLT_REFUSES_CLASS,
    BOLT_REFUSES_DEBUG_FILE,
    BOLT_REFUSES_STRIPPED,
    BOLT_REFUSES_BOLTED,
    BOLT_REFUSES_LAZY_BINDING,
    BOLT_REFUSES_NO_RELOCATIONS,
    BOLT_REFUSES_GDB_INDEX,
    BOLT_CRASHES,
    BOLT_REFUSALS
};

/* Static text. */
const char *bolt_remedy(enum bolt_refusal refusal);

/* What mends the fault that it names in its output; NULL: not a known one. */
const char *bolt_remedy_of(const char *said);

#endif
