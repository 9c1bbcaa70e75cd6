#!/bin/sh
# pgo.sh [record|build|compare|all]: three static programs in Go with the profiles of their releases.
#   COMMANDS="loggrep logsum logserve"   which
step_wanted=${1:-all}
cd "$(dirname "$0")" && . ../workflow.sh
need go "install Go from https://go.dev"
need curl "install Debian's curl"
commands=${COMMANDS:-$(sized "loggrep logsum logserve" logsum)}
export CGO_ENABLED=0 GOTOOLCHAIN=local
go mod download 2>/dev/null || skip "this $(go version | cut -d ' ' -f 3) cannot fetch the modules of go.sum"

lines=$(sized 150000 20000)
logs=$work/logs-$lines
[ -d "$logs" ] || {
    python3 make_logs.py "$logs.new" "$lines" && mv "$logs.new" "$logs"
} || fail "no logs"
files=$(echo "$logs"/*)
port=$((20000 + $$ % 20000))
runs=$(sized 3 1)

arguments_of() {
    case $1 in
    loggrep) echo "$2\"path\": \"/api/[a-z]+\\?q=[0-9]+&page=[1-3]\".*\"status\": \"(404|500)\"$2 $files" ;;
    logsum) echo "path $files" ;;
    logserve) echo "$port $files" ;;
    esac
}
load="for i in 1 2 3; do
    curl -sf 'http://127.0.0.1:$port/sum?field=host' >/dev/null || exit 1
    curl -sf 'http://127.0.0.1:$port/grep?pattern=iPhone.*' >/dev/null || exit 1
done"

# A static program cannot be preloaded into: pgo-record samples it from outside, with call stacks.
record_server() { # PROFILE SERVER
    "$2" "$port" $files 2>/dev/null &
    server=$!
    until curl -s "http://127.0.0.1:$port/sum?field=" >/dev/null; do
        kill -0 "$server" 2>/dev/null || fail "the server ended"
        sleep 0.1
    done
    pgo-record --quiet -o "$1" -p "$server" &
    recorder=$!
    sleep 0.2
    sh -c "$load" || fail "the load"
    kill "$recorder"
    wait "$recorder"
    recorded=$?
    kill "$server"
    wait "$server" 2>/dev/null
    return $recorded
}

build_release() {
    step "The releases: static, as they are"
    go build -o "$work/release/" ./cmd/... || fail "they do not build"
}
record_all() {
    step "At work: $runs runs each, the server while it serves"
    rm -rf "$work/profiles" && mkdir "$work/profiles"
    for command in $commands; do
        for run in $(seq "$runs"); do
            profile=$work/profiles/$command.$run.pgoraw
            case $command in
            logserve) record_server "$profile" "$work/release/logserve" ;;
            *) eval "pgo-record --quiet -o \"\$profile\" -- \"\$work/release/$command\" $(arguments_of "$command" "'")" >/dev/null ;;
            esac || fail "$command"
        done
    done
}
build_all() {
    step "Built again, each with its own profile"
    for command in $commands; do
        # What only waits has no profile: that is said, and the build goes on.
        pgo-bolt rebuild --allow-empty $few_samples -p "$work/profiles/$command".*.pgoraw -b "$work/release/$command" \
            --result "$work/pgo/$command" --profile-dir "$work/profile" -- \
            go build -o "$work/pgo/$command" "./cmd/$command" || fail "$command"
    done
}
compare_all() {
    for command in $commands; do
        set -- "$work/release/$command" "$work/pgo/$command"
        [ "$command" != logserve ] || set -- --load "$load" --ready-port "$port" "$@"
        eval "measure \$command \"\$@\" -- $(arguments_of "$command" "'")"
    done
    before_and_after
}

case $step_wanted in
record) build_release && record_all ;;
build) build_all ;;
compare) compare_all ;;
all) build_release && record_all && build_all && compare_all ;;
*) fail "$step_wanted is none of record, build, compare, all" ;;
esac
