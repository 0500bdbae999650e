#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Installs the Debian packages that the lab needs, or says which are missing.

set -euo pipefail
. "$(dirname "$0")/env.sh"

need=(
	bc bison busybox-static ccache coccinelle cpio flex gcc git kmod
	libc6-dev libelf-dev libpython3-dev libssl-dev make ocaml patch perl
	python3 qemu-system-x86 rsync shellcheck sparse xz-utils
)
[ -n "$KDIR" ] || need+=(linux-source-6.12)

missing=()
for package in "${need[@]}"; do
	state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2> /dev/null) || :
	[ "$state" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
	die "these Debian packages are missing; as root, run:
	apt-get update && apt-get install --no-install-recommends ${missing[*]}"
fi
say "installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
quietly apt-get update || die "apt-get update failed"
quietly apt-get install -y --no-install-recommends "${missing[@]}" ||
	die "could not install ${missing[*]}"
