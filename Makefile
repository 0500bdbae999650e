# SPDX-License-Identifier: GPL-2.0
#
# Entry points.  What they do is in tools/testing/damon/lab; everything they
# make is in build/.

lab := tools/testing/damon/lab
export KDIR DEBUG JOBS

help:			## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' Makefile | expand -t 12

demo: kernel tool	## draw the heat map of a program in the guest, and the truth
	@tools/testing/damon/demo/run.sh

test:			## run every test there is, from a fresh machine on
	@$(lab)/test.sh

unit:			## test the pure logic in user space, in seconds
	@$(MAKE) --no-print-directory -C tools/testing/damon/unit run

coverage:		## branches of the pure logic that those tests reach
	@$(MAKE) --no-print-directory -C tools/testing/damon/unit coverage

kunit: tree		## KUnit in User Mode Linux (ARCH=x86_64: in QEMU)
	@$(lab)/kunit.sh

selftest: debug-kernel	## kselftests in the guest, on the debug kernel
	@$(lab)/selftest.sh

churn: debug-kernel	## half an hour of random changes with failing allocations
	@DAMON_STRESS_S=1800 TIMEOUT=3600 $(lab)/selftest.sh test_stress

bench: kernel		## how well it sees, at what cost, beside the packaged one
	@tools/testing/damon/bench/run.sh $(if $(JSON),--json) $(CASES)

lint: tree		## checkpatch, sparse, W=1, kernel-doc, coccinelle, our rules
	@$(lab)/lint.sh

tree:			## build/tree: base kernel (KDIR=yours), our files, hooks
	@$(lab)/tree.sh $(if $(filter tree,$(MAKECMDGOALS)),,> /dev/null)

kernel: tree		## the kernel of the guest (DEBUG=1: with all checkers)
	@$(lab)/kernel.sh

debug-kernel: tree
	@DEBUG=1 $(lab)/kernel.sh

tool: tree		## the program damon, without shared libraries
	@$(MAKE) --no-print-directory -C tools/mm/damon O=$(CURDIR)/build/tool

tool-test: tool		## test the program, without a kernel and with sanitizers
	@PATH="$$PATH:$$($(lab)/prometheus.sh | tail -n 1)" \
		$(MAKE) --no-print-directory -C tools/mm/damon O=$(CURDIR)/build/tool check

tool-guest: kernel tool	## test the program in the guest, on the release kernel
	@$(MAKE) --no-print-directory -C tools/mm/damon O=$(CURDIR)/build/tool check-guest

patches: tree		## build/patches: a series for git am (CHECK=1: try it)
	@$(lab)/patches.sh $(if $(CHECK),check)

apply:			## put our files and hooks on your own tree at KDIR=...
	@$(lab)/tree.sh apply

clean:			## remove build/
	rm -rf build

.PHONY: help demo test unit coverage kunit selftest churn bench lint tree kernel debug-kernel tool \
	tool-test tool-guest patches apply clean
