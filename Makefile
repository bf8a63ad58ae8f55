# One command per verb; `make help` prints the lines with two hashes.
# Every verb does its own set-up, so a fresh machine needs python3 (3.11 or newer, with venv) and make.

# A Python that was built without its optimisations, as version managers like to, takes a fifth longer for everything: where
# the distribution's own can do the same, that is taken.  `make PYTHON=…` takes the one that is named.
ifeq ($(origin PYTHON), undefined)
PYTHON := $(shell if ! python3 -c 'import sys, sysconfig; sys.exit(sys.base_prefix != "/usr" \
                     and "--enable-optimizations" not in (sysconfig.get_config_var("CONFIG_ARGS") or ""))' 2>/dev/null \
                     && /usr/bin/python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
                  then echo /usr/bin/python3; else echo python3; fi)
endif
BIN    := .venv/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --no-input
PATHS  ?= tests
JOBS   ?= 3

# A suite starts Python a thousand times: each start would compile all sources anew where somebody has set this.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run setup setup-dev prepare browser chromium test test-deep lint format bench docs lock clean

help:  ## Print this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' \
	  | while IFS="$$(printf '\t')" read -r verb text; do printf '  make %-10s %s\n' "$$verb" "$$text"; done

run: setup  ## Start everything: PostgreSQL, Temporal, worker, API and pages; Ctrl-C stops it
	$(BIN)/batchwright up

setup: .venv/.installed  ## Create .venv from the hash-pinned lock file

setup-dev: .venv/.installed-dev  ## The same with the test and lint tools

browser: setup-dev chromium  ## Find or install the browser the page tests drive
	$(BIN)/python -m tests.support.servers.chromium

chromium:
	@$(PYTHON) -m tests.support.servers.chromium package

# The linters take one core for a minute and the first tests wait much for their servers: they share that minute.  What the
# linters say is printed when they end and, if it is a fault, again at the end, below all that the tests say.
LINTED := .artifacts/lint.txt

# Our packages and the browser are got at the same time: each takes one core and a while.
prepare:
	@$(MAKE) --no-print-directory -j2 setup-dev chromium
	@$(MAKE) --no-print-directory browser

test: prepare  ## Lint and the whole test suite (PATHS=tests/lot for a part, JOBS=6 on four cores)
	@mkdir -p $(dir $(LINTED))
	@{ $(MAKE) --no-print-directory lint > $(LINTED) 2>&1; said=$$?; cat $(LINTED); exit $$said; } & linting=$$!; \
	  $(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder $(PATHS); tested=$$?; \
	  wait $$linting || { cat $(LINTED); echo "make test: the linters found something, see above"; exit 1; }; \
	  exit $$tested

test-deep: setup-dev  ## One long test: NAME=api-schema SEED=7 MINUTES=10 (without a NAME: their list)
	@SEED=$(SEED) MINUTES=$(MINUTES) ADDRESS=$(ADDRESS) $(BIN)/python -m tests.deep $(NAME)

lint: setup-dev  ## ruff, mypy, the import contracts, the templates
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --lint --quiet ui

format: setup-dev  ## Let ruff format and fix what it can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: setup-dev  ## Run every benchmark; each prints ratios measured in one run
	@for script in benchmarks/*.py; do \
	  case "$$script" in */_*) ;; *) echo "== $$script"; $(BIN)/python "$$script" || exit 1;; esac; done

docs: setup-dev  ## Write the generated reference pages and each noun's walls.sql again (tests fail when they are stale)
	$(BIN)/python -m runtime.reference

lock:  ## Resolve the lock files again (needs the uv tool)
	uv pip compile pyproject.toml --group build $(LOCK_OPTIONS) -o requirements.lock
	uv pip compile pyproject.toml --group build --group dev -c requirements.lock $(LOCK_OPTIONS) -o requirements-dev.lock

# Names, versions and hashes only: never an address of an index.
LOCK_OPTIONS := --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
  --no-emit-index-url --no-emit-find-links

clean:  ## Remove .venv, caches and test artifacts; the data folder stays
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .artifacts *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Batchwright needs Python 3.11 or newer: make PYTHON=/path/to/python3.11 …" >&2; exit 1; }
	$(PYTHON) -m venv .venv

.venv/.installed: requirements.lock pyproject.toml | .venv/bin/python
	$(PIP) install --quiet --require-hashes -r requirements.lock
	$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

# These are all of the above and more: who wants them needn't have the others first.  Most of their files are never
# read: each is compiled by whoever reads it first.
.venv/.installed-dev: requirements-dev.lock requirements.lock pyproject.toml | .venv/bin/python
	$(PIP) install --quiet --no-compile --require-hashes -r requirements-dev.lock
	$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch .venv/.installed $@
