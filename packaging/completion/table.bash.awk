# table.bash.awk: rows of options.awk as two functions of bash, which print the words that
# complete "PROGRAM VERB" and the values of "PROGRAM VERB OPTION".
function add(list, word) {
    return list (list == "" ? "" : " ") word
}
function key_of(program, verb) {
    if (!((program " " verb) in words))
        keys[++key_count] = program " " verb
    return program " " verb
}
$1 == "verb" {
    key = key_of($2, "-")
    words[key] = add(words[key], $3)
}
$1 == "option" {
    key = key_of($2, $3)
    if ($5 != "-")
        words[key] = add(words[key], $5 ($6 == "-" ? "" : "="))
    else if ($4 != "-")
        words[key] = add(words[key], $4)
    if ($6 != "-") {
        patterns = ""
        if ($4 != "-")
            patterns = "\"" key " " $4 "\""
        if ($5 != "-")
            patterns = patterns (patterns == "" ? "" : " | ") "\"" key " " $5 "\""
        values = values "    " patterns ") echo \"" ($7 == "-" ? "<" $6 ">" : $7) "\" ;;\n"
    }
}
END {
    print "_pgoshim_words() {\n    case \"$1 $2\" in"
    for (i = 1; i <= key_count; i++)
        print "    \"" keys[i] "\") echo \"" words[keys[i]] "\" ;;"
    print "    esac\n}"
    print "_pgoshim_values() {\n    case \"$1 $2 $3\" in"
    printf "%s", values
    print "    esac\n}"
}
