/* daemon FILE: goes into the background as daemons do, works there, then creates FILE. */
#include <fcntl.h>
#include <unistd.h>

#include "tests/programs/work.h"

WORK_FUNCTION(daemon_hot)

int main(int argc, char **argv)
{
    if (argc < 2 || daemon(0, 0) != 0)
        return 1;
    for (int descriptor = 3; descriptor < 1024; descriptor++)
        close(descriptor);
    daemon_hot(300);
    return open(argv[1], O_WRONLY | O_CREAT, 0666) < 0;
}
