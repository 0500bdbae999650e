#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Fetches Debian's package of Prometheus for the tests of `damon export`, and
# unpacks it into build/prometheus.  Installing it would start a server.
#
# The last line of output is the directory of its programs.

set -euo pipefail
. "$(dirname "$0")/env.sh"

"$LAB/packages.sh"
out=$BUILD/prometheus
if [ ! -x "$out/usr/bin/prometheus" ]; then
	say "fetching prometheus"
	rm -rf "$out"
	mkdir -p "$out"
	cd "$out"
	if ! quietly apt-get download prometheus; then
		[ "$(id -u)" -ne 0 ] || quietly apt-get update || :
		quietly apt-get download prometheus ||
			die "cannot fetch the package prometheus"
	fi
	dpkg-deb -x prometheus_*.deb . || die "cannot unpack it"
	rm prometheus_*.deb
fi
echo "$out/usr/bin"
