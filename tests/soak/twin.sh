# twin.sh PROGRAM: one program of the soak, with $build, $here and $work from run.sh.
#
# A file of programs/ sets `tools`, what must be installed, and defines run_program, which works in
# an empty directory of its own, in each of the ways alike:
#   start COMMAND...     runs it to its end, preloaded or not; its output goes to wherever the caller says
#   serve COMMAND...     starts it in the background, and notes it for:
#   end_server           TERM, and waits; its status goes into ./status
#   wait_for_port PORT   until somebody listens there
#   $port  a free port   $scale  how much to do   $user  a user who is not root, to whom all here belongs
# What it leaves in ./out, ./status and ./log is compared; numbers in ./log are not.
set -u
program=$1
scale=${SCALE:-1}
user=$(id -un 65534 2>/dev/null || echo nobody)
tools=
. "$here/programs/$program.sh"
for tool in $tools; do
    command -v "$tool" >/dev/null || {
        echo "$program: skipped, no $tool here"
        exit 77
    }
done

fail() {
    echo "$program: FAILED: $*"
    exit 1
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

wait_for_port() {
    python3 -c '
import socket, sys, time
for _ in range(1200):
    try:
        socket.create_connection(("127.0.0.1", int(sys.argv[1])), 1).close()
        sys.exit(0)
    except OSError:
        time.sleep(0.1)
sys.exit("nobody listens on " + sys.argv[1])' "$1"
}

# In place of this shell.
become() {
    case $way in
    plain) exec "$@" ;;
    preloaded)
        exec env PGOSHIM_FILE="$work/raw/%p.pgoraw" PGOSHIM_RATE="${RATE:-997}" PGOSHIM_BUDGET="${BUDGET:-20}" \
            LD_PRELOAD="$build/libpgoshim.so" "$@"
        ;;
    perf) exec perf record -q -e cpu-clock:u -F "${RATE:-997}" -o "$work/perf.data" -- "$@" ;;
    esac
}

start() {
    (become "$@")
}

serve() {
    become "$@" &
    server=$!
}

end_server() {
    kill -TERM $server 2>/dev/null
    wait $server
    status=$?
    [ "$way" = perf ] || echo $status >status
}

run_as() { # WAY
    way=$1 port=$(free_port)
    rm -rf "$work/place" "$work/raw"
    mkdir "$work/place" "$work/raw"
    chmod 777 "$work/place" "$work/raw"
    (cd "$work/place" && run_program >../messages 2>&1) || {
        tail -n 20 "$work/messages"
        fail "$way: did not work"
    }
}

keep() { # NAME
    rm -rf "${work:?}/$1"
    mkdir "$work/$1"
    for trace in out status log; do
        [ ! -e "$work/place/$trace" ] || cp "$work/place/$trace" "$work/$1/"
    done
    [ ! -e "$work/$1/log" ] || sed -i -E 's/[0-9]+/N/g' "$work/$1/log"
}

run_as plain
keep plain
[ -s "$work/plain/out" ] || {
    tail -n 20 "$work/messages"
    fail "no answers at all"
}
run_as preloaded
keep preloaded
mv "$work/raw" "$work/kept"
diff -r "$work/plain" "$work/preloaded" >"$work/differences" || {
    head -n 20 "$work/differences"
    fail "not the same with the shim"
}
rm -f "$work/perf.data"
[ -n "${WITHOUT_PERF:-}" ] || ! command -v perf >/dev/null || run_as perf
python3 "$here/compare.py" "$program" "$build/pgo-analyze" "$work/kept" "$work/perf.data"
status=$?
rm -rf "$work/kept"
exit $status
