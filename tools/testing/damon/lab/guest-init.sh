#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=dash
#
# First process of the guest: mounts what programs expect, runs /lab/command
# and hands its results to the runner as one archive, the exit status last, so
# that an archive with a status is a whole one.

/bin/busybox --install -s /bin
export PATH=/bin HOME=/root

mount -t proc none /proc
mount -t sysfs none /sys
mount -t devtmpfs none /dev
ln -s /proc/self/fd /dev/fd
ln -s fd/0 /dev/stdin
ln -s fd/1 /dev/stdout
ln -s fd/2 /dev/stderr
mkdir -p /dev/shm
mount -t tmpfs none /dev/shm
mount -t tmpfs none /tmp
mount -t debugfs none /sys/kernel/debug
mount -t tracefs none /sys/kernel/tracing
mount -t cgroup2 none /sys/fs/cgroup
echo '+memory +cpuset +pids' > /sys/fs/cgroup/cgroup.subtree_control

# Memory as a disk, so that there are files with something behind them.
mkdir -p /mnt
if [ -e /sys/class/zram-control/hot_add ]; then
	disk=$(cat /sys/class/zram-control/hot_add)
	echo 64M > "/sys/block/zram$disk/disksize"
	mke2fs "/dev/zram$disk" > /dev/null && mount -t ext2 "/dev/zram$disk" /mnt
fi

# A port can be opened once only; the pipe lets a command open /dev/stdout.
mkfifo /lab/out
cat < /lab/out > /dev/vport0p1 &
port=$!
cd /root || exit
setsid sh /lab/command < /dev/null > /lab/out 2>&1
echo $? > /lab/status

# Whatever the command left running must not keep the pipe open for ever.
tries=0
while kill -0 $port && [ $tries -lt 20 ]; do
	sleep 0.1
	tries=$((tries + 1))
done 2> /dev/null

# kmemleak reports what stays unreferenced for longer than five seconds.
: > /lab/leaks
if [ -e /lab/scan ] && [ -e /sys/kernel/debug/kmemleak ]; then
	sleep 6
	echo scan > /sys/kernel/debug/kmemleak
	echo scan > /sys/kernel/debug/kmemleak
	cat /sys/kernel/debug/kmemleak > /lab/leaks
fi 2> /dev/null
dmesg > /lab/dmesg

cd / || exit
eval "tar -c -f /dev/vport0p2 $(cat /lab/get) lab/leaks lab/dmesg lab/status" \
	2> /dev/null
poweroff -f
