# Everything a person or a machine does with the checkout. Two commands are enough: `make run`, `make test`.
# Repeating a target costs nothing: each step of the set-up leaves a stamp in .venv and is done again only
# when what it depends on has changed.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
PORT ?= 8000
RUN_ARGS ?=
BENCH_SIZES ?= 10k,100k
BENCH_ARGS ?=
LOAD_MINUTES ?= 10
LOAD_PEOPLE ?= 100
LOAD_ARGS ?=
PEERS_SIZE ?= 10k
PEERS_ARGS ?=
PYTEST_ARGS ?= -n auto --dist loadgroup
STAMP := $(VENV)/.stamp

# The set-up reads settings, which make the secrets of a home: give it one of its own.
BUILD := DOSSIER_HOME=$(CURDIR)/$(VENV)/build-home
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 $(BIN)/python -m pip

STATIC_FILES := $(shell find static dossier -path '*static/*' -type f 2>/dev/null | sed 's/ /\\ /g')
CATALOGUES := $(shell find locale dossier -name '*.po' 2>/dev/null)

.PHONY: help setup run test lint bench bench-peers load pictures system lock messages clean

help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMP)-static $(STAMP)-messages ## The environment: Python, front-end packages, static files, texts

run: setup ## Start the program with its database (PORT=8000, RUN_ARGS="--no-demo")
	@exec $(BIN)/dossier run --port $(PORT) $(RUN_ARGS)

test: setup system lint ## Check and test everything
	$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: setup ## Format, style, types, layers, templates
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy dossier
	$(BIN)/lint-imports
	$(BIN)/djlint --lint --quiet templates dossier

bench: setup ## Measure speed and memory on this machine (BENCH_SIZES=10k,100k,1m)
	$(BIN)/python -m bench --sizes $(BENCH_SIZES) $(BENCH_ARGS)

load: setup ## Many people at work at once, nothing lost (LOAD_MINUTES=10 LOAD_PEOPLE=100 LOAD_ARGS=--faults)
	$(BIN)/python -m bench.load --minutes $(LOAD_MINUTES) --people $(LOAD_PEOPLE) $(LOAD_ARGS)

bench-peers: setup ## Put Tryton, from PyPI, through the same work beside it (PEERS_SIZE=10k)
	$(BIN)/python -m bench.peers --size $(PEERS_SIZE) $(PEERS_ARGS)

pictures: setup system ## Take the README's pictures from the demo company
	$(BIN)/python -m bench.pictures

messages: setup ## Collect the texts to translate (needs gettext), then compile them
	@command -v xgettext >/dev/null || { echo "gettext is missing: apt-get install gettext" >&2; exit 1; }
	@for place in . dossier/*/; do \
	  [ -d "$$place/locale" ] || continue; \
	  ignored=(-i tests); \
	  if [ "$$place" = . ]; then \
	    ignored=(-i node_modules -i .venv -i build -i static-built -i tests -i docs -i bench -i conftest.py); \
	    for own in dossier/*/locale; do ignored+=(-i "$$(dirname "$$own")/*"); done; \
	  fi; \
	  (cd "$$place" && $(BUILD) DJANGO_SETTINGS_MODULE=dossier.config.settings PYTHONPATH=$(CURDIR) \
	    $(CURDIR)/$(BIN)/python -P -m django makemessages -l zh_Hans --no-location --no-wrap --no-obsolete "$${ignored[@]}"); \
	done
	$(BIN)/python -m dossier.config.compile_messages

lock: $(STAMP)-python ## Lock the Python packages of requirements/*.in anew
	@for set in run dev; do \
	  $(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --no-annotate \
	    --output-file requirements/$$set.lock requirements/$$set.in; \
	done
	$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --no-annotate \
	  --output-file bench/peers/tryton.lock bench/peers/tryton.in

clean: ## Remove what was built (the home with its data is never touched)
	rm -rf $(VENV) node_modules static-built .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

# -- steps of the set-up ----------------------------------------------------------------------------------

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) -V 2>&1 || echo missing). Choose one: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "Python's venv module is missing: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(STAMP)-python: requirements/dev.lock pyproject.toml | $(BIN)/python
	$(PIP) install --quiet --require-hashes -r requirements/dev.lock
	$(PIP) install --quiet --no-deps -e .
	@touch $@

$(STAMP)-node: package.json package-lock.json | $(BIN)/python
	@node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null || { \
	  echo "Node 20 or newer is needed; node is $$(node -v 2>/dev/null || echo missing)." >&2; exit 1; }
	npm ci --silent --no-audit --no-fund --ignore-scripts
	@touch $@

$(STAMP)-static: $(STAMP)-python $(STAMP)-node $(STATIC_FILES) dossier/config/vendor.py
	$(BUILD) DJANGO_SETTINGS_MODULE=dossier.config.settings $(BIN)/python -m django collectstatic --noinput --verbosity 0 --ignore django_htmx
	@touch $@

$(STAMP)-messages: $(STAMP)-python $(CATALOGUES)
	$(BIN)/python -m dossier.config.compile_messages
	@touch $@

# What the tests need of the system: a browser, and gettext to see that every text is translated.
system:
	@missing=(); \
	command -v chromium >/dev/null || missing+=(chromium); \
	command -v xgettext >/dev/null || missing+=(gettext); \
	if [ $${#missing[@]} -gt 0 ]; then \
	  command -v apt-get >/dev/null || { echo "Please install: $${missing[*]}" >&2; exit 1; }; \
	  as_root=(); [ "$$(id -u)" = 0 ] || as_root=(sudo); \
	  "$${as_root[@]}" apt-get update -qq; \
	  "$${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$${missing[@]}" >/dev/null; \
	fi
