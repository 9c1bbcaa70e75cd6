
_pgoshim() {
    local program=${words[1]:t} verb
    local -a verbs specs
    _pgoshim_table "$program" -
    if (( $#verbs == 0 )); then
        _arguments -s $specs '*::command:_normal'
    elif (( CURRENT == 2 )); then
        _describe -t verbs verb verbs
        _arguments -s $specs
    else
        verb=${words[2]}
        _pgoshim_table "$program" "$verb"
        shift words
        (( CURRENT-- ))
        _arguments -s $specs '*:file:_files'
    fi
}
_pgoshim "$@"
