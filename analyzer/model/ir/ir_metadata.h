/*
 * The debug information of one module in LLVM's text: from numbers of locations to positions.
 * Locations are named before they are defined, at the module's end.
 */
#ifndef ANALYZER_MODEL_IR_IR_METADATA_H
#define ANALYZER_MODEL_IR_IR_METADATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/base/error.h"
#include "analyzer/base/names.h"
#include "analyzer/model/ir/positions.h"

struct ir_node;

/* Who compiled the modules.  Begins as {0}. */
struct ir_compilers {
    struct names producers; /* as they name themselves, each once */
    size_t units, optimised_units;
};

/* Begins as {0}. */
struct ir_metadata {
    struct ir_node *nodes; /* by number */
    size_t count, capacity;
};

/*
 * Takes a line "!N = ..." in; what is not about locations is passed over.  False with
 * ERROR_MEMORY.
 */
bool ir_metadata_add(struct ir_metadata *metadata, struct positions *positions, const char *line,
                     struct error *error);

/*
 * The position of location number `number`, added to the positions; POSITION_NONE where it is not
 * a location, or has no line.
 */
bool ir_metadata_position(struct ir_metadata *metadata, struct positions *positions,
                          uint32_t number, uint32_t *position, struct error *error);

/*
 * Takes a line "!N = ..." that describes a compilation in: who compiled (the text behind
 * "producer"), and whether with optimisation.  Other lines are passed over.  False with
 * ERROR_MEMORY.
 */
bool ir_metadata_read_unit(const char *line, struct ir_compilers *compilers, struct error *error);

/* Forgets the module's, for the next. */
void ir_metadata_clear(struct ir_metadata *metadata);
void ir_metadata_free(struct ir_metadata *metadata);

#endif
