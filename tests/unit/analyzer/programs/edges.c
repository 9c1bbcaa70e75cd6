/*
 * Code of every shape that the conversion must cut like BOLT does: jump tables,
 * loops with padding, recursion, cold fragments that jump back to behind a call,
 * tail calls, functions of one name in two files, aliases, one that is chosen when the
 * program starts.  walk.h walks through
 * it; it is never run.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int other_work(int x);

__attribute__((noinline)) static int helper(int x)
{
    if (x & 1)
        return x * 3;
    return x / 2 + 1;
}

__attribute__((noinline)) int table(int x)
{
    switch (x) {
    case 0:
        return puts("zero");
    case 1:
        return 5;
    case 2:
        x += helper(x);
        /* fallthrough */
    case 3:
        return x * 9;
    case 4:
        puts("four");
        /* fallthrough */
    case 5:
        return helper(x);
    case 6:
        return 77;
    case 7:
        return other_work(x);
    default:
        return 1;
    }
}

__attribute__((noinline)) static int depth(int x)
{
    return x <= 0 ? 1 : depth(x - 1) + (x & 2 ? depth(x - 2) : 0);
}

__attribute__((noinline)) static long loops(const char *text)
{
    long sum = 0;
    for (size_t i = 0; i < strlen(text); i++) {
        for (int j = text[i]; j > 0; j >>= 1)
            sum += j & 1 ? j * 3 : -j;
        if (sum == 12345)
            abort();
    }
    return sum;
}

int twin(int x) __attribute__((alias("table")));

static int compare(const void *a, const void *b)
{
    return *(const char *)a - *(const char *)b;
}

__attribute__((noinline)) int tail(int x)
{
    return x > 3 ? table(x - 3) : other_work(x);
}

__attribute__((noinline, cold)) static int seldom(int x)
{
    return x % 11;
}

/* Either call is followed by the same code: the cold one jumps to behind the other. */
__attribute__((noinline)) int mostly(int x)
{
    int part = __builtin_expect(x & 1, 0) ? seldom(x >> 1) : helper(x >> 1);
    return part * 3 + x;
}

/* The same by hand, from another function, and a loop that the call's return continues. */
int joined(int x);
int joining(int x);
__asm__(".text\n"
        ".globl joined\n.type joined, @function\n"
        "joined:\n\tpush %rbx\n\tmov %edi, %ebx\n"
        "1:\tcall mostly\n"
        ".Ljoin:\tdec %ebx\n\tjg 1b\n\tpop %rbx\n\tret\n"
        ".size joined, .-joined\n"
        ".globl joining\n.type joining, @function\n"
        "joining:\n\tpush %rbx\n\tmov %edi, %ebx\n\tcmp $9, %edi\n\tjl .Ljoin\n"
        "\tcall other_work\n\tjmp .Ljoin\n"
        ".size joining, .-joining\n");

/* What a linker may fold into one. */
__attribute__((noinline)) int folded(int x)
{
    return x & 8 ? x * 11 : x / 11;
}

__attribute__((noinline)) int folded_too(int x)
{
    return x & 8 ? x * 11 : x / 11;
}

static int by_three(int x)
{
    return x % 3 ? x : -x;
}

static int by_seven(int x)
{
    return x % 7 ? x : -x;
}

static volatile int by_sevens;

int (*choose(void))(int)
{
    return by_sevens ? by_seven : by_three;
}

int chosen(int x) __attribute__((ifunc("choose")));

int main(int argc, char **argv)
{
    long sum = mostly(argc) + joined(argc) + joining(argc);
    for (int i = 0; i < argc * 1000; i++) {
        sum += helper(i) + chosen(i) + folded(i) + folded_too(i);
        sum += table(i % 9) + twin(i % 5) + tail(i);
        if (i % 3 == 0)
            sum += depth(i % 7) + loops(argv[0]);
        if (i % 100 == 7)
            qsort(argv[0], strlen(argv[0]), 1, compare);
    }
    printf("%ld\n", sum);
    return 0;
}
