# A cache with four threads, which drops its privileges.
tools="memcached"

run_program() {
    serve memcached -u "$user" -t 4 -p "$port" -l 127.0.0.1 -m 64
    wait_for_port "$port"
    python3 - "$port" "$scale" >out <<'PYTHON'
import hashlib, socket, sys, threading
port, scale = int(sys.argv[1]), int(sys.argv[2])
digests = [None] * 4
def work(number):
    stream = socket.create_connection(("127.0.0.1", port)).makefile("rwb")
    digest = hashlib.sha256()
    for turn in range(60 * scale):
        for i in range(200):
            stream.write(b"set k%d-%d 0 0 8\r\n%08d\r\n" % (number, i, turn * i))
        stream.write(b"get " + b" ".join(b"k%d-%d" % (number, i) for i in range(100)) + b"\r\n")
        stream.flush()
        for _ in range(200):
            digest.update(stream.readline())
        while True:
            line = stream.readline()
            digest.update(line)
            if line == b"END\r\n":
                break
    digests[number] = digest.hexdigest()
threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
[t.start() for t in threads]
[t.join() for t in threads]
print("\n".join(digests))
PYTHON
    end_server
}
