# faturad: everything a developer runs. `make help` lists the targets; each line is the target's own comment.

GO ?= go
# Pinned: what it finds must not change by itself. See docs/decisions/0003-lint.md.
GOLANGCI_VERSION := v2.15.0
GOLANGCI := bin/golangci-lint-$(GOLANGCI_VERSION)
# The demo's embedded server needs no C compiler with this tag.
DEMO_TAGS := gms_pure_go
# Later ones do not build here.
NFPM_VERSION := v2.45.0
NFPM := bin/nfpm-$(NFPM_VERSION)

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

# The race detector needs cgo, and cgo a C compiler.
HAVE_CC := $(shell command -v $$($(GO) env CC) 2>/dev/null)
ifneq ($(HAVE_CC),)
RACE := -race
endif

.DEFAULT_GOAL := help
.PHONY: help demo test seeds torture check bench lint fmt build package docs-fresh clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  \033[1m%-11s\033[0m %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## the whole thing on simulated providers and an embedded database: no account, no root, nothing to install
	CGO_ENABLED=0 $(GO) run -tags $(DEMO_TAGS) ./cmd/faturad-demo $(or $(ARGS),--once) $(if $(PROVIDER),--provider $(PROVIDER))

test: ## all tests, with the race detector where it can run; ends with what was not run and where the time went
	@$(if $(RACE),true,echo "make test: no C compiler found, so without the race detector (install gcc to have it)")
	@mkdir -p bin && $(GO) build -o bin/testreport ./internal/house/testreport
	@set -o pipefail; $(GO) test $(RACE) -json -tags $(DEMO_TAGS) -timeout 30m $(TESTFLAGS) $(or $(PKG),./...) | bin/testreport
	@$(if $(PKG),true,$(MAKE) --no-print-directory seeds)

# Without the race detector, which would make it ten times as long.
seeds: ## 100,000 simulated runs of the protocol (docs/reliability.md), a part of test: a minute on two free processors. SEEDS=from:count for others
	@set -o pipefail; FATURAD_SEEDS=$(or $(SEEDS),0:100000) $(GO) test -count=1 -v -timeout 24h -run '^TestSeeds$$' ./internal/simulation | grep -vE '^ *(=== |---)'

TORTURE := $(CURDIR)/bin/torture
torture: ## breaks the real thing for hours (docs/reliability.md): kills, stops, cuts, faults, 10 million simulated runs. Stopped, it goes on where it was. ARGS='-run RandomMoments' for a part
	@mkdir -p $(TORTURE)
	FATURAD_TORTURE_DIR=$(TORTURE) FATURAD_TORTURE_KILLS=$${FATURAD_TORTURE_KILLS:-3000} FATURAD_TORTURE_RANDOM=$${FATURAD_TORTURE_RANDOM:-1000} \
		FATURAD_INBOX_SCHEDULES=$${FATURAD_INBOX_SCHEDULES:-1:1000} FATURAD_INBOX_COUNT=$${FATURAD_INBOX_COUNT:-10000} \
		$(GO) test -count=1 -v -timeout 72h -parallel 4 ./internal/torture $(ARGS)
	@$(if $(ARGS),true,FATURAD_TORTURE_DIR=$(TORTURE) $(MAKE) --no-print-directory seeds SEEDS=$(or $(SEEDS),0:10000000))

check: ## formatting, vet, lint, tidy modules, fresh generated docs: everything but the tests
	@bad=$$(gofmt -l $$(git ls-files --cached --others --exclude-standard '*.go')); if [ -n "$$bad" ]; then echo "not formatted (make fmt):"; echo "$$bad"; exit 1; fi
	$(GO) vet -tags $(DEMO_TAGS) ./...
	$(GO) mod tidy -diff
	@$(MAKE) --no-print-directory lint docs-fresh

lint: $(GOLANGCI) ## golangci-lint alone; installs the pinned version into bin/ the first time (about five minutes)
	$(GOLANGCI) run $(or $(PKG),./...)

$(GOLANGCI):
	@mkdir -p bin
	@have=$$(command -v golangci-lint || ls $$($(GO) env GOPATH)/bin/golangci-lint 2>/dev/null); \
	if [ -n "$$have" ] && "$$have" version 2>/dev/null | grep -q "version $(GOLANGCI_VERSION:v%=%) "; then \
		cp "$$have" $@; \
	else \
		echo "building golangci-lint $(GOLANGCI_VERSION): about five minutes, once"; \
		GOBIN=$(CURDIR)/bin $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION) && mv bin/golangci-lint $@; \
	fi

# A generated document is compared by a test of the package that generates it; the test's name says so.
docs-fresh: ## generated documents agree with the code (go test -update writes them)
	@for p in $$(git grep -l 'docs/[a-z/-]*\.md' -- '*_test.go' | xargs -n1 dirname | sort -u); do \
		out=$$($(GO) test -run 'Docs?$$|Document$$|Documented|Page$$' ./$$p 2>&1) || { echo "$$out"; exit 1; }; \
		case $$out in *"no tests to run"*) echo "$$p: no test ending in Doc, Docs, Document or Page compares its document"; exit 1;; esac; \
		echo "$$out"; \
	done

bench: ## 5,000 sales through the real binary, beside the limits of this machine (docs/performance.md): twenty minutes on an idle machine. PKG=./mapping BENCH=. for one package
	$(if $(PKG),$(GO) test -tags $(DEMO_TAGS) -run '^$$' -bench '$(or $(BENCH),.)' -benchmem -timeout 60m $(PKG),$(GO) test -run '^$$' -bench '^Benchmark(Pipeline|Inbound|Companies|Sharing)$$' -benchtime 1x -timeout 60m ./internal/bench $(BENCHFLAGS))

fmt: ## format all Go code
	gofmt -w $$(git ls-files --cached --others --exclude-standard '*.go')

build: ## the release binary, static and reproducible: bin/faturad
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o bin/faturad ./cmd/faturad

# v1.2.0-3-gabcdef0 is three commits after 1.2.0; without any tag a package is older than every release.
PACKAGE_VERSION = $(shell echo '$(VERSION)' | sed -E 's/^v//; s/-dirty$$/.dirty/; s/-([0-9]+)-g/+\1.g/; /^[0-9]+\./!s/^/0.0.0-g/')

package: build $(NFPM) ## deb and rpm packages of the release binary, into DIST (bin/)
	@mkdir -p $(or $(DIST),bin)
	@for kind in deb rpm; do VERSION='$(PACKAGE_VERSION)' ARCH=$$($(GO) env GOARCH) $(NFPM) package -f systemd/nfpm.yaml -p $$kind -t $(or $(DIST),bin)/ || exit 1; done

$(NFPM):
	@echo "building nfpm $(NFPM_VERSION): about a minute, once"
	@mkdir -p bin && GOBIN=$(CURDIR)/bin $(GO) install github.com/goreleaser/nfpm/v2/cmd/nfpm@$(NFPM_VERSION) && mv bin/nfpm $@

clean: ## remove bin/
	rm -rf bin

# pipefail is bash's; on systems without /bin/bash set SHELL.
SHELL := /bin/bash
