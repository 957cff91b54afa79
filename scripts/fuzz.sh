#!/bin/sh
# Runs every fuzz target of the project, one after the other, for the given time each (default 10m).
# Finds land in testdata/fuzz of their package; commit them with the fix.
set -eu
time=${1:-10m}
grep -rlE '^func Fuzz' --include='*_test.go' . | while read -r file; do
	dir=$(dirname "$file")
	sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$file" | while read -r target; do
		echo "== $dir $target"
		go test "$dir" -run '^$' -fuzz "^$target\$" -fuzztime "$time" -fuzzminimizetime 20x
	done
done
