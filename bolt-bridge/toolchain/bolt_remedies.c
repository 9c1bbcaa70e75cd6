#include "bolt-bridge/toolchain/bolt_remedies.h"

#include <stddef.h>
#include <string.h>

#define MOST_WORDS 3

static const struct {
    const char *remedy;
    const char *said[MOST_WORDS]; /* any of these */
} table[BOLT_REFUSALS] = {
    [BOLT_REFUSES_NOT_UNIQUE] =
        {"link with GNU ld, which writes versions into the names (-fuse-ld=bfd), or take the "
         "name out of the table: objcopy --strip-symbol=NAME BIN OUT",
         {"is not unique"}},
    [BOLT_REFUSES_SANITIZER] = {"compile and link without -fsanitize=address",
                                {"with sanitizer support"}},
    [BOLT_REFUSES_COVERAGE] = {"compile without -fcoverage-mapping", {"with coverage support"}},
    [BOLT_BREAKS_SPLIT_STACK] = {"compile and link without -fsplit-stack", {NULL}},
    [BOLT_REFUSES_PART_WITHOUT_FILE] =
        {"keep the FILE symbols (strip --keep-file-symbols), or compile with "
         "-fno-reorder-blocks-and-partition",
         {"does not have FILE symbols", "owning FILE symbol not found",
          "does not have local file symbols"}},
    [BOLT_REFUSES_PART_WITHOUT_FUNCTION] =
        {"keep the names of functions as the linker wrote them (no strip, no objcopy), or compile "
         "with -fno-reorder-blocks-and-partition",
         {"parent function not found"}},
    [BOLT_REFUSES_CLASS] = {"build it for 64 bits, without -m32 and -mx32", {"64-bit LE ELF"}},
    [BOLT_REFUSES_DEBUG_FILE] = {"name the program itself, not the file with its symbols",
                                 {"is not mapped to a valid segment"}},
    [BOLT_REFUSES_STRIPPED] = {"give the unstripped build: link without -s",
                               {"stripped binaries are not supported"}},
    [BOLT_REFUSES_BOLTED] = {"start from the linker's output", {"was processed by BOLT"}},
    [BOLT_REFUSES_LAZY_BINDING] = {"link with -Wl,-z,now, or leave out -plt",
                                   {"requires immediate relocation processing"}},
    [BOLT_REFUSES_NO_RELOCATIONS] = {"link it with -Wl,--emit-relocs (-Wl,-q)",
                                     {"relocations against code are missing"}},
    [BOLT_REFUSES_GDB_INDEX] = {"link without --gdb-index, or leave out -update-debug-sections",
                                {".gdb_index"}},
    [BOLT_CRASHES] = {"give the linker's own output, which nothing was stripped off, or take "
                      "another llvm-bolt (--bolt, LLVM_BOLT)",
                      {"was killed by signal"}},
};

const char *bolt_remedy(enum bolt_refusal refusal)
{
    return table[refusal].remedy;
}

const char *bolt_remedy_of(const char *said)
{
    for (size_t i = 0; i < BOLT_REFUSALS; i++)
        for (size_t j = 0; j < MOST_WORDS && table[i].said[j]; j++)
            if (strstr(said, table[i].said[j]))
                return table[i].remedy;
    return NULL;
}
