# man_page.awk: makes a manual page, as man(7) describes it, out of what `PROGRAM [VERB] --help`
# prints (stdin).  Variables: page (pgo-analyze-report), summary (its line under NAME), version,
# date (2026-11-28), also ("pgo-analyze pgo-analyze-check": the pages to see).
#
# What it knows of --help: usage lines; paragraphs; rows, which are options or verbs, indented
# and with a column of descriptions; headings that end in a colon; and the last paragraph,
# on the exit status.  Examples are kept line by line.

function quoted(text) {
    gsub(/\\/, "\\e", text)
    gsub(/-/, "\\-", text)
    if (text ~ /^[.']/)
        text = "\\&" text
    return text
}

# Ends the row or the example that is open.
function row_end() {
    if (row != "") {
        print ".TP"
        print ".B " quoted(row)
        print quoted(description)
    }
    row = description = ""
}
function example_end() {
    if (in_example)
        print ".fi\n.RE"
    in_example = 0
}

# Deeper in, it is a word of a description.
function is_option(line) {
    return match(line, /^ +-/) && RLENGTH < 10
}

# Where the description of a row begins, or 0: behind an option and its other spellings, or
# behind two blanks.
function description_start(line,    name) {
    name = line
    if (is_option(line) && match(line, /^ +-[^ ]*(, +-[^ ]*)*/))
        return RLENGTH < length(line) ? RLENGTH + 1 : 0
    sub(/^ +/, "", name)
    if (!match(name, /  +/))
        return 0
    return length(line) - length(name) + RSTART + RLENGTH
}

function section(name) {
    row_end()
    example_end()
    print ".SH " name
}

BEGIN {
    print ".\\\" Made from --help."
    printf ".TH %s 1 %s \"pgoshim %s\" \"pgoshim\"\n", toupper(page), date, version
    print ".SH NAME"
    print quoted(page) " \\- " quoted(summary)
    print ".SH SYNOPSIS"
    part = "usage"
}

{ sub(/ +$/, "") }

part == "usage" && /^(Usage:|  or:) / {
    sub(/^(Usage:|  or:) +/, "")
    print (usages++ ? ".br\n" : "") ".B " quoted($0)
    next
}
part == "usage" && /^ / {
    sub(/^ +/, "")
    print quoted($0)
    next
}
part == "usage" {
    part = "text"
    print ".SH DESCRIPTION"
}

# Said once, by man(1)'s readers' habit.
/^Mandatory or optional arguments to long options/ { skipping = 1 }
skipping {
    if ($0 == "")
        skipping = 0
    next
}

/^$/ {
    row_end()
    blank = 1
    next
}
/^Examples:$/ {
    section("EXAMPLES")
    part = "examples"
    blank = 0
    next
}
/^Exit status: / {
    section("EXIT STATUS")
    part = "text"
    sub(/^Exit status: /, "")
    $0 = toupper(substr($0, 1, 1)) substr($0, 2)
    blank = 0
}
part == "examples" && /^ / {
    if (!in_example)
        print ".RS 4\n.nf"
    in_example = 1
    sub(/^  /, "")
    print quoted($0)
    blank = 0
    next
}
part == "examples" {
    section("NOTES")
    part = "text"
    blank = 0
}
# An option, or a verb: the row's name, and its description beside it or below.
is_option($0) || (/^  [^ ]/ && description_start($0)) {
    row_end()
    if (is_option($0) && !options++)
        section("OPTIONS")
    start = description_start($0)
    row = start ? substr($0, 1, start - 1) : $0
    gsub(/^ +| +$/, "", row)
    description = start ? substr($0, start) : ""
    sub(/^ +/, "", description)
    blank = 0
    next
}
/^ ?[A-Z].*:$/ {
    row_end()
    sub(/^ /, "")
    sub(/:$/, "")
    print ".SS " quoted($0)
    blank = 0
    next
}
row != "" {
    sub(/^ +/, "")
    description = description (description == "" ? "" : " ") $0
    next
}
{
    if (blank)
        print ".PP"
    blank = 0
    sub(/^ +/, "")
    print quoted($0)
}

END {
    section("SEE ALSO")
    pages = split(also, name, " ")
    for (i = 1; i <= pages; i++)
        print ".BR " quoted(name[i]) " (1)" (i < pages ? "," : "")
}
