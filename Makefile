# The whole life of the project; `make` alone lists it. CI runs `.ci/run`, which is `make check`.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.PHONY: help run test test-agents check bench lint format docs dependencies

# Release with a static standard library: `czar event` is called all the time, and this halves its start-up.
RELEASE := swift build -c release --static-swift-stdlib
# The debug build of `check` and `test` turns warnings into errors; a user's newer compiler with newer warnings still gets `make run`.
STRICT := CZAR_STRICT=1
SOURCES := Sources Tests Package.swift

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

run: dependencies ## build, then show Czar at work on a clone of this project (REPO=PATH: of another)
	@.ci/release czar
	@REPO="$(or $(REPO),$(CURDIR))" Fixtures/demo/run.sh "$$($(RELEASE) --show-bin-path)/czar"

test: dependencies ## run all tests (debug build, warnings are errors; FILTER=NAME: some of them)
	@$(STRICT) swift test --disable-xctest $(if $(FILTER),--filter '$(FILTER)')

test-agents: dependencies ## install real agents from PyPI and let them work on a scripted model (root; minutes; CZAR=PATH: with that binary, without a build)
	@CZAR='$(CZAR)' .ci/agents/test

check: lint test docs ## what CI runs: format, lint, house rules, build without warnings, tests, docs

lint: ## formatting, lint and house rules; changes nothing
	@swift format lint --strict --parallel --recursive $(SOURCES)
	@.ci/house-rules

format: ## format all Swift files in place
	@swift format --in-place --parallel --recursive $(SOURCES)

docs: dependencies ## write docs/commands.md from the tool's own help; check every page's links and commands
	@$(STRICT) swift build --quiet --product czar
	@.ci/docs "$$($(STRICT) swift build --show-bin-path)/czar"

bench: dependencies ## measure against git and cp in release; writes docs/performance.md (BENCH_REPO=PATH: also there)
	@.ci/release czar czar-bench
	@bin="$$($(RELEASE) --show-bin-path)"; "$$bin/czar-bench" "$$bin/czar" docs/performance.md $(BENCH_REPO)

dependencies:
	@.ci/dependencies
