# `make` lists the targets. None of them asks a question or needs root. The environment is .venv/, every cache is
# .cache/; the one thing outside this folder is what `make test` installs with apt, as root on Debian.

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-print-directory

# The first Python that is new enough and has venv.
PY = $(firstword $(shell for python in python3.13 python3.12 python3.11 python3; do \
	"$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
	&& echo "$$python" && break; done))

REQUIRE_PYTHON = test -n "$(PY)" || { \
	echo "Python 3.11 or newer, with its venv module, is needed: install it, or make PY=/path/to/python3" >&2; exit 1; }

VENV := .venv
BIN := $(VENV)/bin
FLASK := $(BIN)/python -m flask --app wsgi
CACHE := $(CURDIR)/.cache
# `make test PYTEST_ARGS="-k slug"` runs some tests, in one process.
PYTEST_ARGS ?= -n 2 --dist loadgroup
UV := uv==0.13.9

# An environment is complete when the stamp with its lock file's checksum exists: it is written last.
RUN_READY := $(VENV)/.run-$(firstword $(shell cksum < requirements.txt))
DEV_READY := $(VENV)/.dev-$(firstword $(shell cksum < requirements-dev.txt))

INSTALL = TMPDIR="$(CACHE)/tmp" PIP_NO_CACHE_DIR=1 PIP_NO_INPUT=1 PIP_USER=0 PIP_DISABLE_PIP_VERSION_CHECK=1 \
	$(BIN)/python tools/install.py
COMPILE = UV_CACHE_DIR="$(CACHE)/uv" UV_CUSTOM_COMPILE_COMMAND="make lock" .cache/lock/bin/uv pip compile --quiet \
	--no-config --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate $(LOCK_ARGS)

# What PyPI does not carry: Varnish, PgBouncer, a browser, and the libraries and fonts that PDFs need.
APT_PACKAGES := varnish varnish-modules pgbouncer chromium libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core

# Client generators and linters of API documents, which are complete when ``installed`` is the same as their lock files.
CLIENTS := .cache/clients
CLIENTS_LOCKS := requirements-clients.txt tests/clients/package-lock.json

# Checks keep temporary files here; a running service uses the TMPDIR of its environment.
lint format types layers catalogs pytest fuzz long: export TMPDIR := $(CACHE)/tmp
pytest fuzz long: export HYPOTHESIS_STORAGE_DIRECTORY := $(CACHE)/hypothesis

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

## The service

.PHONY: run
run: $(RUN_READY) ## start the service (HOST, PORT, DATABASE_URL, PUBLIC_URL are read from the environment)
	@exec $(BIN)/python -m api.cli.serve

.PHONY: check-content
check-content: $(RUN_READY) ## check the booklets in content/, also against the printed text
	@$(FLASK) content check
	@$(BIN)/python -m tools.booklet check

.PHONY: openapi
openapi: $(RUN_READY) ## generate openapi.yaml from the code
	@$(FLASK) document write

## The checks

.PHONY: test
test: system clients lint types layers catalogs pytest ## run every check and test, up to the first that fails

# RUNLEVEL=1 keeps the packages from starting their servers: the tests start their own, on loopback.
.PHONY: system
system: | .cache/tmp ## install the programs that tests need and PyPI does not carry (Debian, as root; otherwise nothing)
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && ! dpkg -s $(APT_PACKAGES) >/dev/null 2>&1; then \
		echo "== installing $(APT_PACKAGES) (once)"; \
		{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
			apt-get install -y -qq --no-install-recommends $(APT_PACKAGES); } >$(CACHE)/apt.log 2>&1 \
			|| { tail -n 3 $(CACHE)/apt.log; echo "not installed: the tests that need them are left out"; }; \
	fi

.PHONY: clients
clients: $(DEV_READY) ## install the client generators and linters that tests run (Node and generators from PyPI and npm)
	@if ! cat $(CLIENTS_LOCKS) | cmp -s - $(CLIENTS)/installed; then \
		echo "== installing client generators and linters (once)"; \
		{ rm -rf $(CLIENTS) && $(BIN)/python -m venv $(CLIENTS)/venv \
			&& $(subst $(BIN),$(CLIENTS)/venv/bin,$(INSTALL)) requirements-clients.txt \
			&& cp tests/clients/package.json tests/clients/package-lock.json $(CLIENTS) \
			&& PATH="$(CURDIR)/$(CLIENTS)/venv/bin:$$PATH" npm ci --prefix $(CLIENTS) --cache $(CACHE)/npm --ignore-scripts \
				--no-audit --no-fund --no-update-notifier --fetch-retries=1 \
			&& rm -rf $(CACHE)/npm && cat $(CLIENTS_LOCKS) >$(CLIENTS)/installed; } >$(CACHE)/clients.log 2>&1 \
			|| { tail -n 3 $(CACHE)/clients.log; echo "not installed: the tests that need them are left out"; }; \
	fi

.PHONY: lint
lint: $(DEV_READY) ## check style and format (ruff)
	@echo "== ruff check"
	@$(BIN)/python -m ruff check
	@echo "== ruff format"
	@$(BIN)/python -m ruff format --check

.PHONY: format
format: $(DEV_READY) ## format the code and apply safe fixes (ruff)
	@$(BIN)/python -m ruff check --fix
	@$(BIN)/python -m ruff format

.PHONY: types
types: $(DEV_READY) ## check types (mypy, strict)
	@echo "== mypy"
	@$(BIN)/python -m mypy

.PHONY: layers
layers: $(DEV_READY) ## check which package may import which (import-linter)
	@echo "== import-linter"
	@$(BIN)/python -c 'from importlinter.cli import lint_imports_command as lint; lint()' \
		--no-logo --cache-dir .cache/import-linter

.PHONY: catalogs
catalogs: $(DEV_READY) ## check that every message has its Welsh
	@echo "== catalogs"
	@$(BIN)/python -m tools.catalogs

.PHONY: messages
messages: $(DEV_READY) ## add new messages to translations/ and remove unused ones
	@$(BIN)/python -m tools.catalogs --write

.PHONY: pytest
pytest: $(DEV_READY) ## run the tests only
	@echo "== pytest"
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

.PHONY: fuzz
fuzz: $(DEV_READY) ## run Schemathesis with many examples (FUZZ_EXAMPLES=200 per operation and phase)
	@FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-200} $(BIN)/python -m pytest -n 2 tests/contract/test_schemathesis.py

.PHONY: long
long: $(DEV_READY) ## run journeys and faults with many examples (TEST_EXAMPLES=300 TEST_STEPS=50 TEST_KILLS=200)
	@TEST_EXAMPLES=$${TEST_EXAMPLES:-300} TEST_STEPS=$${TEST_STEPS:-50} TEST_KILLS=$${TEST_KILLS:-200} \
		TEST_ALL_REQUESTS=1 $(BIN)/python -m pytest -n 2 --dist loadgroup tests/journeys tests/faults

.PHONY: bench
bench: $(DEV_READY) ## measure and write docs/performance.md (BENCH_ARGS="warm cold --quick" measures some parts quickly)
	@$(BIN)/python -m bench $(BENCH_ARGS)

## The environment

# venv writes pip last: an environment without it is incomplete and is created again.
$(BIN)/pip:
	@$(REQUIRE_PYTHON)
	@echo "== creating $(VENV) with $(PY)"
	@$(PY) -m venv --clear $(VENV)

$(RUN_READY): | $(BIN)/pip .cache/tmp
	@echo "== installing what the service needs (once)"
	@rm -f $(VENV)/.run-* $(VENV)/.dev-*
	@$(INSTALL) requirements.txt
	@touch $@

# requirements-dev.txt includes requirements.txt and requirements-pdf.txt, at the same versions.
$(DEV_READY): | $(BIN)/pip .cache/tmp
	@echo "== installing what the service and its checks need (once)"
	@rm -f $(VENV)/.run-* $(VENV)/.dev-*
	@$(INSTALL) requirements-dev.txt
	@touch $(RUN_READY) $@

.PHONY: pdf
pdf: $(RUN_READY) ## install the PDF extra (optional; docs/operators.md lists the system packages it needs)
	@$(INSTALL) requirements-pdf.txt

.cache/tmp:
	@mkdir -p $@

.PHONY: lock
lock: | .cache/tmp ## lock the dependencies of pyproject.toml (LOCK_ARGS=--upgrade takes the newest versions)
	@$(REQUIRE_PYTHON)
	@$(PY) -m venv .cache/lock
	@TMPDIR="$(CACHE)/tmp" PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 .cache/lock/bin/python -m pip install --quiet $(UV)
	@$(COMPILE) --output-file requirements.txt pyproject.toml
	@$(COMPILE) --constraint requirements.txt --extra pdf --output-file requirements-pdf.txt pyproject.toml
	@$(COMPILE) --constraint requirements-pdf.txt --extra pdf --group dev --output-file requirements-dev.txt pyproject.toml
	@$(COMPILE) --group clients --output-file requirements-clients.txt

.PHONY: clean
clean: ## remove the environment and the caches (var/ is kept: it is the service's data)
	@rm -rf $(VENV) .cache
	@find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
