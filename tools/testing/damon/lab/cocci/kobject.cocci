// SPDX-License-Identifier: GPL-2.0
/// Once initialised, a kobject is released by kobject_put(), never by kfree().
//
virtual report

@init exists@
expression object;
identifier kobj;
position p;
@@
 \(kobject_init_and_add\|kobject_init\)(&object->kobj, ...)
 ...
 kfree@p(object)

@script:python depends on report@
p << init.p;
@@
coccilib.report.print_report(p[0], "kfree() after kobject_init()")
