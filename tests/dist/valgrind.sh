#!/bin/sh
# valgrind.sh — the system tests of T (night) with every daemon under valgrind. No error and no byte lost, or it fails.
set -u
cd "$(dirname "$0")/../.." || exit 1
B=${B:-build}
T=${T:-night}
logs=$(cd "$B" && pwd)/valgrind
rm -rf "$logs" && mkdir -p "$logs" || exit 1

# What is slow here is slow under the sanitizers, too: the same patience.
CLOSEDLOOP_UNDER="valgrind --leak-check=full --show-leak-kinds=definite,indirect,possible --errors-for-leak-kinds=definite,indirect \
--track-fds=no --error-exitcode=99 --num-callers=20 --log-file=$logs/%p" \
	CLOSEDLOOP_BUILD=$B CLOSEDLOOP_SANITIZED=1 B=$B T=$T sh tests/run-tests.sh system
rc=$?
processes=$(find "$logs" -type f | wc -l)
silent=$(grep -l 'ERROR SUMMARY: 0 errors' "$logs"/* 2>/dev/null | wc -l)
if test "$processes" -eq 0 || test "$silent" -ne "$processes"; then
	grep -L 'ERROR SUMMARY: 0 errors' "$logs"/* 2>/dev/null | head -n 3 | xargs -r tail -n 40
	echo "FAIL valgrind: $silent of $processes processes without an error"
	exit 1
fi
test $rc -eq 0 || exit $rc
echo "ok   valgrind: $processes processes, no error, nothing lost"
