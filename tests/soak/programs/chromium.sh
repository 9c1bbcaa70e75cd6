# A browser: many processes, sandboxes with filters, a virtual machine, graphics.
tools="chromium"

run_program() {
    cat >page.html <<'HTML'
<html><body><p id="result">nothing</p><canvas id="canvas" width="200" height="200"></canvas><script>
let sum = 0;
for (let i = 1; i < 200000; i++) for (let n = i; n !== 1; sum++) n = n % 2 ? 3 * n + 1 : n / 2;
const drawing = document.getElementById('canvas').getContext('2d');
for (let i = 0; i < 500; i++) { drawing.fillStyle = `hsl(${i % 360}, 50%, 50%)`; drawing.fillRect(i % 200, i % 177, 20, 20); }
const list = document.createElement('ul');
for (let i = 0; i < 2000; i++) { const item = document.createElement('li'); item.textContent = i * i; list.append(item); }
document.body.append(list);
document.getElementById('result').textContent = sum + ' ' + list.offsetWidth + ' ' + list.children.length;
</script></body></html>
HTML
    start chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --user-data-dir="$PWD/profile" \
        --dump-dom "file://$PWD/page.html" 2>/dev/null | sed "s|$PWD||g" >out
}
