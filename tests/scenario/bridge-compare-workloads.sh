# compare: several workloads, servers, as many pairs as it takes, Markdown.
. "$(dirname "$0")/../support/scenario.sh"
. "$(dirname "$0")/../support/bridge.sh"
cd "$work" || exit 1
comparable_programs
echo given >in

# Every workload has its arguments, quotes, standard input, name and weight.
expect_status 1 "$bolt" compare -n 6 --json -w 'one:3=1000000 "two words" <in' -w '1000000 x' ./a ./slow
json_is_documented out
python3 - out <<'END' || fail "JSON: $(cat out)"
import json, sys
report = json.load(open(sys.argv[1]))
assert report["verdict"] == "slower" and report["same_behaviour"]
one, two = report["workloads"]
assert (one["name"], one["weight"]) == ("one", 3) and (two["name"], two["weight"]) == ("workload-2", 1)
assert report["cpu"]["b_over_a"]["low"] > 1, report
assert report["pairs"] == 6 and report["runs"] == 2 * (3 + 18)
END
expect_status 1 "$bolt" compare -n 6 -w 'one=1000000 a' -w 'two=1000000 b' ./a ./slow
expect_printed "geometric mean"
expect_said "B is slower at one"
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
expect_status 1 "$bolt" compare --json ./a ./slow -- 1000000
python3 -c '
import json
report = json.load(open("out"))
row = report["cpu"]["b_over_a"]
assert row["low"] > 1 and row["confidence"] >= 0.975, report
assert report["stopped"] == "the time was up" or report["pairs"] in (12, 24, 48, 96), report' ||
    fail "looks: $(cat out)"
expect_status 0 "$bolt" compare --json $any_time --precision 0 --time 0.5 ./a ./same -- 1000
python3 -c '
import json
report = json.load(open("out"))
assert report["pairs"] >= 7 and report["stopped"] == "the time was up", report' || fail "$(cat out)"
expect_status 0 "$bolt" compare -n 6 $any_time ./a ./slow -- 1000000
expect_status 1 "$bolt" compare -n 6 --require-faster ./a ./slow -- 1000000
expect_status 0 "$bolt" compare -n 6 --require-faster ./slow ./a -- 1000000
expect_status 1 "$bolt" compare -n 6 --markdown ./a ./slow -- 1000000
expect_printed "| CPU time |"
expect_printed '| slower |'
expect_status 1 "$bolt" compare -n 6 --markdown ./echoes ./other -- x
expect_printed "**Different behaviour**"

# A server: ready, loaded, asked to end; nothing is left of it.
python=$(command -v python3)
port=$("$python" -c '
import socket
free = socket.socket()
free.bind(("127.0.0.1", 0))
print(free.getsockname()[1])')
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
expect_status 0 "$bolt" compare -n 6 $any_time --no-noise --load "python3 load.py" --ready-port $port \
    "$python" "$python" -- "$work/server.py" 1
expect_printed "same behaviour in 15 runs"
pgrep -f "$work/server.py" >/dev/null && fail "the server lives on"
expect_status 3 "$bolt" compare --load 'exit 1' --ready-port $port --ready-timeout 0.5 \
    /bin/sleep /bin/sleep -- 987$$
expect_said "the server was not ready after"
pgrep -f "sleep 987$$" >/dev/null && fail "the server that never got ready lives on"
expect_status 3 "$bolt" compare --load true --ready-port $port /bin/sh /bin/sh -- \
    -c 'echo the reason >&2; exit 4'
expect_said "ended before it was ready"
expect_said "the reason"
expect_status 2 "$bolt" compare --load true /bin/true /bin/true
expect_said "when is the server ready?"
expect_nothing_left
