# Needs Python 3.11 or later with its venv module, make and a network that reaches PyPI. `make help` lists the targets.

PYTHON ?= python3
ROLE ?= staff
ORIGIN ?=

export SAM_CLI_TELEMETRY := 0

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help test check lint types pytest coverage sam-check demo up url token down bench openapi fonts environments clean

help: ## this list
	@awk '/^## / { print substr($$0, 4) } \
	    match($$0, /^[a-z-]+:.*## /) { split($$0, part, ":"); printf "  %-12s %s\n", part[1], substr($$0, RLENGTH + 1) }' Makefile

## Try it

demo: local-environments ## the whole story on this machine with real files; leaves papers, mails and reports in out/
	@PYTHONPATH=layers .venv/bin/python -m local.demo

up: local-environments ## the stack on this machine, running until `make down`; ORIGIN=http://localhost:3000 lets a browser in
	@PYTHONPATH=layers .venv/bin/python -m local up $(addprefix --origin ,$(ORIGIN))

url: ## the URL of that stack's API
	@PYTHONPATH=layers .venv/bin/python -m local url

token: ## a bearer token for that stack; ROLE=staff or ROLE=storefront
	@PYTHONPATH=layers .venv/bin/python -m local token $(ROLE)

down: ## ends that stack
	@PYTHONPATH=layers .venv/bin/python -m local down

## Change it

test: ## everything that has to hold, from nothing: style, types, tests, the local stack, the SAM build
	@$(MAKE) --no-print-directory --jobs=4 environments
	@$(MAKE) --no-print-directory check

check: sam-check lint types pytest

# A selection builds what it needs: unit tests of papers the fonts, other unit tests nothing but .venv.
NEEDED = $(if $(filter tests/unit tests/unit/document%,$(ONLY)),fonts,$(if $(filter tests/unit/% tests/properties%,$(ONLY)),.venv/made,test-environments))
pytest: $(NEEDED) ## every test, or those of ONLY=tests/unit/domain
	.venv/bin/pytest -q $(if $(ONLY),$(ONLY),-n 2 --dist loadfile)

lint: .venv/made ## ruff: rules and format
	.venv/bin/ruff check
	.venv/bin/ruff format --check

types: .venv/made ## mypy, strict
	.venv/bin/mypy layers functions local

sam-check: .venv-sam/made fonts ## the template on AWS's own tools: sam validate --lint and sam build
	.venv-sam/bin/sam validate --lint
	env -u MAKEFLAGS PYTHON=$(CURDIR)/.venv-sam/bin/python .venv-sam/bin/sam build

coverage: .venv/made ## which lines the unit and property tests run
	.venv/bin/coverage run --source=layers,functions -m pytest -q tests/unit tests/properties
	.venv/bin/coverage report --skip-covered

bench: test-environments .venv/bench ## every measured ratio against its named alternative; writes out/bench.json
	@PYTHONPATH=layers:functions:. .venv/bin/python -m bench $(ONLY)

.venv/bench: bench/requirements.txt .venv/made
	.venv/bin/python $(INSTALL) -r $< -c tests/constraints.txt
	@touch $@

openapi: .venv/made ## docs/openapi.json from the code
	@PYTHONPATH=layers:functions .venv/bin/python -m order_api > docs/openapi.json

## Keep house

environments: test-environments .venv-sam/made ## everything that the other targets run in

clean: ## removes everything that make made
	@if [ -x .venv/bin/python ]; then PYTHONPATH=layers .venv/bin/python -m local down; fi
	rm -rf .venv .venv-runtime .venv-stack .venv-sam .cache .aws-sam out .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
	rm -rf layers/documents/fonts
	find . -name __pycache__ -prune -exec rm -rf {} +

# --- environments: each is made anew when what it is made from changes ---

INSTALL := -m pip install --quiet --disable-pip-version-check
PRODUCT := layers/shukka/requirements.txt layers/documents/requirements.txt layers/constraints.txt
TOOLS := tests/requirements.txt tests/constraints.txt

.PHONY: local-environments test-environments dynamodb
local-environments: .venv/made .venv-runtime/made .venv-stack/made .cache/layers/shukka/made .cache/layers/documents/made fonts
test-environments: local-environments dynamodb

# The product with the tools of `make test`.
.venv/made: $(PRODUCT) $(TOOLS)
	$(PYTHON) -m venv --clear .venv
	.venv/bin/python $(INSTALL) $(foreach file,$^,$(if $(findstring constraints,$(file)),-c,-r) $(file))
	@touch $@

# What functions run on in the local stack: a Python and nothing else.
.venv-runtime/made:
	$(PYTHON) -m venv --clear --without-pip .venv-runtime
	@touch $@

.venv-stack/made: local/requirements.txt
	$(PYTHON) -m venv --clear .venv-stack
	.venv-stack/bin/python $(INSTALL) -r $<
	@touch $@

.venv-sam/made: local/sam-requirements.txt
	$(PYTHON) -m venv --clear .venv-sam
	.venv-sam/bin/python $(INSTALL) -r $<
	@touch $@

# The libraries of one layer for this machine's Python, as the local stack's functions see them.
.cache/layers/%/made: layers/%/requirements.txt layers/constraints.txt | .venv/made
	rm -rf $(@D)
	.venv/bin/python $(INSTALL) --target $(@D) -r layers/$*/requirements.txt -c layers/constraints.txt
	@touch $@

# These two know themselves what is up to date.
fonts: .venv/made ## the fonts that papers are set in
	@PYTHONPATH=layers .venv/bin/python -m documents.build_fonts

dynamodb: .venv/made
	@.venv/bin/python -m local.dynamodb_engine --prepare
