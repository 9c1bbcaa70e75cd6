#!/bin/sh
# try_rpm.sh PACKAGES: the packages that `make rpm` made: clean by rpmlint but for what rpmlint.toml names,
# installed into a fresh root, used there by a user who builds and records a program, and removed with
# nothing left.  The root is a Debian, whose libraries this machine's build asks for: what Fedora's
# packages are called is not tried.  MIRROR, ROOT: fresh_root.sh
set -eu
packages=$(cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
. "$here/fresh_root.sh"
for tool in rpm rpmlint; do
    command -v $tool >/dev/null || skip "no $tool"
done
rpmlint -c "$here/rpmlint.toml" "$packages"/pgoshim-*.rpm >"$work/log" 2>&1 || fail "rpmlint: $(cat "$work/log")"
grep ' packages and ' "$work/log" | grep -q ' 0 errors, 0 warnings' || fail "rpmlint: $(cat "$work/log")"
root_make
in_root apt-get update -qq
in_root apt-get install -qq -y --no-install-recommends gcc libc6-dev libcapstone4 libdw1 libelf1 libjansson4 libunwind8 \
    libzstd1 libzydis4.0 zlib1g >"$work/log" 2>&1 || fail "$(tail -1 "$work/log")"
# Folders of Fedora's package `filesystem`.
for folder in fish/vendor_completions.d licenses pkgconfig zsh/site-functions; do
    mkdir -p "$fresh/usr/share/$folder"
done
mkdir -p "$fresh/var/lib/rpm"
root_files >"$work/before"
rpm --root "$fresh" --dbpath /var/lib/rpm --nodeps --ignoreos -i "$packages"/pgoshim-*.rpm >"$work/log" 2>&1 ||
    fail "$(tail -3 "$work/log")"
root_use "$here" || fail "the installed programs do not work"
rpm --root "$fresh" --dbpath /var/lib/rpm --nodeps -e pgoshim pgoshim-devel >"$work/log" 2>&1 || fail "$(tail -3 "$work/log")"
root_files >"$work/after"
left=$(comm -13 "$work/before" "$work/after")
[ -z "$left" ] || fail "left after removal: $left"
echo "rpmlint clean; installed, used, and removed with nothing left"
