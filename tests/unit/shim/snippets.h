/*
 * Instructions that the interpreter is held against the CPU with: a name and
 * the assembler's text.  rsi points to the middle of a buffer of known bytes;
 * rdi to another place in it; all other registers but rsp are random.
 */
#ifndef TESTS_SNIPPETS_H
#define TESTS_SNIPPETS_H

/* The four sizes of a two-operand instruction, each in register and memory forms. */
#define SNIPPETS_TWO(X, name)                                                                      \
    X(name##_b, #name "b %bl, %al")                                                                \
    X(name##_bh, #name "b %ah, %cl")                                                               \
    X(name##_w, #name "w %bx, %r9w")                                                               \
    X(name##_l, #name "l %ebx, %eax")                                                              \
    X(name##_q, #name "q %r12, %rbx")                                                              \
    X(name##_load, #name "q 8(%rsi), %rdx")                                                        \
    X(name##_store, #name "l %r13d, 17(%rsi)")                                                     \
    X(name##_ib, #name "b $0x7f, %r15b")                                                           \
    X(name##_il, #name "l $-3, -24(%rsi)")                                                         \
    X(name##_iq, #name "q $-2000000000, %rax")

#define SNIPPETS_ONE(X, name)                                                                      \
    X(name##_b, #name "b %dh")                                                                     \
    X(name##_w, #name "w %r8w")                                                                    \
    X(name##_l, #name "l %ecx")                                                                    \
    X(name##_q, #name "q %r14")                                                                    \
    X(name##_m, #name "q 5(%rsi)")

#define SNIPPETS_SHIFT(X, name)                                                                    \
    X(name##_1, #name "l %eax")                                                                    \
    X(name##_b3, #name "b $3, %bl")                                                                \
    X(name##_w9, #name "w $9, %r10w")                                                              \
    X(name##_l31, #name "l $31, %edx")                                                             \
    X(name##_q45, #name "q $45, %r11")                                                             \
    X(name##_bcl, #name "b %cl, %al")                                                              \
    X(name##_wcl, #name "w %cl, %ax")                                                              \
    X(name##_lcl, #name "l %cl, %r9d")                                                             \
    X(name##_qcl, #name "q %cl, %rbp")                                                             \
    X(name##_mcl, #name "l %cl, 12(%rsi)")

#define SNIPPETS_BIT(X, name)                                                                      \
    X(name##_w, #name "w %ax, %bx")                                                                \
    X(name##_l, #name "l %r8d, %r9d")                                                              \
    X(name##_q, #name "q %rcx, %rdx")                                                              \
    X(name##_i, #name "q $61, %r12")                                                               \
    X(name##_m, #name "l $7, (%rsi)")

#define SNIPPETS_COUNT(X, name)                                                                    \
    X(name##_w, #name "w %ax, %bx")                                                                \
    X(name##_l, #name "l %r8d, %r9d")                                                              \
    X(name##_q, #name "q %rcx, %rdx")                                                              \
    X(name##_m, #name "q (%rsi), %rax")

#define SNIPPETS_CONDITION(X, suffix)                                                              \
    X(set##suffix, "set" #suffix " %al")                                                           \
    X(setm##suffix, "set" #suffix " 3(%rsi)")                                                      \
    X(cmov_l##suffix, "cmov" #suffix "l %ebx, %ecx")                                               \
    X(cmov_q##suffix, "cmov" #suffix "q 16(%rsi), %rdx")

#define SNIPPETS(X)                                                                                \
    SNIPPETS_TWO(X, mov)                                                                           \
    SNIPPETS_TWO(X, add)                                                                           \
    SNIPPETS_TWO(X, adc)                                                                           \
    SNIPPETS_TWO(X, sub)                                                                           \
    SNIPPETS_TWO(X, sbb)                                                                           \
    SNIPPETS_TWO(X, and)                                                                           \
    SNIPPETS_TWO(X, or)                                                                            \
    SNIPPETS_TWO(X, xor)                                                                           \
    SNIPPETS_TWO(X, cmp)                                                                           \
    SNIPPETS_ONE(X, inc)                                                                           \
    SNIPPETS_ONE(X, dec)                                                                           \
    SNIPPETS_ONE(X, neg)                                                                           \
    SNIPPETS_ONE(X, not)                                                                           \
    SNIPPETS_SHIFT(X, shl)                                                                         \
    SNIPPETS_SHIFT(X, shr)                                                                         \
    SNIPPETS_SHIFT(X, sar)                                                                         \
    SNIPPETS_SHIFT(X, rol)                                                                         \
    SNIPPETS_SHIFT(X, ror)                                                                         \
    SNIPPETS_BIT(X, bt)                                                                            \
    SNIPPETS_BIT(X, bts)                                                                           \
    SNIPPETS_BIT(X, btr)                                                                           \
    SNIPPETS_BIT(X, btc)                                                                           \
    SNIPPETS_COUNT(X, bsf)                                                                         \
    SNIPPETS_COUNT(X, bsr)                                                                         \
    SNIPPETS_COUNT(X, popcnt)                                                                      \
    SNIPPETS_COUNT(X, tzcnt)                                                                       \
    SNIPPETS_COUNT(X, lzcnt)                                                                       \
    SNIPPETS_COUNT(X, imul)                                                                        \
    SNIPPETS_CONDITION(X, o)                                                                       \
    SNIPPETS_CONDITION(X, no)                                                                      \
    SNIPPETS_CONDITION(X, b)                                                                       \
    SNIPPETS_CONDITION(X, ae)                                                                      \
    SNIPPETS_CONDITION(X, e)                                                                       \
    SNIPPETS_CONDITION(X, ne)                                                                      \
    SNIPPETS_CONDITION(X, be)                                                                      \
    SNIPPETS_CONDITION(X, a)                                                                       \
    SNIPPETS_CONDITION(X, s)                                                                       \
    SNIPPETS_CONDITION(X, ns)                                                                      \
    SNIPPETS_CONDITION(X, p)                                                                       \
    SNIPPETS_CONDITION(X, np)                                                                      \
    SNIPPETS_CONDITION(X, l)                                                                       \
    SNIPPETS_CONDITION(X, ge)                                                                      \
    SNIPPETS_CONDITION(X, le)                                                                      \
    SNIPPETS_CONDITION(X, g)                                                                       \
    X(nothing, "nop; endbr64")                                                                     \
    X(test_l, "testl %eax, %ebx")                                                                  \
    X(test_bi, "testb $0x40, 2(%rsi)")                                                             \
    X(zero_idiom, "xorl %ecx, %ecx")                                                               \
    X(movabs, "movabsq $0x8123456789abcdef, %r11")                                                 \
    X(mov_l_unsigned, "movl $0xfffffff0, %eax")                                                    \
    X(movzx_bl, "movzbl %dh, %eax")                                                                \
    X(movzx_wl, "movzwl %bx, %r10d")                                                               \
    X(movzx_wq, "movzwq 3(%rsi), %r8")                                                             \
    X(movsx_bw, "movsbw %bl, %cx")                                                                 \
    X(movsx_bq, "movsbq 9(%rsi), %rdx")                                                            \
    X(movsxd, "movslq %eax, %r9")                                                                  \
    X(lea_q, "leaq 0x123(%rax,%rbx,8), %rcx")                                                      \
    X(lea_l, "leal -7(%r13,%r14,4), %r15d")                                                        \
    X(lea_short, "leal 5(%eax,%ebx,2), %ecx")                                                      \
    X(xchg_q, "xchgq %rax, %r12")                                                                  \
    X(xchg_m, "xchgl %ebx, 20(%rsi)")                                                              \
    X(xadd_l, "xaddl %ecx, %edx")                                                                  \
    X(xadd_m, "lock xaddq %r9, (%rsi)")                                                            \
    X(cmpxchg_q, "cmpxchgq %rbx, %rcx")                                                            \
    X(cmpxchg_m, "lock cmpxchgl %r8d, 4(%rsi)")                                                    \
    X(cmpxchg_same, "cmpxchgq %rbx, %rax")                                                         \
    X(imul_wide_b, "imulb %bl")                                                                    \
    X(imul_wide_w, "imulw %r8w")                                                                   \
    X(imul_wide_l, "imull %r9d")                                                                   \
    X(imul_wide_q, "imulq (%rsi)")                                                                 \
    X(imul_three, "imull $-77, %ebx, %eax")                                                        \
    X(imul_three_m, "imulq $0x12345, 8(%rsi), %r10")                                               \
    X(mul_b, "mulb %cl")                                                                           \
    X(mul_w, "mulw %r8w")                                                                          \
    X(mul_l, "mull %ebx")                                                                          \
    X(mul_q, "mulq %r12")                                                                          \
    X(bswap_l, "bswapl %eax")                                                                      \
    X(bswap_q, "bswapq %r13")                                                                      \
    X(shld_l, "shldl $5, %ebx, %eax")                                                              \
    X(shld_q, "shldq %cl, %r8, %r9")                                                               \
    X(shrd_l, "shrdl %cl, %edx, 4(%rsi)")                                                          \
    X(shrd_q, "shrdq $33, %rbx, %rax")                                                             \
    X(cbw_, "cbw")                                                                                 \
    X(cwde_, "cwde")                                                                               \
    X(cdqe_, "cdqe")                                                                               \
    X(cwd_, "cwd")                                                                                 \
    X(cdq_, "cdq")                                                                                 \
    X(cqo_, "cqo")                                                                                 \
    X(clc_, "clc")                                                                                 \
    X(stc_, "stc")                                                                                 \
    X(cmc_, "cmc")                                                                                 \
    X(movsb_, "movsb")                                                                             \
    X(movsq_, "movsq")                                                                             \
    X(stosl_, "stosl")                                                                             \
    X(lodsw_, "lodsw")                                                                             \
    X(scasb_, "scasb")                                                                             \
    X(cmpsq_, "cmpsq")                                                                             \
    X(nop_, "nopw 64(%rax,%rbx)")                                                                  \
    X(fs_load, "movq %fs:0, %rax")                                                                 \
    X(cpuid_, "cpuid")                                                                             \
    X(vector_move, "movd %xmm0, %eax")                                                             \
    X(vector_store, "movups %xmm0, -8(%rsi)")                                                      \
    X(carryless, "pushq %rax; popq %rbx")

#endif
