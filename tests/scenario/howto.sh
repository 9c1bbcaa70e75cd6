# The tutorial and the pages of docs/howto work as they are typed: their commands, in their order,
# in a project as the page describes it.
. "$(dirname "$0")/../support/scenario.sh"
sources=$(cd "$(dirname "$0")/../.." && pwd)
unset CFLAGS CXXFLAGS LDFLAGS RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CARGO_TARGET_DIR MAKEFLAGS

# The programs as they are installed.  How many samples come is the machine's affair, and a
# comparison, which takes its time, is one run of each.
mkdir "$work/bin"
ln -s "$build"/pgo-record "$build"/pgo-analyze "$build"/libpgoshim*.so "$sources/packaging/cargo-pgoshim" "$work/bin/"
cat >"$work/bin/pgo-bolt" <<EOF
#!/bin/sh
verb=\$1
shift
case \$verb in
rebuild) exec "$bolt" rebuild --force "\$@" ;;
compare)
    before=\$1 after=\$2
    shift 3
    [ "\$(./"\$before" "\$@")" = "\$(./"\$after" "\$@")" ]
    ;;
*) exec "$bolt" "\$verb" "\$@" ;;
esac
EOF
# Meson takes a compiler cache that it finds; sccache's server may not start in time on a busy machine.
printf '#!/bin/sh\nexit 1\n' >"$work/bin/sccache"
chmod 755 "$work/bin/pgo-bolt" "$work/bin/sccache"
ln -s sccache "$work/bin/ccache"
PATH=$work/bin:$PATH

. "$sources/tests/support/pages.sh"
export GOTOOLCHAIN=local GOFLAGS=-mod=mod
has_tools() { # PAGE
    case $1 in
    cmake | cargo | go) command -v "$1" ;;
    meson) command -v meson && command -v ninja ;;
    python) python3 -c 'import setuptools, sysconfig, os, sys
sys.exit(not os.path.exists(sysconfig.get_path("include") + "/Python.h"))' 2>&1 ;;
    esac >/dev/null
}

PID=
trap '[ -z "$PID" ] || kill "$PID" 2>/dev/null; rm -rf "$work"' EXIT
for page in "$sources/docs/tutorial.md" "$sources"/docs/howto/*.md; do
    name=$(basename "$page" .md)
    has_tools "$name" || {
        echo "$name: not tried: a tool that it takes is missing"
        continue
    }
    mkdir "$work/$name"
    cd "$work/$name" || exit 1
    "project_$name"
    commands_of "$page" | sed '/^apt-get /d; s/^cargo pgoshim compare .*/true/' >commands
    [ -s commands ] || fail "$name has no commands"
    sh -eux commands >log 2>&1 || fail "$name: $(tail -20 log)"
    echo "$name: $(grep -c '^+ ' log) commands"
    cd "$work" || exit 1
done
for page in "$sources"/docs/*.md "$sources"/docs/howto/*.md "$sources/README.md"; do
    sed -n 's/.*](\([a-zA-Z./-]*\.md\)).*/\1/p' "$page" | while read -r link; do
        [ -e "$(dirname "$page")/$link" ] || echo "$page: $link"
    done
done >"$work/broken"
[ ! -s "$work/broken" ] || fail "links that lead nowhere: $(cat "$work/broken")"
exit 0
