# SPDX-License-Identifier: GPL-2.0
#
# What read.awk has read, as tables for people.

function number(x,	size) {
	if (x == "")
		return "-"
	size = x < 0 ? -x : x
	if (size == 0)
		return "0"
	if (size < 0.001)
		return sprintf("%.0e", x)
	return sprintf((size < 1) ? "%.4f" : (size < 100) ? "%.1f" : "%.0f", x)
}

function pair(name, figure, width,	format) {
	format = "%" width "s %" width "s"
	return sprintf(format, number(of_stock(name, figure)),
		       number(of_ours(name, figure)))
}

function is_pattern(name) {
	return (name FS "F1 of the hot set") in unit
}

function pattern_row(name,	r) {
	r = ratio(name, "kdamond CPU per tick")
	printf "%-13s %s  %s  %s  %s  %s %6s  %s  %s\n", name,
		pair(name, "F1 of the hot set", 6),
		pair(name, "error of the access rate", 6),
		pair(name, "time until found", 6),
		pair(name, "regions", 5),
		pair(name, "kdamond CPU per tick", 7),
		(r == "" ? "-" : sprintf("%.3f", r)),
		pair(name, "kdamond CPU per tick, settled", 7),
		pair(name, "kdamond CPU per tick and region", 6)
}

function figure_row(name, figure,	r, other, stock) {
	r = (unit[name FS figure] == "") ? "" : ratio(name, figure)
	other = peer(name) != name && has(STOCK, peer(name), figure)
	stock = other ? of_stock(name, figure) : get(STOCK, name, figure)
	printf "  %-32s %12s%s %12s %-4s", figure, number(stock),
		(other ? "*" : " "), number(of_ours(name, figure)),
		unit[name FS figure]
	if (r != "")
		printf " %8.3f", r
	print ""
	if (other)
		print "  * of " peer(name) ": its own does not look at pages"
}

function goal_row(name, figure,	good) {
	good = met(name, figure)
	if (good == "")
		return
	printf "%-13s %-32s %9s %9s  %-9s %s\n", name, figure,
		number(of_stock(name, figure)), number(of_ours(name, figure)),
		goal(name, figure), (good ? "met" : "MISSED")
	nr_goals++
	nr_met += good
}

END {
	head = "%-13s %13s  %13s  %13s  %11s  %15s %6s  %15s  %13s\n"
	for (i = 1; i <= nr_cases; i++) {
		name = cases[i]
		if (!is_pattern(name))
			continue
		if (!nr_patterns++) {
			printf head, "", "F1 of hot set", "error of rate",
				"found after ms", "regions", "ns per tick", "",
				"when settled", "ns/tick/region"
			printf head, "pattern", "stock   ours",
				"stock   ours", "stock   ours", "stock  ours",
				"stock    ours", "ratio",
				"stock    ours", "stock   ours"
		}
		pattern_row(name)
	}
	if (nr_patterns) {
		print ""
		for (i = 1; i <= nr_cases; i++)
			if (is_pattern(cases[i]))
				printf "%-13s %s\n", cases[i], what[cases[i]]
		print ""
	}
	for (i = 1; i <= nr_cases; i++) {
		name = cases[i]
		if (is_pattern(name))
			continue
		if (!nr_others++)
			printf "%-34s %12s  %12s     %8s\n", "", "stock",
				"ours", "ratio"
		print name ": " what[name]
		for (j = 1; j <= nr_figures[name]; j++)
			figure_row(name, figures[name, j])
	}
	printf "\n%-13s %-32s %9s %9s  %-9s\n", "goals", "", "stock", "ours",
		"goal"
	for (i = 1; i <= nr_cases; i++)
		for (j = 1; j <= nr_figures[cases[i]]; j++)
			goal_row(cases[i], figures[cases[i], j])
	printf "%d of %d goals met\n", nr_met, nr_goals
	for (i = 1; i <= nr_failed; i++)
		print "FAILED: " failed[i]
	exit nr_failed > 0
}
