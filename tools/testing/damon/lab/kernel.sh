#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Usage: kernel.sh                       the guest kernel, out of build/tree; with
#                                        DEBUG=1 its debug flavour
#        kernel.sh TREE OUT FRAGMENT...  another one
#
# The last line of output is the path of the image.  Modules are built, too.

set -euo pipefail
. "$(dirname "$0")/env.sh"

out=$BUILD/kernel
fragments=("$LAB/config/guest.config")
if [ -n "${DEBUG:-}" ]; then
	out+=-debug
	fragments+=("$LAB/config/debug.config")
fi
if [ $# -gt 0 ]; then
	TREE=$1 out=$2
	shift 2
	fragments=("$@")
fi
mkdir -p "$out"
exec 9> "$out.lock"
flock 9

kbuild() { make -C "$TREE" O="$out" ARCH=x86_64 "$@"; }

# Each option asked for is set in the end; the last one to mention it decides.
check_config() {
	local line missing=''

	while read -r line; do
		case $line in
		*=n)	! grep -q "^${line%n}" "$out/.config" ;;
		*)	grep -qFx "$line" "$out/.config" ;;
		esac || missing+=" $line"
	done < <(cat "${fragments[@]}" | grep '^CONFIG_' | tac |
		awk -F= '!seen[$1]++')
	[ -z "$missing" ] || die "options that this tree does not grant:$missing"
}

configure() {
	local wanted=$out/.wanted

	cat "${fragments[@]}" > "$wanted.new"
	if cmp -s "$wanted.new" "$wanted" && [ -f "$out/.config" ]; then
		rm "$wanted.new"
		kbuild -s olddefconfig > /dev/null
	else
		quietly kbuild -s KCONFIG_ALLCONFIG="$wanted.new" allnoconfig ||
			die "configuration failed"
		mv "$wanted.new" "$wanted"
	fi
	check_config
}

# One line that counts on a terminal, one now and then elsewhere; whatever is
# not the usual news of a build is shown in full.
progress() {
	awk -v tty="$([ -t 2 ] && echo 1)" '
	/^  [A-Z0-9_]+ +[^ ]/ {
		n++
		if (tty)
			printf "\r\033[K%5d %s", n, substr($0, 1, 70) > "/dev/stderr"
		else if (n % 200 == 0)
			print n " steps: " $2 > "/dev/stderr"
		next
	}
	/^make(\[[0-9]+\])?: (Entering|Leaving|Nothing to be done)/ { next }
	/^Kernel: / { next }
	{ print > "/dev/stderr" }
	END { if (tty && n) printf "\r\033[K" > "/dev/stderr" }'
}

configure
kbuild -j"$JOBS" bzImage modules 2>&1 | progress || die "the build failed"
echo "$out/arch/x86/boot/bzImage"
