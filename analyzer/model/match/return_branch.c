#include "analyzer/model/match/return_branch.h"

#include "analyzer/model/code/decoder.h"

/* The decoder of the module's binary, or NULL where that is not at hand. */
static struct decoder *decoder_at(struct binaries *binaries, uint32_t module)
{
    struct error unused;
    const struct binary *binary = binaries_get(binaries, module);
    return binary ? decoder_of(binary, &unused) : NULL;
}

bool trace_is_return(struct binaries *binaries, const struct trace *trace)
{
    struct instruction instruction;
    if (trace->from.module == PROFILE_MODULE_NONE)
        return false;
    struct decoder *from = decoder_at(binaries, trace->from.module);
    if (from && decoder_decode(from, trace->from.address, &instruction))
        return instruction.kind == INSTRUCTION_RETURN;
    struct decoder *to = decoder_at(binaries, trace->to.module);
    return to && decoder_follows_call(to, trace->to.address);
}
