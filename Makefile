# `make` lists what there is. Nothing here asks a question, needs root or
# writes outside this folder: the environment is .venv/, every cache is .cache/.

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-print-directory

# The first Python that is new enough, runs, and can make an environment.
PY = $(firstword $(shell for python in python3.13 python3.12 python3.11 python3; do \
	"$$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 \
	&& echo "$$python" && break; done))

REQUIRE_PYTHON = test -n "$(PY)" || { \
	echo "Python 3.11 or newer, with its venv module, is needed: install it, or make PY=/path/to/python3" >&2; exit 1; }

VENV := .venv
BIN := $(VENV)/bin
FLASK := $(BIN)/python -m flask --app wsgi
CACHE := $(CURDIR)/.cache
# What pytest is given; `make test PYTEST_ARGS="-k slug"` runs a part, in one process.
PYTEST_ARGS ?= -n 2 --dist loadgroup
UV := uv==0.13.9

# An environment is ready when the stamp with the sum of its lock is there. It is written last:
# a stamp that is missing means that nothing, or not everything, was installed.
RUN_READY := $(VENV)/.run-$(firstword $(shell cksum < requirements.txt))
DEV_READY := $(VENV)/.dev-$(firstword $(shell cksum < requirements-dev.txt))

INSTALL = TMPDIR="$(CACHE)/tmp" PIP_NO_CACHE_DIR=1 PIP_NO_INPUT=1 PIP_USER=0 PIP_DISABLE_PIP_VERSION_CHECK=1 \
	$(BIN)/python -m pip install --quiet --require-hashes
COMPILE = UV_CACHE_DIR="$(CACHE)/uv" UV_CUSTOM_COMPILE_COMMAND="make lock" .cache/lock/bin/uv pip compile --quiet \
	--no-config --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate $(LOCK_ARGS)

# The checks keep their temporary files here too; a running service keeps the TMPDIR it was given.
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
check-content: $(RUN_READY) ## check the booklets in content/
	@$(FLASK) content check

.PHONY: openapi
openapi: $(RUN_READY) ## write openapi.yaml from the code
	@$(FLASK) document write

## The checks

.PHONY: test
test: lint types layers catalogs pytest ## every check and test, up to the first that fails

.PHONY: lint
lint: $(DEV_READY) ## ruff: rules and format
	@echo "== ruff check"
	@$(BIN)/python -m ruff check
	@echo "== ruff format"
	@$(BIN)/python -m ruff format --check

.PHONY: format
format: $(DEV_READY) ## ruff: format the code, and mend what it can mend
	@$(BIN)/python -m ruff check --fix
	@$(BIN)/python -m ruff format

.PHONY: types
types: $(DEV_READY) ## mypy, strict
	@echo "== mypy"
	@$(BIN)/python -m mypy

.PHONY: layers
layers: $(DEV_READY) ## import-linter: which room may know which
	@echo "== import-linter"
	@$(BIN)/python -c 'from importlinter.cli import lint_imports_command as lint; lint()' \
		--no-logo --cache-dir .cache/import-linter

.PHONY: catalogs
catalogs: $(DEV_READY) ## the translations of the service's own words are complete
	@echo "== catalogs"
	@$(BIN)/python -m tests.tools.catalogs

.PHONY: pytest
pytest: $(DEV_READY) ## the tests alone
	@echo "== pytest"
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

.PHONY: fuzz
fuzz: $(DEV_READY) ## Schemathesis at length (FUZZ_EXAMPLES=200 of each operation and phase)
	@FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-200} $(BIN)/python -m pytest -n 2 tests/contract/test_schemathesis.py

.PHONY: long
long: $(DEV_READY) ## journeys and faults at length (TEST_EXAMPLES=300 TEST_STEPS=50 TEST_KILLS=200)
	@TEST_EXAMPLES=$${TEST_EXAMPLES:-300} TEST_STEPS=$${TEST_STEPS:-50} TEST_KILLS=$${TEST_KILLS:-200} \
		TEST_EVERY_QUESTION=1 $(BIN)/python -m pytest -n 2 --dist loadgroup tests/journeys tests/faults

.PHONY: bench
bench: $(DEV_READY) ## measure, and write docs/performance.md (BENCH_ARGS="warm cold --quick": a part, a look)
	@$(BIN)/python -m bench $(BENCH_ARGS)

## The environment

# venv writes pip last, so an environment without it was interrupted, and is made anew.
$(BIN)/pip:
	@$(REQUIRE_PYTHON)
	@echo "== making $(VENV) with $(PY)"
	@$(PY) -m venv --clear $(VENV)

$(RUN_READY): | $(BIN)/pip .cache/tmp
	@echo "== installing what the service needs (once)"
	@rm -f $(VENV)/.run-* $(VENV)/.dev-*
	@$(INSTALL) -r requirements.txt
	@touch $@

# requirements-dev.txt holds everything that requirements.txt holds, at the same versions.
$(DEV_READY): | $(BIN)/pip .cache/tmp
	@echo "== installing what the service and its checks need (once)"
	@rm -f $(VENV)/.run-* $(VENV)/.dev-*
	@$(INSTALL) -r requirements-dev.txt
	@touch $(RUN_READY) $@

.PHONY: pdf
pdf: $(RUN_READY) ## install what makes PDFs of handouts, too (optional; docs/operators.md says what it needs of the system)
	@$(INSTALL) -r requirements-pdf.txt

.cache/tmp:
	@mkdir -p $@

.PHONY: lock
lock: | .cache/tmp ## lock anew what requirements*.in name (LOCK_ARGS=--upgrade: at the newest versions)
	@$(REQUIRE_PYTHON)
	@$(PY) -m venv .cache/lock
	@TMPDIR="$(CACHE)/tmp" PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 .cache/lock/bin/python -m pip install --quiet $(UV)
	@$(COMPILE) --output-file requirements.txt requirements.in
	@$(COMPILE) --output-file requirements-pdf.txt requirements-pdf.in
	@$(COMPILE) --output-file requirements-dev.txt requirements-dev.in

.PHONY: clean
clean: ## remove the environment and the caches (var/ stays: it is the service's data)
	@rm -rf $(VENV) .cache
	@find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
