#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Builds the selftests without shared libraries and runs all of them, or those
# whose names are given, on the debug kernel, in several guests at the same time:
# those that look for races on two processors, the others on one whose idle time
# is skipped; test_boot once with each of several kernel command lines.  For a
# longer test_stress, say DAMON_STRESS_S=seconds.

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
kernel=$BUILD/kernel-debug
release=$(cat "$kernel/include/config/kernel.release")
mapfile -t modules < <(cd "$kernel" && find samples/damon -name '*.ko')
log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT

# What test_boot is booted with: all together, with inputs and with words that
# mean nothing; some that can not be, beside one that can; different units.
boots=(
	"damon_reclaim.enabled=Y damon_reclaim.min_age=30000000
	damon_reclaim.quota_sz=0x100000 damon_reclaim.skip_anon=Y
	damon_reclaim.commit_inputs damon_reclaim.kdamond_pid=5
	damon_reclaim.nr_quota_exceeds=5 damon_lru_sort.enabled=on
	damon_lru_sort.active_mem_bp=6000 damon_lru_sort.quota_ms=x
	damon_stat.enabled damon_stat.kdamond_pid=1"
	"damon_reclaim.enabled=Y damon_reclaim.min_nr_regions=2
	damon_lru_sort.enabled=Y damon_lru_sort.enabled=N
	damon_stat.enabled=Y"
	"damon_lru_sort.enabled=Y damon_reclaim.enabled=1
	damon_reclaim.addr_unit=4096 damon_reclaim.monitor_region_end=0x10000
	damon_stat.enabled=0"
)

# run NAME OPTION...: the tests whose names are in the file NAME
run() {
	local group=$1 name names=() add=()

	shift
	mapfile -t names < "$log/$group"
	[ ${#names[@]} -gt 0 ] || return 0
	for name in "${names[@]}"; do
		add+=(--add "$out/$name:/selftest/$name")
	done
	for name in "${modules[@]}"; do
		add+=(--add "$kernel/$name:/lib/modules/$release/kernel/$name")
	done
	# shellcheck disable=SC2016 # the guest's shell expands these
	"$LAB/guest.sh" --debug --faults --append kunit.enable=0 --mem 2G \
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
	test_churn | test_dirs | test_latency | test_life_cycle | test_stress | \
		test_switch | test_tree)
		echo races
		;;
	test_boot)
		echo boot
		;;
	test_params | test_quota | test_reclaim | test_schemes)
		echo waits
		;;
	*)
		echo waits-too
		;;
	esac
}

# The same program once for each command line, without what makes boots slow.
run_boots() {
	local i status=0

	for i in "${!boots[@]}"; do
		cp "$log/boot" "$log/boot-$i"
		run "boot-$i" --mem 512M --append "${boots[i]//[[:space:]]/ }" \
			> "$log/boot-$i.out" 2>&1 || status=$?
	done
	return $status
}

touch "$log"/{races,waits,waits-too,boot}
for name in "${tests[@]}"; do
	echo "$name" >> "$log/$(group_of "$name")"
done
programs=${#tests[@]}
[ ! -s "$log/boot" ] || programs=$((programs + ${#boots[@]} - 1))
status=0
run races --leaks > "$log/races.out" 2>&1 &
races=$!
run waits --leaks --icount > "$log/waits.out" 2>&1 &
waits=$!
run_boots &
boot=$!
run waits-too --leaks --icount | tee "$log/waits-too.out" || status=$?
for job in $races $waits $boot; do
	wait "$job" || status=$?
done
cat "$log"/{races,waits,boot-*}.out

# Each program announces a plan and keeps it, or that is a failure too.
awk -v status="$status" -v programs="$programs" '
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
