#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Usage: patches.sh          make build/patches, the overlay as a series for
#                            git am on the pristine base, after lab/series
#        patches.sh check    and see that it applies, gives the tree of
#                            `make tree`, builds at each step and has no
#                            checkpatch findings
#
# The first patch removes the base's own DAMON.  The files that it needs for
# that go from the package into a git repository unseen, and are gone with it.

set -euo pipefail
. "$(dirname "$0")/env.sh"

patches=$BUILD/patches
work=$BUILD/patches.work
scratch=$(mktemp -d)
repo=$scratch/repo
tarball=/usr/src/linux-source-6.12.tar.xz

mapfile -t files < <("$LAB/files.sh")
mapfile -t hooked < <(sed -n 's,^+++ b/,,p' "$LAB"/hooks/*.patch; echo MAINTAINERS)
author=$(sed -n 's/^M:\t//p' "$TOP/MAINTAINERS" | head -n 1)
[ -n "$author" ] || die "MAINTAINERS names nobody"
export GIT_AUTHOR_NAME=${author% <*} GIT_AUTHOR_EMAIL
GIT_AUTHOR_EMAIL=${author#*<}
export GIT_AUTHOR_EMAIL=${GIT_AUTHOR_EMAIL%>}
export GIT_COMMITTER_NAME=$GIT_AUTHOR_NAME GIT_COMMITTER_EMAIL=$GIT_AUTHOR_EMAIL
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1

cleanup() { rm -rf "$work" "$scratch"; }
trap cleanup EXIT

in_repo() { git -C "$repo" "$@"; }

# A repository of what the series touches and no more.
make_base() {
	rm -rf "$work"
	mkdir -p "$work" "$repo"
	git init -q "$repo"
	if [ -n "$KDIR" ]; then
		(cd "$KDIR" && { printf '%s\n' "${hooked[@]}"
			find Documentation include mm samples tools \
				-path '*damon*' ! -type d
			} | tar -c -T -) | tar -x -C "$repo"
	else
		tar -x -f "$tarball" -C "$repo" --strip-components=1 \
			--wildcards '*damon*' --anchored \
			--no-wildcards-match-slash "${hooked[@]/#/*/}"
	fi
	in_repo add -A -f
	in_repo commit -q -m base
	in_repo tag base
}

commit() {
	local subject=$1 body=$2

	"$LAB/grow.pl" "$TOP/mm/damon" "$repo/mm/damon"
	in_repo add -A -f
	in_repo diff --cached --quiet && die "series: \"$subject\" is empty"
	in_repo commit -q -s -F - <<< "$subject

$body"
}

# What grow.pl writes is in all patches.
declare -A taken=([mm/damon/Kconfig]=1 [mm/damon/Makefile]=1)
take() {
	local pattern=$1 file any=''

	for file in "${files[@]}"; do
		# shellcheck disable=SC2053 # a pattern, on purpose
		[[ $file == $pattern ]] || continue
		any=1
		[ -z "${taken[$file]:-}" ] || continue
		taken[$file]=1
		mkdir -p "$repo/$(dirname "$file")"
		cp -p "$TOP/$file" "$repo/$file"
	done
	[ -n "$any" ] || die "series: nothing is like $pattern"
}

hook() {
	case $1 in
	MAINTAINERS)
		"$LAB/hooks/maintainers.pl" "$TOP/MAINTAINERS" "$repo/MAINTAINERS"
		;;
	*)
		patch -d "$repo" -p1 -f -s --no-backup-if-mismatch \
			< "$LAB/hooks/$1"
		;;
	esac
}

make_series() {
	local line subject='' body=''

	in_repo ls-files | grep damon | (cd "$repo" && xargs -d '\n' rm -f)
	mkdir -p "$repo/mm/damon"
	commit "mm/damon: remove the present implementation" \
"It makes room for one that is written from scratch.  What stays is the
option, so that configurations go on working."
	while IFS= read -r line; do
		case $line in
		\#*)	;;
		'* '*)	[ -z "$subject" ] || commit "$subject" "$body"
			subject=${line#\* } body='' ;;
		'+ '*)	take "${line#+ }" ;;
		'@ '*)	hook "${line#@ }" ;;
		*)	body+=$line$'\n' ;;
		esac
	done < "$LAB/series"
	commit "$subject" "$body"
	for line in "${files[@]}"; do
		[ -n "${taken[$line]:-}" ] || die "series: $line is in no patch"
	done
	rm -rf "$patches"
	in_repo format-patch -q --no-signature -o "$patches" base
	echo "$patches"
}

passed=0 failed=0
result() {
	local name=$1

	shift
	if "$@" > "$work/said" 2>&1; then
		passed=$((passed + 1))
		echo "ok $((passed + failed)) $name"
	else
		failed=$((failed + 1))
		cat "$work/said"
		echo "not ok $((passed + failed)) $name"
	fi
}

# Of the last patch applied, all but the output that tests of the tool expect.
clean_patch() {
	in_repo format-patch -q --stdout -1 HEAD -- . ':!*/golden/*' |
		"$LAB/checkpatch.sh" --ignore FILE_PATH_CHANGES -
}

# Builds DAMON as it is after one patch, in a tree of links to build/tree, and
# sees that it would link.
step_builds() {
	local kernel=$work/tree out=$BUILD/patches.out

	rsync -rcp --delete --exclude=/.git "$repo/mm/damon/" "$kernel/mm/damon/" &&
	rsync -rcp --existing --exclude=/.git "$repo/" "$kernel/" &&
	for file in include/linux/damon.h include/trace/events/damon.h; do
		if [ -f "$repo/$file" ]; then
			rsync -cp "$repo/$file" "$kernel/$file"
		else
			rm -f "$kernel/$file"
		fi
	done &&
	make -s -C "$kernel" O="$out" KCONFIG_ALLCONFIG="$out/wanted" allnoconfig &&
	make -s -j"$JOBS" -C "$kernel" O="$out" KCFLAGS=-Werror mm/damon/ &&
	(cd "$out" && nm mm/damon/built-in.a 2> /dev/null | awk '
		$1 == "U"	{ used[$2] }
		NF == 3		{ defined[$3] }
		END {
			for (name in used)
				if (name ~ /damon/ && !(name in defined)) {
					print name " comes later"
					bad = 1
				}
			exit bad
		}')
}

# What the series has to end with: all of build/tree that it touches.
keep_wanted() {
	mkdir "$work/want"
	(cd "$TREE" && {
		printf '%s\n' "${hooked[@]}"
		find Documentation include mm samples tools \
			-path '*damon*' ! -type d
	} | rsync -a --files-from=- . "$work/want/")
}

check_series() {
	local patch

	in_repo checkout -q -b fresh base
	cp -al "$TREE" "$work/tree"
	mkdir -p "$BUILD/patches.out"
	cat "$LAB"/config/{guest,debug}.config > "$BUILD/patches.out/wanted"
	for patch in "$patches"/*.patch; do
		result "${patch##*/} applies" in_repo am -q "$patch"
		! grep -qE '^\+\+\+ b/(mm|include)/' "$patch" ||
			result "${patch##*/} builds" step_builds
		result "${patch##*/} is clean" clean_patch
	done
	result "the series makes the same tree" \
		diff -rq --exclude=.git "$repo" "$work/want"
	printf '%d passed, %d failed\n' "$passed" "$failed"
	[ "$failed" -eq 0 ]
}

make_base
keep_wanted
make_series
[ "${1:-}" != check ] || check_series
