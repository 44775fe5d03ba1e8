# The two commands that matter: `make reproduce` and `make test`.
# Everything lives in .venv; nothing outside this folder is touched but pip's download cache.

.DEFAULT_GOAL := help
SHELL := /bin/sh
# Byte code is written on purpose: without it each start of the heavy libraries costs seconds.
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
# An environment that uv made has no pip of its own.
ENSURE_PIP = $(PIP) --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null

# Whoever waits sees what is fetched; a log needs no bars.
QUIETLY = $(if $(CI),--quiet)

# The first Python on the path that is 3.11 or newer; `make PYTHON=/path/to/python3 ...` overrides.
PYTHON ?= $(shell for candidate in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo "$$candidate" && break; done)

.PHONY: help reproduce analyse motion test slow bench docs reports pages images golden notebooks lock clean \
	format-check types layers pytest hold

help:
	@echo "make reproduce   recompute the published record; report in reports/published_record/"
	@echo "make analyse     analyse the simulated trial; report in reports/simulated-knee/"
	@echo "make motion      compare the simulated study's curves; report in reports/simulated-motion/"
	@echo "make test        everything that continuous integration runs"
	@echo "make slow        properties with 2,000 new examples each, error rates of curve tests"
	@echo "make hold        what the commands write, held byte for byte to the commit before (or SINCE=...)"
	@echo "make bench       time and memory of the commands"
	@echo "make pages       rewrite what the documents say of the package's own state"
	@echo "make notebooks   rewrite the .ipynb of each notebook from its script"
	@echo "make docs        the site of the documentation, in build/site/index.html"
	@echo "make reports     write the finished examples of reports/ anew"
	@echo "make images      make the pictures of the documents anew (needs Chromium)"
	@echo "make golden      the pictures that tests hold later ones against; look at them"
	@echo "make lock        renew the locked requirements (needs uv)"
	@echo "make clean       remove the environment and what was built; reports stay"

reproduce: $(VENV)/.locked
	@$(BIN)/backwalk reproduce

analyse: $(VENV)/.locked
	@$(BIN)/backwalk analyse data/example_trial/trial.toml

motion: $(VENV)/.locked-dev
	@$(BIN)/backwalk motion curves data/example_motion/motion.toml

test: format-check types layers pytest

format-check: $(VENV)/.locked-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.locked-dev
	$(BIN)/mypy

layers: $(VENV)/.locked-dev
	$(BIN)/lint-imports --no-cache

# One thread a worker: the matrices are small, and threads of workers in each other's way cost half.
pytest slow: export OMP_NUM_THREADS = 1
pytest slow: export OPENBLAS_NUM_THREADS = 1

pytest: $(VENV)/.locked-dev
	$(BIN)/python -m pytest -n auto -m "not slow"

slow: $(VENV)/.locked-dev
	HYPOTHESIS_PROFILE=deep $(BIN)/python -m pytest -n auto -m "slow or hypothesis"

# A change of form changes no byte; a commit that changes bytes says which and why.
SINCE ?= HEAD
hold: $(VENV)/.locked-dev
	$(BIN)/python tests/house/hold.py $(SINCE)

bench: $(VENV)/.locked
	$(BIN)/python benchmarks/start_up.py
	$(BIN)/python benchmarks/reproduce.py
	$(BIN)/python benchmarks/ledger.py
	$(BIN)/python benchmarks/granularity.py
	$(BIN)/python benchmarks/mixed_models.py
	$(BIN)/python benchmarks/batch.py
	$(BIN)/python benchmarks/analyse.py
	$(BIN)/python benchmarks/motion.py

# What is derived from the package and kept in version control; tests hold pages and notebooks.
pages: $(VENV)/.locked
	$(BIN)/python -m docs.make_pages

notebooks: $(VENV)/.locked-dev
	$(BIN)/python -m notebooks.pair

# The finished examples that lie in reports/.
reports: $(VENV)/.locked-dev
	@$(BIN)/backwalk reproduce --quiet
	@for trial in trial knees back; do $(BIN)/backwalk analyse data/example_$$trial/trial.toml --quiet; done
	@$(BIN)/backwalk motion curves data/example_motion/motion.toml --quiet

docs: $(VENV)/.locked-dev
	$(BIN)/python -m docs.site

images: $(VENV)/.locked
	$(BIN)/python -m docs.make_images

golden: $(VENV)/.locked-dev
	$(BIN)/python tests/plot/golden.py

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "backwalk needs Python 3.11 or newer on the path." \
		"Where it has another name: make PYTHON=/path/to/python3 $(MAKECMDGOALS)"; exit 1; } >&2
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "$(PYTHON) is not Python 3.11 or newer, which backwalk needs."; exit 1; } >&2
	@"$(PYTHON)" -c 'import ensurepip, venv' || { echo "$(PYTHON) has no venv module;" \
		"on Debian and Ubuntu: apt install python3-venv"; exit 1; } >&2
	"$(PYTHON)" -m venv $(VENV)

# `pip install` verifies every download against the lock; the package itself adds none.
$(VENV)/.locked: requirements.txt pyproject.toml | $(BIN)/python
	@echo "Installing the locked requirements into $(VENV) (once)."
	@$(ENSURE_PIP)
	$(PIP) install $(QUIETLY) --require-hashes -r requirements.txt
	$(PIP) install $(QUIETLY) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.locked-dev: requirements-dev.txt pyproject.toml | $(BIN)/python
	@echo "Installing the locked requirements for development into $(VENV) (once)."
	@$(ENSURE_PIP)
	$(PIP) install $(QUIETLY) --require-hashes -r requirements-dev.txt
	$(PIP) install $(QUIETLY) --no-deps --no-build-isolation --editable .
	@touch $@

LOCK := uv pip compile pyproject.toml --group build --universal --python-version 3.11 \
	--generate-hashes --no-header --no-annotate --no-emit-index-url --quiet

lock:
	$(LOCK) -o requirements.txt
	$(LOCK) --extra dev -c requirements.txt -o requirements-dev.txt

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find backwalk_stats tests benchmarks docs notebooks -name __pycache__ -type d -prune -exec rm -rf {} +
