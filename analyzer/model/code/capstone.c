#include "analyzer/model/code/capstone.h"

#include <dlfcn.h>
#include <elf.h>
#include <stddef.h>
#include <string.h>

#include "analyzer/base/memory.h"

#define TEXT_OF(number) #number
#define LIBRARY_OF(major) "libcapstone.so." TEXT_OF(major)
/* Of another major version, structures are laid out otherwise. */
#define LIBRARY LIBRARY_OF(CS_API_MAJOR)

static const struct {
    const char *name;
    size_t place; /* in struct capstone */
} functions[] = {
    {"cs_version", offsetof(struct capstone, version)},
    {"cs_open", offsetof(struct capstone, open)},
    {"cs_close", offsetof(struct capstone, close)},
    {"cs_option", offsetof(struct capstone, option)},
    {"cs_malloc", offsetof(struct capstone, malloc)},
    {"cs_free", offsetof(struct capstone, free)},
    {"cs_disasm_iter", offsetof(struct capstone, disasm_iter)},
    {"cs_insn_group", offsetof(struct capstone, insn_group)},
};

/* Stays loaded until the program ends. */
static const struct capstone *load(struct error *error)
{
    static struct capstone loaded;
    if (loaded.version)
        return &loaded;
    struct capstone library;
    void *file = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    for (size_t i = 0; file && i < sizeof(functions) / sizeof(*functions); i++) {
        void *function = dlsym(file, functions[i].name);
        if (!function) {
            dlclose(file);
            file = NULL;
        } else {
            memcpy((char *)&library + functions[i].place, &function, sizeof(function));
        }
    }
    if (!file) {
        error_set(error, ERROR_TOOL_MISSING, LIBRARY,
                  "it decodes this machine's instructions: install it (Debian: libcapstone%d)",
                  CS_API_MAJOR);
        return NULL;
    }
    loaded = library;
    return &loaded;
}

/* False where Capstone does not know the machine. */
static bool find_mode(const struct binary *binary, cs_arch *architecture, cs_mode *mode)
{
    unsigned bits = binary_is_64_bit(binary) ? CS_MODE_64 : CS_MODE_32;
    unsigned order = binary_is_big_endian(binary) ? CS_MODE_BIG_ENDIAN : CS_MODE_LITTLE_ENDIAN;
    unsigned found = order;
    switch (binary_machine(binary)) {
    case EM_X86_64:
    case EM_386:
        *architecture = CS_ARCH_X86;
        found = binary_machine(binary) == EM_386 ? CS_MODE_32 : CS_MODE_64;
        break;
    case EM_AARCH64:
        *architecture = CS_ARCH_ARM64;
        found = CS_MODE_LITTLE_ENDIAN; /* of instructions, whatever that of data is */
        break;
    case EM_ARM:
        *architecture = CS_ARCH_ARM;
        found |= CS_MODE_V8;
        break;
    case EM_PPC:
    case EM_PPC64:
        *architecture = CS_ARCH_PPC;
        found |= bits;
        break;
    case EM_MIPS:
        *architecture = CS_ARCH_MIPS;
        found |= bits;
        break;
    case EM_S390:
        *architecture = CS_ARCH_SYSZ;
        break;
#if CS_API_MAJOR >= 5
    case EM_RISCV:
        *architecture = CS_ARCH_RISCV;
        found = (binary_is_64_bit(binary) ? CS_MODE_RISCV64 : CS_MODE_RISCV32) | CS_MODE_RISCVC;
        break;
#endif
    default:
        return false;
    }
    *mode = (cs_mode)found; /* NOLINT: cs_mode is a set of flags */
    return true;
}

bool capstone_begin(struct capstone_code *code, const struct binary *binary, struct error *error)
{
    cs_arch architecture;
    cs_mode mode;
    char machine[32];
    if (!find_mode(binary, &architecture, &mode)) {
        error_set(error, ERROR_MACHINE, binary_path(binary), "Capstone %d does not know %s",
                  CS_API_MAJOR, machine_text(binary_machine(binary), machine));
        return false;
    }
    code->library = load(error);
    if (!code->library)
        return false;
    if (code->library->open(architecture, mode, &code->handle) != CS_ERR_OK) {
        error_set(error, ERROR_MACHINE, binary_path(binary),
                  "this build of Capstone does not know %s",
                  machine_text(binary_machine(binary), machine));
        return false;
    }
    code->library->option(code->handle, CS_OPT_DETAIL, CS_OPT_ON);
    code->instruction = code->library->malloc(code->handle);
    return code->instruction || memory_exhausted(error);
}

void capstone_end(struct capstone_code *code)
{
    if (code->instruction)
        code->library->free(code->instruction, 1);
    if (code->handle)
        code->library->close(&code->handle);
    *code = (struct capstone_code){0};
}

bool capstone_decode(struct capstone_code *code, uint64_t address, const uint8_t *bytes,
                     size_t size)
{
    return code->library->disasm_iter(code->handle, &bytes, &size, &address, code->instruction);
}
