#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0
#
# Usage: includes.pl mm/damon FILE...
#
# Checks that the parts of the subsystem see only what is below them:
# linux/damon.h <- policy <- { ctx, metrics, folio, ops } <- kdamond, while
# sysfs/ and modules/ know linux/damon.h and their own headers alone.

use strict;
use warnings;

my $low = qr{(?:ctx|metrics|folio|ops|scheme)\.[ch]};
my $loop = qr{(?:kdamond|request|start|step)\.[ch]};

# Files, and the headers of the subsystem that they may see.  First match.
my @layers = (
	[ qr{^policy/},			qr{^policy/} ],
	[ qr{^$low$},			qr{^(?:policy/|$low$)} ],
	[ qr{^vaddr\w*\.[ch]$},		qr{^(?:policy/|$low$|vaddr)} ],
	[ qr{^paddr\w*\.[ch]$},		qr{^(?:policy/|$low$|paddr)} ],
	[ qr{^$loop$},			qr{^(?:policy/|$low$|$loop$)} ],
	[ qr{^sysfs/},			qr{^sysfs/} ],
	[ qr{^modules/},		qr{^modules/} ],
	[ qr{^tests/},			qr{.} ],
);

# What policy code may take from the kernel: things without state.
my $pure = qr{^(?:
	linux/(?:align|array_size|bitops|bits|bug|build_bug|cleanup|compiler|
		 container_of|damon|err|errno|export|kernel|kstrtox|limits|log2|math|
		 math64|minmax|overflow|prandom|sizes|slab|sort|stddef|string|
		 string_choices|time64|types|units)\.h |
	asm/page\.h
)$}x;

my ($root, @files) = @ARGV;
my $bad = 0;

sub complain {
	my ($line, $text) = @_;

	print "$ARGV:$line: $text\n";
	$bad = 1;
}

@ARGV = @files;
while (<>) {
	my ($open, $header) = /^\s*#\s*include\s*(["<])([^">]+)/ or next;
	my ($dir, $name) = $ARGV =~ m{^(?:\Q$root\E/)((?:\w+/)*)([^/]+)$} or next;
	my ($layer) = grep { "$dir$name" =~ $_->[0] } @layers;

	complain($., "$header: no file includes a .c") if $header =~ /\.c$/;
	if (!$layer) {
		complain($., "$dir$name is in no layer");
	} elsif ($open eq '"') {
		next if $header =~ m{^(?:\.\./)+internal\.h$} && $dir eq '';
		my $path = "$dir$header";
		1 while $path =~ s{\w+/\.\./}{};
		complain($., "$dir$name must not see $path")
			unless $path =~ $layer->[1];
	} elsif ($dir eq 'policy/') {
		complain($., "policy code must not see <$header>")
			unless $header =~ $pure;
	}
} continue {
	close ARGV if eof;
}
exit $bad;
