PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.DEFAULT_GOAL := help
.PHONY: help setup run test acceptance lint format bench clean

help: ## Show this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Tradeloop needs Python 3.11 or newer; set PYTHON=python3.x"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Setting up $(VENV) (about a minute, once)"
	$(PIP) --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	@echo "Adding the tools for tests and lint"
	$(PIP) --editable '.[dev]'
	@touch $@

setup: $(VENV)/.dev ## Make .venv with everything pinned

run: $(VENV)/.run ## Run everything on this machine: simulated market, paper trading, dashboard
	@exec $(BIN)/tradeloop run $(ARGS)

test: $(VENV)/.dev lint ## Lint, then the whole test suite
	$(BIN)/python -m pytest -m "not slow"

acceptance: $(VENV)/.dev ## The slow suites: kills, fuzz, long loops
	$(BIN)/python -m pytest -m "slow"

lint: $(VENV)/.dev ## ruff, mypy --strict and the import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev ## Let ruff format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.dev ## Measure speed side by side (benchmarks/README.md)
	$(BIN)/python -m benchmarks

clean: ## Remove .venv and caches (never a home)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build *.egg-info
