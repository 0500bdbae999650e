// SPDX-License-Identifier: GPL-2.0
/// Policy code takes no lock, reads no clock, sleeps nowhere and knows no mm.
//
virtual report

@call@
identifier f =~ "^(mutex|raw_spin|spin|down|up|rcu|mmap|ktime|wake|kthread|folio|page|trace)_";
position p;
@@
 f@p(...)

@sleep@
identifier f =~ "^(schedule|[mu]?sleep|usleep|cond_resched|get_random_|get_task_|mmput|vma_|find_vma)";
position p;
@@
 f@p(...)

@word@
identifier v =~ "^(jiffies|current)$";
position p;
@@
 v@p

@script:python depends on report@
p << call.p;
f << call.f;
@@
if "/policy/" in p[0].file:
	coccilib.report.print_report(p[0], "policy code calls %s()" % f)

@script:python depends on report@
p << sleep.p;
f << sleep.f;
@@
if "/policy/" in p[0].file:
	coccilib.report.print_report(p[0], "policy code calls %s()" % f)

@script:python depends on report@
p << word.p;
v << word.v;
@@
if "/policy/" in p[0].file:
	coccilib.report.print_report(p[0], "policy code uses %s" % v)
