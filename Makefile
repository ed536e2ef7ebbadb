# The two commands of the project: `make run` and `make test`. Everything is set up by tools/setup.py.
PYTHON ?= python3
VENV_PYTHON = .venv/bin/python
# Arguments for run_server.py: make run ARGS="--port 8443 --data DIR"
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup dev run test check e2e bench docs long lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' Makefile

setup: ## virtual environment, Node, packages and web bundle; nothing to do means no network
	@$(PYTHON) tools/setup.py

dev: ## setup, and the packages of the tests and linters
	@$(PYTHON) tools/setup.py dev

run: setup ## set everything up and run a server with the demo stories; ARGS="--port 8443 --data DIR"
	@exec $(VENV_PYTHON) run_server.py --demo $(ARGS)

test: dev ## set everything up and run all tests; ARGS="-k name" chooses
	@exec $(VENV_PYTHON) -m pytest $(ARGS)

check: ## linters, types and import contracts, Python and web, and the web's unit tests
	@$(PYTHON) tools/setup.py linters
	@exec $(VENV_PYTHON) tools/check.py $(ARGS)

e2e: dev ## the tests with real browsers alone
	@exec $(VENV_PYTHON) -m pytest -m "browser and not long" $(ARGS)

bench: dev ## a measurement; ARGS="NAME --json"
	@exec $(VENV_PYTHON) -m bench $(ARGS)

docs: dev ## the tests that hold the documents against the code
	@exec $(VENV_PYTHON) -m pytest -m docs $(ARGS)

long: dev ## the tests that take more than a few minutes
	@exec $(VENV_PYTHON) -m pytest -m long $(ARGS)

lock: setup ## newer versions of all packages into the lock files
	@$(PYTHON) tools/setup.py lock

clean: ## remove what setup and the tests made; ./data stays
	rm -rf .venv .build web/node_modules web/dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
