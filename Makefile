# Every target does its own set-up: all it needs is make and Python 3.11 or newer.

VENV := .venv
BIN := $(VENV)/bin
LOCKER := build/locker
PIP := python -m pip install -q --disable-pip-version-check

# A candidate is run, not only looked up: a version manager's shim may exist for a Python that does not.
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3; do \
	$$python -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$python && break; done)
NEED_PYTHON = @test -n "$(PYTHON)" || { \
	echo "Letterbook needs Python 3.11 or newer with its venv module, and found none." \
	"Name one: make PYTHON=/path/to/python3" >&2; exit 1; }

CLIENTS := build/clients
LISTED := tests/clients

# Bytecode is written, whoever asked for none: the tests start a hundred programs, each of which would compile itself.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test test-all clients check docs conformance bench bench-peers plots lock clean

# The main job, on real letters.
demo: $(VENV)/.installed
	@$(BIN)/letterbook demo

# The tests that run on every change.
test: $(VENV)/.installed
	@$(BIN)/python -m pytest -n auto --dist loadfile

# All tests, the slow ones too.
test-all: $(VENV)/.installed clients
	@$(BIN)/python -m pytest -m "" -n auto --dist loadfile

# The released Graph clients that test-all runs, each language in a place of its own. Without Node the tests of the
# clients that run on it fail; all others are run.
clients: $(CLIENTS)/python/.installed
	@if node -e 'process.exit(+(process.versions.node.split(".")[0] < 20))' 2>/dev/null && command -v npm >/dev/null; \
		then $(MAKE) --no-print-directory $(CLIENTS)/node/.installed; \
		else echo "Clients for JavaScript need Node 20 or newer with npm, and found none: their tests will fail." \
		"On Debian and its kin: apt-get install nodejs npm" >&2; fi

# Style, types and the dependency rule.
check: $(VENV)/.installed
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports

# The pages made from the code: the catalogue of facts and the life of a message.
docs: $(VENV)/.installed
	@$(BIN)/python docs/generate.py

# Every request that Graph's documentation prints, asked again; writes docs/conformance.md and the README's score.
conformance: $(VENV)/.installed
	@$(BIN)/python -m tests.conformance

# How fast, as ratios measured in one run: some minutes, with BENCH_QUICK=1 under one and smaller mailboxes.
# The first run also makes the mailboxes of up to a million messages, which are kept in build/mailboxes.
bench: $(VENV)/.installed
	@$(BIN)/python -m benchmarks

# The same beside Dovecot and its full text index, which are installed where they are missing (Debian and its kin)
# and not left running. Its letters too are written once, and kept: indexing them takes it some ten minutes.
DOVECOT := dovecot-imapd dovecot-fts-xapian
bench-peers: $(VENV)/.installed
	@dpkg -s $(DOVECOT) >/dev/null 2>&1 || { \
		sudo=$$(test "$$(id -u)" = 0 || echo sudo); echo "Installing Dovecot"; \
		$$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $(DOVECOT) \
			>/dev/null && { $$sudo systemctl disable -q --now dovecot.socket dovecot 2>/dev/null || true; }; }
	@$(BIN)/python -m benchmarks

# The plots of the README again, from what was measured last.
plots: $(VENV)/.installed
	@$(BIN)/python -m benchmarks.plots

# Two stamps, so that a change of settings does not fetch every dependency again. Bytecode is left to the first
# import: most of the Graph SDK's thousands of modules never are.
$(VENV)/.locked: requirements.lock
	$(NEED_PYTHON)
	@echo "Setting up $(VENV) with $(PYTHON): once, for about half a minute"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/$(PIP) --no-compile --require-hashes -r requirements.lock
	@touch $@

$(VENV)/.installed: $(VENV)/.locked pyproject.toml
	@echo "Installing letterbook into $(VENV)"
	@$(BIN)/$(PIP) -q --no-deps --no-build-isolation -e .
	@touch $@

$(CLIENTS)/python/.installed: $(LISTED)/python/requirements.lock
	$(NEED_PYTHON)
	@echo "Installing Graph clients into $(@D)"
	@$(PYTHON) -m venv --clear $(@D)
	@$(@D)/bin/$(PIP) --no-compile --require-hashes -r $<
	@touch $@

$(CLIENTS)/node/.installed: $(LISTED)/node/package.json $(LISTED)/node/package-lock.json
	@echo "Installing Graph clients into $(@D)"
	@mkdir -p $(@D) && cp $^ $(@D)
	@npm --prefix $(@D) ci --silent --ignore-scripts --no-audit --no-fund
	@touch $@

# Writes requirements.lock anew from pyproject.toml; `make lock UPGRADE=1` takes newer versions.
# Local wheel folders would put hashes into the lock that nobody else can match, so they are switched off here.
lock:
	$(NEED_PYTHON)
	@echo "Locking the dependencies of pyproject.toml"
	@$(PYTHON) -m venv --clear $(LOCKER)
	@env -u PIP_FIND_LINKS PIP_CONFIG_FILE=/dev/null $(LOCKER)/bin/$(PIP) uv
	@env -u UV_FIND_LINKS UV_CUSTOM_COMPILE_COMMAND="make lock" \
		$(LOCKER)/bin/uv pip compile -q --no-config --universal --python-version 3.11 --generate-hashes \
		--no-annotate $(if $(UPGRADE),--upgrade) --group test --group dev pyproject.toml -o requirements.lock
	@env -u UV_FIND_LINKS UV_CUSTOM_COMPILE_COMMAND="make lock" \
		$(LOCKER)/bin/uv pip compile -q --no-config --universal --python-version 3.11 --generate-hashes \
		--no-annotate $(if $(UPGRADE),--upgrade) $(LISTED)/python/requirements.in \
		-o $(LISTED)/python/requirements.lock
	@if command -v npm >/dev/null; then npm --prefix $(LISTED)/node install --silent --package-lock-only \
		--omit-lockfile-registry-resolved --no-audit --no-fund && \
		$(PYTHON) $(LISTED)/node/tidy_lock.py $(LISTED)/node/package-lock.json; \
		else echo "npm is missing: $(LISTED)/node/package-lock.json stays as it is" >&2; fi

# Back to a fresh clone.
clean:
	@rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
