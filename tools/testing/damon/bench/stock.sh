#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Builds the packaged kernel source as it is, with the DAMON that it comes with
# and the configuration of our guest: the kernel to compare ours with.  Its
# source is there for the compiler only, and gone when the image is built.
#
# The last line of output is the path of the image.

set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../lab/env.sh"

[ -z "$KDIR" ] ||
	die "compares with the packaged kernel, so unset KDIR"
"$LAB/packages.sh"

stock=$BUILD/stock
mkdir -p "$stock"
exec 9> "$stock.lock"
flock 9

grep -v -e '^CONFIG_DAMON' -e '^CONFIG_SAMPLE' "$LAB/config/guest.config" > "$stock/guest.config"
want=$(
	stat -c '%n %s %Y' "$TARBALL"
	cat "$stock/guest.config" "$here/stock.config" | sha1sum
)
if [ "$(cat "$stock/built" 2> /dev/null)" != "$want" ]; then
	# With the names that our own build has beside each other, the compiler's
	# cache knows most objects already.
	say "building the stock kernel"
	rm -rf "$stock/tree" "$stock/kernel"
	mkdir "$stock/tree"
	trap 'rm -rf "$stock/tree" "$stock/kernel"' EXIT
	tar -x -f "$TARBALL" -C "$stock/tree" --strip-components=1
	image=$("$LAB/kernel.sh" "$stock/tree" "$stock/kernel" \
		"$stock/guest.config" "$here/stock.config")
	mv "$image" "$stock/bzImage"
	echo "$want" > "$stock/built"
fi
echo "$stock/bzImage"
