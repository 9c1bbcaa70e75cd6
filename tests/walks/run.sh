#!/bin/sh
# run.sh PACKAGES [USER...]: six users, each on a fresh Debian of their own, by the pages of docs/ alone:
# every command that is run stands on the page, as it is typed, in its order.  PACKAGES has what
# `make deb` made.  MIRROR, ROOT: packaging/fresh_root.sh.
#
#   cmake      C++ built by CMake                 cargo      Rust
#   go         Go (its toolchain is this machine's: Debian 12 has 1.19)
#   python     a Python extension                 server     a server that runs already: Redis
#   container  a program in a container without rights: no capability, and perf_event_open and
#              ptrace refused
# Only where they are asked for:
#   tutorial   a newcomer, by docs/tutorial.md: with a faster program at the end
#   meson      C built by Meson                   stripped   a program that is shipped stripped
#   packager   makes the package, by docs/installing.md
#
# What they have before is their project (tests/support/pages.sh), and the package in its folder.
# Lines with apt-get are root's, all others an ordinary user's, but for the server's, whose page asks
# for root.  A comparison may find no difference: what is shown is that the page works.
set -u
packages=$(cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
sources=$(cd "$here/../.." && pwd)
shift
[ $# -gt 0 ] || set -- cmake cargo go python server container
. "$sources/packaging/fresh_root.sh"
. "$sources/tests/support/pages.sh"

# Settings of pages.sh.
# shellcheck disable=SC2034
words=1500000
# The programs of Rust and Go go through their input sixty times.
words_of_rounds=800000
project_server() {
    :
}
project_packager() {
    git clone -q --no-hardlinks "$sources" .
}

as_root() {
    in_root sh -c 'cd /home/user/project && exec "$@"' sh "$@"
}
# in_home COMMAND...: as the user, in the project
in_home() {
    in_root setpriv --reuid=1000 --regid=1000 --clear-groups env HOME=/home/user PATH=/usr/local/go/bin:/usr/bin:/bin \
        sh -c 'cd /home/user/project && exec "$@"' sh "$@"
}
# The same where nothing is allowed: what Docker's filter and Kubernetes' restricted pods leave.
without_rights() {
    python3 "$sources/tests/support/refused.py" 101,298 /usr/sbin/chroot "$fresh" /usr/bin/env -i HOME=/home/user \
        PATH=/usr/bin:/bin /usr/bin/setpriv --reuid=1000 --regid=1000 --clear-groups --bounding-set=-all --no-new-privs \
        sh -c 'cd /home/user/project && exec "$@"' sh "$@"
}

# What is on the user's machine before the page is opened, besides the project.
machine_of() {
    case $1 in
    go)
        [ -x /usr/local/go/bin/go ] || return 1
        mkdir -p "$fresh/usr/local"
        cp -a /usr/local/go "$fresh/usr/local/"
        ;;
    server)
        in_root apt-get install -qq -y --no-install-recommends redis-server redis-tools
        in_home redis-server --port 7379 --save '' --daemonize yes --pidfile /home/user/pid
        in_home sh -c 'redis-benchmark -p 7379 -q -l -t get,set,lpush,lrange_100 >/dev/null 2>&1 &'
        ;;
    esac >"$work/log" 2>&1
}

# The page's commands as the user types them; `set -x` shows which.
walk_page() { # NAME
    case $1 in
    container) how=without_rights ;;
    server) how=as_root ;;
    *) how=in_home ;;
    esac
    pid=$(cat "$fresh/home/user/pid" 2>/dev/null)
    $how env PID="$pid" sh -eux /home/user/commands
}

# A comparison that finds none, or none for the better, has been made.
is_answered() { # LOG
    grep '^+ ' "$1" | tail -n 1 | grep -qE '^\+ (pgo-bolt|cargo pgoshim) compare' &&
        grep -q 'same behaviour in' "$1"
}

walk() { # NAME
    fresh=$work/$1
    page=$sources/docs/howto/$1.md
    case $1 in
    packager) page=$sources/docs/installing.md ;;
    tutorial) page=$sources/docs/tutorial.md ;;
    esac
    root_make
    mkdir -p "$fresh/home/user/project"
    (
        cd "$fresh/home/user/project" || exit 1
        case $1 in cargo | go) words=$words_of_rounds ;; esac
        "project_$1"
    ) || fail "$1: no project"
    [ "$1" = packager ] || cp "$packages"/pgoshim_*.deb "$fresh/home/user/project/"
    commands_of "$page" >"$work/commands"
    [ -s "$work/commands" ] || fail "$1: the page has no commands"
    grep '^apt-get ' "$work/commands" >"$fresh/root/install"
    grep -v '^apt-get ' "$work/commands" >"$fresh/home/user/commands"
    chown -R 1000:1000 "$fresh/home/user"
    in_root sh -ec 'cd /home/user/project && sh -eux /root/install' >"$work/log" 2>&1 || fail "$1: install: $(tail -n 5 "$work/log")"
    machine_of "$1" || fail "$1: the machine: $(tail -n 5 "$work/log")"
    walk_page "$1" >"$work/log" 2>&1 || is_answered "$work/log" || fail "$1: $(tail -n 20 "$work/log")"
    [ "$1" != tutorial ] || grep -q '^  CPU time .* faster$' "$work/log" || fail "tutorial: no faster program: $(tail -n 10 "$work/log")"
    [ -z "${KEEP_LOGS:-}" ] || cp "$work/log" "$KEEP_LOGS/$1.log"
    echo "$1: $(grep -c '^+ ' "$work/log") commands$(sed -n 's/^ *CPU time  */, CPU time /p' "$work/log")"
    [ "$1" != packager ] || ls "$fresh"/home/user/project/build/package/pgoshim_*.deb >/dev/null || fail "$1: no package"
    [ ! -f "$fresh/home/user/pid" ] || in_home redis-cli -p 7379 shutdown nosave >/dev/null 2>&1
    root_remove
}

for name in "$@"; do
    walk "$name"
done
echo "$# users, each by one page"
