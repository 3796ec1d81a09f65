#!/bin/sh
# run-tests.sh unit|scenarios|sim|system|interop … — run the suites, print every failure in full and end with "N passed, M failed".
#
# Environment: B, the build directory (build); T, a pattern for one test's name; TEST_TIMEOUT, seconds for one unit test
# program (120); SCENARIOS_TIMEOUT, seconds for all scenarios (600); SIM_SEEDS, the range of seeds simulated (1-60), and
# SIM_TIMEOUT, seconds for all of them (900); SYSTEM_TIMEOUT, seconds for the whole of tests/system (1800); TEST_JOBS,
# programs at a time (2).
# A test that starts and does not end well counts as failed, whatever stopped it; so does a program that runs no test.
set -u
cd "$(dirname "$0")/.." || exit 1

B=${B:-build}
T=${T:-}
TEST_TIMEOUT=${TEST_TIMEOUT:-120}
SCENARIOS_TIMEOUT=${SCENARIOS_TIMEOUT:-600}
SYSTEM_TIMEOUT=${SYSTEM_TIMEOUT:-1800}
SIM_TIMEOUT=${SIM_TIMEOUT:-900}
# Sanitizers make a month ten times as long.
SIM_SEEDS=${SIM_SEEDS:-1-${CLOSEDLOOP_SANITIZED:+9}}
test "$SIM_SEEDS" != 1- || SIM_SEEDS=1-60
TEST_JOBS=${TEST_JOBS:-2}
# Where tests look for what was built.
CLOSEDLOOP_BUILD=$B
CLOSEDLOOP_GAZETTEER=$B/gazetteer.img
CLOSEDLOOP_SMALL=$B/small.img
export B T TEST_TIMEOUT CLOSEDLOOP_BUILD CLOSEDLOOP_GAZETTEER CLOSEDLOOP_SMALL

passed=0
failed=0

count() { # PATTERN FILE: how often it occurs, wherever in a line
	grep -a -o -E -e "$1" "$2" | wc -l
}

# One program: leaves NAME.log, and NAME.result with "PASSED FAILED SKIPPED". cmocka says RUN when a test starts and OK or
# SKIPPED when it ends; a crash says nothing, so what failed is what began and did not end.
run_unit() {
	name=$1
	log=$logs/$name.log
	CMOCKA_MESSAGE_OUTPUT=stdout timeout -k 5 "$TEST_TIMEOUT" "$B/tests/unit/$name" >"$log" 2>&1 </dev/null
	rc=$?
	began=$(count '\[ RUN      \] ' "$log")
	ok=$(count '\[       OK \] ' "$log")
	# The summary repeats the names of skipped tests; this line of it counts them.
	skipped=$(sed -n 's/^\[  SKIPPED \] \([0-9][0-9]*\) test(s), listed below:.*/\1/p' "$log" |
		awk '{ n += $1 } END { print n + 0 }')
	bad=$((began - ok - skipped))
	test $bad -ge 0 || bad=0
	if test $rc -ne 0 && test $bad -eq 0; then
		bad=1
	fi
	if test "$began" -eq 0 && test $bad -eq 0; then
		echo "$name: ran no test" >>"$log"
		bad=1
	fi
	if test $rc -eq 124 || test $rc -eq 137; then
		echo "$name: stopped after $TEST_TIMEOUT s" >>"$log"
	elif test $rc -gt 128; then
		echo "$name: ended by signal $((rc - 128))" >>"$log"
	elif test $rc -ne 0; then
		echo "$name: exit status $rc" >>"$log"
	fi
	echo "$ok $bad $skipped" >"$logs/$name.result"
	if test $bad -gt 0; then
		echo "FAIL $name: $bad of $((ok + bad + skipped))"
	elif test "$skipped" -gt 0; then
		echo "ok   $name: $ok passed, $skipped skipped"
	else
		echo "ok   $name: $ok"
	fi
}

run_units() {
	for source in tests/unit/test_"$T"*.c; do
		test -e "$source" || continue
		basename "$source" .c
	done >"$logs/units"
	xargs -r -P "$TEST_JOBS" -n 1 sh tests/run-tests.sh one <"$logs/units"
	while read -r name; do
		ok=0 bad=1 skipped=0
		test ! -e "$logs/$name.result" || read -r ok bad skipped <"$logs/$name.result"
		passed=$((passed + ok))
		failed=$((failed + bad))
		if test "$bad" -gt 0; then
			echo
			echo "--- $name"
			cat "$logs/$name.log" 2>/dev/null
		fi
	done <"$logs/units"
}

# Nights told in plain sentences (tests/scenarios/README.md); the last line is "scenarios: N passed, M failed".
run_scenarios() {
	set -- tests/scenarios/"$T"*.scn
	test -e "$1" || return 0
	timeout -k 5 "$SCENARIOS_TIMEOUT" "$B/tests/sim/scenarios" "$@" >"$logs/scenarios.log" 2>&1 </dev/null
	rc=$?
	grep -a -v '^scenarios: ' "$logs/scenarios.log"
	counts=$(sed -n 's/^scenarios: \([0-9][0-9]*\) passed, \([0-9][0-9]*\) failed$/\1 \2/p' "$logs/scenarios.log")
	ok=${counts% *}
	bad=${counts#* }
	if test -z "$counts"; then
		echo "$B/tests/sim/scenarios ended without its line of counts (status $rc)"
		ok=0
		bad=$#
	fi
	if test "$bad" -gt 0; then
		echo "FAIL scenarios: $bad of $((ok + bad))"
	else
		echo "ok   scenarios: $ok"
	fi
	passed=$((passed + ok))
	failed=$((failed + bad))
}

# Simulated months: the seeds that once found something, then the first of the others (make sim-ci runs two thousand).
run_sim() {
	test -z "$T" || return 0
	timeout -k 5 "$SIM_TIMEOUT" "$B/tests/sim/simulate" --saved tests/sim/seeds.txt --seeds "$SIM_SEEDS" \
		--jobs "$TEST_JOBS" >"$logs/sim.log" 2>&1 </dev/null
	rc=$?
	grep -a -v '^sim: ' "$logs/sim.log"
	counts=$(sed -n 's/^sim: \([0-9][0-9]*\) passed, \([0-9][0-9]*\) failed$/\1 \2/p' "$logs/sim.log")
	ok=${counts% *}
	bad=${counts#* }
	if test -z "$counts"; then
		echo "$B/tests/sim/simulate ended without its line of counts (status $rc)"
		ok=0
		bad=1
	fi
	if test "$bad" -gt 0; then
		echo "FAIL sim: $bad of $((ok + bad))"
	else
		echo "ok   sim: $ok"
	fi
	passed=$((passed + ok))
	failed=$((failed + bad))
}

# The tests in Python have a runner of their own; its last line is "NAME: N passed, M failed". SUITE is system or interop.
run_python() {
	suite=$1
	test -e "tests/$suite" || return 0
	{
		timeout -k 10 "$SYSTEM_TIMEOUT" python3 tests/system/run.py --in "tests/$suite" 2>&1 </dev/null
		echo $? >"$logs/$suite.rc"
	} | tee "$logs/$suite.log" | grep -a -v "^$suite: "
	rc=$(cat "$logs/$suite.rc")
	counts=$(sed -n "s/^$suite: \\([0-9][0-9]*\\) passed, \\([0-9][0-9]*\\) failed.*/\\1 \\2/p" "$logs/$suite.log" |
		tail -n 1)
	ok=${counts% *}
	bad=${counts#* }
	if test -z "$counts"; then
		echo "tests/system/run.py ended without its line of counts (status $rc)"
		ok=0
		bad=1
	elif test "$rc" -ne 0 && test "$bad" -eq 0; then
		echo "tests/system/run.py: status $rc, although nothing is said to have failed"
		bad=1
	fi
	if test "$bad" -gt 0; then
		echo "FAIL $suite: $bad of $((ok + bad))"
	else
		echo "ok   $suite: $ok"
	fi
	passed=$((passed + ok))
	failed=$((failed + bad))
}

# Called back by xargs for each program.
if test "${1:-}" = one; then
	run_unit "$2"
	exit 0
fi

logs=$(mktemp -d) || exit 1
export logs
trap 'rm -rf "$logs"' EXIT
trap 'exit 1' INT TERM HUP

for suite in "$@"; do
	case $suite in
	unit) run_units ;;
	scenarios) run_scenarios ;;
	sim) run_sim ;;
	system | interop) run_python "$suite" ;;
	*) echo "usage: run-tests.sh unit|scenarios|sim|system|interop …" >&2; exit 2 ;;
	esac
done
if test $((passed + failed)) -eq 0; then
	echo "no test was run"
	failed=1
fi
echo "$passed passed, $failed failed"
test $failed -eq 0
