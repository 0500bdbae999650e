#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
#
# Usage: grow.pl FROM TO
#
# Copies the Makefile and Kconfig of FROM to TO, a directory that has only some
# of its sources yet, less the objects that cannot be built there and the
# options that nothing there asks for.

use strict;
use warnings;
use File::Find;

my ($from, $to) = @ARGV;

sub slurp {
	my ($path) = @_;

	open(my $in, '<', $path) or die "$path: $!\n";
	local $/;
	return <$in>;
}

sub spew {
	my ($path, $text) = @_;

	open(my $out, '>', $path) or die "$path: $!\n";
	print $out $text;
	close($out) or die "$path: $!\n";
}

sub buildable { return $_[0] !~ /\.o$/ || -e "$to/" . ($_[0] =~ s/o$/c/r) }

my $whole = slurp("$from/Makefile");
my $makefile = '';
my $dropped = 0;
for (split(/^/, $whole =~ s/\\\n\s*//gr)) {
	if (my ($goal, $words) = /^([\w\$().\/-]+\s*[:+]?=)(.*\.o\b.*)$/) {
		my @all = split(' ', $words);
		my @left = grep { buildable($_) } @all;

		$dropped += @all - @left;
		$_ = @left ? "$goal @left\n" : '';
	}
	$makefile .= $_;
}
$makefile = $whole unless $dropped;
spew("$to/Makefile", $makefile);

my $used = $makefile;
find(sub { $used .= slurp($_) if /\.[ch]$/ }, $to);
my $kconfig = '';
my $skip = 0;
for (split(/^/, slurp("$from/Kconfig"))) {
	if (/^config (\w+)/) {
		$skip = $1 ne 'DAMON' && $used !~ /CONFIG_$1\b/;
	} elsif (/^\S/) {
		$skip = 0;
	}
	$kconfig .= $_ unless $skip;
}
spew("$to/Kconfig", $kconfig);
