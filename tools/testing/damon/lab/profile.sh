#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Usage: profile.sh [OPTION]...
#
# Where do the instructions of a kdamond go?  Boots the guest kernel with the
# instruction-counted clock, has a kdamond watch 256 MiB of a process that
# sleeps, makes QEMU log every single instruction for some sampling intervals,
# and attributes what ran in the thread of the kdamond to functions:
#
#   per tick       instructions each time that the kdamond takes samples
#   per sample     the same for one check of a region, and its preparation
#   calls          calls, per tick
#
# Nothing is sampled: the counts are exact, and those of one kernel image are
# the same everywhere, but for a timer interrupt now and then.  What the rest of
# the machine does in between, such as waking up from idle, is one line.
#
#   --settled          after 3 s, when stable regions are checked less often
#                      (default: each region in each sampling interval)
#   --ops NAME         operation set (default vaddr)
#   --regions MIN      lower limit of the number of regions (default 500)
#   --size MIB         size of the memory that is watched (default 256)
#   --ticks N          for how long (default 20)
#   --lines            by address instead of function, for `addr2line -i`
#   --kernel IMAGE     kernel, with its System.map three directories above

set -euo pipefail
. "$(dirname "$0")/env.sh"

kernel=$BUILD/kernel/arch/x86/boot/bzImage
probes=1 ops=vaddr regions=500 mib=256 ticks=20 lines=''
while [ $# -gt 0 ]; do
	case $1 in
	--settled)	probes=0 ;;
	--ops)		ops=$2; shift ;;
	--regions)	regions=$2; shift ;;
	--size)		mib=$2; shift ;;
	--ticks)	ticks=$2; shift ;;
	--lines)	lines=--lines ;;
	--kernel)	kernel=$2; shift ;;
	*)		die "unknown option $1" ;;
	esac
	shift
done

dir=$(mktemp -d)
guest=''
cleanup() {
	[ -z "$guest" ] || kill "$guest" 2> /dev/null || :
	rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 130' INT TERM HUP

# Runs in the guest.  With a probe, all regions are checked at full rate.
cat > "$dir/watch" <<'END'
set -e
ops=$1 regions=$2 mib=$3 probes=$4
mkfifo /tmp/full
sleep 100000 < /tmp/full &
# Fills its buffer, and then sleeps: nobody reads what it writes.
dd if=/dev/zero of=/tmp/full bs=${mib}M count=1 &
target=$!
sleep 1

kdamond=/sys/kernel/mm/damon/admin/kdamonds
echo 1 > $kdamond/nr_kdamonds
kdamond=$kdamond/0
echo 1 > $kdamond/contexts/nr_contexts
ctx=$kdamond/contexts/0
echo $ops > $ctx/operations
echo $((2 * regions)) > $ctx/monitoring_attrs/nr_regions/max
echo $regions > $ctx/monitoring_attrs/nr_regions/min
echo $probes > $ctx/monitoring_attrs/probes/nr_probes
echo 1 > $ctx/targets/nr_targets
echo 1 > $ctx/targets/0/regions/nr_regions
if [ $ops = paddr ]; then
	range=$(sed -n 's/ : System RAM//p' /proc/iomem | tail -n 1)
	echo $((0x${range%-*})) > $ctx/targets/0/regions/0/start
	echo $((0x${range#*-})) > $ctx/targets/0/regions/0/end
else
	echo $target > $ctx/targets/0/pid_target
	range=$(awk '$1 ~ /-/ { print $1 }' /proc/$target/maps |
		while IFS=- read -r start end; do
			echo $((0x$end - 0x$start)) $((0x$start)) $((0x$end))
		done | sort -n | tail -n 1)
	set -- $range
	echo $2 > $ctx/targets/0/regions/0/start
	echo $3 > $ctx/targets/0/regions/0/end
fi
echo on > $kdamond/state
sleep 3
pid=$(cat $kdamond/pid)
before=$(cut -d ' ' -f 1 /proc/$pid/schedstat)
sleep 5
after=$(cut -d ' ' -f 1 /proc/$pid/schedstat)
echo "schedstat: $(((after - before) / 1000)) ns per tick, without the log"
echo ready
sleep 100000
END

mkfifo "$dir/out" "$dir/log"
"$LAB/guest.sh" --icount --mem 1G --kernel "$kernel" --add "$dir/watch" \
	--cpu-flags erms=off,fsrm=off \
	--qemu "-monitor unix:$dir/monitor,server=on,wait=off" \
	-- sh /bin/watch "$ops" "$regions" "$mib" "$probes" > "$dir/out" \
	2> "$dir/err" &
guest=$!
while read -r line && [ "$line" != ready ]; do
	echo "$line"
done < "$dir/out"
if [ "${line:-}" != ready ]; then
	cat "$dir/err" >&2
	die "the guest did not get that far"
fi
"$LAB/profile.pl" $lines "$dir/monitor" "$dir/log" \
	"${kernel%/arch/*}/System.map" "$ticks"
