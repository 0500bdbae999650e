#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Builds the selftests without shared libraries and runs all of them, or those
# whose names are given, on the debug kernel, in three guests at the same time:
# those that look for races on two processors, the others on one whose idle time
# is skipped.  For a longer test_stress, say DAMON_STRESS_S=seconds.

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
log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT

# run NAME OPTION...: the tests whose names are in the file NAME
run() {
	local group=$1 name names=() add=()

	shift
	mapfile -t names < "$log/$group"
	[ ${#names[@]} -gt 0 ] || return 0
	for name in "${names[@]}"; do
		add+=(--add "$out/$name:/selftest/$name")
	done
	# shellcheck disable=SC2016 # the guest's shell expands these
	"$LAB/guest.sh" --debug --leaks --faults --append kunit.enable=0 --mem 2G \
		--timeout "${TIMEOUT:-1800}" "$@" "${add[@]}" -- \
		sh -c 'export DAMON_STRESS_S=$1
		shift
		for name; do
			echo "# test $name"
			/selftest/$name
			echo "# exit $? $name"
		done' sh "${DAMON_STRESS_S:-}" "${names[@]}"
}

# Each group takes about as long as the others.
group_of() {
	case $1 in
	test_churn | test_dirs | test_latency | test_life_cycle | test_stress | test_tree)
		echo races
		;;
	test_quota | test_reclaim | test_schemes)
		echo waits
		;;
	*)
		echo waits-too
		;;
	esac
}

touch "$log"/{races,waits,waits-too}
for name in "${tests[@]}"; do
	echo "$name" >> "$log/$(group_of "$name")"
done
status=0
run races > "$log/races.out" 2>&1 &
races=$!
run waits --icount > "$log/waits.out" 2>&1 &
waits=$!
run waits-too --icount | tee "$log/waits-too.out" || status=$?
for job in $races $waits; do
	wait "$job" || status=$?
done
cat "$log/races.out" "$log/waits.out"

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
}' "$log"/*.out
