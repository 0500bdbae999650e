# SPDX-License-Identifier: GPL-2.0
#
# Reads the goals and two outputs of bench, of the stock kernel and of ours.
# What shows them comes in another file:
#   awk -f read.awk -f table.awk goals stock ours

BEGIN { FS = "\t"; STOCK = 1; OURS = 2; kernel = -1 }

FNR == 1 { kernel++ }
kernel == 0 {
	if ($0 !~ /^#/ && NF == 4)
		goals[$1, $2] = $3 " " $4
	next
}
$2 == "CASE" {
	if (!($1 in what))
		cases[++nr_cases] = $1
	like[$1] = $3; what[$1] = $4
	next
}
$2 == "FAIL" {
	failed[++nr_failed] = (kernel == STOCK ? "stock" : "ours") ": " $1 \
		": " $4
	next
}
{
	key = $1 FS $2
	if (!(key in unit))
		figures[$1, ++nr_figures[$1]] = $2
	unit[key] = $3
	value[kernel, key] = $4
}

# Where a kernel does not look at a single page, there is nothing to compare
# with but another case, if that was measured.
function peer(name) {
	if (get(STOCK, name, "pages found") == "0")
		return ((like[name] in what) && like[name] != name) ? \
			like[name] : ""
	return name
}

function has(k, name, figure) {
	return (k, name FS figure) in value
}

# "" if there is none; what is only asked for must not come to be.
function get(k, name, figure) {
	return has(k, name, figure) ? value[k, name FS figure] : ""
}

function of_stock(name, figure) {
	return get(STOCK, peer(name), figure)
}

function of_ours(name, figure) {
	return get(OURS, name, figure)
}

function ratio(name, figure,	stock) {
	stock = of_stock(name, figure)
	if (stock > 0 && has(OURS, name, figure))
		return of_ours(name, figure) / stock
	return ""
}

function goal(name, figure) {
	if ((name, figure) in goals)
		return goals[name, figure]
	return (("*", figure) in goals) ? goals["*", figure] : ""
}

# 1, 0, or "" if there is no goal or nothing was measured
function met(name, figure,	text, part, limit, ours) {
	text = goal(name, figure)
	if (text == "" || !has(OURS, name, figure))
		return ""
	split(text, part, " ")
	limit = part[2] + 0
	if (part[2] ~ /x$/) {
		if (!has(STOCK, peer(name), figure))
			return ""
		limit *= of_stock(name, figure)
	}
	# what is printed alike is alike
	ours = of_ours(name, figure) + 0
	if (part[1] == ">=")
		return (ours >= limit - 0.0005) ? 1 : 0
	return (ours <= limit + 0.0005) ? 1 : 0
}
