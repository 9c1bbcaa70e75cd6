# The verb stands first.
function __pgoshim_verb_is
    set -l tokens (commandline -opc)
    test (count $tokens) -ge 2; and test $tokens[2] = $argv[1]
end
