#!/bin/sh
# Fetches the European Commission's DSS library and lets it look at public test files: the folder, and a list of files in it.
set -e
here=$(cd "$(dirname "$0")" && pwd)
home=$here/../work/dss
mkdir -p "$home"
cp "$here/pom.xml" "$here/Corpus.java" "$home/"
cd "$home"
[ -d lib ] || mvn -q -B dependency:copy-dependencies -DoutputDirectory=lib.part >/dev/null
[ -d lib ] || mv lib.part lib
javac -cp 'lib/*' -d classes Corpus.java
exec java -cp 'classes:lib/*' Corpus "$1" "$2"
