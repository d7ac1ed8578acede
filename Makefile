# make help lists what there is. Everything below works from a fresh clone, with
# or without git, as any user; only what installs packages asks for root.

SHELL       := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS   += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:
.NOTPARALLEL: # the outputs of two checks in one are of no use to anybody

PREFIX  ?= /usr/local
DESTDIR ?=
BINDIR  ?= $(PREFIX)/bin
MANDIR  ?= $(PREFIX)/share/man
DOCDIR  ?= $(PREFIX)/share/doc/gdcp

# What is tested, and how: make test PKG=./circle/... RUN=Steal
PKG     ?= ./...
RUN     ?= .
BENCH   ?= .
SECONDS_EACH ?= 10
COUNT   ?= 20
TIMEOUT ?= 25m

# golangci-lint, built by the go command: no installation, the same version for
# everybody. The first build takes about a minute and a half; then it is cached.
GOLANGCI_LINT := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

# The first go command here that can build this module; scripts/find-go says
# what to do where there is none.
ifndef GO
GO := $(or $(shell scripts/find-go 2>/dev/null),go)
endif
# Tests and go generate find the same one.
export PATH := $(patsubst %/,%,$(dir $(GO))):$(PATH)

# The version comes from scripts/version, also where git does not trust the
# checkout's owner (there go's own stamp would be an error).
VERSION   := $(shell scripts/version)
LDFLAGS   := -X main.version=$(VERSION)
GOBUILD   := $(GO) build -buildvcs=false -trimpath
COMMANDS  := $(notdir $(patsubst %/,%,$(dir $(wildcard cmd/*/main.go))))
BINARIES  := $(addprefix bin/,$(COMMANDS))
export GOFLAGS := $(filter-out -buildvcs=%,$(GOFLAGS)) -buildvcs=false

.DEFAULT_GOAL := build

.PHONY: help
help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@echo
	@echo "  PKG=./circle/... RUN=Regexp narrow tests; BENCH=Regexp benchmarks; COUNT=$(COUNT) is for stress,"
	@echo "  SECONDS_EACH=$(SECONDS_EACH) for fuzz; PREFIX=$(PREFIX) and DESTDIR= for install; SETUP=no installs nothing"

.PHONY: build
build: go $(BINARIES) ## all commands into bin/

# The go command knows what is up to date; make does not.
.PHONY: $(BINARIES)
$(BINARIES): bin/%: go
	$(GOBUILD) -ldflags '$(LDFLAGS)' -o $@ ./cmd/$*

# A sentence instead of "go: command not found".
.PHONY: go
go:
	@command -v $(GO) >/dev/null && $(GO) version >/dev/null || scripts/find-go >/dev/null

.PHONY: install
install: build ## bin/ into $(DESTDIR)$(PREFIX)
	install -d '$(DESTDIR)$(BINDIR)' '$(DESTDIR)$(MANDIR)/man1' '$(DESTDIR)$(DOCDIR)/slurm'
	install -m 0755 $(BINARIES) '$(DESTDIR)$(BINDIR)'
	install -m 0644 docs/*.1 '$(DESTDIR)$(MANDIR)/man1'
	install -m 0644 README.md CHANGELOG.md LICENSE '$(DESTDIR)$(DOCDIR)'
	install -m 0644 scripts/slurm/*.sbatch '$(DESTDIR)$(DOCDIR)/slurm'

.PHONY: setup
setup: ## packages for building, testing and the demo (apt, dnf or zypper)
	scripts/setup all

.PHONY: demo
demo: ## copy a real tree under mpirun, and prove the copy with rsync, getfattr and getfacl
	@GO='$(GO)' scripts/demo

# --- before a commit --------------------------------------------------------

.PHONY: check
check: fmt vet lint race ## the gate before a commit: fmt, vet, lint, test -race -short

.PHONY: fmt
fmt: go ## gofmt has nothing to say
	@echo "== gofmt"
	@files=$$(gofmt -l .); [ -z "$$files" ] || { printf 'not formatted; run gofmt -w on:\n%s\n' "$$files" >&2; exit 1; }

.PHONY: vet
vet: go ## go vet for Linux, for Linux without cgo, and for macOS
	@echo "== go vet: linux"
	@$(GO) vet ./...
	@echo "== go vet: linux, CGO_ENABLED=0"
	@CGO_ENABLED=0 $(GO) vet ./...
	@echo "== go vet: GOOS=darwin"
	@GOOS=darwin CGO_ENABLED=0 $(GO) vet ./...

.PHONY: lint
lint: go ## golangci-lint as .golangci.yml says; shellcheck where it is installed
	@echo "== golangci-lint ($(GOLANGCI_LINT))"
	@$(GO) run $(GOLANGCI_LINT) run $(PKG)
	@echo "== shellcheck"
	@if command -v shellcheck >/dev/null; then scripts/shell-files | xargs -0 shellcheck; \
	else echo "shellcheck is not installed: skipped (scripts/setup test installs it)"; fi

.PHONY: race
race: go ## go test -race -short
	@echo "== go test -race -short $(PKG)"
	@$(GO) test -race -short -timeout $(TIMEOUT) -run '$(RUN)' -json $(PKG) | $(GO) run ./scripts/testsum

# --- all that can be tested -------------------------------------------------

.PHONY: test
test: go ## everything, with what it stands on installed first (SETUP=no: with what is here)
	@if [ '$(SETUP)' = no ]; then echo "== set-up left out (SETUP=no)"; else echo "== scripts/setup test"; scripts/setup test; fi
	@$(MAKE) --no-print-directory build
	@echo "== go test $(PKG), required: $${GDCP_REQUIRE:-nothing; what is not here is skipped, and said}"
	@$(GO) test -count=1 -timeout $(TIMEOUT) -run '$(RUN)' -json $(PKG) | $(GO) run ./scripts/testsum

.PHONY: bench
bench: go ## go test -bench of all packages
	$(GO) test -run '^$$' -bench '$(BENCH)' -benchmem -timeout $(TIMEOUT) $(PKG)

.PHONY: stress
stress: go ## every test COUNT times under the race detector, on 1, 2 and 4 processors
	$(GO) test -race -count=$(COUNT) -cpu 1,2,4 -failfast -timeout 0 -run '$(RUN)' $(PKG)

.PHONY: fuzz
fuzz: go ## every Fuzz function there is, SECONDS_EACH seconds each
	@GO='$(GO)' scripts/fuzz $(SECONDS_EACH) $(PKG)

.PHONY: clean
clean: ## bin/ and test leftovers; caches stay
	rm -rf bin
	rm -f *.test *.prof *.out
