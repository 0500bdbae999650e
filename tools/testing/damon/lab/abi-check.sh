#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Checks that the ABI document describes exactly the files that the sysfs
# interface has, each of them once.  What it has is listed in
# mm/damon/tests/sysfs_tree.h, which a unit test compares with the tables.

. "$(dirname "$0")/env.sh"

list=$TOP/mm/damon/tests/sysfs_tree.h
document=$TOP/Documentation/ABI/testing/sysfs-kernel-mm-damon
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

cat > "$dir/list.c" <<END
#include <stdio.h>
#include "$list"
int main(void)
{
	for (size_t i = 0; i < sizeof(damon_sysfs_tree) / sizeof(char *); i++)
		puts(damon_sysfs_tree[i]);
}
END
gcc -o "$dir/list" "$dir/list.c"

# kdamonds/0/... is described as kdamonds/<K>/..., and so on; core_filters/0/...
# as core_filters/<F>/...
"$dir/list" | perl -lane '
	$F[0] =~ s{(\w*_)?(\w)(\w+)/0/}
		   {($1 // "") . "$2$3/<" . uc($2) . ">/"}ge;
	print "/sys/kernel/mm/damon/$F[0]"' | sort > "$dir/files"
[ -s "$dir/files" ] || die "the list is empty"

# Names of directories end with a slash.
sed -n 's/^What:[[:space:]]*//p' "$document" | grep -v '/$' | sort > "$dir/said"

comm -23 "$dir/files" <(uniq "$dir/said") | sed 's/^/not described: /'
comm -13 "$dir/files" <(uniq "$dir/said") | sed 's/^/does not exist: /'
uniq -d "$dir/said" | sed 's/^/described twice: /'
cmp -s "$dir/files" "$dir/said"
