# Profiles whose functions are told apart by their callers, from our own recordings: a call stack
# at each sample, and what look-ahead saw from there on.
. "$(dirname "$0")/../support/scenario.sh"
sources=$(cd "$(dirname "$0")/../programs/sample-profile" && pwd)
source=$sources/callers.c
support=$(cd "$(dirname "$0")/../support" && pwd)
cd "$work" || exit 1
for tool in clang-22 llvm-profdata-22 python3; do
    command -v $tool >/dev/null || skip "no $tool"
done
# Without -g calls have no probes.
expect_status 0 clang-22 "$source" -O2 -gdwarf-4 -fpseudo-probe-for-profiling -o callers
expect_status 0 "$record" -q -F 4000 --budget 50 --branches lookahead --stacks 1 -o callers.pgoraw \
    -- ./callers 600000
convert() { # OUTPUT PROFILE OPTIONS...
    output=$1 profile=$2
    shift 2
    expect_status 0 "$analyze" convert -b callers --counts raw -f llvm-text -o "$output" "$@" "$profile"
}
convert all callers.pgoraw --context all
[ -s err ] && fail "said of a recording with all callers: $(cat err)"
convert plain callers.pgoraw

# All contexts of a function together are the function; each has its own loop.
python3 "$support/context_sums.py" all plain >contexts || fail "contexts do not add up to the profile"
cat contexts
per_call() { # CONTEXT LOW HIGH: how often work's loop runs for each call
    awk -F ': ' -v context="$1" -v low="$2" -v high="$3" \
        '$1 ~ context { found = 1; if ($2 < low || $2 > high) exit 1 } END { exit !found }' contexts ||
        fail "$1: not between $2 and $3 rounds a call"
}
per_call '^.main:[0-9]* @ few:[0-9]* @ work.$' 2 5
per_call '^.main:[0-9]* @ many:[0-9]* @ work.$' 60 160
per_call '^.main:[0-9]* @ deeper:[0-9]* @ few:[0-9]* @ work.$' 2 5

# llvm-profgen finds the same callers in what valgrind saw of the same programs.
theirs() { # NAME EVERY ROUNDS: a sample every EVERY instructions
    python3 "$support/hybrid_script.py" "$1" "$2" "$3" >"$1.script" || fail "no samples of $1"
    expect_status 0 llvm-profgen-22 --perfscript="$1.script" --binary="$1" --format=text \
        --output="$1.theirs" --csspgo-preinliner=0 --gen-cs-nested-profile=0 \
        --infer-missing-frames=0 --csprof-merge-cold-context=0
    grep -o '^\[.*\]' "$1.theirs" | sort >theirs.names
}
if command -v valgrind >/dev/null && command -v llvm-profgen-22 >/dev/null; then
    theirs callers 499 1000
    grep -o '^\[.*\]' all | sort >all.names
    diff theirs.names all.names || fail "not llvm-profgen's contexts"
    # C++ of two files with inlining.
    expect_status 0 clang++-22 "$sources/shapes.cpp" "$sources/elsewhere.cpp" -O1 -gdwarf-4 \
        -fpseudo-probe-for-profiling -o shapes
    expect_status 0 "$record" -q -F 4000 --budget 50 --branches lookahead --stacks 1 \
        -o shapes.pgoraw -- ./shapes 1000000
    theirs shapes 101 24
    expect_status 0 "$analyze" convert -b shapes --counts raw --context all -f llvm-text -o shapes.all \
        shapes.pgoraw
    # A sample of ours may fall into what runs once: contexts of a thousandth of the counts count.
    awk -F '\\]:' '/^\[/ { name[NR] = $1 "]"; total[NR] = $2 + 0; sum += $2 }
        END { for (i in name) if (total[i] * 1000 >= sum) print name[i] }' shapes.all | sort >all.names
    [ -s all.names ] || fail "no contexts in shapes.all"
    [ "$(comm -13 theirs.names all.names | wc -l)" -eq 0 ] || fail "contexts that llvm-profgen has not"
    expect_status 0 "$analyze" overlap --at-least 95 shapes.all shapes.theirs
    grep similarity out
fi

# Merging adds up, and counts are kept by callers however the file was written.
expect_status 0 "$analyze" merge -o twice.pgoraw callers.pgoraw callers.pgoraw
convert twice twice.pgoraw --context all
expect_status 0 "$analyze" merge -f llvm-text --force -o added all all
expect_status 0 "$analyze" merge -f llvm-text --force -o sorted twice
cmp added sorted || fail "a file twice is not the profile twice"
expect_status 0 "$analyze" trim --module callers -o trimmed.pgoraw callers.pgoraw
convert trimmed trimmed.pgoraw --context all
cmp all trimmed || fail "what is about the program is not kept"

# clang and llvm-profdata take it, and clang makes other code by it.
expect_status 0 "$analyze" convert -b callers --context on -f llvm-ext -o callers.prof callers.pgoraw
expect_status 0 llvm-profdata-22 show --sample callers.prof
grep -q 'main:[0-9]* @ many:[0-9]* @ work' out || fail "llvm-profdata shows no callers"
for options in '' -fprofile-sample-use=callers.prof; do
    # The option is a word or none.
    expect_status 0 clang-22 "$source" -O2 -gdwarf-4 -DMAY_INLINE -fpseudo-probe-for-profiling $options -o new
    [ -s err ] && fail "clang says: $(cat err)"
    [ "$(./new 1000)" = "$(./callers 1000)" ] || fail "the program computes something else"
    objcopy -O binary --only-section=.text new "code$options" || fail "objcopy"
done
cmp -s code code-fprofile-sample-use=callers.prof && fail "clang made the same code with the profile"

# A recording with few callers, and one with none.
expect_status 0 "$record" -q -F 2000 --budget 50 --branches lookahead --stacks 16 -o few.pgoraw \
    -- ./callers 60000
convert few few.pgoraw --context all
expect_said "callers are known of only"
expect_said "pgo-record --stacks 1"
expect_status 0 "$record" -q -F 2000 --budget 50 --stacks off -o none.pgoraw -- ./callers 60000
expect_status 1 "$analyze" convert -b callers -f llvm-text --context all -o new.prof none.pgoraw
expect_said "pgo-record --stacks 1"
[ ! -e new.prof ] || fail "a refused conversion left a file"
exit 0
