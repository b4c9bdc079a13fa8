# Everything here works in .venv, made with $(PYTHON) and renewed when what it is made from changes.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
FAST := not slow and not faults and not browser and not fuzz
ALONE := faults or alone
WORKERS ?= 2

# implicit starts its own threads; those of OpenBLAS would fight with them.
export OPENBLAS_NUM_THREADS := 1

.DEFAULT_GOAL := help
.PHONY: help run test check lint fix profile lock install clean

help: ## Say what there is to make
	@awk -F ':[^#]*## ' '/^[a-z%-]+:.*## / { sub(/%/, "NAME", $$1); printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(INSTALLED) ## Train on real purchases if need be, then serve on http://127.0.0.1:8000
	@$(BIN)/cartera demo $(ARGS)

test: $(INSTALLED) ## Run every test, real store included, and measure coverage; WORKERS=N side by side
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile -m "not ($(ALONE))" --cov --cov-report= --cov-fail-under=0 $(ARGS)
	@$(BIN)/python -m pytest -m "$(ALONE)" --cov --cov-append --cov-report=term $(ARGS)

check: lint ## Before every commit: format, rules, types, import contracts, fast tests
	@$(BIN)/python -m pytest -m "$(FAST)" $(ARGS)

lint: $(INSTALLED) ## Format, rules, types and import contracts, without tests
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

fix: $(INSTALLED) ## Format, and repair what can be repaired by rule
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench-%: $(INSTALLED) ## Run one benchmark of benchmarks/, as in make bench-quality
	@$(BIN)/python -m benchmarks.$* $(ARGS)

profile: $(INSTALLED) ## Show where a request's time goes: a table, and a flame graph in var/bench/
	@$(BIN)/python -m benchmarks.hot_path $(ARGS)

lock: $(INSTALLED) ## Renew requirements.lock from pyproject.toml: newest versions, hashes, no addresses
	@$(BIN)/uv pip compile pyproject.toml --upgrade --all-extras --universal --python-version 3.11 \
		--generate-hashes --no-config --no-emit-index-url --no-emit-find-links \
		--custom-compile-command "make lock" --quiet --output-file requirements.lock

install: $(INSTALLED) ## Make the virtual environment and install everything into it

clean: ## Remove what tools left behind; data, releases and .venv stay
	@rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage .coverage.*
	@find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

$(INSTALLED): requirements.lock pyproject.toml
	@command -v $(PYTHON) > /dev/null || { \
		echo "$(PYTHON) was not found; install Python 3.11 or newer, or name it: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "$(PYTHON) is $$($(PYTHON) -V); Cartera needs 3.11 or newer: make PYTHON=python3.12" >&2; exit 1; }
	@echo "Installing into $(VENV), which takes a minute or two"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation --editable .
	@$(BIN)/python -c 'import ctypes, sys; sys.platform == "linux" and ctypes.CDLL("libgomp.so.1")' 2> /dev/null || { \
		echo "implicit, which trains, needs the system's OpenMP (libgomp.so.1): apt-get install libgomp1" >&2; exit 1; }
	@touch $@
