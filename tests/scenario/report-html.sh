# report --html: one page, the same each time, with report's figures; names stay text; and it works
# in a browser, where there is one.
. "$(dirname "$0")/../support/scenario.sh"
check=$(cd "$(dirname "$0")/../support" && pwd)/page_check.py
sources=$(cd "$(dirname "$0")/../.." && pwd)
cd "$work" || exit 1
cp "$fixtures/branchy" app
recorded app.pgoraw SAMPLES 60 -F 2000 --budget 50 --stacks 2 -- ./app 20000

expect_status 0 "$analyze" report --html app.html --source-dir "$sources" app.pgoraw
expect_status 0 "$analyze" report --html again.html --source-dir "$sources" app.pgoraw
cmp app.html again.html || fail "the same input gave two pages"
expect_status 3 "$analyze" report --html app.html app.pgoraw
expect_said "already exists"
expect_status 0 "$analyze" report --html app.html --force --source-dir "$sources" app.pgoraw
expect_status 2 "$analyze" report --after app.pgoraw app.pgoraw
"$analyze" report --json --limit 1000 --no-demangle app.pgoraw >report.json || fail "report"
python3 "$check" totals app.html report.json || fail "the flame graphs' samples are not report's"
recorded few.pgoraw SAMPLES 60 -F 2000 --budget 50 --stacks 7 -- ./app 20000
expect_status 0 "$analyze" report --html few.html few.pgoraw
"$analyze" report --json --limit 1000 --no-demangle few.pgoraw >few.json || fail "report of few call stacks"
python3 "$check" totals few.html few.json || fail "with few call stacks the flame graphs' samples are not report's"
python3 "$check" hostile app.html "return (sum << 1) + letter % 13;" || fail "no source line in the page"
grep -qE '(src|href)="?(http|//|file)' app.html && fail "the page asks for more than itself"
expect_status 0 "$analyze" report --html both.html --after app.pgoraw app.pgoraw
grep -q "Before: " both.html && grep -q "After: " both.html || fail "not both layouts"

# One sample: of what runs are inferred by is said.
nm app | sed -n 's/^\([0-9a-f]*\) [tT] classify$/S \1 1/p' >one.preagg
expect_status 0 "$analyze" report --html one.html -b app one.preagg
grep -q "<p>1 sample, 0 of them" one.html || fail "one sample is not one"
grep -q "1 sample; runs are inferred from samples" one.html || fail "inferred runs are shown as seen ones"
! grep -q "runs are inferred" app.html || fail "runs that were seen are called inferred"

# Names are input that nobody trusts.
cat >hostile.s <<'EOF'
    .text
    .globl main
    .type main, @function
main:
    ret
    .size main, . - main
    .type "<script>alert(1)</script>", @function
"<script>alert(1)</script>":
    nop
    ret
    .size "<script>alert(1)</script>", . - "<script>alert(1)</script>"
    .type "\" onload=alert(2) x='", @function
"\" onload=alert(2) x='":
    nop
    ret
    .size "\" onload=alert(2) x='", . - "\" onload=alert(2) x='"
    .type "]]></title><img src=x onerror=alert(3)>&amp;größe", @function
"]]></title><img src=x onerror=alert(3)>&amp;größe":
    nop
    ret
    .size "]]></title><img src=x onerror=alert(3)>&amp;größe", . - "]]></title><img src=x onerror=alert(3)>&amp;größe"
    .section .note.GNU-stack,"",@progbits
EOF
mkdir '<b>dir" &'
if gcc -no-pie -o '<b>dir" &/<i>name' hostile.s 2>refused; then
    nm '<b>dir" &/<i>name' | python3 -c '
import sys
for line in sys.stdin:
    if "alert" in line:
        address = int(line.split()[0], 16)
        print(f"S {address:x} 10\nS {address + 1:x} 5")' >hostile.preagg
    [ "$(wc -l <hostile.preagg)" -eq 6 ] || fail "the names are not in the program: $(cat hostile.preagg)"
    expect_status 0 "$analyze" report --html hostile.html --no-demangle -b '<b>dir" &/<i>name' hostile.preagg
    python3 "$check" hostile hostile.html "<script>alert(1)</script>" "\" onload=alert(2) x='" \
        "]]></title><img src=x onerror=alert(3)>&amp;größe" "<i>name" || fail "names became markup"
else
    echo "not tried: hostile names (this assembler refuses them)"
fi

# No picture of the whole is larger than what is sent around.
[ "$(wc -c <app.html)" -lt 2000000 ] || fail "the page is too large"

command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null ||
    skip "no Chromium (the rest passed)"
mkdir pictures
python3 "$check" browser app.html classify pictures || fail "in the browser"
[ ! -e hostile.html ] || python3 "$check" browser hostile.html alert pictures || fail "hostile names in the browser"

# Labels of templates lose arguments first.
long=_ZN7company7product9ContainerISt6vectorISt4pairIllESaIS4_EESt4listIiSaIiEEE
for name in insert remove; do
    printf '    .type %s6%sEv, @function\n%s6%sEv:\n    nop\n    ret\n    .size %s6%sEv, 2\n' $long $name $long $name $long $name
done >long.s
printf '    .globl main\nmain:\n    ret\n    .section .note.GNU-stack,"",@progbits\n' >>long.s
gcc -no-pie -o long long.s || fail "no program with long names"
nm long | sed -n 's/^\([0-9a-f]*\) t _ZN7company.*/S \1 10/p' >long.preagg
expect_status 0 "$analyze" report --html long.html -b long long.preagg
python3 "$check" labels long.html "company::product::Container<std::vector<...>, std::list<...> >::insert" \
    "company::product::Container<std::vector<...>, std::list<...> >::remove" ||
    fail "labels of templates"
[ -z "${KEEP_PICTURES:-}" ] || cp -r pictures "$KEEP_PICTURES"
