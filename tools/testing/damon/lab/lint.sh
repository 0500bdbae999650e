#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Usage: lint.sh [CHECK]...
#
# Static checks of our files, one result line each; all of them by default.

set -euo pipefail
. "$(dirname "$0")/env.sh"

cd "$TREE"
mapfile -t files < <("$LAB/files.sh")
own=$(mktemp -d)
trap 'rm -rf "$own"' EXIT
out=$BUILD/lint

# Those of our files that match an extended regular expression.
pick() { printf '%s\n' "${files[@]}" | grep -E "$1" || :; }

# Only what is said about our files counts: prints it and fails if there is any.
of_ours() {
	! grep -E '(^|/|\./)(mm/damon|include/(linux|trace/events)/damon\.h)' |
		sort -u | grep .
}

check_checkpatch() {
	local bad=0

	pick '\.(c|h|sh|rst|py|pl)$|/(Kconfig|Makefile|config)$' |
		xargs -r -n 8 -P "$JOBS" "$LAB/checkpatch.sh" -f || bad=1
	"$LAB/checkpatch.sh" --no-tree --ignore EMBEDDED_FILENAME -f \
		"$TOP"/{Makefile,Kconfig,.ci/run} || bad=1
	return $bad
}

# One compilation with all warnings, and sparse over the same files.
compile() {
	local config

	mkdir -p "$out"
	config=$out/.wanted
	cat "$LAB"/config/{guest,debug}.config > "$config.new"
	if ! cmp -s "$config.new" "$config"; then
		quietly make -s O="$out" KCONFIG_ALLCONFIG="$config.new" \
			allnoconfig || return 1
		mv "$config.new" "$config"
	fi
	quietly make -s -j"$JOBS" O="$out" prepare || return 1
	rm -rf "$out/mm/damon"
	make -s -k -j"$JOBS" O="$out" "$@" mm/damon/ > "$own/compile" 2>&1 || {
		tail -n 40 "$own/compile"
		return 1
	}
}

check_warnings() {
	compile W=1 KCFLAGS=-Wno-error && of_ours < "$own/compile"
}

# sparse is no use if it stumbles over the base's headers before it gets to us.
# It does not see that a guard() lets go of its lock; lockdep watches that.
check_sparse() {
	compile C=2 CF=-Wno-context || return 1
	if grep -E '^[^ ]*(include|arch)/.*: error:' "$own/compile"; then
		echo "sparse cannot read the headers of the kernel"
		return 1
	fi
	of_ours < "$own/compile"
}

check_kernel_doc() {
	pick '\.[ch]$' | grep -v '^tools/' |
		xargs -r perl scripts/kernel-doc -none -Wall -Werror
}

spatch_each() {
	xargs -r -P "$JOBS" -I {} spatch --very-quiet --no-show-diff \
		-D report -I include -I arch/x86/include --cocci-file {} \
		--dir mm/damon 2> "$own/spatch" | (! grep .) ||
		{ cat "$own/spatch"; return 1; }
}

check_coccicheck() {
	grep -rlw 'virtual report' scripts/coccinelle --include='*.cocci' |
		spatch_each
}

check_own_cocci() {
	printf '%s\n' "$LAB"/cocci/*.cocci | spatch_each
}

check_includes() {
	mapfile -t sources < <(pick '^mm/damon/.*\.[ch]$')
	"$LAB/includes.pl" mm/damon "${sources[@]}"
}

check_length() {
	pick '\.([ch]|sh|pl)$' | xargs -r wc -l |
		awk '$2 != "total" && $1 > 700 { print $2 ": " $1 " lines"; n++ }
			END { exit n > 0 }'
}

check_paths() {
	{ pick . | xargs grep -nIE '/wor[k]/|/var/tm[p]/|/hom[e]/[a-z]|/roo[t]/\.' ||
		:; } | (! grep .)
}

check_spdx() {
	pick . | grep -vE '/hooks/.*\.patch$|\.(svg|json|setup)$|/lab/paths$|/golden/|/ABI/' |
		while read -r file; do
			head -n 5 "$file" | grep -q 'SPDX-License-Identifie[r]:' ||
				echo "$file: no licence"
		done | (! grep .)
}

check_maintainers() {
	local path

	grep '^F:' "$TOP/MAINTAINERS" | while read -r _ path; do
		[ -e "$path" ] || echo "MAINTAINERS: there is no $path"
	done | (! grep .)
}

check_abi() {
	"$LAB/abi-check.sh"
}

check_shellcheck() {
	# SC1091: the sourced file is checked in its own right.
	{ pick '\.sh$' && printf '%s\n' "$TOP/.ci/run"; } |
		xargs -r shellcheck -S warning -x -e SC1091
}

all=(checkpatch warnings sparse kernel_doc coccicheck own_cocci includes length
	paths spdx maintainers abi shellcheck)
[ $# -gt 0 ] || set -- "${all[@]}"
passed=0 failed=0
for check; do
	start=$SECONDS
	if (set +e; "check_$check") > "$own/said" 2>&1; then
		passed=$((passed + 1)) verdict='ok    '
	else
		failed=$((failed + 1)) verdict='not ok'
		cat "$own/said"
	fi
	echo "$verdict $check ($((SECONDS - start)) s)"
done
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
