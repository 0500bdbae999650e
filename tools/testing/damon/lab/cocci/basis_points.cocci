// SPDX-License-Identifier: GPL-2.0
/// The whole in basis points has a name.
//
virtual report

@bare@
position p;
@@
(
 10000@p
|
 10000U@p
|
 10000L@p
|
 10000UL@p
|
 10000ULL@p
)

@script:python depends on report@
p << bare.p;
@@
import linecache
line = linecache.getline(p[0].file, int(p[0].line))
if "/tests/" not in p[0].file and "#define" not in line:
	coccilib.report.print_report(p[0], "bare 10000: use the named constant")
