# options.awk: what `PROGRAM [VERB] --help` says (stdin), as rows of fields parted by tabs:
#   verb    PROGRAM  VERB  DESCRIPTION
#   option  PROGRAM  VERB  SHORT  LONG  ARGUMENT  CHOICES  DESCRIPTION
# VERB is "-" for the program's own options; SHORT ("-b"), LONG ("--binary"), ARGUMENT ("FILE")
# and CHOICES ("on off auto") are "-" where there is none.  Variables: program, verb.

# The words of "on, off or auto" where a description begins or ends with such a list.
function choices_of(argument, description,    list) {
    if (argument ~ /^[a-z]+(\|[a-z]+)+$/) {
        gsub(/\|/, " ", argument)
        return argument
    }
    gsub(/ \([^()]*\)/, "", description)
    if (!match(description, /(^|: )[a-z][a-z-]*(, [a-z][a-z-]*)*(,? or |, )[a-z][a-z-]*($|[;.,] )/))
        return "-"
    list = substr(description, RSTART, RLENGTH)
    sub(/^: /, "", list)
    gsub(/[;.]|, $/, "", list)
    gsub(/ or /, " ", list)
    gsub(/,/, " ", list)
    gsub(/ +/, " ", list)
    sub(/ $/, "", list)
    return list
}

function option_end(    name, names, i, count, short, long, argument) {
    if (row == "")
        return
    argument = "-"
    short = long = "-"
    if (match(row, /\[?=.*/)) {
        argument = substr(row, RSTART)
        row = substr(row, 1, RSTART - 1)
        if (argument ~ /^\[/)
            sub(/\]$/, "", argument)
        sub(/^\[?=/, "", argument)
    }
    count = split(row, names, /, /)
    for (i = 1; i <= count; i++) {
        name = names[i]
        if (name ~ /^--/ && long == "-")
            long = name
        else if (name ~ /^-[^-]/ && short == "-")
            short = name
    }
    option_rows[++options] = "option\t" program "\t" verb "\t" short "\t" long "\t" argument "\t"
    option_choices[options] = long == "--format" ? "" : choices_of(argument, description)
    option_text[options] = description
    row = ""
}

{ sub(/ +$/, "") }
/^Examples:$/ { exit }
# Formats have a table of their own.
/^Formats:$/ { in_formats = 1 }
/^  or:/ { next }
/^  [a-z]/ && match($0, /[^ ]  +/) {
    option_end()
    name = substr($0, 3, RSTART - 2)
    if (in_formats)
        formats = formats (formats == "" ? "" : " ") name
    else
        print "verb\t" program "\t" name "\t" substr($0, RSTART + RLENGTH)
    next
}
match($0, /^ +-/) && RLENGTH < 10 {
    option_end()
    match($0, /^ +-[^ ]*(, +-[^ ]*)*/)
    row = substr($0, 1, RLENGTH)
    description = substr($0, RLENGTH + 1)
    gsub(/^ +/, "", row)
    gsub(/^ +/, "", description)
    # "-w,   --workload=…" is one row
    gsub(/, +/, ", ", row)
    next
}
/^   / && row != "" {
    sub(/^ +/, "")
    description = description (description == "" ? "" : " ") $0
    next
}
{ option_end() }
END {
    option_end()
    for (i = 1; i <= options; i++)
        print option_rows[i] (option_choices[i] == "" ? (formats == "" ? "-" : formats) : option_choices[i]) \
            "\t" option_text[i]
}
