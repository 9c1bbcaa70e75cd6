/* Calls, jumps and branches for any machine: without a C library, so that a compiler will do. */
int (*called)(int);

__attribute__((noinline)) int triple(int a)
{
    return a * 3;
}

__attribute__((noinline)) int walk(int count)
{
    int sum = 0;
    for (int i = 0; i < count; i++) {
        if (i % 3 == 0)
            sum += triple(i);
        else
            sum += called(i);
    }
    return sum + 1;
}

void _start(void)
{
    called = triple;
    for (;;)
        walk(3);
}
