# The examples name commands that exist, and their recipes for GitHub Actions hide no failure.
. "$(dirname "$0")/../support/scenario.sh"
cd "$(dirname "$0")/../../examples" || exit 1
for recipe in */pgo.yml; do
    # Without it a step's shell is `bash -e`, and the status of a pipe is tee's.
    grep -q '^    shell: bash' "$recipe" || fail "$recipe: a step that pipes into tee cannot fail"
done
for program in pgo-analyze pgo-bolt; do
    grep -oh "$program [a-z]*" */pgo.yml */pgo.sh */Makefile */README.md README.md | sort -u >"$work/named"
    while read -r _ verb; do
        [ -z "$verb" ] || "$build/$program" "$verb" --help >"$work/out" 2>&1 ||
            fail "$program has no verb $verb"
    done <"$work/named"
    grep -q " " "$work/named" || fail "the examples do not name $program"
done
for folder in */; do
    [ -f "$folder/Makefile" ] || continue
    for target in $(grep -oh 'make [a-z][a-z-]*' "$folder/README.md" "$folder/pgo.yml" | cut -d ' ' -f 2); do
        [ "$target" = workflow-"${folder%/}" ] || [ "$target" = deps ] || [ "$target" = install ] ||
            grep -q "^$target:" "$folder/Makefile" || fail "$folder: the Makefile has no target $target"
    done
done
