/* A coroutine whose body is hot: compilers take it apart into .resume, .destroy and .cleanup. */
#include <coroutine>
#include <cstdio>
#include <cstdlib>

struct numbers {
    struct promise_type {
        unsigned value;
        numbers get_return_object()
        {
            return {std::coroutine_handle<promise_type>::from_promise(*this)};
        }
        std::suspend_always initial_suspend() { return {}; }
        std::suspend_always final_suspend() noexcept { return {}; }
        std::suspend_always yield_value(unsigned next)
        {
            value = next;
            return {};
        }
        void return_void() {}
        void unhandled_exception() {}
    };
    std::coroutine_handle<promise_type> handle;
    ~numbers() { handle.destroy(); }
};

__attribute__((noinline)) numbers walk(unsigned count)
{
    unsigned state = count;
    for (unsigned i = 0; i < count; i++) {
        state = state * 1103515245u + 12345u;
        if ((state >> 16) & 3)
            co_yield state;
        else if ((state >> 20) % 5 == 2)
            co_yield state % 7;
    }
}

int main(int, char **arguments)
{
    unsigned long sum = 0;
    numbers walked = walk((unsigned)strtoul(arguments[1], nullptr, 10));
    for (walked.handle.resume(); !walked.handle.done(); walked.handle.resume())
        sum += walked.handle.promise().value;
    printf("%lu\n", sum);
}
