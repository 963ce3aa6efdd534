# Mirador. `make help` lists the targets; the README names the two that matter.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

VERSION    ?= v2.1.3
COMMIT     ?= $(shell git rev-parse --short HEAD 2>/dev/null || echo unknown)
# The time of the commit, not of the build: equal sources give equal binaries.
BUILD_TIME ?= $(shell git log -1 --format=%cI 2>/dev/null || echo unknown)
LDFLAGS    := -s -w -X main.version=$(VERSION) -X main.commitHash=$(COMMIT) -X main.buildTime=$(BUILD_TIME)

SERVICES := gateway query logs traces schema
PROGRAMS := ./gateway ./services/query ./services/logs ./services/traces ./services/schema ./devstack
MODULES   = $(shell sed -n 's,^[[:space:]]*\./,,p' go.work)
# Tools are pinned in .ci/versions and live outside the checkout, so that a
# fresh clone does not build them again.
TOOLS     = $(shell .ci/tools --dir)
export PATH := $(shell .ci/tools --path):$(PATH)
export GOTOOLCHAIN ?= local
# One set of flags for build, vet and lint: they then share one build cache.
# (Race tests need cgo and turn it on again.)
export CGO_ENABLED ?= 0
export GOFLAGS := $(strip $(filter-out -trimpath,$(shell go env GOFLAGS)) -trimpath)

##@ Run

.PHONY: up start stop status demo dev run
up: build ## build everything and run it here; Ctrl-C ends it
	@bin/devstack up

start: build ## the same in the background; returns when everything is ready
	@bin/devstack start

stop: ## end what `make start` began
	@if [ -x bin/devstack ]; then bin/devstack stop; else echo "nothing runs: bin/devstack is not built"; fi

status: ## which parts run, and where
	@if [ -x bin/devstack ]; then bin/devstack status; else echo "nothing runs: bin/devstack is not built"; fi

demo: build ## play a fresh incident in the running demo shop
	@bin/devstack demo

dev: up ## the same as up

run: build ## run one service against your own configuration: make run SERVICE=query
	@test -n "$(SERVICE)" || { echo "say which: make run SERVICE=<$(subst $() ,|,$(SERVICES))>"; exit 2; }
	bin/$(SERVICE) serve

##@ Build

.PHONY: setup build proto proto-clean docs tidy vendor version clean
setup: tools ## install the pinned tools and fetch every module
	@for m in $(MODULES); do (cd $$m && go mod download); done
	@echo "ready: make up, make test"

build: ## build every binary into bin/
	@mkdir -p bin
# One call a program: only then does go leave a binary alone that is current.
	@for p in $(PROGRAMS); do go build -v -ldflags '$(LDFLAGS)' -o bin/$${p##*/} $$p || exit 1; done 2>&1 | .ci/progress "$(SERVICES) devstack"

proto: check-tools ## generate proto/gen anew
	@cd proto && buf lint && buf generate

proto-clean: ## remove generated code; make proto writes the same bytes again
	rm -rf proto/gen

docs: ## write docs/routes.md, docs/configuration.md and the OpenAPI document anew
	@.ci/docs

tidy: ## tidy every module
	@for m in $(MODULES); do (cd $$m && GOWORK=off go mod tidy); done

vendor: ## copy every dependency into vendor/
	go work vendor

version: ## print what a build would carry
	@echo "$(VERSION) commit $(COMMIT) of $(BUILD_TIME)"

clean: ## remove binaries, the demo's data and caches of this checkout
	@if [ -x bin/devstack ]; then bin/devstack stop >/dev/null 2>&1 || true; bin/devstack clean; fi
	rm -rf bin .run .cache vendor coverage*.out

##@ Check

.PHONY: test test-short bench lint fmt vet vuln ci
test: build ## every test, with the race detector and real components
	@.ci/test

test-short: ## unit tests of the modules, without the race detector
	@go test -short work

bench: build ## compare the gateway with the back end behind it, side by side
	@.ci/bench

lint: check-tools ## golangci-lint with the dependency rules
	@for m in $(MODULES); do echo "lint $$m"; (cd $$m && golangci-lint run ./...); done

fmt: check-tools ## format every file
	@for m in $(MODULES); do (cd $$m && golangci-lint fmt ./...); done

vet: ## go vet
	@go vet work

vuln: check-tools ## known vulnerabilities; VULN_DB=file:///path for a local database
	@.ci/vuln

ci: ## exactly what CI runs
	@.ci/run

##@ Tools

.PHONY: tools check-tools help
tools: ## install the pinned tools
	@.ci/tools

check-tools: ## say which pinned tool is missing
	@.ci/tools --check

help: ## this list
	@awk 'BEGIN {FS = ":.*## "} \
		/^##@/ {printf "\n%s\n", substr($$0, 5)} \
		/^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
