#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Builds the selftests without shared libraries and runs all of them, or those
# whose names are given, on the debug kernel.

set -euo pipefail
. "$(dirname "$0")/env.sh"

out=$BUILD/selftest
mkdir -p "$out"
quietly make -C "$TOP/tools/testing/selftests/damon" STATIC=1 OUTPUT="$out" ||
	die "the selftests do not build"

tests=("$@")
[ $# -gt 0 ] || mapfile -t tests < <(find "$out" -maxdepth 1 -type f -executable \
	-printf '%f\n' | sort)
[ ${#tests[@]} -gt 0 ] || die "no selftests"
add=()
for name in "${tests[@]}"; do
	add+=(--add "$out/$name:/selftest/$name")
done

log=$(mktemp)
trap 'rm -f "$log"' EXIT
status=0
# shellcheck disable=SC2016 # the guest's shell expands these
"$LAB/guest.sh" --debug --leaks --mem 2G --timeout "${TIMEOUT:-1200}" "${add[@]}" -- \
	sh -c 'for name; do
		echo "# test $name"
		/selftest/$name
		echo "# exit $? $name"
	done' sh "${tests[@]}" | tee "$log" || status=$?

# Each program announces a plan and keeps it, or that is a failure too.
awk -v status="$status" -v programs="${#tests[@]}" '
function judge(code, name,	bad) {
	bad = !planned || seen != planned || (code && !nok)
	if (bad)
		print "# " name ": " seen " of " planned + 0 \
			" results, exit status " code
	failed += nok + bad
}
/^# test /		{ planned = seen = nok = 0 }
/^1\.\.[0-9]+/		{ planned = substr($1, 4) + 0 }
/^ok [0-9]+.*# SKIP/	{ seen++; skipped++; next }
/^ok [0-9]+/		{ seen++; passed++ }
/^not ok [0-9]+/	{ seen++; nok++ }
/^# exit [0-9]+ /	{ judge($3, $4); ended++ }
END {
	if (ended != programs || (status && !failed))
		failed++
	printf "%d passed, %d failed\n", passed, failed
	exit failed > 0
}' "$log"
