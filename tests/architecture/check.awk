# SPDX-License-Identifier: Apache-2.0
# First file: the rules. All others: sources, with paths from the top of the tree.

function brokenRule() {
    print FILENAME ":" FNR ": not understood: " $0
    broken = 1
}

function offence(text) {
    print FILENAME ":" FNR ": " text
    offences++
}

# True when `folder` is in the blank-separated list, where `core/*` stands for all below core.
function listed(folder, list,    parts, count, i) {
    count = split(list, parts, " ")
    for (i = 1; i <= count; i++) {
        if (parts[i] == folder) return 1
        if (parts[i] ~ /\/\*$/ && index(folder, substr(parts[i], 1, length(parts[i]) - 1)) == 1) return 1
    }
    return 0
}

function wholly(text, pattern) {
    return text ~ ("^(" pattern ")$")
}

# The room a path belongs to: the longest named folder above it.
function roomOf(path) {
    while (sub(/\/[^\/]*$/, "", path)) {
        if (path in mayInclude) return path
    }
    return ""
}

function checkOwnHeader(header,    target, i) {
    if (header ~ /\.moc$/ || header ~ /^(moc|ui|qrc)_/) return
    for (i = 1; i <= generated; i++) {
        if (wholly(header, generatedHeader[i]) && listed(room, generatedRooms[i])) return
    }
    target = roomOf(header)
    if (target == "") {
        if (header ~ /^(core|ui|app|tests)\//) offence("includes \"" header "\", which is in no room of the rules")
        else if (room != "tests") offence("includes \"" header "\" by a path that does not begin at the top")
    } else if (target != room && !listed(target, mayInclude[room])) {
        offence(room " may not include " target " (\"" header "\")")
    }
}

function checkOtherHeader(header,    i) {
    if (header ~ /^(Q[A-Z]|Qt)/) {
        if (room ~ /^core\//) offence("core includes no Qt header (<" header ">)")
        return
    }
    if (listed(room, silentRooms) && !wholly(header, silentExcept[source])) {
        for (i = 1; i <= silentHeaders; i++) {
            if (wholly(header, silentHeader[i])) offence("a decoder does no I/O, starts no thread and reads no clock (<" header ">)")
        }
    }
    for (i = 1; i <= owned; i++) {
        if (!wholly(header, ownedHeader[i])) continue
        if (room == "tests") return
        if (!listed(room, ownerRooms[i])) offence("<" header "> belongs to " ownerRooms[i])
        else if (FILENAME ~ /\.h$/) offence("<" header "> in a header: third-party headers stay in .cpp files")
        return
    }
    for (i = 1; i <= systems; i++) {
        if (wholly(header, systemHeader[i])) return
    }
    if (header ~ /[.\/]/ && room != "tests") offence("<" header "> is of no library in the rules: name its owner there")
}

function checkLength() {
    if (source == "") return
    if (length_ > lineFailure) {
        print source ": " length_ " lines, more than " lineFailure
        offences++
    } else if (length_ > lineWarning) {
        print source ": warning: " length_ " lines, more than " lineWarning
    }
}

NR == FNR {
    if ($0 ~ /^[[:space:]]*(#|$)/) next
    rest = $0
    if ($1 == "room" && match($0, /^room [^:]+:/)) {
        name = substr($0, 6, RLENGTH - 6)
        mayInclude[name] = substr($0, RLENGTH + 1) " "
    } else if ($1 == "third-party" && match($0, /^third-party [^:]+: /)) {
        ownedHeader[++owned] = substr($0, 13, RLENGTH - 14)
        ownerRooms[owned] = substr($0, RLENGTH + 1)
    } else if ($1 == "generated" && match($0, /^generated [^:]+: /)) {
        generatedHeader[++generated] = substr($0, 11, RLENGTH - 12)
        generatedRooms[generated] = substr($0, RLENGTH + 1)
    } else if ($1 == "system" && NF == 2) {
        systemHeader[++systems] = $2
    } else if ($1 == "silent-except" && NF == 3) {
        silentExcept[$2] = $3
    } else if ($1 == "silent") {
        sub(/^silent /, "", rest)
        silentRooms = rest
    } else if ($1 == "silent-header" && NF == 2) {
        silentHeader[++silentHeaders] = $2
    } else if ($1 == "lines" && NF == 3) {
        lineWarning = $2 + 0
        lineFailure = $3 + 0
    } else {
        brokenRule()
    }
    next
}

FNR == 1 {
    checkLength()
    source = FILENAME
    room = roomOf(FILENAME)
    if (room == "") offence("is in no room of the rules")
    sources++
}

{ length_ = FNR }

room != "" && /^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"]/ {
    line = $0
    sub(/^[^<"]*/, "", line)
    quote = substr(line, 1, 1)
    header = substr(line, 2)
    sub(/[>"].*$/, "", header)
    includes++
    if (quote == "\"") checkOwnHeader(header)
    else checkOtherHeader(header)
}

END {
    checkLength()
    if (broken) exit 2
    print sources " files, " includes + 0 " includes, " offences + 0 " offences"
    exit offences > 0
}
