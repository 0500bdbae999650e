#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Usage: run.sh [CASE]...
#
# The benchmark: boots the stock kernel and ours, measures both with the same
# program by the public interface, and prints one table.  The clock counts
# instructions, 1 ns each, so the same kernel gives the same figures anywhere.
# It fails if a kernel did not do its work, and never because of a time.
#
# Leaves the figures in build/bench/{stock,ours}.

set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../lab/env.sh"

out=$BUILD/bench
make --no-print-directory -s -C "$here" OUTPUT="$out"

# measure IMAGE NAME CASE...: what bench prints goes to build/bench/NAME
measure() {
	local image=$1 name=$2 status=0

	shift 2
	say "measuring the $name kernel"
	# String instructions count one for each step.  With these flags a step
	# would be a byte, which no real processor takes that long for.
	"$LAB/guest.sh" --icount --cpu-flags erms=off,fsrm=off --mem 8G \
		--timeout 1200 --kernel "$image" \
		--add "$out/bench" --add "$here/guest-bench" \
		-- sh /bin/guest-bench "$@" > "$out/$name" || status=$?
	# 1 is what bench ends with when it has said itself what did not work.
	[ $status -le 1 ] || die "the $name kernel: status $status"
	grep -q . "$out/$name" || die "the $name kernel: nothing was measured"
}

stock=$("$here/stock.sh" | tail -n 1)
measure "$stock" stock "$@"
measure "$BUILD/kernel/arch/x86/boot/bzImage" ours "$@"
awk -f "$here/table.awk" "$out/stock" "$out/ours"
