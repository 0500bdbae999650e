#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Usage: kunit.sh          run the KUnit suites in User Mode Linux, or with
#                          ARCH=x86_64 in QEMU, by way of kunit.py
#        kunit.sh guest    run those built into the debug kernel of the guest

set -euo pipefail
. "$(dirname "$0")/env.sh"

kunit=$TREE/tools/testing/kunit/kunit.py
arch=${ARCH:-um}
log=$(mktemp)
trap 'rm -f "$log" "$log.kernel"' EXIT

status=0
if [ "${1:-}" = guest ]; then
	"$LAB/guest.sh" --debug --leaks --timeout 600 --append kunit.enable=1 \
		--log "$log.kernel" -- true || status=$?
	python3 "$kunit" parse "$log.kernel" < /dev/null | tee "$log" ||
		status=$?
else
	(cd "$TREE" && python3 "$kunit" run --kunitconfig mm/damon \
		--arch="$arch" --build_dir="$BUILD/kunit-$arch" \
		--jobs="$JOBS" "$@" < /dev/null) | tee "$log" || status=$?
fi

# "Ran 9 tests: passed: 7, failed: 1, skipped: 1": what did not pass failed,
# and a run that broke off is a failure more.
awk -v status="$status" '
/Testing complete\. Ran [0-9]+ tests:/ {
	for (i = 1; i < NF; i++) {
		if ($i == "Ran")
			ran = $(i + 1)
		if ($i == "passed:")
			passed = $(i + 1) + 0
		if ($i == "skipped:")
			skipped = $(i + 1) + 0
	}
}
END {
	failed = ran - passed - skipped
	if ((status || !passed) && !failed)
		failed = 1
	printf "%d passed, %d failed\n", passed, failed
	exit failed > 0
}' "$log"
