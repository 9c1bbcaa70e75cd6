/*
 * How much of a recording is enough to optimise with: for who records, and for who judges what was
 * recorded.  Branches in all windows; samples where no branches are known.  Recordings with fewer
 * branches than the first had 44 to 93 % in common with a longer one, with more 90 % and more, and
 * beyond the second 96 % (tests/bench/check.sh).
 */
#ifndef PGOSHIM_ENOUGH_H
#define PGOSHIM_ENOUGH_H

#define PGOSHIM_BRANCHES_FEW 20000
#define PGOSHIM_BRANCHES_ENOUGH 150000
#define PGOSHIM_SAMPLES_FEW 3000
#define PGOSHIM_SAMPLES_ENOUGH 20000

#endif
