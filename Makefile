# firstframe: everything a user or a developer runs. `make` alone lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
INSTALLED_DEV := $(VENV)/.installed-dev
INSTALLED_MODELS := $(VENV)/.installed-models
BUF := node_modules/.bin/buf
# How many test files run at the same time.
TEST_WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help demo test lint charts images test-e2e test-chaos test-models test-kube test-postgres bench proto proto-release llvm triton inputs portraits figure clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  %-14s %s\n", $$1, $$2}'

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(INSTALLED): pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[local]'
	@touch $@

$(INSTALLED_DEV): pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(INSTALLED) $(INSTALLED_MODELS)

$(INSTALLED_MODELS): pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[local,embedded,triton,export]'
	@touch $@ $(INSTALLED)

# buf comes from npm; without npm the test that needs it is skipped (and fails in CI).
$(BUF): package.json
	@if command -v npm >/dev/null; then npm install --silent --no-fund --no-audit --no-save --no-package-lock && touch $@; fi

llvm: ## fetch libLLVM without root: the renderer is 8 times slower without it
	@sh scripts/fetch-llvm.sh

triton: $(INSTALLED_MODELS) ## what model packs need, and the development Triton server in .venv-triton (0.5 GB)
	$(PYTHON) scripts/make_triton.py

inputs: $(INSTALLED) ## fetch the photographs of the examples
	@$(BIN)/python scripts/fetch-inputs.py

portraits: $(INSTALLED) ## fetch the portraits of the examples about people
	@$(BIN)/python scripts/fetch-inputs.py --portraits

figure: $(INSTALLED_DEV) llvm ## render the figure, and two portraits, that are nobody, for the examples about people
	$(BIN)/python scripts/figure.py

demo: $(INSTALLED) llvm inputs ## run examples/campaigns/first-light.yaml from brief to finished videos
	$(BIN)/firstframe run examples/campaigns/first-light.yaml --out out/first-light

proto: $(INSTALLED_DEV) ## regenerate services/firstframe/api from proto/
	$(BIN)/python scripts/gen_proto.py services

proto-release: $(INSTALLED_DEV) ## accept the contract as it is as the one that must stay compatible
	$(BIN)/python scripts/gen_proto.py --image proto/released.binpb

lint: $(INSTALLED_DEV) ## ruff, mypy --strict, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PYTHONPATH=services $(BIN)/lint-imports

test: lint $(BUF) llvm inputs triton ## everything that must be green: under 15 minutes
	PATH="$(CURDIR)/node_modules/.bin:$$PATH" $(BIN)/python -m pytest -n $(TEST_WORKERS) --dist loadfile

test-models: $(INSTALLED_DEV) triton ## import, export and build real model packs: minutes
	$(BIN)/python -m pytest -m models

# checkov wants other versions of what we use, so it has an environment of its own.
.venv-checkov/bin/checkov: | $(VENV)/bin/python
	$(PYTHON) -m venv .venv-checkov
	.venv-checkov/bin/pip install --quiet --disable-pip-version-check checkov==3.3.30

test-kube: $(INSTALLED_DEV) .venv-checkov/bin/checkov ## against a Kubernetes control plane; checkov over the charts
	FIRSTFRAME_CHECKOV="$(CURDIR)/.venv-checkov/bin/checkov" $(BIN)/python -m pytest -m kube

test-postgres: $(INSTALLED_DEV) ## campaigns on a Postgres server that is killed: minutes
	$(BIN)/python -m pytest -m postgres

charts: $(INSTALLED_DEV) ## regenerate values, schemas and READMEs of the charts, and fetch what each depends on
	$(BIN)/python scripts/gen_charts.py
	sh scripts/build-charts.sh

images: ## build all images with podman into build/images/*.tar
	sh scripts/build-images.sh

test-e2e: $(INSTALLED_DEV) images ## a campaign in a cluster with a real node, from these images: minutes
	$(BIN)/python -m pytest -m cluster

test-chaos: $(INSTALLED_DEV) llvm inputs ## kill processes at random while a campaign runs
	$(BIN)/python -m pytest tests/chaos

bench: $(INSTALLED_DEV) llvm ## measure, and write build/benchmarks/*.json
	$(BIN)/python -m benchmarks

clean: ## remove what the targets made, but not .firstframe and out
	rm -rf $(VENV) .venv-triton .venv-checkov node_modules build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
