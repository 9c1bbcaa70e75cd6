#!/bin/sh
# try_deb.sh PACKAGES: the Debian packages that `make deb` made, in a fresh Debian: clean by lintian,
# installed, used by a user who builds and records a program, and removed with nothing left.
# MIRROR, ROOT: fresh_root.sh
# DEMO=1: runs `make demo`'s steps with the installed programs too (minutes; its settings are taken).
set -eu
packages=$(cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
. "$here/fresh_root.sh"
command -v lintian >/dev/null || skip "no lintian"
lintian --fail-on error,warning "$packages"/deb/*.changes ||
    fail "lintian has complaints"
root_make

# All packages that a program of C takes are there before: what is left afterwards is ours.
in_root apt-get update -qq
in_root apt-get install -qq -y --no-install-recommends gcc libc6-dev \
    ${DEMO:+python3 libsqlite3-dev valgrind bolt-16} >"$work/log" 2>&1 || fail "$(tail -1 "$work/log")"
root_files >"$work/before"
cp "$packages"/pgoshim_*.deb "$packages"/pgoshim-dev_*.deb "$fresh/tmp/"
in_root sh -c 'apt-get install -qq -y --no-install-recommends /tmp/*.deb' >"$work/log" 2>&1 || fail "$(tail -3 "$work/log")"

root_use "$here" || fail "the installed programs do not work"

if [ -n "${DEMO:-}" ]; then
    mkdir -p "$fresh/tmp/demo/build"
    cp -r "$here/../tests" "$fresh/tmp/demo/"
    in_root TOOLS=/usr/bin SIZE="${SIZE:-60}" SMALL="${SMALL:-4}" WINDOWS="${WINDOWS:-4000}" PAIRS="${PAIRS:-6}" \
        sh /tmp/demo/tests/demo/run.sh /tmp/demo/build || fail "the demo, with the installed programs"
fi

in_root apt-get purge -qq -y pgoshim pgoshim-dev >"$work/log" 2>&1 || fail "$(tail -1 "$work/log")"
in_root apt-get autoremove -qq -y --purge >"$work/log" 2>&1
root_files >"$work/after"
left=$(comm -13 "$work/before" "$work/after")
[ -z "$left" ] || fail "left after removal: $left"
echo "lintian clean; installed, used, and removed with nothing left"
