// SPDX-License-Identifier: GPL-2.0
/// A lock that is held to the end of the function is a guard().
//
virtual report

@held@
expression lock;
position p;
@@
 mutex_lock@p(lock);
 ... when != mutex_unlock(lock)
 mutex_unlock(lock);
 return ...;

@held_void@
expression lock;
identifier f;
position p;
@@
 void f(...)
 {
  ...
  mutex_lock@p(lock);
  ... when != mutex_unlock(lock)
  mutex_unlock(lock);
 }

@script:python depends on report@
p << held.p;
@@
coccilib.report.print_report(p[0], "guard(mutex) fits here")

@script:python depends on report@
p << held_void.p;
@@
coccilib.report.print_report(p[0], "guard(mutex) fits here")
