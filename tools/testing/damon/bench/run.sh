#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Usage: run.sh [--json] [CASE]...
#
# The benchmark: boots the stock kernel and ours, measures both with the same
# program by the public interface, and prints one table.  The clock counts
# instructions, 1 ns each, so the same kernel gives the same figures anywhere.
# It fails if a kernel did not do its work, and never because of a time.
# Documentation/mm/damon/benchmark.rst tells how to read it.
#
# Leaves in build/bench the figures (stock, ours), table.txt, bench.json and
# chart.svg.

set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../lab/env.sh"

show=table.txt
if [ "${1-}" = --json ]; then
	show=bench.json
	shift
fi
out=$BUILD/bench
make --no-print-directory -s -C "$here" OUTPUT="$out"
stock=$("$here/stock.sh" | tail -n 1)

# Parameters of the guest for modules; all others have their defaults.
reclaim='damon_reclaim.enabled=Y damon_reclaim.min_age=5000000'

# boot IMAGE GUEST CASE...: what bench prints in one guest
boot() {
	local image=$1 guest=$2 cpus=1 mem=8G append=''

	shift 2
	case $guest in
	smp)	cpus=4 ;;
	small-*) mem=1G append=$reclaim ;;
	esac
	# String instructions count one for each step.  With these flags a step
	# would be a byte, which no real processor takes that long for.
	"$LAB/guest.sh" --icount --cpus "$cpus" \
		--cpu-flags erms=off,fsrm=off --mem $mem --timeout 3600 \
		--append "$append" --kernel "$image" --add "$out/bench" \
		--add "$here/guest-bench" -- sh /bin/guest-bench "$guest" "$@"
}

# measure IMAGE NAME CASE...: what bench prints goes to build/bench/NAME.  Where
# there are several CPUs they take turns, so most is measured with one.  What
# needs scarce memory has a guest where it can be filled soon, or several: where
# memory was in use before, hot and cold pages come to lie among each other.
measure() {
	local image=$1 name=$2 guest status

	shift 2
	say "measuring the $name kernel"
	for guest in large smp small-1 small-2 small-3 small-4; do
		status=0
		boot "$image" $guest "$@" || status=$?
		# 1 is what bench ends with when it has said itself what did not
		# work.
		[ $status -le 1 ] || die "the $name kernel: status $status"
	done > "$out/$name"
	grep -q . "$out/$name" || die "the $name kernel: nothing was measured"
}

# An emulator takes one processor, so the two do not disturb each other.
status=0
measure "$stock" stock "$@" &
first=$!
measure "$BUILD/kernel/arch/x86/boot/bzImage" ours "$@" &
wait $! || status=1
wait $first || status=1
[ $status -eq 0 ] || exit $status

present() { awk -f "$here/read.awk" -f "$here/$1.awk" "$here/goals" \
	"$out/stock" "$out/ours"; }
present table > "$out/table.txt" || status=$?
present json > "$out/bench.json" || status=$?
present chart > "$out/chart.svg"
cat "$out/$show"
say "Chart: build/bench/chart.svg"
exit $status
