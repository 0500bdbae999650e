#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Usage: checkpatch.sh OPTION... FILE...
#
# checkpatch.pl at its strictest, run in build/tree, less what it cannot know.
# Fails if anything is left.

set -euo pipefail
. "$(dirname "$0")/env.sh"

known=(
	# A trace event is laid out like this in every file of its kind.
	'^include/trace/events/.*(OPEN_ENDED_LINE|PARENTHESIS_ALIGNMENT)'
	# A keyword of C.
	'CAMELCASE.*<_Generic>'
	# Loops over regions, and rows of tables: operands of sizeof and typeof
	# or variables to assign to, which are not evaluated twice.
	'^include/linux/damon\.h:.*MACRO_ARG_REUSE'
	'^mm/damon/sysfs/dir\.h:.*(MACRO_ARG_REUSE|MACRO_ARG_PRECEDENCE)'
	'^mm/damon/modules/param\.h:.*MACRO_ARG_REUSE'
	'^tools/testing/selftests/damon/.*(COMPLEX_MACRO|MACRO_ARG_REUSE)'
	# A program, not the kernel: it has no strscpy(), BIT() or fallthrough,
	# needs volatile for signal handlers, and prints a manual.
	'^tools/mm/damon/.*(STRCPY|BIT_MACRO|PREFER_FALLTHROUGH|VOLATILE|SPLIT_STRING)'
	'^tools/mm/damon/manual\.c:.*SPDX_LICENSE_TAG'
	# Rows of its tables.
	'^tools/mm/damon/.*(COMPLEX_MACRO|MACRO_ARG_REUSE)'
	# The formats of trace events are longer than a line.
	'^tools/testing/selftests/damon/.*SPLIT_STRING'
)

cd "$TREE"
status=0
said=$(perl scripts/checkpatch.pl -q --strict --no-summary --terse --showfile \
	--show-types "$@" 2>&1) || status=$?
if [ -z "$said" ]; then
	exit "$status"
fi
printf '%s\n' "$said" | grep -vE -f <(printf '%s\n' "${known[@]}") && exit 1
exit 0
