#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Everything from a fresh machine to the sum of all tests.  Each stage closes
# with "N passed, N failed"; one that does not get there is a failure.

set -euo pipefail
. "$(dirname "$0")/env.sh"

cd "$TOP"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
passed=0 failed=0
table=()

stage() {
	local name=$1 status start=$SECONDS ok=0 bad=0 closing

	shift
	say
	say "==== $name"
	set +e
	"$@" | tee "$log" | grep -vxE '[0-9]+ passed, [0-9]+ failed'
	status=${PIPESTATUS[0]}
	set -e
	closing=$(grep -xE '[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1) ||
		closing=
	[ -z "$closing" ] || read -r ok _ bad _ <<< "$closing"
	if [ "$bad" -eq 0 ] && { [ "$status" -ne 0 ] || [ -z "$closing" ]; }
	then
		say "$name ended early with status $status"
		bad=1
	fi
	passed=$((passed + ok)) failed=$((failed + bad))
	table+=("$(printf '%-10s %6d ok %6d not ok %6d s' \
		"$name" "$ok" "$bad" $((SECONDS - start)))")
}

# A stage that has no count of its own is one test.
one() {
	if "$@"; then
		echo "1 passed, 0 failed"
	else
		echo "0 passed, 1 failed"
		return 1
	fi
}

make --no-print-directory tree > /dev/null
stage unit	make -s unit
stage coverage	one make -s coverage
stage tool	make -s tool-test
stage lint	make -s lint
stage kernel	one make -s kernel
stage guest	"$LAB/guest-test.sh"
stage tool-run	make -s tool-guest
stage demo	one make -s demo
stage debug	one make -s kernel DEBUG=1
stage selftest	make -s selftest
stage kunit-x86	"$LAB/kunit.sh" guest
stage kunit-uml	make -s kunit
stage patches	make -s patches CHECK=1

say
printf '%s\n' "${table[@]}"
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
