#!/bin/sh
# The checks of `make lint` that take no compiler find nothing.
. "$(dirname "$0")/../support/scenario.sh"
command -v python3 >/dev/null || skip "no python3"
"$(dirname "$0")/../lint/run.sh" quick || fail "see above"
