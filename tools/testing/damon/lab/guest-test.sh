#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Does the runner of guests tell all the ways apart in which a run can end?

set -euo pipefail
. "$(dirname "$0")/env.sh"

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
passed=0 failed=0

result() {
	local name=$1

	shift
	if "$@"; then
		passed=$((passed + 1))
		echo "ok $((passed + failed)) $name"
	else
		failed=$((failed + 1))
		echo "not ok $((passed + failed)) $name"
	fi
}

ends() {
	local want=$1 got=0

	shift
	"$LAB/guest.sh" "$@" > "$dir/out" 2> "$dir/err" || got=$?
	[ "$got" -eq "$want" ] || { cat "$dir/err"; echo "# status $got"; false; }
}

result "a command's status comes back" ends 7 -- sh -c 'exit 7'
result "output comes in order" ends 0 -- \
	sh -c 'echo one; echo two > /dev/stderr; echo "th r'\''ee"'
printf "one\ntwo\nth r'ee\n" > "$dir/want"
result "output is the command's alone" cmp "$dir/out" "$dir/want"

head -c 3000000 /dev/urandom > "$dir/data"
result "files go in and out" ends 0 --add "$dir/data:/x y/data" \
	--get "/x y:$dir/back" -- sh -c 'test -s "/x y/data"'
result "files stay whole" cmp "$dir/data" "$dir/back/data"
result "a file that is not there" ends 124 --get /none:"$dir/none" -- true

result "a kernel report" ends 121 -- sh -c 'echo "<4>BUG: made up" > /dev/kmsg'
result "a panic" ends 121 --append panic_on_oom=2 --mem 256M -- \
	sh -c 'tail /dev/zero'
result "a hang" ends 122 --timeout 8 -- sleep 1000
result "an early end" ends 123 -- poweroff -f
result "something left running" ends 0 -- sh -c 'sleep 1000 & true'
result "no kernel" ends 125 --kernel "$dir/none" -- true

result "skipped idle time" ends 0 --icount --timeout 60 -- sleep 300
result "nodes and processors" ends 0 --cpus 4 --mem 512M -- sh -c '
	test "$(cat /sys/devices/system/node/online)" = 0-1 &&
	test "$(nproc)" = 4 && test "$(cut -d, -f1 \
		/sys/devices/system/node/node1/cpulist)" = 2-3'

printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
