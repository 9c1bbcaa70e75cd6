/* Works, then becomes itself with another argument and works elsewhere. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tests/programs/work.h"

WORK_FUNCTION(execs_before)
WORK_FUNCTION(execs_after)

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "after") == 0) {
        execs_after(300);
        puts("done");
        return 0;
    }
    execs_before(300);
    execl("/proc/self/exe", argv[0], "after", (char *)NULL);
    return 1;
}
