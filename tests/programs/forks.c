/* Work in a parent, in children, and in a grandchild that outlives its parent. */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/programs/work.h"

WORK_FUNCTION(forks_parent)
WORK_FUNCTION(forks_child)
WORK_FUNCTION(forks_grandchild)

int main(void)
{
    int done[2];
    char byte;

    if (pipe(done) != 0)
        return 1;
    for (int i = 0; i < 3; i++) {
        if (fork() == 0) {
            forks_child(200);
            if (i == 0 && fork() == 0) {
                forks_grandchild(200);
                _exit(0); /* the pipe's end tells */
            }
            _exit(0);
        }
    }
    close(done[1]);
    forks_parent(200);
    while (wait(NULL) > 0)
        ;
    while (read(done[0], &byte, 1) > 0)
        ;
    puts("done");
    return 0;
}
