/*
 * Lambdas and members of local classes, which g++ describes inside of their function; walk.h
 * walks through it, it is never run.
 */
#include <cstdio>

template <class Function> __attribute__((noinline)) static int apply(Function function, int limit)
{
    int sum = 0;
    for (int i = 0; i < limit; i++)
        sum += function(i);
    return sum;
}

__attribute__((noinline)) static int outer(int limit)
{
    struct local {
        __attribute__((noinline)) static int step(int x) { return x & 1 ? x * 3 : x / 3; }
    };
    auto of_int = [limit](int x)
                      __attribute__((noinline)) { return x & 3 ? x + limit : local::step(x); };
    auto of_any = [](auto x) __attribute__((noinline)) { return x & 7 ? x * 2 : x / 5; };
    return apply(of_int, limit) + apply(of_any, limit) + local::step(limit);
}

int main(int argc, char **)
{
    std::printf("%d\n", outer(argc * 100));
    return 0;
}
