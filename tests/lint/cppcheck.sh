#!/bin/sh
# cppcheck.sh — cppcheck over the house, without what only guesses.
set -u
cd "$(dirname "$0")/../.." || exit 1

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
mkdir "$work/cache"
if cppcheck --enable=warning,portability,performance --std=c11 --quiet -j2 --inline-suppr --error-exitcode=1 \
	--library=posix,gnu --library=tests/lint/cppcheck.cfg \
	--suppressions-list=tests/lint/cppcheck.supp --cppcheck-build-dir="$work/cache" \
	--template='{file}:{line}: {message} [{id}]' -D__linux__ -Iinclude -Ilib -I. lib daemon >"$work/findings" 2>&1; then
	echo "ok   cppcheck"
	exit 0
fi
echo "FAIL cppcheck: $(wc -l <"$work/findings")"
cat "$work/findings"
exit 1
