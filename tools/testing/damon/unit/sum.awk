# SPDX-License-Identifier: GPL-2.0
# Passes on what test programs say, and sums up their closing lines; there are
# to be as many as programs.

/^[0-9]+ passed, [0-9]+ failed$/ {
	passed += $1
	failed += $3
	closed++
	next
}
{
	print
	fflush()
}
END {
	if (closed != programs) {
		print "not ok a program did not get to its end"
		failed++
	}
	print passed + 0 " passed, " failed + 0 " failed"
	exit failed > 0
}
