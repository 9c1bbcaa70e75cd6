#!/bin/sh
# pgo.sh: one recording of three workloads, and pages relinked by BOLT, rebuilt by rustc, and both.
cd "$(dirname "$0")" && . ../workflow.sh
need_rust

step "The release build"
cargo build --release --locked --quiet || fail "it does not build"
cp "$release/pages" "$work/pages" || exit 3
pgo-bolt doctor "$work/pages" || fail "BOLT cannot relink it"

pages=$(sized 6000 600)
data=$cache/$name-$pages
[ -d "$data" ] || {
    mkdir -p "$data.new" && python3 workloads.py "$data.new" "$pages" && mv "$data.new" "$data"
} || fail "no data"

step "One recording of each workload, merged as often as they are met: 5 to 3 to 1"
rm -rf "$work/profiles"
mkdir "$work/profiles"
for workload in articles reference notes; do
    for run in 1 2 3; do
        record "$work/profiles/$workload-%p.pgoraw" "$work/pages" <"$data/$workload.md" >/dev/null ||
            fail "$workload"
    done
    pgo-analyze merge --quiet --force -o "$work/$workload.pgoraw" \
        "$work/profiles/$workload"-*.pgoraw || fail "$workload has no profile"
done
pgo-analyze merge --force -o "$work/pages.pgoraw" \
    "$work/articles.pgoraw:5" "$work/reference.pgoraw:3" "$work/notes.pgoraw:1" || fail "merge"
pgo-analyze check -b "$work/pages" "$work/pages.pgoraw"

step "Relinked by BOLT"
pgo-bolt relink "$work/pages" -p "$work/pages.pgoraw" --yaml "$work/pages.yaml" \
    -o "$work/pages.bolt" --force || fail "relink"

step "Rebuilt by rustc, and that relinked by what BOLT knows of the build before"
rebuild "$work/pages.pgoraw" "$work/pages" pages cargo build --release --locked --quiet
cp "$rebuilt/pages" "$work/pages.pgo"
pgo-bolt relink "$work/pages.pgo" --fdata "$work/pages.yaml" -o "$work/pages.pgo+bolt" --force -- \
    --infer-stale-profile || fail "relink by the older build's profile"

for build in $(sized "bolt pgo pgo+bolt" pgo+bolt); do
    measure $build "$work/pages" "$work/pages.$build" -w "articles:5=<$data/articles.md" \
        -w "reference:3=<$data/reference.md" -w "notes:1=<$data/notes.md"
done
before_and_after
