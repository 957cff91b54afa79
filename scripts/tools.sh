#!/bin/sh
# Installs the tools that the tests use as independent judges, where this is Debian or Ubuntu and the user may install.
# A tool that stays missing is named here; the tests that need it say by name what they skip.
set -u

missing() {
	for pair in pdfsig:poppler-utils pdfinfo:poppler-utils mutool:mupdf-tools qpdf:qpdf certutil:libnss3-tools openssl:openssl zbarimg:zbar-tools chromium:chromium node:nodejs npm:npm; do
		command -v "${pair%%:*}" >/dev/null 2>&1 || echo "${pair##*:}"
	done | sort -u
}

want=$(missing)
[ -n "$want" ] || exit 0

if command -v apt-get >/dev/null 2>&1; then
	sudo=
	[ "$(id -u)" = 0 ] || sudo="sudo -n"
	echo "installing: $(echo $want)"
	export DEBIAN_FRONTEND=noninteractive
	# shellcheck disable=SC2086
	{ $sudo apt-get update -qq && $sudo apt-get install -y -qq --no-install-recommends $want; } >/dev/null 2>&1 || true
fi

want=$(missing)
[ -z "$want" ] || echo "not available here, their checks will be skipped: $(echo $want)"
exit 0
