#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Usage: tree.sh          make build/tree: base, our files, hooks
#        tree.sh apply    lay our files and hooks over the tree at KDIR
#
# The base is the packaged kernel source or, with KDIR, a copy of the tree
# there.  The base's own DAMON, that is everything with "damon" in its name, is
# left out before it ever reaches build/tree.  Only files whose content differs
# are written, so that the next build compiles what was edited and no more.

set -euo pipefail
. "$(dirname "$0")/env.sh"

# Unpacked anew when it or the hooks have changed.
base_from_package() {
	local stamp=$TREE/.base want

	want="$(stat -c '%n %s %Y' "$TARBALL") $(cat "$LAB"/hooks/* | sha1sum)"
	[ "$(cat "$stamp" 2> /dev/null)" != "$want" ] || return 0
	say "unpacking $TARBALL"
	rm -rf "$TREE"
	mkdir -p "$TREE"
	tar -x -f "$TARBALL" -C "$TREE" --strip-components=1 --exclude='*damon*'
	echo "$want" > "$stamp"
}

base_from_kdir() {
	local stamp=$TREE/.base

	if [ "$(cat "$stamp" 2> /dev/null)" != "$KDIR" ]; then
		rm -rf "$TREE"
		mkdir -p "$TREE"
	fi
	say "copying $KDIR"
	rsync -a --delete --exclude='*damon*' --exclude=/.base --exclude=/.git \
		--exclude='*.o' --exclude='*.a' --exclude='*.cmd' \
		--exclude=/.config --exclude=/include/config \
		--exclude=/include/generated --exclude='/arch/*/include/generated' \
		"$KDIR/" "$TREE/"
	echo "$KDIR" > "$stamp"
}

# Exactly the files of ours that exist now are under our paths afterwards.
lay_files() {
	local tree=$1 ours theirs path

	ours=$(mktemp) theirs=$(mktemp)
	"$LAB/files.sh" > "$ours"
	rsync -cp --files-from="$ours" "$TOP/" "$tree/"
	(cd "$tree" && find Documentation include mm samples tools \
		-name '*damon*' -prune -exec find {} ! -type d \;) |
		sort > "$theirs"
	comm -13 "$ours" "$theirs" | (cd "$tree" && xargs -r -d '\n' rm -f)
	while read -r path; do
		find "${tree:?}/$path" -type d -empty -delete 2> /dev/null || :
	done < <(cd "$tree" &&
		find Documentation mm samples tools -type d -name '*damon*')
	rm -f "$ours" "$theirs"
}

lay_hooks() {
	local tree=$1 hook

	for hook in "$LAB"/hooks/*.patch; do
		if patch -d "$tree" -p1 -R -f -s -F0 --dry-run < "$hook" > /dev/null
		then
			continue
		fi
		patch -d "$tree" -p1 -f -s --no-backup-if-mismatch < "$hook" ||
			die "${hook##*/} does not apply to $tree"
	done
	"$LAB/hooks/maintainers.pl" "$TOP/MAINTAINERS" "$tree/MAINTAINERS"
}

case ${1:-} in
apply)
	[ -n "$KDIR" ] || die "say where your tree is: make apply KDIR=..."
	tree=$KDIR
	;;
*)
	"$LAB/packages.sh"
	mkdir -p "$BUILD"
	tree=$TREE
	exec 9> "$BUILD/.tree.lock"
	flock 9
	;;
esac
[ -z "$KDIR" ] || grep -qsx 'PATCHLEVEL = 12' "$KDIR/Makefile" ||
	die "KDIR=$KDIR is not a Linux 6.12 tree"
if [ "${1:-}" != apply ]; then
	if [ -n "$KDIR" ]; then base_from_kdir; else base_from_package; fi
fi
lay_files "$tree"
lay_hooks "$tree"
echo "$tree"
