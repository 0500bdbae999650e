# SPDX-License-Identifier: GPL-2.0
#
# Two outputs of bench, of the stock kernel and of ours, as one table.

BEGIN { FS = OFS = "\t" }

FNR == 1 { kernel++ }
$2 == "CASE" {
	if (!($1 in what))
		cases[++nr_cases] = $1
	like[$1] = $3; what[$1] = $4; goal[$1] = $5
	next
}
$2 == "FAIL" {
	print (kernel == 1 ? "stock" : "ours") ": " $1 ": " $4
	failed = 1
	next
}
{
	key = $1 FS $2
	if (!(key in unit))
		figures[$1, ++nr_figures[$1]] = $2
	unit[key] = $3
	value[kernel, key] = $4
}

function number(x) {
	return x == "" ? "-" : sprintf(x < 100 ? "%.1f" : "%.0f", x)
}

# Where a kernel does not look at a single page, there is nothing to compare.
function peer(name) {
	if (value[1, name FS "pages found"] == 0 && like[name] in what)
		return like[name]
	return name
}

function row(name, figure, first,	key, other, a, b) {
	key = name FS figure
	other = first ? peer(name) FS figure : key
	a = value[1, other]
	b = value[2, key]
	printf "  %-32s %12s%s %12s %-3s", figure, number(a),
		other == key ? " " : "*", number(b), unit[key]
	if (unit[key] && a > 0 && b != "")
		printf " %8.3f", b / a
	if (first && goal[name])
		printf "    (goal %s)", goal[name]
	print ""
	if (other != key)
		print "  * of " peer(name) ": its own does not look at pages"
}

END {
	printf "%-34s %12s  %12s     %8s\n", "", "stock", "ours", "ratio"
	for (i = 1; i <= nr_cases; i++) {
		name = cases[i]
		print name ": " what[name]
		for (j = 1; j <= nr_figures[name]; j++)
			row(name, figures[name, j], j == 1)
	}
	exit failed
}
