# rebuild --as=ir: builds by clang and by a stable rustc use a profile of counters that was made
# of samples; the build is run twice, and what does not fit is called out.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/bridge.sh"
sources=$(cd "$(dirname "$0")/../programs/ir-profile" && pwd)
support=$(cd "$(dirname "$0")/../support" && pwd)
cd "$work" || exit 1
command -v clang-22 >/dev/null || skip "no clang-22"
command -v valgrind >/dev/null || skip "no valgrind"

expect_left_out() { # none of the functions with samples is
    grep -q 'left out of the profile' "$work/err" &&
        fail "functions were left out: $(cat "$work/err")"
}

# Make and clang.
cp "$sources"/*.[ch] .
cat >Makefile <<'END'
work: work.o elsewhere.o
	$(CC) -no-pie -o $@ work.o elsewhere.o
.c.o:
	$(CC) -O2 -gdwarf-4 -fdebug-info-for-profiling -fno-pie -c $<
clean:
	rm -f work *.o
END
make -s CC=clang-22 work && cp work plain || fail "make"
python3 "$support/exact_counts.py" work 300 >exact || fail "counting"
expect_status 3 "$bolt" rebuild --as=ir --force -b work -p exact -- make -s CC=clang-22
expect_said "the build did not run clang: clean first"
make -s clean && cp plain work
expect_status 0 "$bolt" rebuild --as=ir --force -b work -p exact -- make -s -B CC=clang-22 work
expect_printed "2 of 2 runs of clang had the profile of 6 functions, and the blocks of each match"
expect_left_out
[ "$(./work 300)" = "$(./plain 300)" ] || fail "the rebuilt program computes something else"
objcopy -O binary --only-section=.text plain before && objcopy -O binary --only-section=.text work after
cmp -s before after && fail "the same code with a profile"
# Objects that the first build made are made anew, also where nothing cleans between.
make -s clean && cp plain recorded
expect_status 0 "$bolt" rebuild --as=ir --force -b recorded --result work -p exact -- make -s CC=clang-22 work
expect_printed "2 of 2 runs of clang had the profile"
# Link-time optimisation: counters are put in before it.
linker=$(first_of ld.lld ld.lld-22)
for lto in ${linker:+thin full}; do
    make -s clean && make -s CC="clang-22 -flto=$lto --ld-path=$linker" work 2>log || fail "make: $(cat log)"
    cp work lto && python3 "$support/exact_counts.py" lto 300 >lto.exact || fail "counting"
    make -s clean
    expect_status 0 "$bolt" rebuild --as=ir --force -b lto --result work -p lto.exact -- \
        make -s CC="clang-22 -flto=$lto --ld-path=$linker" work
    expect_printed "2 of 2 runs of clang had the profile of 6 functions, and the blocks of each match"
    [ "$(./work 300)" = "$(./plain 300)" ] || fail "$lto: the rebuilt program computes something else"
done
# The second build is another one.
cat >twice <<'END'
#!/bin/sh
make -s clean
[ -e once ] && sed -i 's/return x \* 3;/{ for (int i = 0; i < x; i++) __asm__ volatile(""); return x * 3; }/' work.c
touch once
make -s CC=clang-22 work
END
expect_status 0 "$bolt" rebuild --as=ir --force -b recorded --result work -p exact -- sh twice
expect_said "functions have other blocks than when the dumps were made"
cp "$sources"/work.c .
# What cannot be.
expect_status 2 "$bolt" rebuild --as=ir --force -b recorded -p exact --dry-run
expect_said "the build has to be run for it"
expect_status 2 "$bolt" rebuild --as=ir -t gcc --force -b recorded -p exact -- make
expect_said "it is for clang and rustc"
expect_status 0 "$analyze" convert -b recorded -f llvm-text -o lines.prof exact
expect_status 2 "$bolt" rebuild --as=ir --force -b recorded -p lines.prof -- make
expect_said "it has no counts by address"
expect_status 2 "$bolt" rebuild --as=both -b recorded -p exact -- make
expect_status 3 "$bolt" rebuild --as=ir --force -b recorded -p exact -- false
expect_said "the build without a profile exited with status 1"

# Cargo and a stable rustc, with flags that are stable alone.
command -v cargo >/dev/null && cargo --version >/dev/null 2>&1 || skip "no cargo: clang alone was tried"
mkdir -p words/src && cd words || exit 1
cat >Cargo.toml <<'END'
[package]
name = "words"
version = "0.1.0"
edition = "2021"
[profile.release]
debug = 1
END
cat >src/main.rs <<'END'
use std::collections::BTreeMap;
trait Measure { fn measure(&self, word: &str) -> usize; }
struct Length;
struct Vowels;
impl Measure for Length { fn measure(&self, word: &str) -> usize { word.len() } }
impl Measure for Vowels {
    fn measure(&self, word: &str) -> usize {
        word.bytes().filter(|letter| b"aeiou".contains(letter)).count()
    }
}
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
    *state >> 33
}
fn main() {
    let rounds: usize = std::env::args().nth(1).map_or(100, |word| word.parse().unwrap());
    let measures: [Box<dyn Measure>; 2] = [Box::new(Length), Box::new(Vowels)];
    let (mut state, mut sums, mut seen) = (1, [0; 2], BTreeMap::new());
    for _ in 0..rounds {
        let word: String = (0..next(&mut state) % 12).map(|_| (b'a' + (next(&mut state) % 26) as u8) as char).collect();
        let which = usize::from(word.len() % 4 == 0);
        sums[which] += measures[which].measure(&word);
        *seen.entry(word.len()).or_insert(0) += 1;
    }
    println!("{sums:?} {seen:?}");
}
END
fixed="-Clink-arg=-no-pie -Crelocation-model=static"
RUSTFLAGS=$fixed cargo build -q --release 2>"$work/log" || fail "cargo: $(cat "$work/log")"
cp target/release/words ../words.plain && cp target/release/words ../words.recorded
python3 "$support/exact_counts.py" ../words.plain 2000 >../words.exact || fail "counting"
rm -r target
RUSTFLAGS=$fixed expect_status 0 "$bolt" rebuild --as=ir --force -b ../words.recorded \
    --result target/release/words -p ../words.exact -- cargo build -q --release
expect_printed "1 of 1 runs of rustc had the profile of "
expect_left_out
grep -q '^export RUSTC_BOOTSTRAP' .pgo/rustc-wrapper-* && fail "the stable rustc is asked to be another"
[ "$(target/release/words 3000)" = "$(../words.plain 3000)" ] || fail "another result"
for program in ../words.plain target/release/words; do
    objcopy -O binary --only-section=.text $program "$work/$(basename $program).code"
done
cmp -s "$work/words.plain.code" "$work/words.code" && fail "rustc made the same code with a profile"

# Nor behind a build by samples in the same run, whose evidence only the nightly one gives.
command -v valgrind >/dev/null || skip "no valgrind"
cp target/release/words ../words.counters && rm -r target .pgo
RUSTFLAGS=$fixed "$bolt" rebuild --as=auto -w 300 --force -b ../words.recorded --result target/release/words \
    -p ../words.exact -- cargo build -q --release >out 2>err
[ -s .pgo/choice/words.ir ] || fail "no build by counters: $(cat out err)"
objcopy -O binary --only-section=.text .pgo/choice/words.ir "$work/auto.code"
cmp "$work/words.code" "$work/auto.code" || fail "--as=auto builds something else by counters"
exit 0
