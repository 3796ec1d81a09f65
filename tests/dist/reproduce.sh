#!/bin/sh
# reproduce.sh — make dist in two places of different depth and name; the archives must be the same bytes.
set -eu
cd "$(dirname "$0")/../.."
tree=$(pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
epoch=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || stat -c %Y CHANGELOG.md)}

for place in "$work/one" "$work/another/place"; do
	mkdir -p "$place"
	# What is committed and what is changed, but nothing that was built.
	(cd "$tree" && git ls-files -z --cached --others --exclude-standard | xargs -0 tar -cf - --ignore-failed-read 2>/dev/null) |
		tar -C "$place" -xf -
	SOURCE_DATE_EPOCH=$epoch make -C "$place" MAKEFLAGS= MAKELEVEL=0 dist >"$place.log" 2>&1 || { cat "$place.log"; exit 1; }
done
one=$(ls "$work"/one/build/closedloopd-*.tar.gz)
other=$(ls "$work"/another/place/build/closedloopd-*.tar.gz)
if cmp "$one" "$other"; then
	echo "ok   dist: two places, $(wc -c <"$one") bytes, $(sha256sum <"$one" | cut -c1-16)"
else
	echo "FAIL dist: the archives differ"
	exit 1
fi
