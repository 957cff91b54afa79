#!/bin/sh
# Installs @signpdf and lets it sign. The argument is the folder that bench made.
set -e
here=$(cd "$(dirname "$0")" && pwd)
home=$here/../work/signpdf
mkdir -p "$home"
cp "$here/package.json" "$here/peer.mjs" "$home/"
cd "$home"
npm install --silent --no-audit --no-fund >/dev/null
exec node peer.mjs "$1"
