#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Lists our files, sorted: what is under our paths and not ignored by git.

set -euo pipefail
. "$(dirname "$0")/env.sh"

cd "$TOP"
mapfile -t paths < "$LAB/paths"
git ls-files -co --exclude-standard -- "${paths[@]}" | sort -u |
	while read -r file; do
		[ ! -e "$file" ] || printf '%s\n' "$file"
	done
