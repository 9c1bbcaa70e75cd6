#include "analyzer/write/accounts.h"

#include <inttypes.h>

#include "analyzer/base/count.h"
#include "analyzer/base/message.h"

void accounts_tell_places(const struct profile *profile, uint32_t module,
                          const struct binary *binary)
{
    uint64_t in_functions = 0;
    uint64_t outside = 0;
    uint64_t elsewhere = 0;
    for (size_t i = 0; i < profile->trace_count; i++) {
        const struct trace *trace = &profile->traces[i];
        const struct location *place = trace->to.module == module ? &trace->to : &trace->from;
        uint64_t *sum = place->module != module                      ? &elsewhere
                        : binary_function_at(binary, place->address) ? &in_functions
                                                                     : &outside;
        *sum = count_add(*sum, trace->count);
    }
    message_detail("%" PRIu64 " branches and samples: %" PRIu64 " in functions, %" PRIu64
                   " outside of functions, %" PRIu64 " of other binaries",
                   count_add(count_add(in_functions, outside), elsewhere), in_functions, outside,
                   elsewhere);
}
