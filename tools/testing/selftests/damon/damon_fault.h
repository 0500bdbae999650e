/* SPDX-License-Identifier: GPL-2.0 */
/* Allocations that fail. */
#ifndef SELFTESTS_DAMON_FAULT_H
#define SELFTESTS_DAMON_FAULT_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * From now on allocations of tasks that ask for it fail, so many percent of
 * them, or none any more.  False if this kernel has no such thing.
 */
bool faults_set(int percent);

/* This task asks for it, or does so no more. */
void faults_arm(bool on);
/* So does another one. */
void faults_arm_pid(pid_t pid);

/* So many bytes this task still gets, also while all allocations fail. */
void faults_spare(long bytes);

/*
 * The @nth allocation of this task from here on fails, whatever the percentage
 * is; 0 for none.
 */
void fault_arm(int nth);
/* There were not so many. */
bool fault_pending(void);

#endif /* SELFTESTS_DAMON_FAULT_H */
