# A database: a process a connection, shared memory, System V and POSIX signals of many kinds.
tools="initdb pgbench setpriv"
PATH=$PATH:$(find /usr/lib/postgresql -maxdepth 2 -name bin 2>/dev/null | sort | tail -n 1)

run_program() {
    owner="setpriv --reuid=postgres --regid=postgres --clear-groups"
    $owner initdb -D "$PWD/data" -A trust --no-sync >/dev/null || return 1
    # shellcheck disable=SC2086 # words
    serve $owner "$(command -v postgres)" -D "$PWD/data" -p "$port" -k "$PWD" -c fsync=off -c autovacuum=off \
        -c log_destination=stderr -c logging_collector=on -c log_directory="$PWD" -c log_filename=server.log
    wait_for_port "$port"
    pgbench -h 127.0.0.1 -U postgres -p "$port" -i -q -s 2 postgres >/dev/null 2>&1 || return 1
    pgbench -h 127.0.0.1 -U postgres -p "$port" -n -c 1 --random-seed=42 -t $((1500 * scale)) postgres >/dev/null || return 1
    pgbench -h 127.0.0.1 -U postgres -p "$port" -n -S -c 4 --random-seed=42 -t $((2000 * scale)) postgres >/dev/null || return 1
    psql -h 127.0.0.1 -U postgres -p "$port" -At postgres >out <<'SQL'
select count(*), sum(abalance), sum(abalance * aid) from pgbench_accounts;
select count(*), sum(delta) from pgbench_history;
select md5(string_agg(md5(i::text), '')) from generate_series(1, 200000) i;
select 1 / 0;
SQL
    end_server
    sed -E 's/^[^A-Z]*[A-Z]+ *\[[0-9]+\] //' server.log | grep -v -e checkpoint -e 'PostgreSQL [0-9]' | sort | uniq -c >log
}
