#include "shim/core/stacks/stacks.h"

#include <libunwind.h>
#include <string.h>

#include "shim/core/ground/system_call.h"
#include "shim/core/modules/modules.h"
#include "shim/core/store/store.h"
#include "shim/core/store/tables.h"

#define DEEPEST 128
#define FORK_WAITS 1000 /* of 100 microseconds: longer than most unwinding takes */

/* libunwind exports this for remote unwinding; its headers do not declare it. */
extern int UNW_OBJ(dwarf_search_unwind_table)(unw_addr_space_t space, unw_word_t address,
                                              unw_dyn_info_t *table, unw_proc_info_t *procedure,
                                              int need_unwind_info, void *argument);

static unw_addr_space_t space;
static uint32_t unwinding;         /* 1 while a thread unwinds, or a fork keeps others from it */
static __thread bool keeps_others; /* this thread's fork does */

/* What one unwinding works on. */
struct unwinding {
    const ucontext_t *context;
    struct pages *pages;
    struct {
        uint64_t address; /* line number + 1; 0: empty */
        uint8_t bytes[256];
    } lines[16]; /* recently read memory: unwind tables are read in many small pieces */
};

/* .eh_frame_hdr with the encodings that every linker writes (LSB, "Eh_Frame header"). */
struct unwind_header {
    uint8_t version;
    uint8_t frame_pointer_encoding; /* 0x1b: pc-relative, signed 4 bytes */
    uint8_t count_encoding;         /* 0x03: unsigned 4 bytes */
    uint8_t table_encoding;         /* 0x3b: relative to this header, signed 4 bytes */
    int32_t frame_pointer;
    uint32_t count;
};

static bool line_read(struct unwinding *work, uint64_t address, void *to, size_t size)
{
    size_t line_size = sizeof(work->lines[0].bytes);
    uint64_t line = address / line_size;
    size_t slot = line % (sizeof(work->lines) / sizeof(work->lines[0]));

    if (address % line_size + size > line_size)
        return pages_read(work->pages, to, address, size);
    if (work->lines[slot].address != line + 1) {
        work->lines[slot].address = 0;
        if (!pages_read(work->pages, work->lines[slot].bytes, line * line_size, line_size))
            return false;
        work->lines[slot].address = line + 1;
    }
    memcpy(to, work->lines[slot].bytes + address % line_size, size);
    return true;
}

static int find_procedure(unw_addr_space_t in, unw_word_t address, unw_proc_info_t *procedure,
                          int need_unwind_info, void *argument)
{
    struct loaded_module module;
    struct unwind_header header;
    unw_dyn_info_t table;

    if (!modules_find(address, &module) || !module.unwind_table ||
        !line_read(argument, module.unwind_table, &header, sizeof(header)) || header.version != 1 ||
        header.frame_pointer_encoding != 0x1b || header.count_encoding != 0x03 ||
        header.table_encoding != 0x3b)
        return -UNW_ENOINFO;
    memset(&table, 0, sizeof(table));
    table.format = UNW_INFO_FORMAT_REMOTE_TABLE;
    table.start_ip = module.start;
    table.end_ip = module.end;
    table.u.rti.segbase = module.unwind_table;
    table.u.rti.table_data = module.unwind_table + sizeof(header);
    table.u.rti.table_len = (unw_word_t)header.count * 8 / sizeof(unw_word_t);
    return UNW_OBJ(dwarf_search_unwind_table)(in, address, &table, procedure, need_unwind_info,
                                              argument);
}

static void put_unwind_info(unw_addr_space_t in, unw_proc_info_t *procedure, void *argument)
{
    (void)in;
    (void)procedure;
    (void)argument;
}

static int no_dynamic_list(unw_addr_space_t in, unw_word_t *list, void *argument)
{
    (void)in;
    (void)list;
    (void)argument;
    return -UNW_ENOINFO;
}

static int access_memory(unw_addr_space_t in, unw_word_t address, unw_word_t *value, int write,
                         void *argument)
{
    (void)in;
    return !write && line_read(argument, address, value, sizeof(*value)) ? 0 : -UNW_EINVAL;
}

/* libunwind's register numbers are DWARF's. */
static int access_register(unw_addr_space_t in, unw_regnum_t number, unw_word_t *value, int write,
                           void *argument)
{
    static const int general[] = {
        [UNW_X86_64_RAX] = REG_RAX, [UNW_X86_64_RDX] = REG_RDX, [UNW_X86_64_RCX] = REG_RCX,
        [UNW_X86_64_RBX] = REG_RBX, [UNW_X86_64_RSI] = REG_RSI, [UNW_X86_64_RDI] = REG_RDI,
        [UNW_X86_64_RBP] = REG_RBP, [UNW_X86_64_RSP] = REG_RSP, [UNW_X86_64_R8] = REG_R8,
        [UNW_X86_64_R9] = REG_R9,   [UNW_X86_64_R10] = REG_R10, [UNW_X86_64_R11] = REG_R11,
        [UNW_X86_64_R12] = REG_R12, [UNW_X86_64_R13] = REG_R13, [UNW_X86_64_R14] = REG_R14,
        [UNW_X86_64_R15] = REG_R15, [UNW_X86_64_RIP] = REG_RIP,
    };
    const struct unwinding *work = argument;
    (void)in;
    if (write || number < 0 || (size_t)number >= sizeof(general) / sizeof(general[0]))
        return -UNW_EBADREG;
    *value = (unw_word_t)work->context->uc_mcontext.gregs[general[number]];
    return 0;
}

static int no_floating_register(unw_addr_space_t in, unw_regnum_t number, unw_fpreg_t *value,
                                int write, void *argument)
{
    (void)in;
    (void)number;
    (void)value;
    (void)write;
    (void)argument;
    return -UNW_EBADREG;
}

static int no_resume(unw_addr_space_t in, unw_cursor_t *cursor, void *argument)
{
    (void)in;
    (void)cursor;
    (void)argument;
    return -UNW_EINVAL;
}

static int no_name(unw_addr_space_t in, unw_word_t address, char *name, size_t size,
                   unw_word_t *offset, void *argument)
{
    (void)in;
    (void)address;
    (void)name;
    (void)size;
    (void)offset;
    (void)argument;
    return -UNW_ENOINFO;
}

bool stacks_start(void)
{
    static unw_accessors_t accessors = {
        .find_proc_info = find_procedure,
        .put_unwind_info = put_unwind_info,
        .get_dyn_info_list_addr = no_dynamic_list,
        .access_mem = access_memory,
        .access_reg = access_register,
        .access_fpreg = no_floating_register,
        .resume = no_resume,
        .get_proc_name = no_name,
    };

    space = unw_create_addr_space(&accessors, 0);
    if (space)
        unw_set_caching_policy(space, UNW_CACHE_NONE); /* which sets the library up */
    return space != NULL;
}

void stacks_sample(const ucontext_t *context, struct pages *pages, struct callers *callers)
{
    static struct unwinding work; /* one thread at a time */
    static unw_cursor_t cursor;
    static uint64_t locations[DEEPEST + 1];
    struct pgoraw_header *header = store_header();
    size_t depth = 0;
    int step;

    if (!space)
        return;
    if (__atomic_exchange_n(&unwinding, 1, __ATOMIC_ACQUIRE)) {
        store_count(header, PGORAW_COUNT_DROP_STACK_BUSY, 1);
        return;
    }
    memset(&work, 0, sizeof(work));
    work.context = context;
    work.pages = pages;
    step = unw_init_remote(&cursor, space, &work) == 0 ? 1 : -1;
    while (step > 0 && depth < DEEPEST) {
        unw_word_t address;
        if (unw_get_reg(&cursor, UNW_REG_IP, &address) != 0) {
            step = -1;
            break;
        }
        if (address == 0) { /* the bottom, as some run-times mark it */
            step = 0;
            break;
        }
        /* A caller's address is that of the next instruction: step back into the call. */
        locations[depth] = modules_locate(depth ? address - 1 : address);
        if (locations[depth] <= PGORAW_LOCATION_TRUNCATED) { /* no code is there */
            step = -1;
            break;
        }
        depth++;
        step = unw_step(&cursor);
    }
    if (step != 0) {
        locations[depth++] = PGORAW_LOCATION_TRUNCATED;
        store_count(header, PGORAW_COUNT_STACKS_TRUNCATED, 1);
    }
    callers->known = store_add_stack(locations, depth, &callers->node) && step == 0;
    store_count(header, PGORAW_COUNT_STACKS, 1);
    __atomic_store_n(&unwinding, 0, __ATOMIC_RELEASE);
}

/* A thread that unwinds may not get a CPU for longer than that: then it goes on during the fork. */
void stacks_fork_begin(void)
{
    struct timespec moment = {0, 100000};

    keeps_others = false;
    for (int i = 0; i < FORK_WAITS && !keeps_others; i++) {
        keeps_others = !__atomic_exchange_n(&unwinding, 1, __ATOMIC_ACQUIRE);
        if (!keeps_others)
            system_call(SYS_nanosleep, &moment, NULL);
    }
}

void stacks_fork_end_parent(void)
{
    if (keeps_others)
        __atomic_store_n(&unwinding, 0, __ATOMIC_RELEASE);
    keeps_others = false;
}

/* A thread that went on, and is not in the child, may have held a lock of libunwind. */
void stacks_fork_end_child(void)
{
    __atomic_store_n(&unwinding, !keeps_others, __ATOMIC_RELEASE);
    keeps_others = false;
}
