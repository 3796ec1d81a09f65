# small.awk — of a table with codes only the rows of some streets and of what is above them, so that a fuzzer opens its image in
# no time. Every kind of place is there: a municipality, a city without counties, a county-level city, villages and
# communities, lanes, numbered families. A table without codes stays whole.
BEGIN {
	FS = "\t"
	split("310105009 310106020 310107016 310112101 330782002 441900121 110101001 320281107 530112007", streets, " ")
	for (i in streets)
		for (len = 2; len <= 9; len += len == 6 ? 3 : 2)
			wanted[substr(streets[i], 1, len)] = 1
}
{
	for (i = 1; i <= NF; i++)
		if ($i ~ /^[0-9]+$/ && !(substr($i, 1, 9) in wanted) && !/^#/)
			next
	print
}
