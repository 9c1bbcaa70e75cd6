#include "analyzer/model/counters/call_sites.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/base/hash.h"
#include "analyzer/base/memory.h"

#define NOT_KNOWN UINT32_MAX

struct call_sites {
    const struct ir_program *program;
    uint32_t *callees;        /* by number of the call in the program, or NOT_KNOWN */
    uint32_t *first_sites;    /* by function, and one behind */
    struct named_call *items; /* by function that is called */
    uint32_t *order;
};

/* The only function of that symbol, or NOT_KNOWN. */
static uint32_t only_function(const struct ir_program *program, const char *symbol)
{
    uint64_t hash = hash_bytes(symbol, strlen(symbol));
    size_t slot = HASH_INDEX_FIRST;
    uint32_t number, found = NOT_KNOWN;
    while ((number = hash_index_next(&program->by_name, hash, &slot)) != HASH_INDEX_NONE) {
        if (strcmp(program->functions[number].name, symbol) != 0)
            continue;
        if (found != NOT_KNOWN)
            return NOT_KNOWN;
        found = number;
    }
    return found;
}

static uint32_t first_call_of(const struct ir_program *program, const struct ir_function *function)
{
    return program->blocks[function->first_block].first_call;
}

static uint32_t end_of_calls(const struct ir_program *program, const struct ir_function *function)
{
    return program->blocks[function->first_block + function->block_count].first_call;
}

/* Who is called by each call, but for calls of the function itself. */
static void find_callees(struct call_sites *sites)
{
    const struct ir_program *program = sites->program;
    for (uint32_t i = 0; i < program->call_count; i++)
        sites->callees[i] = NOT_KNOWN;
    for (uint32_t i = 0; i < program->function_count; i++) {
        const struct ir_function *function = &program->functions[i];
        for (uint32_t k = first_call_of(program, function); k < end_of_calls(program, function);
             k++) {
            const char *symbol = program->calls[k].callee;
            uint32_t callee = symbol ? only_function(program, symbol) : NOT_KNOWN;
            sites->callees[k] = callee != i ? callee : NOT_KNOWN;
        }
    }
}

/* Calls sorted by whom they call. */
static void find_sites(struct call_sites *sites)
{
    const struct ir_program *program = sites->program;
    uint32_t *first = sites->first_sites;
    for (uint32_t i = 0; i < program->call_count; i++) {
        if (sites->callees[i] != NOT_KNOWN)
            first[sites->callees[i] + 1]++;
    }
    for (uint32_t i = 0; i <= program->function_count; i++)
        first[i + 1] += first[i];
    for (uint32_t i = (uint32_t)program->block_count; i-- > 0;) {
        for (uint32_t k = program->blocks[i].first_call; k < program->blocks[i + 1].first_call;
             k++) {
            if (sites->callees[k] != NOT_KNOWN)
                sites->items[--first[sites->callees[k] + 1]] = (struct named_call){k, i};
        }
    }
    /* The beginning of each function's calls is one place too far now. */
    uint32_t end = first[program->function_count + 1];
    memmove(first, first + 1, program->function_count * sizeof(*first));
    first[program->function_count] = end;
}

/* The functions in reverse of the order in which a search along calls leaves them. */
static void find_order(struct call_sites *sites, uint32_t *stack, uint32_t *next_call)
{
    const struct ir_program *program = sites->program;
    size_t left = program->function_count;
    for (uint32_t i = 0; i < program->function_count; i++)
        next_call[i] = NOT_KNOWN;
    for (uint32_t root = 0; root < program->function_count; root++) {
        size_t depth = 0;
        if (next_call[root] == NOT_KNOWN) {
            next_call[root] = first_call_of(program, &program->functions[root]);
            stack[depth++] = root;
        }
        while (depth > 0) {
            uint32_t function = stack[depth - 1];
            if (next_call[function] == end_of_calls(program, &program->functions[function])) {
                sites->order[--left] = function;
                depth--;
                continue;
            }
            uint32_t callee = sites->callees[next_call[function]++];
            if (callee != NOT_KNOWN && next_call[callee] == NOT_KNOWN) {
                assert(depth < program->function_count); /* each is on it once */
                next_call[callee] = first_call_of(program, &program->functions[callee]);
                stack[depth++] = callee;
            }
        }
    }
}

struct call_sites *call_sites_new(const struct ir_program *program, struct error *error)
{
    struct call_sites *sites = calloc(1, sizeof(*sites));
    uint32_t *stack = calloc(program->function_count + 1, sizeof(*stack));
    uint32_t *next_call = calloc(program->function_count + 1, sizeof(*next_call));
    bool done = sites && stack && next_call;
    if (done) {
        sites->program = program;
        sites->callees = calloc(program->call_count + 1, sizeof(uint32_t));
        sites->first_sites = calloc(program->function_count + 2, sizeof(uint32_t));
        sites->items = calloc(program->call_count + 1, sizeof(*sites->items));
        sites->order = calloc(program->function_count + 1, sizeof(uint32_t));
        done = sites->callees && sites->first_sites && sites->items && sites->order;
    }
    if (done) {
        find_callees(sites);
        find_sites(sites);
        find_order(sites, stack, next_call);
    } else {
        memory_exhausted(error);
        call_sites_free(sites);
    }
    free(stack);
    free(next_call);
    return done ? sites : NULL;
}

void call_sites_free(struct call_sites *sites)
{
    if (!sites)
        return;
    free(sites->callees);
    free(sites->first_sites);
    free(sites->items);
    free(sites->order);
    free(sites);
}

const uint32_t *call_sites_order(const struct call_sites *sites)
{
    return sites->order;
}

const struct named_call *call_sites_of(const struct call_sites *sites, uint32_t function,
                                       size_t *count)
{
    *count = sites->first_sites[function + 1] - sites->first_sites[function];
    return &sites->items[sites->first_sites[function]];
}
