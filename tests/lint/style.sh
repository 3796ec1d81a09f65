#!/bin/sh
# style.sh — layout, white space, and rooms and functions that have grown too big.
set -u
cd "$(dirname "$0")/../.." || exit 1

FILE_MAX=600     # lines in a file of the house
FUNCTION_EYE=70  # lines a function should fit in: counted, not refused
FUNCTION_MAX=120 # lines no function may exceed

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
: >"$work/findings"

find daemon include lib tests -name '*.[ch]' 2>/dev/null | LC_ALL=C sort >"$work/files"
xargs -r -n 16 -P 2 clang-format --dry-run -Werror <"$work/files" >"$work/format" 2>&1 ||
	sed -n 's/^\([^: ][^:]*\):[0-9]*:[0-9]*: error: code should be clang-formatted.*/\1/p' "$work/format" | sort | uniq -c |
	awk '{ print $2 ": clang-format would change " $1 " places (make format)" }' >>"$work/findings"
if test -s "$work/format" && test ! -s "$work/findings"; then
	cat "$work/format" >>"$work/findings"
fi

# White space at the end of a line, in everything that people write.
{
	cat "$work/files"
	find .ci config daemon systemd tests/lint tests/system tests/rehearse tests/scenarios -type f \
		\( -name '*.sh' -o -name '*.py' -o -name '*.yaml' -o -name '*.html' -o -name '*.css' -o -name '*.js' \
		-o -name '*.service' -o -name '*.conf' -o -name '*.[58]' -o -name '*.scn' -o -name run \) 2>/dev/null
	ls Makefile ./*.md 2>/dev/null
} | xargs -r grep -n -H -E '[[:blank:]]+$' | sed 's/^\([^:]*:[0-9]*\):.*/\1: white space at the end/' >>"$work/findings"

grep -E '^(lib|daemon|include)/' "$work/files" | xargs -r awk -v file_max=$FILE_MAX -v eye=$FUNCTION_EYE -v max=$FUNCTION_MAX '
	function end_of_file() {
		if (lines > file_max)
			print file ":1: " lines " lines: a room of more than " file_max " lines has more than one duty"
	}
	FNR == 1 { end_of_file(); file = FILENAME; start = 0 }
	{ lines = FNR }
	/^\{/ { start = FNR }
	/^\}/ && start {
		length_ = FNR - start - 1
		if (length_ > max)
			print file ":" start ": a function of " length_ " lines (at most " max ")"
		if (length_ > eye)
			print "eye " file ":" start ": " length_ >"/dev/stderr"
		start = 0
	}
	END { end_of_file() }
' >>"$work/findings" 2>"$work/eye"

if test -s "$work/findings"; then
	echo "FAIL style: $(wc -l <"$work/findings")"
	cat "$work/findings"
	exit 1
fi
echo "ok   style: $(wc -l <"$work/files") files, $(wc -l <"$work/eye") functions over $FUNCTION_EYE lines"
