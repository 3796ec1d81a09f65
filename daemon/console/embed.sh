#!/bin/sh
# embed.sh FILE… — print a C file that holds the bytes of every FILE, in the table daemon/console.h declares.
set -eu
LC_ALL=C
export LC_ALL

content_type() {
	case $1 in
	*.html) echo 'text/html; charset=utf-8' ;;
	*.css) echo 'text/css; charset=utf-8' ;;
	*.js) echo 'text/javascript; charset=utf-8' ;;
	*.json) echo 'application/json' ;;
	*.txt) echo 'text/plain; charset=utf-8' ;;
	*.svg) echo 'image/svg+xml' ;;
	*.png) echo 'image/png' ;;
	*.ico) echo 'image/vnd.microsoft.icon' ;;
	*.woff2) echo 'font/woff2' ;;
	*) echo "embed.sh: $1: no content type is known for this kind of file" >&2; return 1 ;;
	esac
}

url_path() {
	name=${1##*/}
	case $name in
	index.html) echo / ;;
	*) echo "/console/$name" ;;
	esac
}

# "PATH FILE" lines sorted by path, so that the build does not depend on the order of arguments.
listing=$(for file in "$@"; do echo "$(url_path "$file") $file"; done | sort)

echo '/* Made by daemon/console/embed.sh: change the files in daemon/console/ instead. */'
echo '#include "daemon/console.h"'
echo
n=0
rows=
while read -r path file; do
	test -n "$path" || continue
	type=$(content_type "$file")
	len=$(($(wc -c <"$file")))
	echo "static const unsigned char asset_${n}[] = { /* $file */"
	od -An -v -tx1 "$file" | sed 's/ *\([0-9a-f][0-9a-f]\)/0x\1,/g'
	test "$len" -gt 0 || echo '0,'
	echo '};'
	rows="$rows	{.path = \"$path\", .type = \"$type\", .bytes = asset_$n, .len = $len},
"
	n=$((n + 1))
done <<EOF
$listing
EOF
echo
echo 'const struct console_asset console_assets[] = {'
printf '%s' "$rows"
echo '	{.path = NULL},'
echo '};'
echo "const size_t console_assets_len = $n;"
