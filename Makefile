# Two commands: `make demo` runs the main job on the bundled synthetic cohort, `make test` every check.
# Both build the environment in .venv first; nothing is installed elsewhere.
# Other ports for the demo: make demo OPTIONS="--port 3001 --ui-port 5001".

PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
BIN := .venv/bin
READY := .venv/.ready
PIP := $(BIN)/pip install --quiet --no-compile --disable-pip-version-check --require-hashes
NPM := $(shell command -v npm)
# One test process a core, of one thread; a file of tests stays in one process, so that its fixtures are made once.
PYTEST := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/pytest -n auto --dist loadfile
PAGE_READY := tests/page/node_modules/.ready

# Many containers set it, and everything would be compiled again in every process.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test environment lint types layers page docs tests unit slow acceptance coverage packed lock wheelhouse audit clean

help:
	@echo "make demo         check, train, promote and serve the bundled synthetic cohort"
	@echo "make test         every check"
	@echo "make acceptance   campaigns of faults and of generated inputs; minutes to hours, not in make test"
	@echo "make coverage     unit and contract tests; every line and branch of features and serving is run"
	@echo "make page         checks of the page's scripts; needs Node.js 20.19 or later"
	@echo "make docs         the documentation, docs/_build/index.html"
	@echo "make environment  only build .venv"
	@echo "make packed       renew the files and packages of the image after one was added, moved or locked"
	@echo "make lock         renew requirements.lock after a change of pyproject.toml"
	@echo "make wheelhouse   wheels for a machine without network; OF=serving/image/requirements.txt for the service alone"
	@echo "make audit        known vulnerabilities of the locked packages; asks osv.dev"

demo: environment
	@$(BIN)/cart-outcomes demo $(OPTIONS)

# A check uses one core, so two run side by side; the tests use both.
CHECKS := lint types layers page docs
TESTS := tests

test: environment
	@$(MAKE) --no-print-directory --jobs 2 $(CHECKS)
	@$(MAKE) --no-print-directory $(TESTS)

environment: $(READY)

# uv takes a quarter of pip's time; pip is there for places that only its own settings reach.
# What the commands import is compiled at the end: where it is not, each start of a program takes ten seconds
# instead of three. All of the libraries would take a minute, and most of their modules are never imported.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 13) else f"Python 3.11, 3.12 or 3.13 is needed, this is {v[0]}.{v[1]}; set PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv --clear .venv
	@awk '/^uv==/ {of_uv = 1} of_uv {print} of_uv && !/\\$$/ {exit}' requirements.lock > .venv/uv.lock
	@$(PIP) --no-deps -r .venv/uv.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock || $(PIP) -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/python -W ignore -c 'from training.commands.app import COMMANDS, imported; [imported(name) for name in COMMANDS]'
	@$(BIN)/python -W ignore -c 'import bentoml.serving, mlflow.server.fastapi_app, serving.service'
	@touch $(READY)

lint:
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types:
	$(BIN)/mypy

layers:
	$(BIN)/lint-imports

# Node.js is for development alone: without it these checks, and no others, are left out.
ifdef NPM
page: $(PAGE_READY)
	cd tests/page && npm run --silent lint && npm run --silent test
else
page:
	@echo "page: skipped, there is no npm (Node.js 20.19 or later) to check the page's scripts with"
endif

$(PAGE_READY): tests/page/package.json tests/page/package-lock.json
	cd tests/page && npm ci --loglevel=error
	@touch $(PAGE_READY)

# After a warning everything is read again: what was read once would not warn a second time.
docs: environment
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going --jobs auto docs docs/_build \
		|| { rm -f docs/_build/.doctrees/environment.pickle; exit 1; }
	@touch docs/_build/.built

# Both kinds at once: slow tests often wait, and quick ones run meanwhile. The longest files start first.
tests:
	$(PYTEST) -n $$((3 * $$(nproc) / 2)) --no-loadscope-reorder -m "not acceptance" tests/e2e tests/browser tests features serving training

# In the order of the names: contract tests take longest and come before unit tests. Reordered, files of few
# tests come last, and one that takes minutes is left for the end.
unit:
	$(PYTEST) --no-loadscope-reorder -m "not slow and not acceptance"

# In this order, so that the longest files start first; three on two cores, since they often wait.
slow:
	$(PYTEST) -n $$((3 * $$(nproc) / 2)) --no-loadscope-reorder -m "slow and not acceptance" tests/e2e tests/browser tests/contract tests/unit

# What takes long: faults injected at every step, thousands of generated inputs, figures of time and memory.
acceptance: environment
	$(BIN)/pytest -m acceptance

# Examples in docstrings are unit tests too. What a test starts in another process is not counted.
coverage: environment
	$(PYTEST) tests/unit tests/contract features serving -m "not slow and not acceptance" \
		--cov=features --cov=serving --cov-branch --cov-fail-under=100 --cov-report=term-missing:skip-covered

packed:
	$(BIN)/python -m tests.packed

lock:
	$(BIN)/uv pip compile pyproject.toml --constraint serving/image/constraints.txt \
		--extra training --extra cluster --extra shared-limits --extra omop --extra record-postgresql --extra dev \
		--universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --quiet --output-file requirements.lock

# Each download is checked against its hash; what has no wheel is built here.
OF ?= requirements.lock
wheelhouse: environment
	@rm -rf wheelhouse
	$(BIN)/pip wheel --quiet --disable-pip-version-check --require-hashes --no-deps --wheel-dir wheelhouse --requirement $(OF)
	$(BIN)/pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir wheelhouse .
	@sha256sum wheelhouse/*.whl > wheelhouse/SHA256SUMS && echo "$$(ls wheelhouse/*.whl | wc -l) wheels in wheelhouse, digests in wheelhouse/SHA256SUMS"

audit: environment
	$(BIN)/uv tool run pip-audit --disable-pip --require-hashes --requirement $(OF)

clean:
	rm -rf .venv tests/page/node_modules docs/_build docs/reference wheelhouse
