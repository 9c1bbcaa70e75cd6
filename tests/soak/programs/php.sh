# An interpreter.
tools="php"

run_program() {
    cat >work.php <<'PHP'
<?php
$words = [];
for ($i = 0; $i < 400000 * $argv[1]; $i++) {
    $word = substr(md5((string)$i), 0, 3);
    $words[$word] = ($words[$word] ?? 0) + $i % 7;
}
ksort($words);
echo sha1(json_encode($words)), "\n", preg_match_all('/[a-f]\d+/', implode(' ', array_keys($words))), "\n";
usort($list = range(1, 100), fn($a, $b) => $b <=> $a);
echo serialize(array_map('sqrt', range(1, 50))), "\n";
exit(5);
PHP
    start php work.php "$scale" >out 2>log
    echo $? >status
}
