# Debug files come from debuginfod servers, where DEBUGINFOD_URLS names some: from one that
# has them, not from one that has another build's, and nobody is asked unasked.
. "$(dirname "$0")/../support/scenario.sh"
source=$(cd "$(dirname "$0")/../programs" && pwd)/branchy.c
cd "$work" || exit 1
for tool in gcc objcopy strip readelf python3; do
    command -v $tool >/dev/null || skip "no $tool"
done
ls /usr/lib/*/libdebuginfod.so.1 >/dev/null 2>&1 || skip "no libdebuginfod"

gcc -O2 -g -Wl,--build-id -o whole "$source" && gcc -O1 -g -Wl,--build-id -o other "$source" ||
    fail "compiling"
recorded app.pgoraw SAMPLES 300 -F 2000 --budget 50 -- ./whole 20000
expect_status 0 "$analyze" convert -b whole -f llvm-text -o wanted app.pgoraw
grep -q '^classify:' wanted || fail "no classify"
mkdir bare && strip -o bare/app whole || fail "strip"
build_id=$(readelf -n whole | sed -n 's/.*Build ID: //p')

# A server of debug files, on a port that is free.
served=server/buildid/$build_id
mkdir -p "$served"
python3 -u -m http.server 0 --bind 127.0.0.1 --directory server >port 2>requests &
server=$!
trap 'kill $server 2>/dev/null; rm -rf "$work"' EXIT
for _ in $(seq 100); do
    grep -q 'port [0-9]' port && break
    sleep 0.1
done
port=$(sed -n 's/.*port \([0-9]*\).*/\1/p' port)
[ -n "$port" ] || skip "no HTTP server: $(cat requests)"
unset DEBUGINFOD_URLS http_proxy HTTP_PROXY all_proxy ALL_PROXY
export DEBUGINFOD_TIMEOUT=10

# convert STATUS SERVERS CACHE: of the stripped binary
convert() {
    expect_status "$1" env DEBUGINFOD_URLS="$2" DEBUGINFOD_CACHE_PATH="$work/$3" \
        "$analyze" convert -b bare/app -f llvm-text --force -o made app.pgoraw
}
url=http://127.0.0.1:$port

# It has none, or another build's.
convert 3 $url none
grep -q "GET /buildid/$build_id/debuginfo.* 404" requests || fail "not asked: $(cat requests)"
cp other "$served/debuginfo"
convert 3 $url wrong
[ ! -e made ] || fail "a profile by the debug file of another build"

# It has it: asked once, and then the cache answers. One that nobody runs is passed over.
objcopy --only-keep-debug whole "$served/debuginfo" || fail "objcopy"
convert 0 "http://127.0.0.1:9 $url" cache
cmp made wanted || fail "another profile than with the unstripped binary"
asked=$(grep -c 'GET .* 200' requests)
convert 0 $url cache
cmp made wanted || fail "another profile from the cache"
[ "$(grep -c 'GET .* 200' requests)" -eq "$asked" ] || fail "asked again in spite of the cache"

# Unasked, the server hears nothing.
requests=$(wc -l <requests)
expect_status 3 env DEBUGINFOD_CACHE_PATH="$work/unasked" \
    "$analyze" convert -b bare/app -f llvm-text -o none app.pgoraw
[ "$(wc -l <requests)" -eq "$requests" ] || fail "asked without DEBUGINFOD_URLS"
exit 0
