# A web server: a master, and two workers that drop their privileges.
tools="nginx"

run_program() {
    mkdir pages logs
    for i in $(seq 20); do seq $((i * 500)) >"pages/$i.html"; done
    cat >nginx.conf <<CONF
worker_processes 2;
daemon off;
user $user $(id -gn "$user");
error_log $PWD/error.log notice;
pid $PWD/pid;
events { worker_connections 256; }
http {
    access_log $PWD/access.log;
    client_body_temp_path $PWD/body; proxy_temp_path $PWD/proxy; fastcgi_temp_path $PWD/fastcgi;
    uwsgi_temp_path $PWD/uwsgi; scgi_temp_path $PWD/scgi;
    gzip on; gzip_types text/html; gzip_min_length 100; gzip_comp_level 6;
    server { listen 127.0.0.1:$port; root $PWD/pages; }
}
CONF
    serve nginx -p "$PWD" -c "$PWD/nginx.conf"
    wait_for_port "$port"
    python3 - "$port" "$scale" >out <<'PYTHON'
import hashlib, http.client, sys
digest = hashlib.sha256()
connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
for turn in range(50 * int(sys.argv[2])):
    for page in range(1, 22):
        connection.request("GET", "/%d.html" % page, headers={"Accept-Encoding": "gzip"})
        answer = connection.getresponse()
        digest.update(b"%d" % answer.status + answer.read())
print(digest.hexdigest())
PYTHON
    end_server
    sed 's/^[^"]*"/"/' access.log | sort | uniq -c >>out
    sed -E 's/^.*: (\*?)//' error.log | grep -v -e '^signal' -e 'exit' -e 'gracefully' | sort | uniq >log
}
