// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "fail.h"

/*
 * The command stops right after its exec, which is when it has its own
 * mappings and did not run any of its code yet.
 */
int child_start(struct child *child, char **command, const sigset_t *unblock)
{
	int state;

	*child = (struct child){ .pid = fork() };
	if (child->pid < 0) {
		child->pid = 0;
		return fail(STATUS_FAILED, "cannot fork: %m");
	}
	if (!child->pid) {
		signal(SIGPIPE, SIG_DFL);
		sigprocmask(SIG_UNBLOCK, unblock, NULL);
		if (!ptrace(PTRACE_TRACEME, 0, NULL, NULL))
			execvp(command[0], command);
		fail(STATUS_NO_PROCESS, "cannot run %s: %m", command[0]);
		_exit(STATUS_NO_PROCESS);
	}
	while (waitpid(child->pid, &state, 0) < 0) {
		if (errno != EINTR)
			return fail(STATUS_FAILED, "cannot wait: %m");
	}
	if (WIFSTOPPED(state))
		return 0;
	child->ended = true;
	/* it has said why */
	return STATUS_NO_PROCESS;
}

void child_release(struct child *child)
{
	if (!child->pid || child->released)
		return;
	ptrace(PTRACE_DETACH, child->pid, NULL, NULL);
	child->released = true;
}

bool child_has_ended(struct child *child)
{
	if (child->pid && !child->ended &&
	    waitpid(child->pid, NULL, WNOHANG) == child->pid)
		child->ended = true;
	return child->ended;
}

void child_end(struct child *child)
{
	if (!child->pid || child->ended)
		return;
	kill(child->pid, child->released ? SIGTERM : SIGKILL);
	waitpid(child->pid, NULL, 0);
	child->ended = true;
}
