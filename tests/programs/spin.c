/* spin MILLISECONDS: one thread, one hot function.  Prints "done". */
#include <stdio.h>
#include <stdlib.h>

#include "tests/programs/work.h"

WORK_FUNCTION(spin_hot)

int main(int argc, char **argv)
{
    spin_hot(argc > 1 ? atoi(argv[1]) : 300);
    puts("done");
    return 0;
}
