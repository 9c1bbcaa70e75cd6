# What `convert -v` tells of one binary accounts for all counts: the parts of each line are its sum, and
# the lines of what has runs, with those beside that have none, are all traces of the recording (`all`).
# Where it tells the places of all first, the lines after that are of what was inferred from them.
/: [0-9]+ (taken branches|runs of code|branches and samples): / {
    split($0, sides, "; ")
    parts = 0
    n = split(sides[1], words, /[ ,]+/)
    for (i = 3; i <= n; i++) if (words[i] ~ /^[0-9]+$/) parts += words[i]
    if (parts != $2) { print format ": " $0; bad = 1 }
    told = $3 == "taken" ? 0 : $2 + ($3 == "runs" ? sides[2] : 0)
    if (told && told != all && !places) { print format ": " told " of " all ": " $0; bad = 1 }
    lines++
    if ($0 ~ / in functions, [0-9]+ outside of functions, [0-9]+ of other binaries$/ && $3 == "branches") places++
}
END { exit bad || !lines }
