# SPDX-License-Identifier: GPL-2.0
#
# What read.awk has read about patterns, as bars: F1 of the hot set, and CPU time
# of the kdamond, on a scale of powers of ten.

function bar(x, y, width, class, label) {
	printf "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"7\" class=\"%s\"/>\n",
		x, y, width, class
	printf "<text x=\"%.1f\" y=\"%d\" class=\"n\">%s</text>\n",
		x + width + 3, y + 7, label
}

function log10(x) {
	return log(x) / log(10)
}

# 1 us to 10 ms in each tick
function cost_width(ns,	w) {
	w = (ns > 0) ? (log10(ns) - 3) * 75 : 0
	if (w < 0)
		return 0
	return (w > 300) ? 300 : w
}

function bars(name, y,	k, f1, ns) {
	printf "<text x=\"112\" y=\"%d\" class=\"c\">%s</text>\n", y + 11, name
	for (k = STOCK; k <= OURS; k++) {
		f1 = get(k, name, "F1 of the hot set")
		ns = get(k, name, "kdamond CPU per tick")
		if (f1 != "")
			bar(120, y + (k - 1) * 8, f1 * 240,
			    (k == STOCK ? "s" : "o"), sprintf("%.2f", f1))
		if (ns != "")
			bar(420, y + (k - 1) * 8, cost_width(ns),
			    (k == STOCK ? "s" : "o"), sprintf("%.1f", ns / 1000))
	}
}

END {
	for (i = 1; i <= nr_cases; i++)
		if ((cases[i] FS "F1 of the hot set") in unit)
			shown[++nr] = cases[i]
	printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"780\" "
	printf "height=\"%d\" font-family=\"sans-serif\" font-size=\"11\">\n",
		64 + nr * 22
	print "<style>.s{fill:#999}.o{fill:#1f6fb4}.c{text-anchor:end}"
	print ".n{font-size:8px;fill:#444}.h{font-weight:bold}</style>"
	print "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>"
	print "<text x=\"120\" y=\"18\" class=\"h\">F1 of the hot set</text>"
	print "<text x=\"420\" y=\"18\" class=\"h\">kdamond, us of CPU per " \
		"tick of 5 ms (logarithmic)</text>"
	print "<rect x=\"120\" y=\"26\" width=\"16\" height=\"7\" class=\"s\"/>"
	print "<text x=\"140\" y=\"33\">stock</text>"
	print "<rect x=\"190\" y=\"26\" width=\"16\" height=\"7\" class=\"o\"/>"
	print "<text x=\"210\" y=\"33\">ours</text>"
	for (i = 1; i <= nr; i++)
		bars(shown[i], 44 + (i - 1) * 22)
	print "</svg>"
}
