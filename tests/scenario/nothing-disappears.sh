# Every conversion accounts for what it was given: what is in the output, and the rest by cause.
. "$(dirname "$0")/../support/scenario.sh"
sources=$(cd "$(dirname "$0")/../programs" && pwd)
support=$(cd "$(dirname "$0")/../support" && pwd)
cd "$work" || exit 1
program=$fixtures/branchy

# told FILE OPTIONS...: the numbers that convert -v tells, a line "kept returns outside elsewhere all"
# of branches or samples, then "counted impossible outside unused all" of runs
told() {
    "$analyze" convert -v --force -f fdata -o told.fdata "$@" 2>told.log || fail "convert $*: $(cat told.log)"
    sed -n 's/.*: \([0-9]*\) [a-z ]*: \([0-9]*\) counted in functions, \([0-9]*\) returns, \([0-9]*\) outside of functions, \([0-9]*\) of .*/\2 \3 \4 \5 \1/p
        s/.*: \([0-9]*\) runs[a-z ]*: \([0-9]*\) counted, \([0-9]*\) impossible[a-z ]*, \([0-9]*\) outside[a-z ]*; \([0-9]*\) .*/\2 \3 \4 \5 \1/p' told.log
}
expect_told() { # WORDS FILE OPTIONS...
    words=$1
    shift
    [ "$(told "$@" | paste -sd,)" = "$words" ] || fail "convert $*: $(told "$@" | paste -sd,), wanted $words"
}

# Made up: each cause has another power of two. Data has no code.
address() {
    nm "$program" | awk -v name="$1" '$3 == name { print $1 }'
}
main=$(address main)
classify=$(address classify)
data=$(nm "$program" | awk '$2 ~ /[DdBb]/ { print $1; exit }')
call=$(objdump -d --no-show-raw-insn "$program" | awk '/call.*<classify>/ { getline; sub(":", "", $1); print $1; exit }')
return=$(objdump -d --no-show-raw-insn "$program" |
    awk '/<classify>:/ { inside = 1 } inside && $2 == "ret" { sub(":", "", $1); print $1; exit }')
site=$(objdump -d --no-show-raw-insn "$program" | awk '/call.*<classify>/ { sub(":", "", $1); print $1; exit }')
[ "$main" ] && [ "$classify" ] && [ "$data" ] && [ "$call" ] && [ "$return" ] || fail "cannot find places"
cat >made.preagg <<END
B $site $classify 1024 0
B $return $call 2 0
B $data $data 4 0
B X:0 X:0 8 0
B X:0 $classify 16 0
T $site $classify $classify 4096
F $data $data 64
F $classify $main 128
END
expect_told "5136 2 0 12 5150,4096 128 0 64 4224" -b "$program" made.preagg
awk '{ sum += $NF } END { exit sum != 5136 }' told.fdata || fail "fdata is not what was told: $(cat told.fdata)"
printf 'E cpu-clock\nS %s 1024\nS %s 2\nS X:0 4\n' "$main" "$data" >made.samples
for infer in on off; do
    expect_told "1024 0 0 6 1030" --infer $infer -b "$program" made.samples
done

# A recording: of every module the branches are all of the recording's, and merging changes nothing.
recorded one.pgoraw BRANCHES 2000 -F 2000 --budget 50 --stacks 1 -- "$program" 20000
for file in one.pgoraw merged.pgoraw; do
    [ -e $file ] || expect_status 0 "$analyze" merge -o $file one.pgoraw
    branches=$(counter $file BRANCHES)
    for module in $("$analyze" convert -f json $file |
        python3 -c 'import json, sys; print(*(m["path"] for m in json.load(sys.stdin)["modules"] if m["path"][0] == "/"))'); do
        [ -e "$module" ] || continue
        all=$(told -b "$module" $file | awk 'NR == 1 { if ($1 + $2 + $3 + $4 != $5) print "wrong"; else print $5 }')
        [ -z "$all" ] || [ "$all" = "$branches" ] || [ "${module##*/}" != branchy ] ||
            fail "$file: $module: $all of $branches branches"
    done
    samples=$(counter $file SAMPLES)
    [ "$("$analyze" convert -f folded $file 2>err | awk '{ n += $NF } END { print n + 0 }')" = "$samples" ] ||
        fail "$file: folded does not have $samples samples"
done

# Every format of one binary tells where all counts went: a line's parts are its sum, and all lines
# of what has runs, and those beside that have none, are all traces of the recording.
sums_agree() { # FORMAT FILE OPTIONS...
    format=$1
    shift
    "$analyze" convert -v --force --counts raw -f "$format" -o told.out "$@" 2>told.log || fail "$format: $(cat told.log)"
    awk -v all="$traces" -v format="$format" -f "$support/accounts.awk" told.log || fail "$format does not say where all counts went: $(cat told.log)"
}
trace_counts() { # FILE [BINARY]
    "$analyze" convert -b "${2:-$program}" -f json "$1" |
        python3 -c 'import json, sys; print(sum(t["count"] for t in json.load(sys.stdin)["traces"]))'
}
# Every reader of addresses with every writer of one binary: branches, and samples that others are inferred from.
for format in preagg unsymbolized; do
    expect_status 0 "$analyze" convert --force --counts raw -b "$program" -f $format -o one.$format one.pgoraw
done
main_runs=$(printf '%d' "0x$main")
printf '1\n%x-%x:5\n1\n%x:7\n1\n%x->%x:3\n' "$main_runs" "$main_runs" "$main_runs" "0x$return" "0x$call" >one.autofdo
for file in one.pgoraw merged.pgoraw one.preagg one.unsymbolized one.autofdo made.preagg made.samples; do
    traces=$(trace_counts $file)
    [ "${traces:-0}" -gt 0 ] || fail "$file: no counts"
    for format in preagg unsymbolized llvm-text llvm-ext llvm-ext-md5 gcov gcov-1 gcov-3 order order-gold; do
        for infer in off on auto; do
            sums_agree $format --infer $infer -b "$program" $file
        done
    done
done
if command -v clang-22 >/dev/null && command -v ld.lld-22 >/dev/null; then
    clang-22 -O2 -g -fpseudo-probe-for-profiling -fbasic-block-address-map -fuse-ld=lld -o mapped \
        "$sources/branchy.c" 2>log || fail "clang-22: $(cat log)"
    recorded mapped.pgoraw BRANCHES 1000 -F 2000 --budget 50 --stacks 1 -- ./mapped 20000
    traces=$(trace_counts mapped.pgoraw mapped)
    for format in llvm-text propeller; do
        sums_agree $format -b mapped mapped.pgoraw
    done
fi

# perf.data: each sample record is a sample, or left out by a cause that is told.
command -v perf >/dev/null && perf record -q -F 2000 -g -e cpu-clock -o app.data "$program" 20000 >/dev/null 2>&1 ||
    exit 0
records=$(perf report --stats -i app.data 2>/dev/null | awk '$1 == "SAMPLE" && $2 == "events:" { print $3; exit }')
[ "${records:-0}" -gt 0 ] || exit 0
perf script -i app.data --show-mmap-events -F comm,pid,tid,time,event,ip,sym,dso >app.stacks 2>log || fail "$(cat log)"
perf script -i app.data -G --show-mmap-events -F comm,pid,tid,time,event,ip >app.text 2>log || fail "$(cat log)"
for file in app.data app.stacks app.text; do
    traces=$(trace_counts $file)
    for format in preagg unsymbolized llvm-text gcov order; do
        sums_agree $format -b "$program" $file
    done
    left_out=$("$analyze" show $file | sed -n 's/.* \([0-9]*\) samples .* left out.*/\1/p' | awk '{ n += $1 } END { print n + 0 }')
    [ $(($(counter $file SAMPLES) + left_out)) -eq "$records" ] ||
        fail "$file: $records records, $(counter $file SAMPLES) samples and $left_out left out"
done
