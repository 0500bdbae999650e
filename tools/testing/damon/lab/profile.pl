#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
#
# Usage: profile.pl [--lines] MONITOR FIFO SYSTEM.MAP TICKS
#
# The second half of profile.sh: makes a running QEMU log every instruction
# into FIFO, by its MONITOR socket, until the kdamond has sampled TICKS times,
# and prints what ran in the kdamond, by function.

use strict;
use warnings;
no warnings 'portable';	# addresses have 64 bits
use IO::Socket::UNIX;

my $by_address = @ARGV && $ARGV[0] eq '--lines' && shift;
die "usage: profile.pl [--lines] MONITOR FIFO SYSTEM.MAP TICKS\n"
	unless @ARGV == 4;
my ($monitor, $fifo, $map, $want) = @ARGV;

# Names of one address: a function with aliases counts as its first name.
my (@start, @name, %at);
open(my $in, '<', $map) or die "$map: $!\n";
while (<$in>) {
	my ($addr, $type, $name) = split;
	next unless $type =~ /^[tTwW]$/;
	$at{$name} = hex($addr);
	next if @start && $start[-1] == hex($addr);
	push(@start, hex($addr));
	push(@name, $name);
}
close($in);

sub symbol {
	my ($addr) = @_;
	my ($low, $high) = (0, scalar(@start));

	while ($high - $low > 1) {
		my $mid = int(($low + $high) / 2);
		if ($start[$mid] <= $addr) {
			$low = $mid;
		} else {
			$high = $mid;
		}
	}
	return $low;
}

sub address {
	my ($name) = @_;

	die "profile: the kernel has no $name\n" unless exists($at{$name});
	return sprintf('%016x', $at{$name});
}

my %sample = map { address($_) => 1 }
	qw(damon_vaddr_sample damon_paddr_sample);
my $switch = address('__switch_to_asm');

# Open both ways, so that neither this nor QEMU has to wait for the other.
open(my $log, '+<', $fifo) or die "$fifo: $!\n";
my $qemu = IO::Socket::UNIX->new(Peer => $monitor) or die "$monitor: $!\n";
$qemu->autoflush(1);
print $qemu "stop\nsinglestep on\nlogfile $fifo\nlog exec,nochain\ncont\n";

# A stretch lies between two switches of tasks.  Those in which the kdamond takes
# samples are what counts.
my (%total, %stretch, %is_ours);
my ($ticks, $others, $begun) = (0, 0, 0);
my $ours = 0;
while (<$log>) {
	my $slash = index($_, '/');
	next unless $slash > 0 && substr($_, 0, 6) eq 'Trace ';
	my $pc = substr($_, $slash + 1, 16);

	if ($pc eq $switch) {
		if ($begun) {
			if ($ours) {
				$total{$_} += $stretch{$_} for keys(%stretch);
				last if $ticks >= $want;
			} else {
				$others += $_ for values(%stretch);
			}
		}
		$begun = 1;
		$ours = 0;
		%stretch = ();
	}
	$stretch{$pc}++;
	if ($begun && !$ours && $sample{$pc}) {
		$ours = 1;
		$ticks++;
	}
}
print $qemu "stop\nquit\n";

my (%count, %calls, $all);
my $samples = $total{address('damon_access_record')} // 0;
for my $pc (keys(%total)) {
	my $addr = hex($pc);
	my $i = symbol($addr);
	my $key = $by_address ? "$pc $name[$i]" : $name[$i];

	$count{$key} += $total{$pc};
	$calls{$key} += $total{$pc} if $addr == $start[$i];
	$all += $total{$pc};
}

printf("%d ticks, %.1f samples each; %.0f instructions per tick in the rest " .
       "of the machine\n", $ticks, $samples / $ticks, $others / $ticks);
printf("%10s %10s %10s\n", 'per tick', 'per sample', 'calls');
my $line = "%10.1f %10.2f %10.1f  %s\n";
printf($line, $all / $ticks, $all / ($samples || 1), 0, 'all');
for my $key (sort { $count{$b} <=> $count{$a} || $a cmp $b } keys(%count)) {
	printf($line, $count{$key} / $ticks, $count{$key} / ($samples || 1),
	       ($calls{$key} // 0) / $ticks, $key);
}
