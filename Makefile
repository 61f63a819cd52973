# One door to AdMint. Set-up happens by itself, again whenever a lock changes; `make help` lists the targets.
.DEFAULT_GOAL := help
.PHONY: help start demo demo-paid test check lint web types imports drift bench gen lock vbench test-vbench clean

# Taken unexpanded and handed over by the environment, so that quotes, dollars and apostrophes stay as typed.
override PROMPT := $(or $(value PROMPT),Create a 30-second ad for eco-friendly water bottle)
override OUT := $(or $(value OUT),output/demo)
export PROMPT OUT

PYTHON ?= python3
ADMINT ?= .venv/bin/admint
UV := $(shell command -v uv 2>/dev/null)
VENV := $(if $(UV),uv venv --quiet --allow-existing --python '>=3.11' .venv,sh backend/tools/venv.sh "$(PYTHON)" .venv)
PIP := $(if $(UV),uv pip install --quiet --python .venv/bin/python,.venv/bin/python -m pip install --quiet)
LOCKED := $(PIP) --no-deps --require-hashes -r
COMPILE = .venv/bin/uv pip compile --quiet $(UPGRADE) --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --excludes backend/requirements-excluded.txt

STUDIO := backend/app/web/index.html
STUDIO_SOURCES := $(shell find frontend/src frontend/public frontend/build frontend/index.html frontend/vite.config.ts 2>/dev/null)
NO_STUDIO = $(if $(wildcard $(STUDIO)),The studio stays as it was built.,AdMint starts with a plain page instead.)

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' Makefile

start: .venv/.core ## AdMint in your browser, on this machine (ARGS="--port 8080" goes to admint serve)
	@if sh backend/tools/node.sh "$(NO_STUDIO)"; then $(MAKE) --no-print-directory --silent $(STUDIO); fi
	@echo "Starting AdMint ..."
	@$(ADMINT) serve --open $(ARGS)

demo: .venv/.core ## a finished ad from PROMPT="..." into OUT=folder (ARGS="..." goes to admint generate)
	@$(ADMINT) generate --auto --prompt="$$PROMPT" --output="$$OUT" $(ARGS)

demo-paid: .venv/.core ## the same with bought clips, from vendors that are fakes and cost nothing, and the bill
	@OUT="$$OUT-paid" sh backend/tools/demo_paid.sh .venv/bin

test: check frontend/node_modules/.package-lock.json ## every check and every test, the browser's too
	cd frontend && npm run --silent test && npm run --silent bundle -- --logLevel warn
	cd backend && ../.venv/bin/pytest -n 2 --dist loadfile --no-loadscope-reorder --durations=15
	cd frontend && npm run --silent e2e

check: ## the linters and the generated pages
	@$(MAKE) --no-print-directory -j 2 types web lint imports drift

lint: .venv/.test
	cd backend && ../.venv/bin/ruff check . ../bench
	cd backend && ../.venv/bin/ruff format --check . ../bench
	cd backend && ../.venv/bin/vulture

web: frontend/node_modules/.package-lock.json
	cd frontend && npm run --silent lint

types: .venv/.test frontend/node_modules/.package-lock.json
	cd backend && ../.venv/bin/mypy
	cd frontend && npm run --silent types

imports: .venv/.test
	cd backend && ../.venv/bin/lint-imports
	cd backend && ../.venv/bin/deptry .

drift: .venv/.test frontend/node_modules/.package-lock.json
	cd backend && ../.venv/bin/python -m tools.gen --check
	cd frontend && npm run --silent gen:check

bench: .venv/.core ## measure: every bench/*/run.py, one after the other; results in bench/results
	@set -e; for run in bench/*/run.py; do echo "== $$run"; .venv/bin/python "$$run"; done

gen: .venv/.test frontend/node_modules/.package-lock.json ## rewrite the generated pages and types
	cd backend && ../.venv/bin/python -m tools.gen
	cd frontend && npm run --silent gen

lock: .venv/.test ## solve both locks again (UPGRADE=--upgrade for the newest releases)
	$(COMPILE) --extra build --extra encoder --extra scoring --extra test backend/pyproject.toml -o backend/requirements-test.lock
	$(COMPILE) --extra build --extra scoring -c backend/requirements-test.lock backend/pyproject.toml -o backend/requirements.lock

vbench: .venv-vbench/.ready ## the real VBench in an environment of its own (opt-in: 6.7 GB, and it wants a GPU)

test-vbench: .venv/.test ## score two clips with the real VBench, where it is set up
	@cd backend && ../.venv/bin/python -m tools.try_vbench

clean: ## remove what make built: the environment, the studio, caches and demo output
	rm -rf .venv .venv-vbench frontend/node_modules backend/app/web output backend/.mypy_cache backend/.ruff_cache backend/.pytest_cache
	find backend -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/bin/python:
	@$(VENV)

.venv/.core: backend/requirements.lock backend/pyproject.toml | .venv/bin/python
	@echo "Setting up Python (once; about a minute) ..."
	@$(LOCKED) backend/requirements.lock
	@$(PIP) --no-deps --no-build-isolation -e backend && touch $@

.venv/.test: backend/requirements-test.lock .venv/.core
	@echo "Setting up the test tools (once) ..."
	@$(LOCKED) backend/requirements-test.lock && touch $@

.venv-vbench/.ready: backend/requirements-vbench.lock
	@sh backend/tools/vbench.sh .venv-vbench

frontend/node_modules/.package-lock.json: frontend/package-lock.json
	@sh backend/tools/node.sh
	@echo "Setting up the studio's tools (once) ..."
	@cd frontend && npm ci --loglevel error --no-audit --no-fund && touch node_modules/.package-lock.json

$(STUDIO): $(STUDIO_SOURCES) frontend/node_modules/.package-lock.json
	@echo "Building the studio ..."
	@cd frontend && npm run --silent bundle -- --logLevel warn
