#!/bin/sh
# scope.sh — who may see a part of the country only gets it by a condition in the statement, not by somebody looking
# afterwards: the API calls no verb that knows no scope, and every statement for it has one.
set -u
cd "$(dirname "$0")/../.." || exit 1
LC_ALL=C
export LC_ALL

SQL="lib/store/store_sql.h $(echo lib/store/store_sql_*.h)"
# Verbs that find anybody's.
VERBS='journey_load|journeys_on_flight|journeys_due|transfer_load|riders_of|flight_load|alert_find|alert_load|alerts_list'
VERBS="$VERBS|alerts_due|members_of|silence_load|silences_list|alias_load|aliases_of|aliases_under|ref_find|document_find"
VERBS="$VERBS|homes_of|place_at|facts_each|engine_journey|engine_match"

# FILE VERB WHY IT MAY
exceptions() {
	cat <<'TABLE'
daemon/api_link.c         alert_load      the token in the link is the permission
daemon/api_link_list.c    alert_load      the same, of a digest
daemon/api_link_list.c    members_of      the same: how many, not who
daemon/api_link_address.c engine_journey  the same, of an address
daemon/api_link_address.c engine_match    the same
daemon/api_admin.c        alert_load      whether a feed's own alert is open, for who sees everything
daemon/view.c             silences_list   which one hides an alert she sees
daemon/view_why.c         alert_find      alerts about a journey she sees
daemon/view_why.c         aliases_of      who placed a journey she sees
daemon/view_why.c         engine_match    what places a journey she sees
TABLE
}

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
exceptions >"$work/exceptions"
: >"$work/findings"
: >"$work/used"

grep -n -o -E "(ops->|[^a-z_])($VERBS)\(" daemon/api*.c daemon/view*.c | while IFS=: read -r file line verb; do
	verb=$(printf '%s' "$verb" | grep -o -E "($VERBS)")
	if awk -v file="$file" -v verb="$verb" '$1 == file && $2 == verb { found = 1 } END { exit !found }' "$work/exceptions"; then
		echo "$file $verb" >>"$work/used"
	else
		echo "$file:$line: $verb() knows no scope: use a verb that ends in _see" >>"$work/findings"
	fi
done
while read -r file verb why; do
	grep -q -x "$file $verb" "$work/used" || echo "scope.sh: $file calls $verb() no more: $why" >>"$work/findings"
done <"$work/exceptions"

# A statement for the API is one whose name begins with SEE_ or LIST_.
awk '
	/^\tX\(/ { name = $0; sub(/^\tX\(/, "", name); sub(/,.*/, "", name); text[name] = "" ; all[n++] = name }
	name { text[name] = text[name] $0 }
	END {
		for (i = 0; i < n; i++) {
			name = all[i]
			if (name !~ /^(SEE|LIST)_/)
				continue
			seen++
			if (text[name] !~ /SQL_SEEN|SQL_LIST_(BEGIN|WHERE)|(unit|code) >= \$1 AND (unit|code) < \$2/)
				print FILENAME ": " name " has no scope"
		}
		if (seen < 20)
			print FILENAME ": only " seen + 0 " statements for the API were found"
	}
' $SQL >>"$work/findings"
grep -q 'SQL_UNIT_OF " >= \$8 AND " SQL_UNIT_OF " < \$9 "' $SQL || echo "$SQL: the lists of journeys have no scope" >>"$work/findings"

if test -s "$work/findings"; then
	echo "FAIL scope: $(wc -l <"$work/findings")"
	cat "$work/findings"
	exit 1
fi
echo "ok   scope: $(wc -l <"$work/exceptions") exceptions"
