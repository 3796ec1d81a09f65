#!/bin/sh
# hardening.sh PROGRAM… — each is a position-independent executable whose tables are read-only before it starts, whose stack and
# data cannot be run, with stack canaries, checked string calls and, where the machine has it, control-flow marks.
set -u
rc=0

fail() {
	echo "FAIL $program: $1"
	rc=1
}

for program in "$@"; do
	head=$(readelf -hW "$program") || exit 1
	segments=$(readelf -lW "$program")
	dynamic=$(readelf -dW "$program")
	symbols=$(readelf -sW --dyn-syms "$program")
	case $head in *"Type:"*DYN*) ;; *) fail "no position-independent executable" ;; esac
	case $segments in *GNU_RELRO*) ;; *) fail "no RELRO" ;; esac
	case $dynamic in *BIND_NOW*|*"NOW"*) ;; *) fail "symbols are bound late" ;; esac
	case $dynamic in *TEXTREL*) fail "text is relocated" ;; esac
	case $dynamic in *RPATH*|*RUNPATH*) fail "libraries are looked for in places of its own" ;; esac
	echo "$segments" | grep -q 'GNU_STACK.* RW  *0x' || fail "the stack can be run"
	echo "$segments" | grep -q 'LOAD.* RWE ' && fail "a segment is both written and run"
	case $symbols in *__stack_chk_fail*) ;; *) fail "no stack canary" ;; esac
	checked=$(echo "$symbols" | grep -c -o '__[a-z]*_chk\b')
	test "$checked" -ge 3 || fail "$checked checked calls only"
	# Each function that may be called through a pointer begins with a landing mark.
	if test "$(uname -m)" = x86_64; then
		marks=$(objdump -d --no-show-raw-insn "$program" 2>/dev/null | grep -c endbr64)
		test "$marks" -ge 50 || fail "$marks landing marks only"
	fi
	test $rc -ne 0 || echo "ok   $program: PIE, RELRO and bound now, no running stack, canaries, $checked checked calls, ${marks:-0} landing marks"
done
exit $rc
