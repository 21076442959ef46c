#!/bin/sh
# Runs a test database server, or minds a container, and ends it when nobody uses it any more: also when the tests were killed.
#   watch.sh FOLDER own            -- COMMAND...   until standard input closes, which it does when the test process dies
#   watch.sh FOLDER shared DIR SEC -- COMMAND...   until no process holds DIR/refs, and SEC seconds more
# COMMAND is the server itself; in a container's case it only waits, and the file FOLDER/stop holds what ends the container.
run=$1 mode=$2
shift 2
if [ "$mode" = shared ]; then dir=$1 seconds=$2; shift 2; fi
shift # --
# The server must not outlive this script, whatever ends it.
if command -v setpriv >/dev/null 2>&1; then set -- setpriv --pdeathsig KILL "$@"; fi
"$@" </dev/null >"$run/server.log" 2>&1 &
server=$!
if [ "$mode" = own ]; then
	cat >/dev/null
else
	exec 8>>"$dir/refs" 9>>"$dir/state"
	while kill -0 "$server" 2>/dev/null; do
		flock -x -w 2 8 || continue
		flock -u 8
		sleep "$seconds"
		flock -x 9 # nobody can join now
		if flock -x -n 8; then break; fi
		flock -u 9
	done
fi
if [ -f "$run/stop" ]; then sh "$run/stop" >/dev/null 2>&1; fi
kill -9 "$server" 2>/dev/null
wait "$server" 2>/dev/null
rm -rf "$run"
