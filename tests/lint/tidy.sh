#!/bin/sh
# tidy.sh — clang-tidy with the checks of .clang-tidy, two files at a time. T=when looks at files of that name only, V=1
# prints the paths the analyzer walked.
set -u
cd "$(dirname "$0")/../.." || exit 1
: "${LINT_CFLAGS:?run this through make lint}"

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
find daemon lib -name "*${T:-}*.c" | LC_ALL=C sort >"$work/files"

cat >"$work/one" <<'E2'
case $1 in
daemon/*) more="$LINT_DAEMON -include tests/lint/analyzer.h" ;;
lib/base/err.c) more= ;;
*) more='-include tests/lint/analyzer.h' ;;
esac
clang-tidy --quiet "$1" -- $LINT_CFLAGS -Wno-unused-value $more 2>/dev/null || echo "$1: error: see above"
E2
xargs -r -n 1 -P 2 sh "$work/one" <"$work/files" | sed "s|^$PWD/||" >"$work/findings"

if grep -q -E ': (warning|error):' "$work/findings"; then
	echo "FAIL tidy: $(grep -c ': error: see above$' "$work/findings") files"
	if test -n "${V:-}"; then
		cat "$work/findings"
	else
		grep -E -A 2 ': (warning|error):' "$work/findings"
	fi
	exit 1
fi
echo "ok   tidy: $(wc -l <"$work/files") files"
