# Safqa. `make help` lists what can be done; nothing but Python >= 3.11 and make is needed.
# Paths are relative on purpose: the checkout may stand under a path with spaces.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$p && break; done)
BIN := .venv/bin
PIP_INSTALL := $(BIN)/python -m pip install --disable-pip-version-check --require-hashes
# An activated environment of somebody else must not leak into ours.
unexport VIRTUAL_ENV PYTHONPATH PYTHONHOME
export PYTHONUTF8 := 1
ARGS ?=
# What browsers load from pages, and what the tests of pages are checked with; both come locked from npm.
ASSETS := app/web/vendor/.ready
PAGE_TOOLS := node_modules/.ready

.DEFAULT_GOAL := help
.PHONY: help setup run test check kernels format bench evaluate weights soak coverage openapi schemas docs migration lock clean

help: ## List the targets
	@grep -hE '^[a-z]+:.*## ' $(firstword $(MAKEFILE_LIST)) | awk -F ':.*## ' '{printf "  \033[1m%-10s\033[0m %s\n", $$1, $$2}'

setup: .venv/.ready .venv/.ready-dev $(ASSETS) $(PAGE_TOOLS) ## Make .venv with everything: Safqa, its dependencies, the tools of development

run: .venv/.ready $(ASSETS) ## Set up, migrate, load the sample set into an empty database, and serve on http://127.0.0.1:8000
	@$(BIN)/safqa serve --sample $(ARGS)

test: .venv/.ready-dev $(ASSETS) $(PAGE_TOOLS) ## Run the whole test suite (ARGS="-k name" narrows it)
	@$(BIN)/python -m pytest -n $${SAFQA_TEST_WORKERS:-2} --dist worksteal $(ARGS)

check: .venv/.ready-dev ## Lint, types, import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

kernels: .venv/.ready-dev ## Compile the ranking kernels, where this machine has not done so yet
	@$(BIN)/python -c "from app.matches.live_index import compile_kernels; compile_kernels()"

format: .venv/.ready-dev ## Format the code and mend what can be mended
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: .venv/.ready-dev $(ASSETS) ## Measure; prints tables and writes build/bench.json (ARGS="--suite api" narrows it)
	@$(BIN)/python -m bench $(ARGS)

evaluate: .venv/.ready-dev ## Score the rankings on the sets of ../shared, where they are present
	@$(BIN)/python -m bench.evaluate $(ARGS)

weights: .venv/.ready-dev ## Fit the weights that ship anew on the sets of ../shared, where they are present
	@$(BIN)/python -m bench.weights $(ARGS)

soak: .venv/.ready-dev ## The long forms of the tests: hundreds of kills, hundreds of thousands of mutations
	@$(BIN)/python -m pytest -n 0 -m soak --hypothesis-profile soak --timeout 3600 $(ARGS)

coverage: .venv/.ready-dev $(ASSETS) $(PAGE_TOOLS) ## Run the test suite and show what it does not reach
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest -n $${SAFQA_TEST_WORKERS:-2} --dist worksteal --timeout 180 -q $(ARGS)
	@$(BIN)/coverage combine -q
	@$(BIN)/coverage report

openapi: .venv/.ready-dev ## Write openapi.json anew from the routes
	@$(BIN)/python -m app.main openapi.json

schemas: .venv/.ready-dev ## Write docs/schemas and the events of docs/webhooks.md anew from the records and the catalogue
	@$(BIN)/python -m app.files.schema
	@$(BIN)/python -m app.events.describe docs

docs: .venv/.ready-dev ## Write the generated parts of docs/scoring.md, docs/sources.md and docs/eligibility.md anew
	@$(BIN)/python -m matching.describe docs/scoring.md
	@$(BIN)/python -m scrapers.describe docs/sources.md
	@$(BIN)/python -m matching.eligibility.describe docs/eligibility.md

migration: .venv/.ready-dev ## Write a new revision from the models: make migration m="what it does"
	@$(BIN)/safqa migrate --new "$(m)"

lock: .venv/.ready-dev ## Pin the dependencies anew (needs the network)
	@$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
		--python-version 3.11 --extra build pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
		--python-version 3.11 --extra build --extra dev --extra dask --extra bench -c requirements.lock pyproject.toml \
		-o requirements-dev.lock

clean: ## Remove what was built here (the data directory is kept)
	@rm -rf .venv build node_modules app/web/vendor .mypy_cache .ruff_cache .import_linter_cache .hypothesis

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Safqa needs Python 3.11 or newer; on Debian or Ubuntu: sudo apt-get install python3 python3-venv"; exit 2; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
		echo "Python's venv module is missing; on Debian or Ubuntu: sudo apt-get install python3-venv"; exit 2; }
	@echo "Making .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv .venv || { rm -rf .venv; exit 2; }

# pip's own lines show the progress. A failure leaves no mark, so that the next call goes on where this one stopped.
.venv/.ready: .venv/bin/python requirements.lock pyproject.toml
	@echo "Installing the pinned dependencies (about 300 MB at the first time)"
	@$(PIP_INSTALL) -r requirements.lock
	@$(BIN)/python -m pip check >/dev/null || $(BIN)/python -m pip check
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/.ready-dev: .venv/.ready requirements-dev.lock
	@echo "Installing the pinned tools of development"
	@$(PIP_INSTALL) -r requirements-dev.lock
	@touch $@

$(ASSETS): .venv/.ready .npmrc package.json package-lock.json app/web/vendoring.py
	@echo "Fetching the browser assets"
	@$(BIN)/python -m app.web.vendoring
	@touch $@

$(PAGE_TOOLS): .venv/.ready-dev $(ASSETS)
	@$(BIN)/python -m app.web.vendoring --tools
	@touch $@
