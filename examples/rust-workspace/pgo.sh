#!/bin/sh
# pgo.sh [stats|transform|plugin|all]: a component with the profile of its release, and what that gained.
components=${1:-all}
cd "$(dirname "$0")" && . ../workflow.sh
need_rust
[ "$components" != all ] || components=$(sized "stats transform plugin" "stats plugin")

step "The release of the suite"
cargo build --release --locked --quiet || fail "it does not build"
pieces=$work/pieces
[ -d "$pieces" ] || {
    python3 make_pieces.py "$pieces.new" "$(sized 2000 120)" && mv "$pieces.new" "$pieces"
} || fail "no pieces"

# A program: the cycle records it, rebuilds it, relinks it, tests it, and goes through the checklist of a release.
program() {
    component=$1
    shift
    step "$component: record, rebuild, relink, test, compare"
    cp "$release/$component" "$work/$component"
    rm -rf "$work/$component.cycle"
    pgo-bolt cycle "$work/$component" --out-dir "$work/$component.cycle" -o "$work/$component.new" --force \
        -F 1000 --budget 50 ${quick:+--quick --accept-equal} --as=$kind \
        --build "rm -rf '${rebuilt%/release}' && CARGO_TARGET_DIR='$work/cargo-pgo' cargo build --release --locked --quiet -p $component" \
        --result "$rebuilt/$component" --test "cargo test --release --locked --quiet -p $component" "$@"
    status=$?
    [ $status -le 1 ] || fail "$component"
    [ $status -eq 0 ] || {
        [ -z "$quick" ] || fail "$component is not released"
        echo "$component: not released"
        return
    }
    measure "$component" "$work/$component" "$work/$component.new" "$@"
}
# The plug-in, in any program that loads it: every process of a session has a file of its own,
# %m names its program, and what is the plug-in's is found by its build-id.
plugin() {
    step "plugin: recorded in Python, rebuilt, recorded, relinked"
    library=libscore_plugin.so
    for state in before pgo; do
        mkdir -p "$work/$state"
        [ $state = pgo ] || cp "$release/$library" "$work/$state"
        rm -rf "$work/$state.profiles" && mkdir "$work/$state.profiles"
        [ $state = before ] || {
            rebuild "$work/plugin.pgoraw" "$work/before/$library" "$library" cargo build --release --locked --quiet -p plugin
            cp "$rebuilt/$library" "$work/$state"
        }
        record "$work/$state.profiles/%m-%p.pgoraw" python3 host.py "$work/$state/$library" "$pieces"/*.mid >/dev/null ||
            fail "the host"
        pgo-analyze merge --force -o "$work/plugin.pgoraw" "$work/$state.profiles"/*.pgoraw || fail "no profile"
    done
    mkdir -p "$work/pgo+bolt"
    pgo-bolt relink "$work/pgo/$library" -p "$work/plugin.pgoraw" -o "$work/pgo+bolt/$library" --force || fail "relink"
    measure plugin --shell "python3 host.py $work/before/$library $pieces/*.mid" \
        "python3 host.py $work/pgo+bolt/$library $pieces/*.mid"
}

for component in $components; do
    case $component in
    stats) program stats -w "$pieces" ;;
    transform) program transform -w "up=2 60 $pieces" -w "down=-5 1 $pieces" ;;
    plugin) plugin ;;
    *) fail "unknown component $component: stats, transform, plugin or all" ;;
    esac
done
before_and_after
