#!/bin/sh
# Installs pyHanko and lets it judge and sign. The argument is the folder that bench made.
set -e
here=$(cd "$(dirname "$0")" && pwd)
home=$here/../work/pyhanko
[ -x "$home/bin/python" ] || python3 -m venv "$home"
"$home/bin/pip" install -q --disable-pip-version-check 'pyhanko==0.38.0' 'pyhanko-certvalidator==0.33.0'
exec "$home/bin/python" "$here/peer.py" "$1"
