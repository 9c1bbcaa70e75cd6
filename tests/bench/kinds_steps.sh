# How kinds.sh and flags.sh make a release, record it and count builds; sourced after
# gains_steps.sh.  $kept and $directory are as there.
#     KIND_RELEASE=stable   Rust's release without the one option of the nightly compiler

# KIND: what is the same program has the same counts.  $counted_inputs are those of its rows.
counted_inputs="counted held"
row() {
    while read -r kind_before; do
        cmp -s "$directory/$kind_before" "$directory/$1" || continue
        for which in .counts .held.counts; do
            [ ! -s "$directory/$kind_before$which" ] || cp "$directory/$kind_before$which" "$directory/$1$which"
        done
        echo "$1" >>"$directory/rows"
        return
    done <"$directory/rows"
    for which in $counted_inputs; do
        [ $which != counted ] && counted "$1" $which || counted "$1"
    done
    echo "$1" >>"$directory/rows"
}
# FLAGS...: builds the release, by what `pgo-bolt flags` says of its compiler, and FLAGS; 77: it
# has no kinds
release_made() {
    case $language in
    clang)
        made release -gdwarf-4 -fdebug-info-for-profiling -funique-internal-linkage-names \
            -fpseudo-probe-for-profiling "$@"
        ;;
    gcc) made release -g "$@" ;;
    rust)
        if [ "${KIND_RELEASE-}" = stable ]; then
            made release -Cdebuginfo=1 "$@"
        else
            RUSTC_BOOTSTRAP=1 made release -Cdebuginfo=1 -Zdebug-info-for-profiling "$@"
        fi
        ;;
    *) return 77 ;;
    esac
}
# What `pgo-bolt flags --best` adds to them for this program's compiler
best_alone() {
    compiler=$language
    [ $compiler != rust ] || compiler=rustc
    plain_flags=$("$bolt" flags -t $compiler)
    best_flags=$("$bolt" flags --best -t $compiler)
    echo "${best_flags#"$plain_flags"}"
}
