#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
#
# Usage: maintainers.pl OURS BASE
#
# Puts the entries of OURS into BASE at their alphabetical places, instead of
# the entries there that cover mm/damon/ or have a name of ours.

use strict;
use warnings;

sub paragraphs {
	my ($path) = @_;

	open(my $in, '<', $path) or die "$path: $!\n";
	local $/ = '';
	return map { s/\n+\z//r } <$in>;
}

sub name { return $_[0] =~ /\A(\S.*)\n[A-Z]:\t/ ? $1 : undef }

my ($ours, $base) = @ARGV;
my %new = map { name($_) => $_ } grep { defined name($_) } paragraphs($ours);
die "$ours: no entry covers mm/damon/\n"
	unless grep { m{^F:\tmm/damon/}m } values %new;

my @old = paragraphs($base);
my @out;
my @pending = sort keys %new;
for my $paragraph (@old) {
	my $name = name($paragraph);

	if (defined $name) {
		next if $new{$name} || $paragraph =~ m{^F:\tmm/damon/}m;
		push @out, $new{shift @pending}
			while @pending && ($pending[0] lt $name ||
					   $name eq 'THE REST');
	}
	push @out, $paragraph;
}

my $text = join("\n\n", @out) . "\n";
exit 0 if $text eq join("\n\n", @old) . "\n";
open(my $file, '>', $base) or die "$base: $!\n";
print $file $text;
close($file) or die "$base: $!\n";
