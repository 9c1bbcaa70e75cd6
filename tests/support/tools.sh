# Which tools are installed.  Sourced.
#   first_of PROGRAM...   the path of the first that is; nothing and status 1 where none is
#   versions_of TOOL      all versions of an LLVM tool, the newest first
#   newest TOOL           the newest of them, or the one without a version in its name
#   real_bolts            all versions of llvm-bolt
#   instrumenter          the newest, at the path beside which its runtime library is
first_of() {
    for one in "$@"; do
        command -v "$one" && return
    done
    return 1
}

versions_of() {
    for version in 22 21 20 19 18 17 16; do
        command -v "$1-$version"
    done
}

newest() {
    { versions_of "$1"; command -v "$1"; } | sed -n 1p
}

real_bolts() {
    versions_of llvm-bolt
}

instrumenter() {
    bolt_link=$(newest llvm-bolt)
    [ -n "$bolt_link" ] && realpath "$bolt_link"
}
