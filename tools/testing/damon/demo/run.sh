#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The demo: a program whose accesses are known runs in the guest, `damon record`
# follows it, and the heat map is drawn beside the truth.  The exit status says
# whether the picture was right.
#
# Leaves the record, the truth and the pictures in build/demo.

set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../../../.." && pwd)
out=$top/build/demo
tool=$top/build/tool/damon

make --no-print-directory -s -C "$top/tools/mm/damon" OUTPUT="$top/build/tool"
make --no-print-directory -s -C "$here" OUTPUT="$out"
rm -f "$out"/{damon.rec,truth,heatmap.svg,compare.svg,report.html}

# One processor whose clock counts instructions: the same result everywhere.
echo "Recording 16 seconds of a program in the guest ..." >&2
"$top/tools/testing/damon/lab/guest.sh" --icount --cpus 1 --mem 768M \
	--timeout 600 --add "$tool" --add "$out/workload" \
	--add "$here/guest-demo" \
	--get /tmp/damon.rec:"$out/damon.rec" --get /tmp/truth:"$out/truth" \
	-- sh /bin/guest-demo

"$tool" report --svg "$out/heatmap.svg" "$out/damon.rec"
"$tool" report --html "$out/report.html" "$out/damon.rec"
status=0
"$out/score" --svg "$out/compare.svg" "$out/damon.rec" "$out/truth" ||
	status=$?

# What happened two seconds later was something else: that must not pass.
awk '/^touched/ { $2 += 2e9; $3 += 2e9 } /^end/ { $2 += 2e9 } 1' \
	OFMT=%.0f CONVFMT=%.0f "$out/truth" > "$out/truth.shifted"
"$out/score" "$out/damon.rec" "$out/truth.shifted" > "$out/shifted.txt" || :
if ! grep -q 'The picture is WRONG' "$out/shifted.txt"; then
	echo "The score does not tell a right picture from a wrong one" >&2
	status=1
fi
rm -f "$out/truth.shifted" "$out/shifted.txt"

echo "Pictures in build/demo: heatmap.svg compare.svg report.html" >&2
exit $status
