# A virtual machine with an event loop, and a web server in it.
tools="node"

run_program() {
    cat >work.js <<'JS'
const http = require('http'), crypto = require('crypto'), zlib = require('zlib');
const scale = Number(process.argv[2]);
const server = http.createServer((request, answer) => {
    let text = '';
    for (let i = 0; i < 2000; i++) text += JSON.stringify({ path: request.url, i, square: i * i });
    answer.end(zlib.gzipSync(text));
});
server.listen(0, '127.0.0.1', async () => {
    const digest = crypto.createHash('sha256'), agent = new http.Agent({ keepAlive: true });
    for (let turn = 0; turn < 150 * scale; turn++)
        await new Promise(done => http.get({ port: server.address().port, path: '/' + turn, agent }, answer => {
            const parts = [];
            answer.on('data', part => parts.push(part));
            answer.on('end', () => { digest.update(zlib.gunzipSync(Buffer.concat(parts))); done(); });
        }));
    console.log(digest.digest('hex'));
    let sum = 0;
    for (let i = 1; i < 300000 * scale; i++) for (let n = i; n !== 1; sum++) n = n % 2 ? 3 * n + 1 : n / 2;
    console.log(sum);
    process.exit(4);
});
JS
    start node work.js "$scale" >out 2>log
    echo $? >status
}
