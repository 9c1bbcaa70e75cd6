/* A switch by a table in a loop: the branch to its default comes before that by the table. */
#include <stdio.h>
#include <stdlib.h>

__attribute__((noinline)) static unsigned step(unsigned state, const unsigned char *what)
{
    for (; *what; what++) {
        switch (*what) {
        case 'a':
            state = state * 3;
            break;
        case 'b':
            state = state ^ state >> 7;
            break;
        case 'c':
            state = state - 11;
            break;
        case 'd':
            state = ~state << 1;
            break;
        case 'e':
            state = state / 5;
            break;
        case 'f':
            state = state + 17;
            printf("%u\n", state);
        }
    }
    return state;
}

int main(int argc, char **argv)
{
    unsigned state = 1, rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 10;
    for (unsigned i = 0; i < rounds; i++)
        state = step(state, (const unsigned char *)"deacbed cab eab bed cafe" + i % 20);
    printf("%u\n", state);
    return 0;
}
