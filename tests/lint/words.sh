#!/bin/sh
# words.sh — functions we have better ones for. Comments and strings are taken out before the search.
set -u
cd "$(dirname "$0")/../.." || exit 1
LC_ALL=C
export LC_ALL

# WORD|WHERE IT IS ALLOWED (shell patterns, or -)|WHAT TO USE INSTEAD
words() {
	cat <<'TABLE'
strcpy|-|text_add, or memcpy with a checked length
stpcpy|-|text_add, or memcpy with a checked length
strcat|-|text_add
strncpy|-|text_add: strncpy may leave no NUL behind
strncat|-|text_add
sprintf|-|text_addf, or snprintf with its result checked
vsprintf|-|text_addf, or vsnprintf with its result checked
strtok|-|strcspn, or memchr on a length
gets|-|a bounded read
atoi|-|a parser that refuses: strtol has its limits checked, atoi none
atol|-|a parser that refuses: strtol has its limits checked, atol none
atoll|-|a parser that refuses
atof|-|a parser that refuses
localtime|-|when.h, with the zone as an argument
localtime_r|-|when.h, with the zone as an argument
gmtime|-|when.h
gmtime_r|-|when.h
mktime|-|when.h
strftime|-|when.h
time|-|the time is an argument; only the reactor reads a clock
rand|-|the entropy that is passed in
srand|-|the entropy that is passed in
random|-|the entropy that is passed in
alloca|-|a fixed bound, or mem.h
sqlite3_exec|lib/store/* tests/*|a prepared statement of lib/store
sqlite3_mprintf|-|a bound parameter: a value never becomes SQL text
TABLE
}

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
words >"$work/words"
find daemon include lib tests -name '*.[ch]' 2>/dev/null | sort >"$work/files"

xargs -r awk '
	BEGIN { FS = "|" }
	FILENAME == work "/words" { word[n] = $1; place[n] = $2; instead[n++] = $3; next }
	FNR == 1 { comment = 0 }
	{
		line = $0
		code = ""
		while (line != "") {
			if (comment) {
				i = index(line, "*/")
				if (!i) { line = ""; continue }
				comment = 0
				line = substr(line, i + 2)
				continue
			}
			# The next thing that can hide text: a comment, a string or a character.
			if (!match(line, /\/\*|\/\/|"|\047/)) { code = code line; break }
			code = code substr(line, 1, RSTART - 1) " "
			open = substr(line, RSTART, RLENGTH)
			line = substr(line, RSTART + RLENGTH)
			if (open == "//") { line = ""; continue }
			if (open == "/*") { comment = 1; continue }
			while (line != "" && substr(line, 1, 1) != open)
				line = substr(line, substr(line, 1, 1) == "\\" ? 3 : 2)
			line = substr(line, 2)
		}
		if (code !~ /\(/)
			next
		for (i = 0; i < n; i++) {
			if (!index(code, word[i]) || code !~ ("(^|[^A-Za-z0-9_.>])" word[i] "[ \t]*\\("))
				continue
			allowed = 0
			m = split(place[i], places, " ")
			for (p = 1; p <= m; p++) {
				gsub(/\*/, ".*", places[p])
				allowed = allowed || FILENAME ~ ("^" places[p] "$")
			}
			if (!allowed)
				print FILENAME ":" FNR ": " word[i] "(): use " instead[i]
		}
	}
' n=0 work="$work" "$work/words" <"$work/files" >"$work/findings"

# The history is only ever added to: no statement changes or takes away rows of it, wherever it is written. In tests somebody
# tampers with it; and what an older version wrote in clear is sealed once, before the ledger of it begins.
find daemon lib -name '*.[ch]' -exec grep -niE \
	'(UPDATE|DELETE FROM|REPLACE INTO|DROP TABLE|ALTER TABLE)( OR [A-Z]+)? +(ledger|facts)\b' {} /dev/null \; |
	grep -v '^lib/store/store_reseal_sql\.h:[0-9]*:#define SQL_RESEAL_FACT ' |
	sed 's/$/: ledger and facts are only ever added to/' >>"$work/findings"

if test -s "$work/findings"; then
	echo "FAIL words: $(wc -l <"$work/findings")"
	cat "$work/findings"
	exit 1
fi
echo "ok   words: $(wc -l <"$work/words") banned, $(wc -l <"$work/files") files"
