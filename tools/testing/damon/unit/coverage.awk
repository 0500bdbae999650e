# SPDX-License-Identifier: GPL-2.0
# Sums up what gcov -b says, a line a file; fails below min percent.

/^File / {
	name = substr($2, 2, length($2) - 2)
	wanted = name ~ /\/policy\/[a-z_]+\.c$/
	sub(/.*\//, "", name)
}

wanted && /^Taken at least once:/ {
	split($0, part, /[:% ]+/)
	nr = part[7]
	taken = int(part[5] * nr / 100 + .5)
	printf "%-12s %4d of %4d branches  %5.1f %%\n", name, taken, nr, \
		100 * taken / nr
	sum += nr
	sum_taken += taken
	wanted = 0
}

END {
	if (!sum) {
		print "no coverage data"
		exit 1
	}
	percent = 100 * sum_taken / sum
	printf "%-12s %4d of %4d branches  %5.1f %%\n", "total", sum_taken, \
		sum, percent
	if (percent < min) {
		printf "below %s %%\n", min
		exit 1
	}
}
