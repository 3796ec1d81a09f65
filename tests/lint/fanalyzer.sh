#!/bin/sh
# fanalyzer.sh — gcc's own walk through the paths of each file: leaks, double frees, NULL, use after free.
#
# LINT_CFLAGS, LINT_LIB and LINT_DAEMON come from the Makefile, so that this is what the build compiles with.
set -u
cd "$(dirname "$0")/../.." || exit 1
: "${LINT_CFLAGS:?run this through make lint}"

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cat >"$work/one" <<'E2'
case $2 in
lib/*) floor=$LINT_LIB ;;
*) floor=$LINT_DAEMON ;;
esac
# An arena's blocks hang on each other: the walk loses them at the first write into one and calls that a leak.
case $2 in lib/base/mem.c) floor="$floor -Wno-analyzer-malloc-leak" ;; esac
gcc $LINT_CFLAGS $floor -fanalyzer -o "$1" -c "$2"
E2
find daemon lib -name '*.c' | LC_ALL=C sort >"$work/house"
xargs -r -n 1 -P 2 sh "$work/one" /dev/null <"$work/house" >"$work/findings" 2>&1
if test -s "$work/findings"; then
	echo "FAIL fanalyzer: $(grep -c -E ': (fatal )?error:' "$work/findings")"
	cat "$work/findings"
	exit 1
fi
echo "ok   fanalyzer: $(wc -l <"$work/house") files"
