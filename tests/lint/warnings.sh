#!/bin/sh
# warnings.sh — gcc and clang, the house's flags, no warning; and every header stands on its own.
#
# LINT_CFLAGS, LINT_LIB and LINT_DAEMON come from the Makefile, so that this is what the build compiles with.
set -u
cd "$(dirname "$0")/../.." || exit 1
: "${LINT_CFLAGS:?run this through make lint}"

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
find daemon include lib -name '*.[ch]' | LC_ALL=C sort >"$work/house"
find tests/unit tests/bench -name '*.c' 2>/dev/null | LC_ALL=C sort >"$work/tests"

# A header is compiled through a file that includes nothing else.
cat >"$work/one" <<'E2'
file=$2
case $file in
lib/*) floor=$LINT_LIB ;;
include/*) floor= ;;
*) floor=$LINT_DAEMON ;;
esac
case $file in
*.h) printf '#include "%s"\n' "$file" | $1 $LINT_CFLAGS $floor -fsyntax-only -x c - ;;
*) $1 $LINT_CFLAGS $floor -fsyntax-only "$file" ;;
esac
E2

for compiler in gcc clang; do
	command -v $compiler >/dev/null || continue
	cat "$work/house" "$work/tests" | xargs -r -n 1 -P 2 sh "$work/one" $compiler >>"$work/$compiler" 2>&1
done
cat "$work/gcc" "$work/clang" >"$work/findings" 2>/dev/null

if test -s "$work/findings"; then
	echo "FAIL warnings: $(grep -c -E ': (fatal )?error:' "$work/findings")"
	cat "$work/findings"
	exit 1
fi
echo "ok   warnings: $(cat "$work/house" "$work/tests" | wc -l) files, gcc and clang"
