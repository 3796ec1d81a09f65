#!/bin/sh
# run.sh [--once] — the rehearsal behind `make run`: the daemon on a drill clock with the sample configuration, a receiver
# for its messages, and a week of March 2020 played through its HTTP door. Then it serves until Ctrl-C; with --once it ends.
#
# Environment: B, the build directory (build); RUN, where secrets, tokens and state are made anew ($B/run); PORT, where
# the daemon listens (8480), the receiver one above. Nothing leaves 127.0.0.1.
set -eu
cd "$(dirname "$0")/../.."

B=${B:-build}
PORT=${PORT:-8480}
once=${1:-}
run=${RUN:-$B/run}
here=tests/rehearse
config=config/closedloopd.yaml

case $once in
'' | --once) ;;
*) echo "usage: run.sh [--once]" >&2; exit 2 ;;
esac

umask 077
mkdir -p "$run"
rm -rf "$run/state"
random() { head -c "$1" /dev/urandom | base64 | tr -d '\n'; }
for name in $(sed -n 's|.*/run/\([a-z0-9-]*\)\.secret".*|\1|p' config/*.yaml); do
	echo "whsec_$(random 32)" >"$run/$name.secret"
done
for name in pvg operator; do
	random 24 | tr '+/' '-_' >"$run/$name.token"
done
echo "http://127.0.0.1:$((PORT + 1))/fallback?key=$(random 12 | tr '+/' '-_')" >"$run/fallback.url"
echo 'tokens: [{name: desk, role: operator, token_file: operator.token}]' >"$run/tokens.yaml"

# Elsewhere than in build/, or at another port, the sample needs its places rewritten.
if test "$run" != build/run || test "$PORT" != 8480; then
	B=$(cd "$B" && pwd)
	run=$(cd "$run" && pwd)
	rm -rf "$run/config"
	mkdir -p "$run/config"
	cp -R config/policy config/phrases "$run/config/"
	for file in config/*.yaml; do
		sed -e "s|\.\./build/run/|$run/|" -e "s|\.\./build/|$B/|" -e "s|:8480|:$PORT|" -e "s|:8481|:$((PORT + 1))|" "$file" >"$run/$file"
	done
	config=$run/config/closedloopd.yaml
fi

receiver= daemon=
finish() {
	trap - EXIT INT TERM
	test -z "$daemon" || kill -TERM "$daemon" 2>/dev/null || true
	test -z "$daemon" || wait "$daemon" || echo "run: closedloopd ended with $?, see $run/log" >&2
	test -z "$receiver" || kill -TERM "$receiver" 2>/dev/null || true
	test -z "$receiver" || wait "$receiver" || true
}
trap finish EXIT
trap 'exit 0' INT TERM

echo "演练：2020年3月7日至13日 · 值班台 http://127.0.0.1:$PORT/"
python3 -B "$here/receiver.py" "$((PORT + 1))" "$run" &
receiver=$!
"$B/closedloopd" --config "$config" --drill 2020-03-07T04:00:00+08:00 --speed 0 2>"$run/log" &
daemon=$!
python3 -B "$here/play.py" --wait "$PORT" "$daemon" || { tail -n 20 "$run/log" >&2; exit 1; }
python3 -B "$here/play.py" "$PORT" "$run/pvg.token" || { tail -n 20 "$run/log" >&2; exit 1; }

echo "  值班台 http://127.0.0.1:$PORT/"
echo "  closedloopctl --config $config status · log: $run/log"
test "$once" != --once || exit 0
echo "  Ctrl-C 结束"
wait "$daemon"
