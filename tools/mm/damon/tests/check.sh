#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# All tests of the tool, without a kernel: check.sh OUTPUT [--update]
# --update writes the golden files anew, to be looked at before they are kept.
# The tests themselves are in *.test, one file for a group of commands.

set -u
export LC_ALL=C TZ=UTC
unset NO_COLOR COLUMNS TERM

here=$(cd "$(dirname "$0")" && pwd)
export DAMON_TESTS=$here
out=$(cd "$1" && pwd)
update=${2:-}
damon=$out/san/damon
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

passed=0 failed=0
ok() {
	local status=$1; shift

	if [ "$status" -eq 0 ]; then
		passed=$((passed + 1))
		echo "ok $((passed + failed)) - $*"
	else
		failed=$((failed + 1))
		echo "not ok $((passed + failed)) - $*"
	fi
}

# Programs that count their own: each line of theirs is one of ours.
run_program() {
	local line status

	"$out/san/$1" > program.out 2> program.err
	status=$?
	while read -r line; do
		case $line in
		"ok "*)		ok 0 "$1: ${line#*- }" ;;
		"not ok "*)	ok 1 "$1: ${line#*- }" ;;
		esac
	done < program.out
	grep -q '^1\.\.' program.out || status=99
	[ $status -eq 0 ] || tail -n 40 program.err
	ok $status "$1: came to its end"
}

# run STATUS COMMAND...: the exit status, and stdout and stderr in files
run() {
	local expected=$1 status; shift

	"$@" > stdout 2> stderr
	status=$?
	[ $status -eq "$expected" ] && return 0
	echo "# status $status instead of $expected: $*"
	sed 's/^/# /' stderr
	return 1
}

says() { grep -qF -- "$1" stderr || { sed 's/^/# said: /' stderr; false; }; }
clean() { [ "$(cat fake/sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds)" = "${1:-0}" ]; }
no_instance() { [ -z "$(ls fake/sys/kernel/tracing/instances)" ]; }
wrote() {
	local file=fake/sys/kernel/mm/damon/admin/kdamonds/0/$1

	[ "$(cat "$file")" = "$2" ] || { echo "# $1: $(cat "$file")"; false; }
}
# fake [OPTION...] -- TOOL ARGUMENTS, in a new tree
fake() {
	local options=()

	while [ "$1" != -- ]; do
		options+=("$1"); shift
	done
	shift
	rm -rf fake
	"$out/san/fake" "${options[@]}" "$work/fake" "$damon" "$@" --root "$work/fake"
}
# For commands: what follows -- belongs to the command
fake_command() {
	rm -rf fake
	"$out/san/fake" -R "$work/fake" "$damon" record --root "$work/fake" "$@"
}

# Waits until the kdamond of a fake in the background runs, and a bit.
started() {
	local tries=0

	while ! grep -qs '^on' fake/log && [ $tries -lt 100 ]; do
		sleep 0.1
		tries=$((tries + 1))
	done
	sleep 0.5
}

golden() {
	local name=$1

	sed 's/ *$//' stdout > golden.out
	[ -z "$update" ] || cp golden.out "$here/golden/$name"
	diff -u "$here/golden/$name" golden.out > golden.diff && return 0
	sed 's/^/# /' golden.diff
	return 1
}

for program in "$here"/test_*.c "$here"/fuzz*.c; do
	run_program "$(basename "$program" .c)"
done

# these first: others read what they made
for group in "$here"/record.test "$here"/report.test "$here"/[!r]*.test "$here"/r[!e]*.test; do
	# shellcheck disable=SC1090
	[ ! -e "$group" ] || . "$group"
done

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
