#!/bin/sh
# Installs pyHanko and lets it look at public test files: the folder, and a list of files in it.
set -e
here=$(cd "$(dirname "$0")" && pwd)
home=$here/../work/pyhanko
[ -x "$home/bin/python" ] || python3 -m venv "$home"
"$home/bin/pip" install -q --disable-pip-version-check 'pyhanko==0.38.0' 'pyhanko-certvalidator==0.33.0'
exec "$home/bin/python" "$here/corpus.py" "$1" "$2"
