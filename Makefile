# A screenful; each target wraps a plain command.
GO ?= go

.PHONY: demo web wasm test check bench fuzz measure conformance tools

demo: ## build the web application and the program, run one real registration, sign a letter, serve the demo
	@sh scripts/web.sh --optional
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/absah ./cmd/absah
	./bin/absah demo $(ARGS)

web: ## the web application, with the verifier for browsers, into internal/web/dist; needs Node
	@sh scripts/web.sh

wasm: ## the verifier for browsers: bin/absah.wasm, and beside it the glue of the same Go release
	GOOS=js GOARCH=wasm $(GO) build -trimpath -ldflags="-s -w" -o bin/absah.wasm ./cmd/absah-wasm
	install -m 644 "$$($(GO) env GOROOT)/lib/wasm/wasm_exec.js" bin/

test: tools check ## every test; installs what it needs from Debian when it can
	$(GO) test -shuffle=on -timeout 20m ./...
	@sh scripts/web.sh
	cd web && npm run check && npm test && npm run e2e

check: ## formatting, vet, staticcheck
	@test -z "$$($(GO) tool gofumpt -l .)" || { $(GO) tool gofumpt -l .; echo "run: go tool gofumpt -w ."; exit 1; }
	$(GO) vet ./...
	$(GO) tool staticcheck ./...
	GOOS=js GOARCH=wasm $(GO) vet ./cmd/absah-wasm

tools: ## pdfsig, mutool, qpdf, certutil, openssl, Chromium: the independent eyes of the tests
	@sh scripts/tools.sh

bench: ## figures of this machine, on the terminal
	$(GO) run ./cmd/absah bench sign

measure: tools ## rewrite docs/measured.md from runs on this machine
	$(GO) run ./bench

conformance: tools ## rewrite docs/conformance.md from the test suites, the corpus and other programs
	$(GO) run ./bench conformance

fuzz: ## every fuzz target for FUZZTIME (default 10m each)
	sh scripts/fuzz.sh $(or $(FUZZTIME),10m)
