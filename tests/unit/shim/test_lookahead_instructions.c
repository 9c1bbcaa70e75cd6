/*
 * The interpreter against the CPU: each instruction is run both ways from many
 * random states.  What the interpreter claims to know must be what the CPU did.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "shim/core/ground/memory.h"
#include "shim/core/lookahead/decode.h"
#include "shim/core/lookahead/lookahead.h"
#include "shim/core/lookahead/quick.h"
#include "tests/unit/shim/snippets.h"

#define ROUNDS 1000
#define BUFFER 256

/* --- the CPU's side -------------------------------------------------------- */

struct state {
    uint64_t general[REGISTER_COUNT]; /* rsp is not used */
    uint64_t flags;
};

/* Loads all registers but rsp, calls `code`, stores them all. */
void native_run(const void *code, struct state *state);
__asm__(".text\n"
        "native_run:\n"
        "push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15\n"
        "push %rsi; push %rdi\n" /* state at 8(%rsp), code at (%rsp) */
        "push 128(%rsi); popfq\n"
        "mov %rsi, %rax\n"
        "mov 8(%rax), %rcx; mov 16(%rax), %rdx; mov 24(%rax), %rbx; mov 40(%rax), %rbp\n"
        "mov 48(%rax), %rsi; mov 56(%rax), %rdi; mov 64(%rax), %r8; mov 72(%rax), %r9\n"
        "mov 80(%rax), %r10; mov 88(%rax), %r11; mov 96(%rax), %r12; mov 104(%rax), %r13\n"
        "mov 112(%rax), %r14; mov 120(%rax), %r15\n"
        "mov (%rax), %rax\n"
        "call *(%rsp)\n"
        "push %rax; pushfq\n" /* flags at (%rsp), rax at 8, code at 16, state at 24 */
        "mov 24(%rsp), %rax\n"
        "mov %rcx, 8(%rax); mov %rdx, 16(%rax); mov %rbx, 24(%rax); mov %rbp, 40(%rax)\n"
        "mov %rsi, 48(%rax); mov %rdi, 56(%rax); mov %r8, 64(%rax); mov %r9, 72(%rax)\n"
        "mov %r10, 80(%rax); mov %r11, 88(%rax); mov %r12, 96(%rax); mov %r13, 104(%rax)\n"
        "mov %r14, 112(%rax); mov %r15, 120(%rax)\n"
        "pop %rcx; mov %rcx, 128(%rax)\n"
        "pop %rcx; mov %rcx, (%rax)\n"
        "cld\n"
        "pop %rdi; pop %rsi\n"
        "pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx\n"
        "ret\n");

#define SNIPPET_CODE(name, text)                                                                   \
    __asm__(".text\nsnippet_" #name ": " text "\nsnippet_end_" #name ": ret\n");                   \
    extern const uint8_t snippet_##name[], snippet_end_##name[];
SNIPPETS(SNIPPET_CODE)

struct snippet {
    const char *name, *text;
    const uint8_t *code, *end;
};

#define SNIPPET_ENTRY(name, text) {#name, text, snippet_##name, snippet_end_##name},
static const struct snippet snippets[] = {SNIPPETS(SNIPPET_ENTRY)};
#define SNIPPET_COUNT (sizeof(snippets) / sizeof(snippets[0]))

/* --- the interpreter's side ------------------------------------------------- */

static struct memory_lines lines;
static struct pages pages;
static bool quick_forms = true;          /* as the interpreter's loop has it */
static unsigned quick_done[QUICK_COUNT]; /* how often each form was done */
static uint8_t buffer[BUFFER] __attribute__((aligned(64)));
static uint64_t random_state = 0x9e3779b97f4a7c15u;

static uint64_t random_next(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

/* Random, with the values at which flags change among them. */
static uint64_t random_operand(void)
{
    static const uint64_t edges[] = {
        0,      1,          2,          0x7f,       0x80,      0xff,       0x7fff,     0x8000,
        0xffff, 0x7fffffff, 0x80000000, 0xffffffff, INT64_MAX, 1ull << 63, UINT64_MAX,
    };
    uint64_t value = random_next();
    return value % 3 ? value : edges[value / 3 % (sizeof(edges) / sizeof(edges[0]))];
}

static void state_random(struct state *state)
{
    for (unsigned i = 0; i < REGISTER_COUNT; i++)
        state->general[i] = random_operand();
    state->general[REGISTER_RSI] = (uint64_t)(uintptr_t)(buffer + BUFFER / 2);
    state->general[REGISTER_RDI] = (uint64_t)(uintptr_t)(buffer + BUFFER / 4);
    state->flags = 2 | (random_next() & FLAGS_ARITHMETIC);
    for (unsigned i = 0; i < BUFFER; i += 8) {
        uint64_t value = random_operand();
        memcpy(buffer + i, &value, 8);
    }
}

static uint64_t fs_base(void)
{
    uint64_t base;
    __asm__("movq %%fs:0, %0" : "=r"(base));
    return base;
}

static void lines_fill_from_buffer(void)
{
    struct value value;
    for (unsigned i = 0; i < BUFFER; i++)
        lines_load(&lines, (uint64_t)(uintptr_t)(buffer + i), 1, &value);
}

static bool interpret_one(struct interpreter *interpreter, const struct operation *operation)
{
    if (quick_forms && interpret_quick(interpreter, operation)) {
        quick_done[operation->quick]++;
        return true;
    }
    return operation->code < OPERATION_STRING_MOVE ? interpret_compute(interpreter, operation)
                                                   : interpret_string(interpreter, operation);
}

/* False: the interpreter stopped. */
static bool interpret(const struct snippet *snippet, struct registers *registers,
                      enum pgoraw_counter *stop)
{
    struct interpreter interpreter = {.registers = registers, .lines = &lines};
    const uint8_t *at = snippet->code;

    pages_begin(&pages, 0, 0);
    lines_begin(&lines, &pages);
    if (quick_forms)
        lines_fill_from_buffer();
    while (at < snippet->end) {
        struct operation operation;
        decode_instruction(at, (size_t)(snippet->end - at) + 1, (uint64_t)(uintptr_t)at,
                           &operation);
        if (operation.code >= OPERATION_SYSTEM_CALL) {
            *stop = PGORAW_COUNT_STOP_UNSUPPORTED;
            return false;
        }
        if (!interpret_one(&interpreter, &operation)) {
            *stop = interpreter.stop;
            return false;
        }
        at += operation.length;
    }
    return true;
}

static void registers_from(const struct state *state, struct registers *registers, uint8_t *stack)
{
    memset(registers, 0, sizeof(*registers));
    memcpy(registers->general, state->general, sizeof(state->general));
    registers->general[REGISTER_RSP] = (uint64_t)(uintptr_t)stack;
    registers->flags = (uint32_t)state->flags;
    registers->fs_base = fs_base();
}

static void fail_with(const struct snippet *snippet, const char *what, uint64_t ours, uint64_t cpus)
{
    fail_msg("%s: %s is %#llx, the CPU has %#llx", snippet->text, what, (unsigned long long)ours,
             (unsigned long long)cpus);
}

/* What is known must be right. */
static void compare(const struct snippet *snippet, const struct registers *registers,
                    const struct state *cpu)
{
    uint32_t known_flags = FLAGS_ARITHMETIC & ~registers->flags_poison;

    for (unsigned number = 0; number < REGISTER_COUNT; number++) {
        if (number == REGISTER_RSP)
            continue;
        for (unsigned byte = 0; byte < 8; byte++) {
            char what[32];
            if (registers->poison[number] >> byte & 1)
                continue;
            snprintf(what, sizeof(what), "register %u", number);
            if ((registers->general[number] ^ cpu->general[number]) >> byte * 8 & 0xff)
                fail_with(snippet, what, registers->general[number], cpu->general[number]);
        }
    }
    if ((registers->flags ^ cpu->flags) & known_flags)
        fail_with(snippet, "flags", registers->flags & known_flags, cpu->flags & known_flags);
    for (unsigned i = 0; i < BUFFER; i++) {
        struct value value;
        assert_int_equal(lines_load(&lines, (uint64_t)(uintptr_t)(buffer + i), 1, &value),
                         LINES_DONE);
        if (!value.poison && value.bits != buffer[i])
            fail_with(snippet, "memory", value.bits, buffer[i]);
    }
}

/* The instruction is interpreted before the CPU changes the buffer under it. */
static void round_agrees(const struct snippet *snippet)
{
    static uint8_t stack[512];
    struct state cpu;
    struct registers registers;
    enum pgoraw_counter stop = PGORAW_COUNT_SAMPLES;

    state_random(&cpu);
    registers_from(&cpu, &registers, stack + sizeof(stack) / 2);
    if (!interpret(snippet, &registers, &stop))
        fail_msg("%s: the window ends (counter %d)", snippet->text, stop);
    lines_fill_from_buffer(); /* as it was */
    native_run(snippet->code, &cpu);
    compare(snippet, &registers, &cpu);
}

static void every_instruction_does_what_the_cpu_does(void **unused)
{
    (void)unused;
    assert_true(memory_start());
    for (size_t i = 0; i < SNIPPET_COUNT; i++)
        for (unsigned round = 0; round < ROUNDS; round++) {
            quick_forms = round % 2;
            round_agrees(&snippets[i]);
        }
    quick_forms = true;
}

static void every_quick_form_was_among_them(void **unused)
{
    (void)unused;
    for (unsigned form = QUICK_NONE + 1; form < QUICK_COUNT; form++)
        if (quick_done[form] == 0)
            fail_msg("no instruction took quick form %u", form);
}

/* The comparison above passes what is unknown: so little must be. */
static void integer_results_are_known(void **unused)
{
    static const char *const may_be_unknown[] = {"cpuid", "movd", "movups"};
    (void)unused;
    for (size_t i = 0; i < SNIPPET_COUNT; i++) {
        struct registers registers;
        struct state state;
        enum pgoraw_counter stop;
        static uint8_t stack[512];
        bool excused = false;
        for (size_t j = 0; j < sizeof(may_be_unknown) / sizeof(may_be_unknown[0]); j++)
            excused = excused ||
                      strncmp(snippets[i].text, may_be_unknown[j], strlen(may_be_unknown[j])) == 0;
        state_random(&state);
        state.general[REGISTER_RCX] = 3;
        state.general[8] = 4; /* a bit scan of 0 has no result */
        registers_from(&state, &registers, stack + sizeof(stack) / 2);
        assert_true(interpret(&snippets[i], &registers, &stop));
        for (unsigned number = 0; number < REGISTER_COUNT && !excused; number++)
            if (registers.poison[number])
                fail_msg("%s: register %u is unknown", snippets[i].text, number);
    }
}

static const struct snippet *snippet_named(const char *name)
{
    for (size_t i = 0; i < SNIPPET_COUNT; i++)
        if (strcmp(snippets[i].name, name) == 0)
            return &snippets[i];
    fail_msg("no snippet %s", name);
    return NULL;
}

static void poison_reaches_what_is_made_from_it(void **unused)
{
    static const struct {
        const char *name;
        unsigned reads, writes; /* registers */
    } cases[] = {
        {"add_l", REGISTER_RBX, REGISTER_RAX},      {"mov_q", 12, REGISTER_RBX},
        {"lea_q", REGISTER_RAX, REGISTER_RCX},      {"movzx_bl", REGISTER_RDX, REGISTER_RAX},
        {"imul_three", REGISTER_RBX, REGISTER_RAX}, {"carryless", REGISTER_RAX, REGISTER_RBX},
    };
    (void)unused;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        static uint8_t stack[512];
        struct registers registers;
        struct state state;
        enum pgoraw_counter stop;
        state_random(&state);
        registers_from(&state, &registers, stack + sizeof(stack) / 2);
        registers.poison[cases[i].reads] = 0xff;
        assert_true(interpret(snippet_named(cases[i].name), &registers, &stop));
        assert_int_not_equal(registers.poison[cases[i].writes], 0);
    }
}

static void zero_idiom_is_known_whatever_the_register_holds(void **unused)
{
    static uint8_t stack[512];
    struct registers registers;
    struct state state;
    enum pgoraw_counter stop;
    (void)unused;
    state_random(&state);
    registers_from(&state, &registers, stack + sizeof(stack) / 2);
    registers.poison[REGISTER_RCX] = 0xff;
    assert_true(interpret(snippet_named("zero_idiom"), &registers, &stop));
    assert_int_equal(registers.poison[REGISTER_RCX], 0);
    assert_int_equal(registers.general[REGISTER_RCX], 0);
}

/* Linkers make `call *name@GOTPCREL(%rip)` such a call where the name is in the same file. */
static void address_size_prefix_changes_no_relative_call(void **unused)
{
    static const uint8_t call[] = {0x67, 0xe8, 0x10, 0, 0, 0}, jump[] = {0x67, 0xeb, 0x10};
    static const uint8_t loop[] = {0x67, 0xe2, 0xf0}, plain_loop[] = {0xe2, 0xf0};
    struct operation operation;
    (void)unused;
    decode_instruction(call, sizeof(call), 0x1000, &operation);
    assert_int_equal(operation.code, OPERATION_CALL);
    assert_int_equal(operation.target, 0x1016);
    decode_instruction(jump, sizeof(jump), 0x1000, &operation);
    assert_int_equal(operation.code, OPERATION_JUMP);
    assert_int_equal(operation.target, 0x1013);
    decode_instruction(plain_loop, sizeof(plain_loop), 0x1000, &operation);
    assert_int_equal(operation.code, OPERATION_LOOP);
    /* It counts in ecx: not followed. */
    decode_instruction(loop, sizeof(loop), 0x1000, &operation);
    assert_int_equal(operation.code, OPERATION_UNSUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(address_size_prefix_changes_no_relative_call),
        cmocka_unit_test(every_instruction_does_what_the_cpu_does),
        cmocka_unit_test(every_quick_form_was_among_them),
        cmocka_unit_test(integer_results_are_known),
        cmocka_unit_test(poison_reaches_what_is_made_from_it),
        cmocka_unit_test(zero_idiom_is_known_whatever_the_register_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
