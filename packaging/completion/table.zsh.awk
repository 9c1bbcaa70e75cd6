# table.zsh.awk: rows of options.awk as a function of zsh that sets `verbs` and `specs`, which
# _describe and _arguments take.
function quoted(text) {
    gsub(/'/, "'\\''", text)
    return text
}
# In a specification, colons and brackets part fields.
function plain(text) {
    gsub(/[\[\]]/, "", text)
    gsub(/:/, "\\:", text)
    return quoted(text)
}
function action(argument, choices) {
    if (choices != "-")
        return "(" choices ")"
    if (argument ~ /^(FILE|PATH|PATTERN|OUT)$/)
        return "_files"
    if (argument == "DIR")
        return "_files -/"
    if (argument == "COMMAND")
        return "_command_names"
    return " "
}
$1 == "verb" {
    if (!($2 in verbs))
        program[++programs] = $2
    verbs[$2] = verbs[$2] "        '" $3 ":" plain($4) "'\n"
}
$1 == "option" && $4 != "-?" {
    key = $2 " " $3
    value = $6 == "-" ? "" : ":" plain($6) ":" action($6, $7)
    text = "[" plain($8) "]"
    if ($4 != "-" && $5 != "-")
        spec = "'(" $4 " " $5 ")'{" $4 ($6 == "-" ? "" : "+") "," $5 ($6 == "-" ? "" : "=") "}'" text value "'"
    else
        spec = "'" ($5 != "-" ? $5 ($6 == "-" ? "" : "=") : $4) text value "'"
    if (!(key in specs))
        command[++commands] = key
    specs[key] = specs[key] "        " spec "\n"
}
END {
    print "_pgoshim_table() {\n    verbs=() specs=()\n    case $1 in"
    for (i = 1; i <= programs; i++)
        printf "    %s)\n        verbs=(\n%s        )\n        ;;\n", program[i], verbs[program[i]]
    print "    esac\n    case \"$1 $2\" in"
    for (i = 1; i <= commands; i++)
        printf "    \"%s\")\n        specs=(\n%s        )\n        ;;\n", command[i], specs[command[i]]
    print "    esac\n}"
}
