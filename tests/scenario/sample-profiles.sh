#!/bin/sh
# LLVM's sample profiles read and written: the same text and the same summary as llvm-profdata's.
. "$(dirname "$0")/../support/scenario.sh" "$1"
profdata=$(command -v llvm-profdata-22 || command -v llvm-profdata-19) || skip "no llvm-profdata"
profiles=$(cd tests/profiles && pwd)
cd "$work" || exit 1

# ours [-w N,FILE] FILE...: as text
ours() {
    "$analyze" merge -f llvm-text --force -o ours.txt "$@" || fail "merge $*"
}

summary() {
    "$profdata" show --sample --detailed-summary "$1" | sed -n '/^Total functions/,$p'
}

for name in lines probes contexts; do
    file=$profiles/$name.prof
    "$profdata" merge --sample --text -o theirs.txt "$file" || fail "llvm-profdata merge $name"
    ours "$file"
    cmp ours.txt theirs.txt || fail "$name: the text is another"

    # Through our extensible binary form: by them, by us, and with the same summary.
    "$analyze" merge --force -o ours.ext "$file" || fail "merge $name"
    "$profdata" merge --sample --text -o back.txt ours.ext || fail "llvm-profdata cannot read $name"
    cmp back.txt theirs.txt || fail "$name: llvm-profdata reads something else"
    ours ours.ext
    cmp ours.txt theirs.txt || fail "$name: not the same after reading"
    "$profdata" merge --sample --extbinary -o theirs.ext "$file"
    summary ours.ext >ours.summary
    summary theirs.ext >theirs.summary
    cmp ours.summary theirs.summary || fail "$name: the summary is another"

    # Through theirs: plain, compressed, partial, names as hashes, the program's symbols.
    printf 'cold_one\ncold_two\n' >symbols
    for options in --extbinary "--extbinary --compress-all-sections" \
        "--extbinary --gen-partial-profile" "--extbinary --prof-sym-list=symbols"; do
        # shellcheck disable=SC2086
        "$profdata" merge --sample $options -o theirs.ext "$file" || fail "$options"
        ours theirs.ext
        cmp ours.txt theirs.txt || fail "$name: $options reads otherwise"
    done
    "$analyze" merge --force -o ours.ext theirs.ext
    "$profdata" show --sample --show-prof-sym-list ours.ext | grep -q cold_two ||
        fail "$name: the program's symbols are lost"
    "$profdata" merge --sample --extbinary --use-md5 -o hashed.ext "$file"
    "$profdata" merge --sample --text -o hashed.txt hashed.ext
    ours hashed.ext
    cmp ours.txt hashed.txt || fail "$name: hashes read otherwise"
    "$analyze" merge --force -o ours.ext hashed.ext
    "$profdata" merge --sample --text -o back.txt ours.ext
    cmp back.txt hashed.txt || fail "$name: hashes are written otherwise"
    "$profdata" show --sample --show-sec-info-only ours.ext | grep -q 'NameTable.*md5' ||
        fail "$name: the hashes have become names"
    expect_status 2 "$analyze" merge -o mixed "$file" hashed.ext
    expect_said "only some of the files have hashes for names"

    # Weights and sums.
    "$profdata" merge --sample --text -weighted-input=3,"$file" -o theirs.txt "$file"
    ours -w 3,"$file" "$file"
    cmp ours.txt theirs.txt || fail "$name: another sum"
    ours "$file:4"
    cmp ours.txt theirs.txt || fail "$name: another multiple"
done

# What does not go together.
grep -v '!' "$profiles/contexts.prof" >contexts.prof
expect_status 2 "$analyze" merge -o mixed "$profiles/lines.prof" contexts.prof
expect_said "only some of the files tell functions apart by their callers"
expect_status 2 "$analyze" merge -o mixed "$profiles/lines.prof" "$profiles/probes.prof"
expect_said "only some of the files count by pseudo-probes"
sed 's/!CFGChecksum: 5/!CFGChecksum: 6/' "$profiles/probes.prof" >other.prof
expect_status 2 "$analyze" merge -o mixed "$profiles/probes.prof" other.prof
expect_said "function main has another control flow"
printf '1 main 0 1 main 4 0 7\n' >one.fdata
expect_status 2 "$analyze" merge -o mixed "$profiles/lines.prof" one.fdata
expect_said "one.fdata is another kind of profile: it is by symbol"
expect_status 2 "$analyze" convert -b "$fixtures/branchy" "$profiles/lines.prof"
expect_said "it is an LLVM sample profile, which has no addresses"

# BOLT's fdata: the sums of merge-fdata; that of LLVM 19 leaves what two files have in common apart.
if merge=$(command -v merge-fdata-22); then
    printf '1 a 1 1 b 2 1 10\n1 a\\ b 1 1 b 2 0 3\n0 [unknown] 0 1 a 0 0 7\n' >one.fdata
    printf '1 a 1 1 b 2 4 5\n1 f/1 10 1 f/1 20 0 3\n' >two.fdata
    "$merge" -q -o theirs.fdata one.fdata two.fdata 2>/dev/null || fail "merge-fdata"
    "$analyze" merge -o ours.fdata one.fdata two.fdata || fail "merge of fdata"
    sort theirs.fdata >theirs.sorted
    sort ours.fdata | cmp - theirs.sorted || fail "merge-fdata has other sums"
fi
