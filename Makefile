# Everything sets itself up: `make run` and `make test` work in a fresh clone with Python 3.11+, git and make.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input --quiet
# The first interpreter that starts and is new enough (a name on the PATH may be a shim that does not start).
PYTHON ?= $(shell for p in python3.11 python3 python3.12 python3.13 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo "$$p"; break; }; done)
# Whole files to one worker: what a module sets up (a server, a trained model) is set up once. In the order of
# tests/order.py, not by the number of tests in them, which would let the longest begin last.
PYTEST_ARGS ?= -n auto --dist loadfile --no-loadscope-reorder
# A figure to look at, not to pass; what runs in other processes than the tests' own is not in it. Counting lines makes
# the tests take twice as long, so it is done when it is asked for.
COVERAGE_ARGS ?= $(foreach package,domain application adapters entrypoints pipelines progon,--cov=$(package)) --cov-report=term:skip-covered
RUN_ARGS ?=
BENCH_ARGS ?=
FAULTS ?= 200
FUZZ_S ?= 300
SEED ?= $(shell date +%s)

# Stages and tests start `python`, `dvc` and `progon` by name.
run check test coverage lint quick hostile openapi faults bench docs: export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help setup setup-dev run up test check coverage lint quick hostile openapi faults bench docs lock sbom messages proto clean

help: ## list the commands
	@grep -E '^[a-z-]+:.*## ' $(firstword $(MAKEFILE_LIST)) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

setup: $(VENV)/.run ## a virtual environment with what running needs
setup-dev: $(VENV)/.dev ## the same with the development tools

run: $(VENV)/.run ## set up, train the demo tasks if there is no model yet, serve on 127.0.0.1:8000
	$(BIN)/progon serve --demo $(RUN_ARGS)

up: ## the whole stack in containers (needs Docker): build, start, wait until all is well
	COMMIT_HASH=$$(git rev-parse HEAD) docker compose up --detach --build --wait --wait-timeout 900

test: check ## set up, lint and test

check: lint ## what CI runs: lint and tests (PYTEST_ARGS="-k name" narrows them)
	$(BIN)/python -m pytest $(PYTEST_ARGS)

coverage: $(VENV)/.dev ## which lines the tests run
	$(BIN)/python -m pytest $(COVERAGE_ARGS) $(PYTEST_ARGS)

lint: quick ## style, the order of imports, types and the import contracts
	$(BIN)/mypy
	$(BIN)/lint-imports
	cd clients/python && lint-imports

quick: $(VENV)/.dev ## the part of it that takes a second, for each commit
	$(BIN)/python -m flake8
	$(BIN)/ruff check --quiet

hostile: $(VENV)/.dev ## every attack on a live service, with a good client beside it that is timed (best on an idle machine)
	$(BIN)/python -m pytest tests/hostile --all-attacks -s

openapi: $(VENV)/.dev ## what /openapi.json allows and what it does not, sent to every route of a live service for FUZZ_S seconds
	$(BIN)/python -m tests.openapi $(FUZZ_S)

faults: $(VENV)/.dev ## kill, freeze, cut off and starve a live service under load, FAULTS=200 times, in an order by SEED
	$(BIN)/python -m pytest tests/faults --faults $(FAULTS) --faults-seed $(SEED) -s

bench: $(VENV)/.dev ## the benchmarks, side by side with peers
	$(BIN)/python -m benchmarks $(BENCH_ARGS)

docs: $(VENV)/.dev ## the documentation as a site, in docs/_build/html; a warning is an error
	$(BIN)/python -m sphinx --fail-on-warning --keep-going --nitpicky --quiet -b html docs docs/_build/html
	@echo "docs/_build/html/index.html"

lock: $(VENV)/.made ## follow pyproject.toml, or choose newer versions (UPGRADE=1); rewrites requirements/*.lock
	@$(BIN)/uv --version >/dev/null 2>&1 || $(PIP) install uv
	$(UV_COMPILE) --all-extras pyproject.toml requirements/build.in -o requirements/dev.lock
	$(UV_COMPILE) --extra train --extra pictures --extra demo --extra s3 --extra video --extra grpc --extra oidc -c requirements/dev.lock pyproject.toml \
		requirements/build.in -o requirements/run.lock
	$(UV_COMPILE) --extra s3 --extra video --extra grpc --extra oidc -c requirements/dev.lock pyproject.toml -o requirements/serve.lock
	for part in build pages tensorboard sbom; do \
		$(UV_COMPILE) -c requirements/dev.lock requirements/$$part.in -o requirements/$$part.lock || exit 1; done

# From the lock with its hashes, not from what happens to be installed. The tool has an environment of its own, so that
# nothing of it is among what it tells of.
sbom: $(VENV)/.made ## what the service is made of, as CycloneDX: progon.cdx.json
	@"$(PYTHON)" -m venv --clear $(VENV)/sbom
	@$(VENV)/sbom/bin/python -m pip --disable-pip-version-check --no-input --quiet install \
		--require-hashes --no-deps -r requirements/sbom.lock
	@PYTHONWARNINGS=ignore::UserWarning $(VENV)/sbom/bin/cyclonedx-py requirements --pyproject pyproject.toml --mc-type application --output-reproducible \
		--output-format JSON --output-file progon.cdx.json requirements/run.lock
	@echo progon.cdx.json

# One version per package for every Python (3.11 is the floor); no index address and no path gets into the files.
UV_COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
	--no-emit-index-url --no-header --no-annotate $(if $(UPGRADE),--upgrade) --override requirements/overrides.txt

# Babel reads the templates and the code; what it compiles is shipped, so that running needs gettext alone.
messages: $(VENV)/.dev ## gather the pages' messages, update the Russian ones and compile them
	cd entrypoints/admin && ../../$(BIN)/pybabel -q extract -F babel.cfg -k _N -k language -k self -k plural:1,2 \
		--no-location --sort-output --omit-header -o progon.pot . \
		&& ../../$(BIN)/pybabel -q update -i progon.pot -d locale -D progon --no-fuzzy-matching --ignore-pot-creation-date \
		&& ../../$(BIN)/pybabel -q compile -d locale -D progon; rm -f progon.pot

# Names and numbers of the protocol, as descriptors that are read at run time, and their types.
proto: $(VENV)/.dev ## write what is made of inference.proto
	cd entrypoints/grpc && ../../$(BIN)/python -m grpc_tools.protoc -I. --descriptor_set_out=inference.binpb \
		--pyi_out=. inference.proto && mv inference_pb2.pyi messages.pyi

clean: ## remove the virtual environment and caches; state in var/ stays
	rm -rf $(VENV) build docs/_build docs/reference *.egg-info .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +

$(VENV)/.made:
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Progon needs Python 3.11 or newer$(if $(PYTHON),; $(PYTHON) is not). Name one: make PYTHON=/path/to/python3"; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' || { echo "$(PYTHON) cannot make a virtual environment (Debian: apt-get install python3-venv)"; exit 1; }
	@echo "making $(VENV) with $$("$(PYTHON)" --version)"
	@"$(PYTHON)" -m venv --clear $(VENV)
	@touch $@

# Both locks hold the same versions, the development one holds more: one environment serves both.
$(VENV)/.run: requirements/run.lock requirements/build.lock pyproject.toml | $(VENV)/.made
	$(call install,run)
	@touch $@

$(VENV)/.dev: requirements/dev.lock requirements/run.lock requirements/build.lock pyproject.toml | $(VENV)/.made
	$(call install,dev)
	@touch $(VENV)/.run $@

# A lock is complete (--no-deps) and its hashes are checked. The build backend comes first, so that what has no wheel,
# this project included, is built with it and fetches none of its own.
define install
@echo "installing $$(grep -c == requirements/$(1).lock) packages, about two minutes the first time"
@$(PIP) install --require-hashes --no-deps -r requirements/build.lock
@$(PIP) install --require-hashes --no-deps --no-build-isolation -r requirements/$(1).lock
@$(PIP) install --no-deps --no-build-isolation -e .
endef
