#!/bin/sh
# floors.sh — a file includes only from its own floor or below, and neighbours do not include each other.
#
# Everything this check knows is in the three tables below. Tests stand beside the house and may enter any room.
set -u
cd "$(dirname "$0")/../.." || exit 1

# FLOOR ROOM HEADERS…: the public headers of a room are include/closedloop/NAME.h; the rest of it is its folder.
floors() {
	cat <<'TABLE'
0 base    alloc digest err ident json ledger log mem nearest pack seal text when
1 place   alias coverage gazetteer geo match
2 loop    alert checklist decision escalation fact isolation journey notice phrase plan policy roster silence transfer
3 store   keyring store
3 wire    channel feed http ics page transport webhook
3 conf    conf
4 engine  callout census courier engine
5 daemon
TABLE
}

# FROM INCLUDES REASON: pairs of neighbours that may see each other after all. FROM and INCLUDES are shell patterns.
exceptions() {
	cat <<'TABLE'
include/closedloop/conf.h       include/closedloop/webhook.h  an endpoint's secret has its type from the room that signs
lib/conf/*                      include/closedloop/webhook.h  reads that secret
include/closedloop/channel.h    include/closedloop/conf.h     a request is built from an endpoint's settings
include/closedloop/transport.h  include/closedloop/conf.h     an order carries what a setting allows
include/closedloop/store.h      include/closedloop/channel.h  the outbox keeps the very notice a channel sends
lib/store/*                     include/closedloop/channel.h  reads and writes that notice
lib/wire/*                      include/closedloop/conf.h     bodies behind channel.h read the same settings
TABLE
}

# HEADER WHERE: foreign headers and the only places that may include them.
doors() {
	cat <<'TABLE'
event2/*    daemon/*
event.h     daemon/*
curl/*      daemon/*
openssl/*   daemon/*
systemd/*   daemon/*
sqlite3.h   lib/store/*
yaml.h      lib/conf/*
zlib.h      lib/place/gazetteer_build*
sodium.h    lib/base/* daemon/*
cjson/*     include/closedloop/json.h lib/base/* lib/store/* lib/wire/* lib/conf/* lib/engine/* daemon/*
TABLE
}

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
floors >"$work/floors"
exceptions >"$work/exceptions"
doors >"$work/doors"
find daemon include lib -name '*.[ch]' | LC_ALL=C sort >"$work/files"

xargs -r awk '
	# A shell pattern with nothing but stars, as a regular expression.
	function matches(pattern, path) {
		gsub(/\./, "[.]", pattern)
		gsub(/\*/, ".*", pattern)
		return path ~ ("^" pattern "$")
	}
	function room(path, name) {
		if (path ~ /^include\/closedloop\//) {
			name = path
			sub(/^include\/closedloop\//, "", name)
			sub(/[.]h$/, "", name)
			return (name in room_of_header) ? room_of_header[name] : ""
		}
		if (path ~ /^daemon\//)
			return "daemon"
		split(path, parts, "/")
		return (parts[1] == "lib" && parts[2] in floor) ? parts[2] : ""
	}
	function exists(path) { return path in known }
	function resolve(from, name, folder) {
		folder = from
		sub(/[^\/]*$/, "", folder)
		if (exists(folder name)) return folder name
		if (exists("include/" name)) return "include/" name
		if (exists("lib/" name)) return "lib/" name
		if (exists(name)) return name
		return ""
	}
	function finding(text) { print FILENAME ":" FNR ": " text }
	function excepted(from, to, i) {
		for (i = 0; i < exceptions; i++)
			if (matches(exception_from[i], from) && matches(exception_to[i], to))
				return 1
		return 0
	}
	BEGIN { exceptions = doors = 0 }
	FILENAME == work "/floors" {
		floor[$2] = $1
		for (i = 3; i <= NF; i++)
			room_of_header[$i] = $2
		next
	}
	FILENAME == work "/exceptions" {
		exception_from[exceptions] = $1
		exception_to[exceptions++] = $2
		next
	}
	FILENAME == work "/doors" { door[doors] = $1; sub(/^[^ ]+ +/, ""); door_to[doors++] = $0; next }
	FILENAME == work "/files" { known[$1] = 1; next }
	FNR == 1 && room(FILENAME) == "" { finding("belongs to no room: give it one in tests/lint/floors.sh") }
	/^[ \t]*#[ \t]*include[ \t]*</ {
		name = $0
		sub(/^[^<]*</, "", name)
		sub(/>.*/, "", name)
		for (i = 0; i < doors; i++) {
			if (!matches(door[i], name))
				continue
			allowed = 0
			n = split(door_to[i], places, " +")
			for (p = 1; p <= n; p++)
				allowed = allowed || matches(places[p], FILENAME)
			if (!allowed)
				finding("<" name "> is for " door_to[i] " only")
		}
		next
	}
	/^[ \t]*#[ \t]*include[ \t]*"/ {
		name = $0
		sub(/^[^"]*"/, "", name)
		sub(/".*/, "", name)
		to = resolve(FILENAME, name)
		if (to == "") {
			finding("\"" name "\" is not in daemon, include or lib")
			next
		}
		mine = room(FILENAME)
		other = room(to)
		if (mine == "" || other == "" || mine == other || excepted(FILENAME, to))
			next
		if (floor[other] > floor[mine])
			finding(mine " (floor " floor[mine] ") includes " to " from " other " (floor " floor[other] ")")
		else if (floor[other] == floor[mine])
			finding(mine " includes " to " of its neighbour " other)
	}
' work="$work" "$work/floors" "$work/exceptions" "$work/doors" "$work/files" <"$work/files" >"$work/findings"

if test -s "$work/findings"; then
	echo "FAIL floors: $(wc -l <"$work/findings") wrong doors"
	cat "$work/findings"
	exit 1
fi
echo "ok   floors: $(wc -l <"$work/files") files"
