# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034
#
# Sourced by the scripts of the lab: where things are, how to speak, and what
# makes builds repeatable.

LAB=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
TOP=$(cd "$LAB/../../../.." && pwd)
BUILD=$TOP/build
JOBS=${JOBS:-$(nproc)}

# The packaged kernel source.
TARBALL=/usr/src/linux-source-6.12.tar.xz

# The base tree with our files laid over it: ours, or one of the user's own.
TREE=$BUILD/tree
KDIR=${KDIR:-}

say() { printf '%s\n' "$*" >&2; }
die() { say "${0##*/}: $*"; exit 1; }

# Run a command quietly; when it fails, show the end of what it said.
quietly() {
	local log status=0

	log=$(mktemp)
	"$@" > "$log" 2>&1 || status=$?
	[ "$status" -eq 0 ] || tail -n 40 "$log" >&2
	rm -f "$log"
	return "$status"
}

# The compiler's cache, found by its links so that CC stays plain "gcc" and
# building with or without it gives the same command lines.  Paths below TOP
# count as relative: a second clone finds what the first one compiled.
if [ -d /usr/lib/ccache ]; then
	PATH=/usr/lib/ccache:$PATH
	export CCACHE_BASEDIR=$TOP CCACHE_NOHASHDIR=1
fi

export KBUILD_BUILD_TIMESTAMP='Thu Jan  1 00:00:00 UTC 1970'
export KBUILD_BUILD_USER=lab KBUILD_BUILD_HOST=lab
# A make that runs a script of ours does not decide how the script runs make.
unset MAKEFLAGS MFLAGS MAKELEVEL
export LC_ALL=C PATH
