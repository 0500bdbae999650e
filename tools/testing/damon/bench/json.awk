# SPDX-License-Identifier: GPL-2.0
#
# What read.awk has read, for programs.

function quoted(s,	i, c, out) {
	for (i = 1; i <= length(s); i++) {
		c = substr(s, i, 1)
		out = out ((c == "\"" || c == "\\") ? "\\" c : c)
	}
	return "\"" out "\""
}

function number(k, name, figure) {
	return has(k, name, figure) ? value[k, name FS figure] : "null"
}

function figure_json(name, figure,	good, part) {
	printf "%s\n      {\"figure\": %s, \"unit\": %s, \"stock\": %s, \"ours\": %s",
		comma, quoted(figure), quoted(unit[name FS figure]),
		number(STOCK, name, figure), number(OURS, name, figure)
	good = met(name, figure)
	if (good != "")
		printf ", \"goal\": %s, \"met\": %s", quoted(goal(name, figure)),
			(good ? "true" : "false")
	printf "}"
	comma = ","
}

END {
	printf "{\n  \"failed\": ["
	for (i = 1; i <= nr_failed; i++)
		printf "%s%s", (i > 1 ? ", " : ""), quoted(failed[i])
	printf "],\n  \"cases\": ["
	for (i = 1; i <= nr_cases; i++) {
		name = cases[i]
		printf "%s\n    {\"case\": %s, \"what\": %s, \"figures\": [",
			(i > 1 ? "," : ""), quoted(name), quoted(what[name])
		comma = ""
		for (j = 1; j <= nr_figures[name]; j++)
			figure_json(name, figures[name, j])
		printf "\n    ]}"
	}
	printf "\n  ]\n}\n"
	exit nr_failed > 0
}
