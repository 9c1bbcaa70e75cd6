# Counting what a layout is judged by, with valgrind's callgrind: the same at every run.
#   count_jumps FILE COMMAND...    runs it, with its standard output; FILE gets one line:
#                                  TAKEN-JUMPS CODE-LINES INSTRUCTIONS.  False where it fails:
#                                  FILE.log says why
# Taken jumps are all of them, conditional and not: a loop that is turned round changes one
# into the other.  Calls and returns are not counted.  Code lines are lines of the instruction
# cache, 64 bytes, in which something ran.
count_jumps() {
    counts_file=$1
    shift
    valgrind --tool=callgrind --collect-jumps=yes --dump-instr=yes --compress-pos=no \
        --compress-strings=no --callgrind-out-file="$counts_file.callgrind" \
        --log-file="$counts_file.log" "$@" || return 1
    awk '
        /^ob=/ { object = $0 }
        /^jcnd=/ { split(substr($1, 6), part, "/"); jumps += part[1] }
        /^jump=/ { jumps += substr($1, 6) }
        /^totals:/ { instructions = $2 }
        /^calls=/ { of_callee = 1; next }
        /^0x/ && !of_callee && $3 > 0 {
            quarter = index("0123456789abcdef", substr($1, length($1) - 1, 1)) - 1
            line = object " " substr($1, 1, length($1) - 2) " " int(quarter / 4)
            if (line != last && !(line in seen)) {
                seen[line] = 1
                lines++
            }
            last = line
        }
        { of_callee = 0 }
        END { printf "%.0f %d %.0f\n", jumps, lines, instructions }' \
        "$counts_file.callgrind" >"$counts_file" && rm -f "$counts_file.callgrind"
}
