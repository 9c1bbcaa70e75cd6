# A key-value server: one thread, event loop; forks a child that writes a snapshot.
tools="redis-server redis-cli redis-benchmark"

run_program() {
    serve redis-server --port "$port" --save "" --daemonize no --dir "$PWD" --logfile server.log
    wait_for_port "$port"
    seq $((20000 * scale)) | sed 's/.*/SET key:& value-&\nINCRBY sum &\nLPUSH list:&0 &\nSADD set &/' |
        redis-cli -p "$port" --pipe >/dev/null
    for _ in $(seq "$scale"); do
        redis-benchmark -q -p "$port" -c 20 -n 40000 -P 8 -r 1000 -t get,mset,lrange_100 >/dev/null
    done
    {
        redis-cli -p "$port" get sum
        redis-cli -p "$port" scard set
        redis-cli -p "$port" --no-raw lrange list:10 0 -1
        redis-cli -p "$port" eval 'local s = 0 for i = 1, 1000000 do s = (s * 7 + i) % 1000003 end return s' 0
        redis-cli -p "$port" bgsave
    } >out
    until redis-cli -p "$port" info persistence | grep -q 'rdb_bgsave_in_progress:0'; do sleep 0.1; done
    redis-cli -p "$port" info persistence | grep rdb_last_bgsave_status >>out
    end_server
    sed -E 's/^[^*#]*[*#] //' server.log | grep -v -e '%' -e 'MB of memory' -e seconds -e '_._' -e '[`|]' >log
}
