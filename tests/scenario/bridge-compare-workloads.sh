# compare: several workloads, servers, counts, as many pairs as it takes, Markdown.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/bridge.sh"
cd "$work" || exit 1
cat >program.c <<'END'
#include <stdio.h>
#include <stdlib.h>
/* ROUNDS [WORD]: works so long, SLOWER per cent longer, and prints what it read. */
int main(int argc, char **argv)
{
    char line[64] = "nothing\n";
    long rounds = atol(argv[1]) * (100 + SLOWER) / 100;
    for (volatile long i = 0; i < rounds; i++)
        ;
    if (!fgets(line, sizeof(line), stdin))
        line[0] = 'N';
    printf("%s%s", argc > 2 ? argv[2] : "", line);
    return 0;
}
END
gcc -O1 -DSLOWER=0 -o a program.c && gcc -O1 -DSLOWER=3 -o slower program.c &&
    gcc -O1 -DSLOWER=300 -o slow program.c && cp a same || fail "gcc"
echo given >in

# Every workload has its arguments, quotes, standard input, name and weight.
expect_status 1 "$bolt" compare -n 6 --json -w 'one:3=4000000 "two words" <in' -w '4000000 x' ./a ./slow
python3 - out <<'END' || fail "JSON: $(cat out)"
import json, sys
report = json.load(open(sys.argv[1]))
assert report["verdict"] == "slower" and report["same_behaviour"]
one, two = report["workloads"]
assert (one["name"], one["weight"]) == ("one", 3) and (two["name"], two["weight"]) == ("workload-2", 1)
ratios = [w["cpu"]["b_over_a"]["ratio"] for w in (one, two)]
mean = report["cpu"]["b_over_a"]["ratio"]
assert min(ratios) > 1.5 and min(ratios) * 0.98 <= mean <= max(ratios) * 1.02, (ratios, mean)
assert report["pairs"] == 6 and report["runs"] == 2 * (3 + 18)
END
expect_status 1 "$bolt" compare -n 6 -w 'one=4000000 a' -w 'two=4000000 b' ./a ./slow
expect_printed "geometric mean"
expect_said "B is slower at one"
printf '#!/bin/sh\nprintf "(%%s)" "$@"; cat\n' >echoes &&
    sed 's/; cat/; printf !; cat/' echoes >other && chmod +x echoes other
expect_status 1 "$bolt" compare -n 6 -w 'a "c d" e\ f <in' ./echoes ./other
expect_printed "the standard output of ./other is not that of ./echoes"
expect_printed "'(a)(c d)(e f)given' became '(a)(c d)(e f)!given'"
mkdir logs && touch logs/b.log 'logs/a b.log' logs/c.txt
expect_status 1 "$bolt" compare -n 6 -w "logs/*.log '*' no*ne <in" ./echoes ./other
expect_printed "'(logs/a b.log)(logs/b.log)(*)(no*ne)given' became"
for shells in 'x | y' 'x >y' '$HOME/x' 'x; y'; do
    expect_status 2 "$bolt" compare -w "$shells" ./a ./same
    expect_said "is for a shell, and there is none"
done
for wrong in 'x "y' 'x <'; do
    expect_status 2 "$bolt" compare -w "$wrong" ./a ./same
done
expect_status 2 "$bolt" compare -w a=1 -w a=2 ./a ./same
expect_said "two workloads are called 'a'"
expect_status 3 "$bolt" compare -w '1 <nosuch' ./a ./same
expect_said "nosuch cannot be opened"

# The number of pairs comes from their spread: what is far apart is seen at the first look.
expect_status 1 "$bolt" compare --json ./a ./slow -- 4000000
python3 -c '
import json
report = json.load(open("out"))
row = report["cpu"]["b_over_a"]
assert row["low"] > 1.5 and row["confidence"] >= 0.975, report
assert report["pairs"] in (12, 24, 48, 96), report
assert report["stopped"] == "the interval is narrow enough", report' || fail "looks: $(cat out)"
expect_status 0 "$bolt" compare --json --precision 0 --time 0.5 ./a ./same -- 1000000
python3 -c '
import json
report = json.load(open("out"))
assert report["pairs"] >= 7 and report["stopped"] == "the time was up", report' || fail "$(cat out)"
expect_status 0 "$bolt" compare -n 6 --tolerate 500 ./a ./slow -- 4000000
expect_status 1 "$bolt" compare -n 6 --require-faster ./a ./slow -- 1000000
expect_status 0 "$bolt" compare -n 6 --require-faster ./slow ./a -- 4000000
expect_status 1 "$bolt" compare -n 6 --markdown ./a ./slow -- 4000000
expect_printed "| CPU time |"
expect_printed '| slower |'
expect_status 1 "$bolt" compare -n 6 --markdown ./echoes ./other -- x
expect_printed "**Different behaviour**"

# A server: ready, loaded, asked to end; nothing is left of it.
port=$((20000 + $$ % 20000)) python=$(command -v python3)
cat >server.py <<END
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        sum(range(int(sys.argv[1])))
        self.send_response(200); self.end_headers(); self.wfile.write(b"answer\n")
    def log_message(self, *arguments): pass
http.server.HTTPServer(("127.0.0.1", $port), Handler).serve_forever()
END
cat >load.py <<END
import urllib.request
print(urllib.request.urlopen("http://127.0.0.1:$port/").read())
END
expect_status 0 "$bolt" compare -n 6 --no-noise --load "python3 load.py" --ready-port $port \
    "$python" "$python" -- "$work/server.py" 20000
expect_printed "same behaviour in 15 runs"
pgrep -f "$work/server.py" >/dev/null && fail "the server lives on"
expect_status 3 "$bolt" compare --load 'exit 1' --ready-port $port --ready-timeout 0.5 \
    /bin/sleep /bin/sleep -- 987
expect_said "the server was not ready after"
pgrep -f "sleep 987" >/dev/null && fail "the server that never got ready lives on"
expect_status 3 "$bolt" compare --load true --ready-port $port /bin/sh /bin/sh -- \
    -c 'echo the reason >&2; exit 4'
expect_said "ended before it was ready"
expect_said "the reason"
expect_status 2 "$bolt" compare --load true /bin/true /bin/true
expect_said "when is the server ready?"
expect_nothing_left

# Counts by the processor where perf can, said so; else by valgrind.
mkdir perf-works perf-fails
cat >perf-works/perf <<'END'
#!/bin/sh
while [ "$1" != -- ]; do
    [ "$1" = -o ] && file=$2
    shift
done
shift
case $1 in */slow) count=3000 ;; *) count=1000 ;; esac
printf '# started on\n\n%s,,cpu_core/instructions/u,9,100.00,,\n50,,cpu_atom/instructions/u,9,50.00,,\n' $count >"$file"
printf '<not counted>,,cpu_atom/branches/u,0,0.00,,\n300,,branches:u,9,100.00,,\n7,,branch-misses:u,9,100.00,,\n' >>"$file"
"$@" >/dev/null
END
printf '#!/bin/sh\nexit 1\n' >perf-fails/perf
chmod +x perf-*/perf
PATH=$work/perf-works:$PATH expect_status 0 "$bolt" compare --counts --json ./a ./same -- 1000
python3 -c '
import json
report = json.load(open("out"))
counts = {"instructions": 1050, "branches": 300, "mispredictions": 7}
assert report["counted_by"] == "perf" and report["good"], report
assert report["counts"][0]["a"] == report["counts"][0]["b"] == counts, report' || fail "$(cat out)"
PATH=$work/perf-works:$PATH expect_status 1 "$bolt" compare --counts ./a ./slow -- 1000
expect_printed "counted by the processor"
printf '#!/bin/sh\necho the reason >&2; kill -SEGV $$\n' >dies && chmod +x dies
PATH=$work/perf-works:$PATH expect_status 3 "$bolt" compare --counts ./dies ./dies
expect_said "it was killed by signal 11"
PATH=$work/perf-fails:$PATH expect_status 3 "$bolt" compare --counts=perf ./a ./same -- 1000
expect_said "it counts no instructions here"
expect_status 2 "$bolt" compare --counts=clock ./a ./same -- 1000
expect_nothing_left

# Counts: the same at every run, and 3 % are 3 %.
command -v valgrind >/dev/null || skip "valgrind is not installed"
expect_status 0 "$bolt" compare --counts=valgrind --json ./a ./same -- 300000
cp out first
PATH=$work/perf-fails:$PATH expect_status 0 "$bolt" compare --counts --json ./a ./same -- 300000
python3 - <<'END' || fail "counts: $(cat first out)"
import json
first, second = json.load(open("first")), json.load(open("out"))
assert first["counted_by"] == second["counted_by"] == "valgrind"
for side in "ab":
    a, b = first["counts"][0][side], second["counts"][0][side]
    assert a["instructions"] > 900000 and a["taken_conditional_branches"] > 290000, a
    for name in a:
        assert abs(a[name] - b[name]) <= 0.001 * a[name] + 3, (name, a[name], b[name])
END
expect_status 1 "$bolt" compare --counts=valgrind ./a ./slower -- 300000
expect_printed "instructions"
expect_status 0 "$bolt" compare --counts=valgrind --tolerate 4 ./a ./slower -- 300000
expect_status 1 "$bolt" compare --counts=valgrind --markdown -w 'one=1' -w 'two=1 x' ./echoes ./other
expect_printed "| instructions |"
expect_printed "**Different behaviour**: their standard outputs differ"
expect_nothing_left
