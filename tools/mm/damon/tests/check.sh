#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# All tests of the tool, without a kernel: check.sh OUTPUT [--update]
# --update writes the golden files anew, to be looked at before they are kept.

set -u
export LC_ALL=C TZ=UTC
unset NO_COLOR COLUMNS TERM

here=$(cd "$(dirname "$0")" && pwd)
out=$(cd "$1" && pwd)
update=${2:-}
damon=$out/san/damon
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

passed=0 failed=0
ok() {
	local status=$1; shift

	if [ "$status" -eq 0 ]; then
		passed=$((passed + 1))
		echo "ok $((passed + failed)) - $*"
	else
		failed=$((failed + 1))
		echo "not ok $((passed + failed)) - $*"
	fi
}

# Programs that count their own: each line of theirs is one of ours.
run_program() {
	local line status

	"$out/san/$1" > program.out 2> program.err
	status=$?
	while read -r line; do
		case $line in
		"ok "*)		ok 0 "$1: ${line#*- }" ;;
		"not ok "*)	ok 1 "$1: ${line#*- }" ;;
		esac
	done < program.out
	grep -q '^1\.\.' program.out || status=99
	[ $status -eq 0 ] || tail -n 40 program.err
	ok $status "$1: came to its end"
}

# run STATUS COMMAND...: the exit status, and stdout and stderr in files
run() {
	local expected=$1 status; shift

	"$@" > stdout 2> stderr
	status=$?
	[ $status -eq "$expected" ] && return 0
	echo "# status $status instead of $expected: $*"
	sed 's/^/# /' stderr
	return 1
}

says() { grep -qF -- "$1" stderr || { sed 's/^/# said: /' stderr; false; }; }
clean() { [ "$(cat fake/sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds)" = "${1:-0}" ]; }
no_instance() { [ -z "$(ls fake/sys/kernel/tracing/instances)" ]; }
wrote() {
	local file=fake/sys/kernel/mm/damon/admin/kdamonds/0/$1

	[ "$(cat "$file")" = "$2" ] || { echo "# $1: $(cat "$file")"; false; }
}
# fake [OPTION...] -- TOOL ARGUMENTS, in a new tree
fake() {
	local options=()

	while [ "$1" != -- ]; do
		options+=("$1"); shift
	done
	shift
	rm -rf fake
	"$out/san/fake" "${options[@]}" "$work/fake" "$damon" "$@" --root "$work/fake"
}
# For commands: what follows -- belongs to the command
fake_command() {
	rm -rf fake
	"$out/san/fake" "$work/fake" "$damon" record --root "$work/fake" "$@"
}

# Waits until the kdamond of a fake in the background runs, and a bit.
started() {
	local tries=0

	while ! grep -qs '^on' fake/log && [ $tries -lt 100 ]; do
		sleep 0.1
		tries=$((tries + 1))
	done
	sleep 0.5
}

golden() {
	local name=$1

	sed 's/ *$//' stdout > golden.out
	[ -z "$update" ] || cp golden.out "$here/golden/$name"
	diff -u "$here/golden/$name" golden.out > golden.diff && return 0
	sed 's/^/# /' golden.diff
	return 1
}

run_program test_options
run_program test_parsers
run_program test_space
run_program fuzz

# help

for command in "" record heatmap regions; do
	run 0 "$damon" $command --help
	ok $? "help of '$command'"
	[ "$(wc -l < stdout)" -le 24 ] && [ "$(wc -L < stdout)" -le 80 ]
	ok $? "help of '$command' fits a screen"
done
run 1 "$damon"; ok $? "no command"
run 1 "$damon" nonsense && says "no command 'nonsense'"; ok $? "unknown command"
run 0 "$damon" --version; ok $? "version"

# record: what it sets up, in which order, and that it is gone afterwards

awk -v snapshots=20 -f "$here/trace.awk" > trace
run 0 fake -t trace -- record -p 4242 -d 1s
ok $? "record for a time"
says "damon.rec: time is up after" && says "20 snapshots"
ok $? "the summary"
clean && no_instance; ok $? "nothing left behind"
printf 'nr_kdamonds 1\non\noff\nnr_kdamonds 0\n' | diff - fake/log
ok $? "each step once, and in order"
wrote contexts/0/operations vaddr &&
	wrote contexts/0/monitoring_attrs/intervals/sample_us 5000 &&
	wrote contexts/0/monitoring_attrs/intervals/aggr_us 100000 &&
	wrote contexts/0/monitoring_attrs/intervals/update_us 1000000 &&
	wrote contexts/0/monitoring_attrs/nr_regions/min 10 &&
	wrote contexts/0/monitoring_attrs/nr_regions/max 1000 &&
	wrote contexts/0/monitoring_attrs/intervals/intervals_goal/aggrs 0 &&
	wrote contexts/0/targets/0/pid_target 4242
ok $? "default settings"
size=$(wc -c < damon.rec)
[ $((size - 700)) -lt $((20 * 7 * 16)) ]
ok $? "20 snapshots of 7 regions in $size bytes"
mv damon.rec good.rec

run 0 fake -t trace -- record -p 4242 -d 1s -o other.rec -s 1ms -a 20ms -u 2s \
	--min-regions 5 --max-regions 50 --ops fvaddr --range 0x1000-0x2000 \
	--range 0x3000-0x4000 --goal 400 -q
ok $? "record with all options"
[ ! -s stderr ] || { sed "s,^,# said: ," stderr; false; }; ok $? "--quiet"
wrote contexts/0/operations fvaddr &&
	wrote contexts/0/monitoring_attrs/intervals/sample_us 1000 &&
	wrote contexts/0/monitoring_attrs/intervals/aggr_us 20000 &&
	wrote contexts/0/monitoring_attrs/intervals/update_us 2000000 &&
	wrote contexts/0/monitoring_attrs/nr_regions/min 5 &&
	wrote contexts/0/monitoring_attrs/nr_regions/max 50 &&
	wrote contexts/0/monitoring_attrs/intervals/intervals_goal/access_bp 400 &&
	wrote contexts/0/monitoring_attrs/intervals/intervals_goal/aggrs 3 &&
	wrote contexts/0/targets/0/regions/nr_regions 2 &&
	wrote contexts/0/targets/0/regions/1/start 12288 &&
	wrote contexts/0/targets/0/regions/1/end 16384
ok $? "all settings"

awk -v snapshots=20 -v lost=7 -f "$here/trace.awk" > lossy
run 0 fake -t lossy -- record -p 4242 -d 1s -o lossy.rec &&
	says "21 events lost"
ok $? "lost events are said"
run 0 "$damon" regions lossy.rec && says "lacks 21 events"
ok $? "and said again by those who read the record"

run 0 fake -t trace -x 200 -- record -p 4242 -o other.rec &&
	says "process ended" && clean && no_instance
ok $? "the process ends"
run 5 fake -t trace -k 200 -- record -p 4242 -o other.rec &&
	says "somebody else stopped" && clean && no_instance
ok $? "somebody stops the kdamond"
for signal in INT TERM HUP; do
	rm -rf fake
	setsid "$out/san/fake" -t trace fake "$damon" record -p 4242 --root fake \
		-o "$signal.rec" 2> stderr &
	started
	kill -$signal $!
	wait $!
	[ $? -eq 0 ] && says "interrupted" && clean && no_instance &&
		"$damon" regions $signal.rec > stdout
	ok $? "SIG$signal ends it well"
done

run 0 fake_command -- sh -c 'sleep 0.3; echo out; echo ran > ran' &&
	[ "$(cat stdout)" = out ] && [ -f ran ] && says "process ended" &&
	says "not one snapshot" && clean
ok $? "a command"
run 0 fake_command -d 200ms -- sleep 100 && says "time is up"
ok $? "a command does not outlive the recording"
run 6 fake_command -- ./nonsense && says "cannot run ./nonsense" && clean
ok $? "a command that is not there"
rm -rf ran fake
"$out/san/fake" -n 2 fake "$damon" record --root fake -- \
	sh -c 'echo ran > ran' 2> stderr
[ $? -eq 5 ] && [ ! -f ran ]; ok $? "a command does not start in vain"

run 0 fake -t trace -- record -p 4242 -d 1s -o - -q &&
	mv stdout piped.rec && "$damon" regions piped.rec > stdout
ok $? "a record on stdout"
run 2 fake -t trace -- record -p 4242 -d 1s -o /dev/full &&
	says "cannot write /dev/full: No space left" && clean && no_instance
ok $? "a full disk"

# what may be wrong

run 3 fake -D -- record -p 4242 && says "this kernel has no DAMON"
ok $? "no DAMON"
run 3 fake -o paddr -- record -p 4242 && says "has no 'vaddr'" && clean
ok $? "DAMON without vaddr"
run 3 fake -E -- record -p 4242 && says "no event" && clean
ok $? "DAMON without its event"
run 2 fake -T -- record -p 4242 && says "tracefs is not mounted" && clean
ok $? "no tracefs"
run 5 fake -n 1 -s on -- record -p 4242 && says "another user has set up" &&
	says "running" && clean 1
ok $? "another user's kdamond runs"
run 5 fake -n 2 -- record -p 4242 && says "2 kdamonds" && says "off" && clean 2
ok $? "another user's kdamonds are set up"
run 6 fake -P -- record -p 4242 && says "no process 4242" && clean
ok $? "no such process"
run 2 fake -F -- record -p 4242 && says "cannot start the kdamond" && clean &&
	no_instance
ok $? "the kernel cannot start it"
(
	rm -rf fake
	"$out/san/fake" -t trace fake "$damon" record -p 4242 --root fake -q \
		-o first.rec &
	started
	echo 0 > fake/sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds
	"$damon" record -p 4242 --root fake -o second.rec 2> stderr
	status=$?
	kill $!
	wait $!
	[ $status -eq 5 ] && says "another damon is using"
)
ok $? "two recorders at a time"
if [ "$(id -u)" = 0 ] && command -v setpriv > /dev/null; then
	rm -rf fake
	"$out/san/fake" fake /bin/true
	chmod 755 "$work"
	chmod 600 fake/sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds
	cp "$out/damon" damon-static
	run 4 setpriv --reuid 65534 --clear-groups ./damon-static record \
		-p 4242 --root fake && says "be root"
	ok $? "not root"
fi
while read -r words; do
	run 1 fake -- record $words && clean
	ok $? "refused: record $words"
done <<'END'

-p 0
-p -1
-p x
-p 4242 -d 5
-p 4242 -s 200ms
-p 4242 --min-regions 2
-p 4242 --min-regions 20 --max-regions 10
-p 4242 --ops paddr
-p 4242 --ops fvaddr
-p 4242 --range 1-2
-p 4242 --goal 0
-p 4242 --goal 10001
-p 4242 --goal 400 --goal-min 6ms
-p 4242 --goal-min 5ms
-p 4242 word
END

# pictures and tables

run 0 "$damon" heatmap -c 60 -r 16 good.rec && golden heatmap.txt
ok $? "heatmap as plain text"
run 0 "$damon" heatmap --color always -c 24 -r 8 good.rec && golden heatmap.ansi
ok $? "heatmap in colours"
run 0 env LC_ALL=C.UTF-8 "$damon" heatmap --color always -c 24 -r 8 good.rec &&
	golden heatmap.utf8
ok $? "heatmap in half blocks"
run 0 "$damon" heatmap -c 30 -r 8 --from 500ms --until 1500ms \
	--address 140000000000000-140000100000000 good.rec && golden zoom.txt
ok $? "heatmap of a part"
run 0 env COLUMNS=99 "$damon" heatmap good.rec && [ "$(wc -L < stdout)" -eq 99 ]
ok $? "heatmap as wide as asked"
run 0 "$damon" heatmap --json -c 4 -r 4 good.rec &&
	sed -i '/start_/d' stdout && golden heatmap.json
ok $? "heatmap as JSON"
run 0 "$damon" heatmap --svg - -c 20 -r 12 good.rec && golden heatmap.svg
ok $? "heatmap as SVG"
run 0 "$damon" heatmap --svg picture.svg good.rec && [ -s picture.svg ] &&
	[ ! -s stdout ]
ok $? "SVG in a file"
run 0 "$damon" regions good.rec && golden regions.txt
ok $? "regions"
run 0 "$damon" regions --at 500ms good.rec && grep -q "snapshot 5 of 20" stdout
ok $? "regions of another moment"
run 0 "$damon" regions --json good.rec && golden regions.json
ok $? "regions as JSON"
run 0 "$damon" regions --color always good.rec && grep -q $'\033' stdout
ok $? "regions in colours"
if command -v python3 > /dev/null; then
	python3 -c 'import xml.dom.minidom as x; x.parse("picture.svg")'
	ok $? "SVG is well-formed"
	"$damon" regions --json good.rec | python3 -c 'import json, sys; json.load(sys.stdin)'
	ok $? "regions are JSON"
	"$damon" heatmap --json good.rec | python3 -c 'import json, sys; json.load(sys.stdin)'
	ok $? "heatmap is JSON"
fi

run 7 "$damon" heatmap nowhere.rec && says "cannot open nowhere.rec"
ok $? "no file"
run 7 "$damon" regions . && says "cannot read"; ok $? "a directory"
echo "this is not a record" > text
run 7 "$damon" heatmap text && says "no record of damon"; ok $? "another file"
: > empty
run 7 "$damon" regions empty && says "no record"; ok $? "an empty file"
head -c 600 good.rec > cut.rec
run 0 "$damon" regions cut.rec && says "cut off"; ok $? "a cut-off record"
head -c 200 good.rec > short.rec
run 7 "$damon" regions short.rec && says "no good header"
ok $? "a record without its header"
{ head -c 8 good.rec; printf '\002\000'; tail -c +11 good.rec; } > new.rec
run 7 "$damon" heatmap new.rec && says "format version 2"; ok $? "a later format"
{ head -c 10 good.rec; printf '\022\064'; tail -c +13 good.rec; } > swapped.rec
run 7 "$damon" heatmap swapped.rec && says "byte order"; ok $? "another byte order"
run 7 "$damon" regions --target 5 good.rec && says "no snapshot of what"
ok $? "no such target"
run 2 sh -c "'$damon' heatmap good.rec > /dev/full" && says "cannot write"
ok $? "stdout is full"

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
