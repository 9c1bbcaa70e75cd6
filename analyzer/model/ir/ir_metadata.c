#include "analyzer/model/ir/ir_metadata.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/base/discriminator.h"
#include "analyzer/base/memory.h"
#include "analyzer/model/ir/ir_text.h"

/* Nodes are printed in the order of their numbers: what is far ahead makes no sense. */
#define FURTHEST_AHEAD 100000
#define NO_NODE UINT32_MAX

enum node_kind { NODE_OTHER, NODE_LOCATION, NODE_FUNCTION, NODE_BLOCK, NODE_BLOCK_OF_FILE };

struct ir_node {
    enum node_kind kind;
    uint32_t line, column, discriminator;
    uint32_t scope, inlined_at; /* nodes, or NO_NODE */
    uint32_t known; /* of functions: the number; of locations: the position, plus 1, 0: not yet */
};

/* --- reading --------------------------------------------------------------------------- */

/* The text behind "NAME: " among the fields of a node, outside strings; NULL where it is not. */
static const char *find_field(const char *text, const char *name)
{
    size_t size = strlen(name);
    for (const char *next = text; *next; next++) {
        if (*next == '"') {
            next = ir_text_skip_string(next);
            if (*next == '\0')
                return NULL;
            continue;
        }
        if ((*next == '(' || *next == ' ') && strncmp(next + 1, name, size) == 0 &&
            next[size + 1] == ':' && next[size + 2] == ' ')
            return next + size + 3;
    }
    return NULL;
}

static uint32_t number_field(const char *text, const char *name)
{
    const char *field = find_field(text, name);
    return field ? (uint32_t)strtoul(field, NULL, 10) : 0;
}

static uint32_t node_field(const char *text, const char *name)
{
    const char *field = find_field(text, name);
    return field && *field == '!' && ir_text_is_digit(field[1])
               ? (uint32_t)strtoul(field + 1, NULL, 10)
               : NO_NODE;
}

static bool add_function(struct positions *positions, const char *text, struct ir_node *node,
                         struct error *error)
{
    const char *name = find_field(text, "linkageName");
    char *copy;
    size_t size = 0;
    if (!name || *name != '"')
        name = find_field(text, "name");
    copy = ir_text_unquote(name && *name == '"' ? name : "\"\"", &size, error);
    if (!copy)
        return false;
    bool done = positions_add_function(positions, copy, size, node->line, &node->known, error);
    free(copy);
    return done;
}

static enum node_kind kind_of(const char *text)
{
    static const struct {
        const char *name;
        enum node_kind kind;
    } kinds[] = {{"!DILocation(", NODE_LOCATION},
                 {"!DISubprogram(", NODE_FUNCTION},
                 {"!DILexicalBlock(", NODE_BLOCK},
                 {"!DILexicalBlockFile(", NODE_BLOCK_OF_FILE}};
    if (strncmp(text, "distinct ", 9) == 0)
        text += 9;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        if (strncmp(text, kinds[i].name, strlen(kinds[i].name)) == 0)
            return kinds[i].kind;
    }
    return NODE_OTHER;
}

static bool make_room(struct ir_metadata *metadata, size_t wanted, struct error *error)
{
    if (!memory_reserve(&metadata->nodes, &metadata->capacity, wanted, sizeof(struct ir_node),
                        error))
        return false;
    for (; metadata->count < wanted; metadata->count++)
        metadata->nodes[metadata->count] = (struct ir_node){.kind = NODE_OTHER};
    return true;
}

bool ir_metadata_add(struct ir_metadata *metadata, struct positions *positions, const char *line,
                     struct error *error)
{
    char *text;
    unsigned long number = strtoul(line + 1, &text, 10);
    if (strncmp(text, " = ", 3) != 0 || number > metadata->count + FURTHEST_AHEAD)
        return true;
    text += 3;
    struct ir_node node = {.kind = kind_of(text)};
    if (!make_room(metadata, (size_t)number + 1, error))
        return false;
    if (node.kind == NODE_OTHER)
        return true;
    node.line = number_field(text, "line");
    node.scope = node_field(text, "scope");
    node.inlined_at = NO_NODE;
    if (node.kind == NODE_LOCATION) {
        node.column = number_field(text, "column");
        node.inlined_at = node_field(text, "inlinedAt");
    }
    if (node.kind == NODE_BLOCK_OF_FILE)
        node.discriminator = number_field(text, "discriminator");
    if (node.kind == NODE_FUNCTION && !add_function(positions, text, &node, error))
        return false;
    metadata->nodes[number] = node;
    return true;
}

bool ir_metadata_read_unit(const char *line, struct ir_compilers *compilers, struct error *error)
{
    static const char unit[] = " = distinct !DICompileUnit(";
    const char *text = strchr(line, ' ');
    size_t size = 0;
    if (!text || strncmp(text, unit, sizeof(unit) - 1) != 0)
        return true;
    const char *producer = find_field(text, "producer");
    char *copy = ir_text_unquote(producer && *producer == '"' ? producer : "\"\"", &size, error);
    if (!copy)
        return false;
    const char *optimised = find_field(text, "isOptimized");
    compilers->units++;
    compilers->optimised_units += optimised && strncmp(optimised, "true", 4) == 0;
    bool done = size == 0 || names_intern(&compilers->producers, copy, size, error) != NULL;
    free(copy);
    return done;
}

/* --- positions ------------------------------------------------------------------------- */

static struct ir_node *node_at(const struct ir_metadata *metadata, uint32_t number)
{
    return number < metadata->count ? &metadata->nodes[number] : NULL;
}

/* Fills in the function that a scope is in, and the discriminator that the scope has. */
static bool find_scope(const struct ir_metadata *metadata, uint32_t scope,
                       struct position *position)
{
    const struct ir_node *node = node_at(metadata, scope);
    position->discriminator =
        node && node->kind == NODE_BLOCK_OF_FILE ? discriminator_base(node->discriminator) : 0;
    for (unsigned depth = 0; node && depth < POSITION_DEPTH_LIMIT; depth++) {
        if (node->kind == NODE_FUNCTION) {
            position->function = node->known;
            return true;
        }
        if (node->kind != NODE_BLOCK && node->kind != NODE_BLOCK_OF_FILE)
            return false;
        node = node_at(metadata, node->scope);
    }
    return false;
}

bool ir_metadata_position(struct ir_metadata *metadata, struct positions *positions,
                          uint32_t number, uint32_t *position, struct error *error)
{
    struct ir_node *location = node_at(metadata, number);
    uint32_t inner = POSITION_NONE;
    *position = POSITION_NONE;
    if (!location || location->kind != NODE_LOCATION || location->line == 0)
        return true;
    if (location->known != 0) {
        *position = location->known - 1;
        return true;
    }
    const struct ir_node *frame = location;
    for (unsigned depth = 0; frame; depth++) {
        struct position at = {.inner = inner, .line = frame->line, .column = frame->column};
        if (depth == POSITION_DEPTH_LIMIT || frame->kind != NODE_LOCATION ||
            !find_scope(metadata, frame->scope, &at))
            return true;
        if (!positions_add(positions, at, &inner, error))
            return false;
        frame = node_at(metadata, frame->inlined_at);
    }
    *position = inner;
    location->known = inner + 1;
    return true;
}

void ir_metadata_clear(struct ir_metadata *metadata)
{
    metadata->count = 0;
}

void ir_metadata_free(struct ir_metadata *metadata)
{
    free(metadata->nodes);
    *metadata = (struct ir_metadata){0};
}
