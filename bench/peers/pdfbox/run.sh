#!/bin/sh
# Fetches Apache PDFBox and Bouncy Castle and lets them sign. The argument is the folder that bench made; with two files behind it, the
# first is signed into the second, and nothing is measured.
set -e
here=$(cd "$(dirname "$0")" && pwd)
home=$here/../work/pdfbox
mkdir -p "$home"
cp "$here/pom.xml" "$here/Peer.java" "$home/"
cd "$home"
[ -d lib ] || mvn -q -B dependency:copy-dependencies -DoutputDirectory=lib.part >/dev/null
[ -d lib ] || mv lib.part lib
javac -cp 'lib/*' -d classes Peer.java
exec java -XX:ActiveProcessorCount=1 -cp 'classes:lib/*' Peer "$@"
