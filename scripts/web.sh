#!/bin/sh
# Builds the web application, with the verifier for browsers in it, into internal/web/dist. Steps whose inputs did not change are
# skipped. With --optional a machine without Node is told what it will lack, and that is no failure.
set -eu
cd "$(dirname "$0")/.."
GO=${GO:-go}
dist=internal/web/dist

lacking() {
	echo "Aplikasi web tidak dibangun: $1 Halaman Periksa dokumen akan mengatakannya; yang lain tetap berjalan."
	echo "The web application is not built: $2 The page for checking documents will say so; everything else works."
	[ "${optional:-}" = yes ] && exit 0
	exit 1
}
[ "${1:-}" != --optional ] || optional=yes

need=20.19
command -v node >/dev/null 2>&1 || lacking "Node $need atau lebih baru tidak ada di komputer ini." "Node $need or newer is not on this computer."
command -v npm >/dev/null 2>&1 || lacking "npm tidak ada di komputer ini." "npm is not on this computer."
have=$(node -p 'process.versions.node')
node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' ||
	lacking "Node di komputer ini versi $have, perlu $need atau lebih baru." "Node on this computer is version $have, $need or newer is needed."

# The verifier, the larger one that writes reports and the one of the teaching page are linked each time, from Go's own cache, and replaced only when they differ:
# else everything after them is skipped.
mkdir -p web/wasm
same() { cmp -s "$1" "$2" && rm "$1" || mv "$1" "$2"; }
program() { # name, build tags
	GOOS=js GOARCH=wasm $GO build -trimpath -ldflags="-s -w" -tags "$2" -o "web/wasm/$1.new" ./cmd/absah-wasm
	same "web/wasm/$1.new" "web/wasm/$1"
}
program absah.wasm ""
program report.wasm report
program exercise.wasm exercise
install -m 644 "$($GO env GOROOT)/lib/wasm/wasm_exec.js" web/wasm/wasm_exec.js.new
same web/wasm/wasm_exec.js.new web/wasm/wasm_exec.js

if [ ! web/node_modules/.package-lock.json -nt web/package-lock.json ]; then
	(cd web && npm ci --no-audit --no-fund --ignore-scripts)
fi
if [ ! -f $dist/manifest.json ] || [ -n "$(find web internal/web/text internal/web/static \( -path web/node_modules -o -path web/.compressed -o -path web/e2e -o -path web/pictures \) -prune -o -type f -newer $dist/manifest.json -print | head -n 1)" ]; then
	(cd web && npm run --silent build)
	touch $dist/manifest.json
fi
