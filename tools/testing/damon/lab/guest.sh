#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Boots a kernel in QEMU, runs one command there as root and comes back with
# its output, its exit status and the files that it made.

set -euo pipefail
. "$(dirname "$0")/env.sh"

usage() {
	cat <<'END'
Usage: guest.sh [OPTION]... -- COMMAND [ARGUMENT]...

  --kernel IMAGE         kernel to boot (default: the one of `make kernel`)
  --debug                the debug kernel (of `make kernel DEBUG=1`)
  --icount               clock counts instructions, 1 ns each; idle time is
                         skipped.  Single-threaded emulation
  --mem SIZE             memory, in QEMU's notation, split over two NUMA nodes
                         (default 1G)
  --cpus N               processors (default 2, with --icount 1)
  --cpu-flags FLAGS      more for QEMU's -cpu, such as "erms=off"
  --qemu OPTIONS         more for QEMU's own command line
  --append STRING        more for the kernel command line
  --timeout SECONDS      wall-clock limit for everything (default 300)
  --add FILE[:PATH]      put FILE (or a directory) into the guest, by default
                         into /bin
  --get GUESTPATH:PATH   fetch a file or directory when the command has ended
  --log FILE             keep the whole kernel log there
  --faults               COMMAND makes allocations fail: what the kernel says
                         about those is no complaint
  --leaks                let kmemleak watch, and ask it at the end; for the debug
                         kernel, which is slower with it

COMMAND's output comes out of standard output while it runs.  The exit status is
COMMAND's own, or

  121  the kernel complained: warning, bug, sanitizer or lockdep report, leak
  122  the time was up
  123  the guest ended without handing in its results
  124  a file asked for with --get is not there
  125  the guest could not be started
END
}

SPLAT=121 HANG=122 LOST=123 NOFILE=124 NOSTART=125

kernel=$BUILD/kernel/arch/x86/boot/bzImage
icount='' mem=1G cpus='' cpu_flags='' options='' append='' limit=300 log='' leaks='' faults=''
add=() get=()

fail() { local status=$1; shift; say "guest: $*"; exit "$status"; }

while [ $# -gt 0 ]; do
	case $1 in
	--kernel)	kernel=$2; shift ;;
	--debug)	kernel=$BUILD/kernel-debug/arch/x86/boot/bzImage ;;
	--icount)	icount=1 ;;
	--mem)		mem=$2; shift ;;
	--cpus)		cpus=$2; shift ;;
	--cpu-flags)	cpu_flags=,$2; shift ;;
	--qemu)		options+=" $2"; shift ;;
	--append)	append+=" $2"; shift ;;
	--timeout)	limit=$2; shift ;;
	--add)		add+=("$2"); shift ;;
	--get)		get+=("$2"); shift ;;
	--log)		log=$2; shift ;;
	--faults)	faults=1 ;;
	--leaks)	leaks=1 ;;
	--help)		usage; exit 0 ;;
	--)		shift; break ;;
	*)		usage >&2; fail $NOSTART "unknown option $1" ;;
	esac
	shift
done
[ $# -gt 0 ] || { usage >&2; fail $NOSTART "no command given"; }
[ -f "$kernel" ] || fail $NOSTART "no kernel at $kernel: run make kernel first"

mkdir -p "$BUILD/guest"
run=$(mktemp -d "$BUILD/guest/run.XXXXXX")
qemu='' reader=''
cleanup() {
	[ -z "$qemu" ] || kill "$qemu" 2> /dev/null || :
	[ -z "$reader" ] || kill "$reader" 2> /dev/null || :
	# Left where a person can look at it, whatever happened.
	[ ! -f "$run/console" ] || mv "$run/console" "$BUILD/guest/console.log"
	rm -rf "$run"
}
trap cleanup EXIT
trap 'exit 130' INT TERM HUP

# What the guest finds in its root directory.
pack() {
	local root=$run/root spec from to arg

	mkdir -p "$root"/{bin,lab,tmp,etc,root,proc,sys,dev}
	cp "$(command -v busybox)" "$root/bin/busybox"
	install -m 755 "$LAB/guest-init.sh" "$root/init"
	printf 'root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n' \
		> "$root/etc/passwd"
	for spec in ${add+"${add[@]}"}; do
		from=${spec%%:*}
		to=/bin/${from##*/}
		[ "$from" = "$spec" ] || to=${spec#*:}
		[ -e "$from" ] || fail $NOSTART "--add: there is no $from"
		mkdir -p "$root$(dirname "$to")"
		cp -RL "$from" "$root$to"
	done
	for arg in "$@"; do
		printf '%s ' "${arg@Q}"
	done > "$root/lab/command"
	for spec in ${get+"${get[@]}"}; do
		arg=${spec%%:*}
		printf '%s ' "${arg@Q}"
	done > "$root/lab/get"
	[ -z "$leaks" ] || : > "$root/lab/scan"
	(cd "$root" && find . | sort |
		cpio --quiet -o -H newc -R 0:0 > "$run/initramfs")
	rm -rf "$root"
}

# KVM only where a probe shows that a guest really gets through with it.
accel() {
	local probe=$BUILD/guest/kvm

	if [ -n "$icount" ]; then
		echo tcg,thread=single
		return
	fi
	if [ ! -e "$probe" ]; then
		echo no > "$probe"
		if [ -w /dev/kvm ] && timeout -s KILL 10 \
			qemu-system-x86_64 -accel kvm -cpu host -m 128M \
			-nodefaults -display none -no-reboot \
			-kernel "$kernel" -append 'panic=-1 quiet' \
			> /dev/null 2>&1 < /dev/null; then
			echo yes > "$probe"
		fi
	fi
	case ${ACCEL:-$(cat "$probe")} in
	yes|kvm)	echo kvm ;;
	*)		echo tcg,thread=multi ;;
	esac
}

# All reports of the kernel that mean a defect.
splats='WARNING:|BUG:|KASAN:|UBSAN:|Oops|Kernel panic|ODEBUG:|Call Trace:'
splats+='|INFO: (task .* blocked|rcu.*stall|possible|suspicious|trying)'
splats+='|general protection fault|unreferenced object|DEBUG_LOCKS_WARN'
splats+='|possible .* detected|sleeping function called'

# A report of an allocation that failed, with its stack.
alloc_report='/: (page allocation failure|vmalloc error)/,/<\/TASK>/d'

megabytes=$(($(numfmt --from=iec "$mem") >> 20))
[ $((megabytes % 4)) -eq 0 ] || fail $NOSTART "--mem: not a multiple of 4M"
# Each busy wait for a timer is long where the clock counts instructions, so the
# kernel shall not measure timers that it cannot use then.
if [ -n "$icount" ]; then
	cpus=${cpus:-1}
	append="nolapic_timer $append"
fi
[ -z "$leaks" ] || append="kmemleak=on $append"
cpus=${cpus:-2}
pack "$@"
accel=$(accel)
case $accel in
kvm)	cpu=host ;;
*)	cpu=max,la57=off ;;
esac
nodes=()
for node in 0 1; do
	nodes+=(-object "memory-backend-ram,id=mem$node,size=$((megabytes / 2))M"
		-numa "node,nodeid=$node,memdev=mem$node")
done
for ((i = 0; i < cpus; i++)); do
	nodes+=(-numa "cpu,node-id=$((i * 2 / cpus)),socket-id=$i")
done

# Its ACPI tables are ready-made; those of the older PC are computed by the guest,
# which takes a debug kernel half a minute.
machine=q35,sata=off,smbus=off,usb=off,vmport=off
boot='console=ttyS0 loglevel=5 log_buf_len=8M panic=-1'
boot+=' trace_clock=local'
mkfifo "$run/out"
cat "$run/out" &
reader=$!
timeout -s KILL "$limit" qemu-system-x86_64 -accel "$accel" -cpu "$cpu$cpu_flags" \
	-smp "$cpus,sockets=$cpus" -m "${megabytes}M" "${nodes[@]}" \
	${icount:+-icount shift=0,sleep=off} $options \
	-machine "$machine" -nodefaults -display none -no-reboot \
	-kernel "$kernel" -initrd "$run/initramfs" \
	-append "$boot $append" \
	-chardev "file,id=console,path=$run/console" -serial chardev:console \
	-device virtio-serial-pci \
	-chardev "file,id=out,path=$run/out" \
	-device virtserialport,nr=1,chardev=out \
	-chardev "file,id=results,path=$run/results.tar" \
	-device virtserialport,nr=2,chardev=results \
	< /dev/null 2> "$run/qemu.log" &
qemu=$!

ended=0
wait "$qemu" 2> /dev/null || ended=$?
qemu=''
wait "$reader" 2> /dev/null || :
reader=''

mkdir "$run/results"
tar -x -f "$run/results.tar" -C "$run/results" 2> /dev/null || :
[ ! -f "$run/results/lab/dmesg" ] ||
	mv "$run/results/lab/dmesg" "$run/console"
[ -z "$log" ] || cp "$run/console" "$log" 2> /dev/null || :
[ -z "$faults" ] || sed -E -i "$alloc_report" "$run/console"
if grep -aqE "$splats" "$run/console" "$run/results/lab/leaks" 2> /dev/null
then
	grep -ahE -m 1 -B 2 -A 40 "$splats" "$run/console" \
		"$run/results/lab/leaks" >&2 || :
	fail $SPLAT "the kernel complained (whole log: build/guest/console.log)"
fi
if [ "$ended" -eq 137 ]; then	# what timeout says when it had to kill
	tail -n 20 "$run/console" >&2 || :
	fail $HANG "not done after $limit s (log: build/guest/console.log)"
fi
if [ ! -s "$run/console" ]; then
	cat "$run/qemu.log" >&2
	fail $NOSTART "QEMU did not start"
fi
if [ ! -f "$run/results/lab/status" ]; then
	tail -n 20 "$run/console" >&2 || :
	fail $LOST "the guest ended early (log: build/guest/console.log)"
fi
status=$(cat "$run/results/lab/status")
for spec in ${get+"${get[@]}"}; do
	from=$run/results/${spec%%:*} to=${spec#*:}
	if [ ! -e "$from" ]; then
		[ "$status" -ne 0 ] || fail $NOFILE "${spec%%:*} is not there"
		continue
	fi
	mkdir -p "$(dirname "$to")"
	rm -rf "$to"
	mv "$from" "$to"
done
exit "$status"
