#!/bin/sh
# purity.sh — what the compiled floors ask of the outside, read with nm from the objects in B.
#
# place and loop are pure: bytes and numbers in, bytes and numbers out. The rest of lib is told the time, the bytes and the
# randomness; only lib/store may call SQLite, and nothing in lib touches a clock, a socket, libevent or libcurl.
set -u
cd "$(dirname "$0")/../.." || exit 1
B=${B:-build}
LC_ALL=C
export LC_ALL

# What the pure floors may call besides the symbols that base, place and loop define themselves.
PURE='mem[a-z]*|bcmp|str[a-z]*|v?snprintf|qsort|bsearch|__[a-z]*_chk|__assert_fail|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_'
# lib/place also folds text, with tables that are the same on every machine, and converts coordinates, whose datum is defined by
# waves and roots: a number in, a number out, and all results are rounded to a tenth of a metre.
PURE_PLACE='utf8proc_[a-z_]*|sin|cos|sincos|sqrt|fabs|atan2'
# What nothing in lib may call, …
OUTSIDE='time|clock|clock_gettime|gettimeofday|timespec_get|localtime(_r)?|gmtime(_r)?|mktime|getrandom|getentropy|arc4random.*'
OUTSIDE="$OUTSIDE|rand(_r)?|s?random(_r)?|randombytes.*|s?rand48|sleep|usleep|nanosleep|poll|select|epoll_.*"
OUTSIDE="$OUTSIDE|socket|connect|accept4?|bind|listen|send(to|msg)?|recv(from|msg)?|getaddrinfo|fork|exec.*|system|popen"
OUTSIDE="$OUTSIDE|event_.*|bufferevent_.*|evbuffer_.*|evhttp_.*|evutil_.*|evdns_.*|curl_.*|sd_.*"
# … and what only lib/store may.
STORE='sqlite3_.*'

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
: >"$work/findings"

# An object must be there, or this check would speak of nothing.
object() { # SOURCE: sets $object, or notes a finding
	object=$B/${1%.c}.o
	test -e "$object" && return 0
	echo "$1: $object is missing: build first" >>"$work/findings"
	return 1
}

# The tool that makes the image reads and writes files; it is no part of the library.
is_tool() { # SOURCE
	case $1 in lib/place/gazetteer_build*.c) return 0 ;; *) return 1 ;; esac
}

complain() { # SOURCE WHY: one finding for each symbol on standard input
	while read -r symbol; do
		echo "$1: calls $symbol: $2" >>"$work/findings"
	done
}

for source in lib/base/*.c lib/place/*.c lib/loop/*.c; do
	test -e "$source" && ! is_tool "$source" && object "$source" &&
		nm --defined-only -g "$object" | awk 'NF == 3 { print $3 }'
done | sort -u >"$work/ours"

n=0
for source in lib/*/*.c; do
	! is_tool "$source" || continue
	object "$source" || continue
	n=$((n + 1))
	nm -u "$object" | awk '{ print $2 }' | sort -u >"$work/asked"
	grep -E -x -e "$OUTSIDE" "$work/asked" | complain "$source" "time, bytes and randomness come in as arguments"
	case $source in
	lib/store/*) ;;
	*) grep -E -x -e "$STORE" "$work/asked" | complain "$source" "SQL is lib/store's" ;;
	esac
	case $source in
	lib/place/*) allowed="$PURE|$PURE_PLACE" ;;
	lib/loop/*) allowed=$PURE ;;
	*) continue ;;
	esac
	grep -E -x -v -e "$allowed" "$work/asked" | comm -23 - "$work/ours" |
		grep -E -x -v -e "$OUTSIDE|$STORE" | complain "$source" "not allowed on a pure floor"
done

if test "$n" -eq 0; then
	echo "FAIL purity: no object was checked"
	exit 1
fi
if test -s "$work/findings"; then
	echo "FAIL purity: $(wc -l <"$work/findings") calls"
	sort -u "$work/findings"
	exit 1
fi
echo "ok   purity: $n objects"
