# The ways into Muster. `make run` and `make test` need nothing prepared but python3 (3.11 or later), venv and make.

SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
# How many tests run side by side (many of them wait: one more than two cores), and what else pytest is told: make test ARGS="tests/core -x"
WORKERS ?= 3
ARGS ?=
export PYTHONUNBUFFERED := 1
# The tests start a hundred processes, and each would compile every module anew.
export PYTHONDONTWRITEBYTECODE :=
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help run test faults mutants check fix bench requirements install install-dev chromium

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: install ## Start Muster on this machine: http://127.0.0.1:8000, Ctrl-C stops it
	@exec $(BIN)/python -m config.embedded

test: install-dev chromium ## Run all tests on a real PostgreSQL, in parallel
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

faults: install-dev ## The long fault runs: real processes killed, the count taken at the receiver
	$(BIN)/python -m pytest tests/faults -m "faults or not faults" $(ARGS)

mutants: install-dev ## Delete each line of each preset in turn: the journey of its document must fail
	$(BIN)/python -m pytest tests/journeys/test_mutants.py -m mutants $(ARGS)

check: install-dev ## Lint, format, types, borders, templates, migrations, generated docs: runs all, then fails
	@failed=; \
	say() { echo "== $$*"; "$$@" || failed="$$failed\n  $$*"; }; \
	say $(BIN)/ruff check .; \
	say $(BIN)/ruff format --check .; \
	say $(BIN)/mypy .; \
	say $(BIN)/lint-imports; \
	say $(BIN)/djlint templates --lint --quiet; \
	DJANGO_SETTINGS_MODULE=tests.settings say $(BIN)/python manage.py makemigrations --check --dry-run; \
	DJANGO_SETTINGS_MODULE=tests.settings say $(BIN)/python manage.py states --check; \
	if [ -n "$$failed" ]; then echo -e "\nFailed:$$failed"; exit 1; fi

fix: install-dev ## Let ruff mend what it can, and format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: install-dev ## How fast it is, each figure beside a reference measured in the same run
	$(BIN)/python -m benchmarks $(ARGS)

requirements: .venv/bin/python ## Compile requirements/*.txt from pyproject.toml, with hashes, for every platform
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml $(COMPILED) -o requirements/run.txt
	$(BIN)/uv pip compile pyproject.toml $(COMPILED) --group dev -c requirements/run.txt -o requirements/dev.txt

COMPILED := --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate

# --- what the above stand on: a stamp beside the packages is younger than the list it was installed from -------------
install: .venv/installed-run
install-dev: .venv/installed-dev

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Muster needs Python 3.11 or later; $(PYTHON) is not. Try make PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv .venv || \
		{ rm -rf .venv; echo "Python's venv is missing: install the package python3-venv, then try again."; exit 1; }

.venv/installed-run: requirements/run.txt | .venv/bin/python
	$(BIN)/pip install --quiet --require-hashes -r requirements/run.txt
	@touch $@

.venv/installed-dev: requirements/dev.txt | .venv/bin/python
	$(BIN)/pip install --quiet --require-hashes -r requirements/dev.txt
	@touch $@ .venv/installed-run

chromium: install-dev
	@$(BIN)/python -m tests.chromium
