# A fresh Debian 12 with its security updates in a folder, for scripts that show packages and pages at work.  As root, with debootstrap
# and a mirror (MIRROR=http://deb.debian.org/debian).  $work is the script's own folder; it and $fresh are removed at the end.
# ROOT=DIR: a fresh root that is there already, and is left as it was.

MIRROR=${MIRROR:-http://deb.debian.org/debian}
skip() {
    echo "skip: $*"
    exit 77
}
fail() {
    echo "FAILED: $*"
    exit 1
}
work=$(mktemp -d)
fresh=$work/root
trap 'root_remove; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

# Makes the folder $fresh such a Debian.
root_make() {
    [ "$(id -u)" -eq 0 ] || skip "another root takes root"
    if [ -n "${ROOT:-}" ]; then
        cp -a "$ROOT" "$fresh"
    else
        command -v debootstrap >/dev/null || skip "no debootstrap"
        debootstrap --variant=minbase bookworm "$fresh" "$MIRROR" >"$work/log" ||
            skip "debootstrap: $(tail -1 "$work/log")"
    fi
    for suite in "$MIRROR bookworm" "$MIRROR bookworm-updates" "$MIRROR-security bookworm-security"; do
        echo "deb $suite main"
    done >"$fresh/etc/apt/sources.list"
    cp /etc/resolv.conf "$fresh/etc/"
    for setting in /etc/apt/apt.conf.d/*proxy*; do
        [ ! -e "$setting" ] || cp "$setting" "$fresh/etc/apt/apt.conf.d/"
    done
    mount -t proc proc "$fresh/proc" || skip "no /proc can be mounted"
}
root_remove() {
    umount "$fresh/proc" 2>/dev/null
    rm -rf "$fresh"
}
in_root() {
    chroot "$fresh" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C DEBIAN_FRONTEND=noninteractive "$@"
}

# What is there, but for what installing and removing anything leaves: notes, indices and caches.
root_files() {
    (cd "$fresh" && find . -xdev \( -path ./proc -o -path ./tmp -o -path ./root -o -path ./var/lib/apt \
        -o -path ./var/lib/dpkg -o -path ./var/lib/rpm -o -path ./var/cache -o -path ./var/log \) -prune -o -print |
        grep -v '^./etc/ld.so.cache$' | sort)
}
# A user builds a program, records it, and looks at it with each of the installed programs.
root_use() { # PACKAGING
    cp "$1/try_package.c" "$fresh/tmp/"
    in_root sh -ec 'cd /tmp
    cc -O1 -g -Wl,--emit-relocs -o work try_package.c
    pgo-record --budget 50 -o work.pgoraw -- ./work
    pgo-analyze report work.pgoraw | tee report | grep -q collatz
    pgo-analyze convert -b ./work -f fdata -o work.fdata work.pgoraw
    grep -q collatz work.fdata
    pgo-bolt doctor ./work || [ $? -eq 1 ]
    cargo-pgoshim --help | grep -q "cargo pgoshim run"
    for page in pgo-record pgo-bolt-rebuild; do
        test -s /usr/share/man/man1/$page.1.gz || test -s /usr/share/man/man1/$page.1
    done'
}
