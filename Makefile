# make site   the embedded sample as a site in build/site
# make test   lint, type check and every test, browser included
# make dev    the Dagster UI on the same asset graph and history
# make bench  what each asset costs at ROWS rows in FILES files (12 million in 12), as ratios
# make lock   compile the lock files anew (maintainers; needs uv); lock-client: that of client/

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# One shell line that says what is missing instead of a traceback.
CHECK_PYTHON = import sys; sys.exit(0 if sys.version_info >= (3, 11) else "laion-assets needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Name another with: make PYTHON=python3.12 ...")
# Node.js comes with the tests' packages; its own packages are in client/node_modules.
NODE = PATH="$(CURDIR)/$(BIN):$$PATH"
CLIENT := client/node_modules
ROWS ?= 12000000
FILES ?= 12
COMPILE = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
  --no-strip-extras --no-emit-index-url --no-emit-find-links
PIP = $(BIN)/python -m pip --disable-pip-version-check -qq

.PHONY: site test compiled lint dev bench lock lock-client chromium env

site: $(VENV)/.installed env
	$(BIN)/laion-assets build --dataset sample

# Without PYTHONDONTWRITEBYTECODE, by which every process of a test would compile our modules anew.
# A module's tests stay together as long as all workers are busy, so its fixtures are made once; two more
# workers than cores, for some tests wait.
test: $(VENV)/.installed-dev chromium
	@$(MAKE) --no-print-directory -j2 lint compiled
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n 4 --dist worksteal

# What the tests would otherwise each wait for, once.
compiled: $(VENV)/.installed-dev
	@$(BIN)/python -m tests.compiling

lint: $(VENV)/.installed-dev $(CLIENT)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(NODE) $(CLIENT)/.bin/tsc -p client
	$(NODE) $(CLIENT)/.bin/prettier --config client/.prettierrc --log-level warn --check client site_templates/scripts.json 'site_templates/static/*.js'

dev: $(VENV)/.installed-ui env
	@test -z "$$DAGSTER_HOME" || echo "DAGSTER_HOME=$$DAGSTER_HOME is another project's and left alone; this UI shows build/dagster."
	env -u DAGSTER_HOME VIRTUAL_ENV="$(CURDIR)/$(VENV)" PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/dg dev

bench: $(VENV)/.installed-dev
	$(BIN)/python -m bench.road build/bench --rows $(ROWS) --files $(FILES)

$(VENV)/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c '$(CHECK_PYTHON)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV) (once, about a minute) ..."
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	@echo "Installing what the tests need ..."
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

$(VENV)/.installed-ui: requirements-ui.lock $(VENV)/.installed
	@echo "Installing the Dagster UI ..."
	@$(PIP) install --require-hashes -r requirements-ui.lock
	@touch $@

$(CLIENT)/.installed: client/package-lock.json client/.npmrc $(VENV)/.installed-dev
	@echo "Installing what checks the client ..."
	@cd client && $(NODE) npm ci --loglevel=error >/dev/null
	@touch $@

# `dg dev` reads .env: the UI shows the same history as the command line.
env: $(VENV)/.installed
	@$(BIN)/python -m laion_assets.dagster_home build

chromium:
	@sh .ci/chromium

lock:
	$(COMPILE) --extra install pyproject.toml -o requirements.lock
	$(COMPILE) --extra install --extra ui pyproject.toml -o requirements-ui.lock
	$(COMPILE) --extra install --extra ui --extra ray --extra dev pyproject.toml -o requirements-dev.lock

# The lock file holds names, versions and hashes; npm would add where its packages ask for money.
lock-client: $(VENV)/.installed-dev
	cd client && $(NODE) npm install --package-lock-only --loglevel=error >/dev/null
	cd client && $(NODE) node -e 'const fs = require("fs"), lock = JSON.parse(fs.readFileSync("package-lock.json")); for (const entry of Object.values(lock.packages)) delete entry.funding; fs.writeFileSync("package-lock.json", JSON.stringify(lock, null, 2) + "\n")'
