# table.fish.awk: rows of options.awk as calls of fish's complete, for one program: the variable `program`.
function quoted(text) {
    gsub(/[\\']/, "\\\\&", text)
    return "'" text "'"
}
BEGIN {
    if (program == "pgo-record")
        print "complete -c pgo-record -a '(__fish_complete_subcommand --fcs-skip=0)'"
}
$2 != program { next }
$1 == "verb" {
    print "complete -c " $2 " -f -n '__fish_is_nth_token 1' -a " $3 " -d " quoted($4)
    has_verbs[$2] = 1
}
$1 == "option" {
    line = "complete -c " $2
    if ($3 != "-")
        line = line " -n " quoted("__pgoshim_verb_is " $3)
    else if ($2 in has_verbs)
        line = line " -n '__fish_is_nth_token 1'"
    if ($4 != "-")
        line = line " -s " quoted(substr($4, 2))
    if ($5 != "-")
        line = line " -l " substr($5, 3)
    if ($7 != "-")
        line = line " -x -a " quoted($7)
    else if ($6 == "DIR")
        line = line " -x -a '(__fish_complete_directories)'"
    else if ($6 ~ /^(FILE|PATH|PATTERN|OUT)$/)
        line = line " -r -F"
    else if ($6 != "-")
        line = line " -x"
    print line " -d " quoted($8)
}
