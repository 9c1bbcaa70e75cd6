# The function names of a recording that stands on the line.
_pgoshim_functions() {
    local word
    for word in "${COMP_WORDS[@]}"; do
        [ -f "$word" ] || continue
        pgo-analyze report --json --top 200 "$word" 2>/dev/null |
            sed -n 's/.*"function": *"\([A-Za-z_][A-Za-z0-9_.]*\)".*/\1/p' | sort -u
    done
}

# Completes with files, or by the words given.
_pgoshim_reply() {
    if [ "$1" = -f ] || [ "$1" = -d ]; then
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen "$1" -- "$2")
    else
        mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2")
        [[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace
    fi
}

_pgoshim() {
    local program=${1##*/} current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    local verb=- word values index
    COMPREPLY=()
    # "=" is a word of its own.
    if [ "$current" = = ]; then
        current=
    elif [ "$before" = = ]; then
        before=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    for ((index = 1; index < COMP_CWORD; index++)); do
        word=${COMP_WORDS[index]}
        # Behind "--" stands a command, or what belongs to one.
        if [ "$word" = -- ]; then
            if [ "$program" = pgo-record ] && [ $index -eq $((COMP_CWORD - 1)) ]; then
                mapfile -t COMPREPLY < <(compgen -c -- "$current")
            fi
            [ ${#COMPREPLY[@]} -gt 0 ] || _pgoshim_reply -f "$current"
            return
        fi
        if [ "$verb" = - ] && [[ $word != -* ]] && [ -n "$(_pgoshim_words "$program" "$word")" ]; then
            verb=$word
        fi
    done

    values=$(_pgoshim_values "$program" "$verb" "$before")
    case $values in
    '<FILE>' | '<PATH>' | '<PATTERN>' | '<OUT>') _pgoshim_reply -f "$current" ;;
    '<DIR>') _pgoshim_reply -d "$current" ;;
    '<COMMAND>') mapfile -t COMPREPLY < <(compgen -c -- "$current") ;;
    '<FUNCTION>') _pgoshim_reply "$(_pgoshim_functions)" "$current" ;;
    '<'*) ;;
    '')
        if [[ $current == -* ]] || { [ "$verb" = - ] && [ "$program" != pgo-record ]; }; then
            _pgoshim_reply "$(_pgoshim_words "$program" "$verb")" "$current"
        else
            _pgoshim_reply -f "$current"
        fi
        ;;
    *) _pgoshim_reply "$values" "$current" ;;
    esac
}
complete -F _pgoshim pgo-record pgo-analyze pgo-bolt
