# Nothing in the program needs make: it saves typing.
PORT ?= 8501
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test test-pages test-core-held test-core lint bench screenshots

run: .venv/installed
	@echo "NiN Lab: http://localhost:$(PORT)"
	@$(BIN)/streamlit run app.py --server.port $(PORT) --server.headless true

# The tests of the pages mostly wait for a browser, those of the core compute: both at once, the pages first. What the
# core's tests print is shown at their end where make can hold it back, so that the two do not mix.
test: .venv/installed-dev
	$(BIN)/python -m tests.browser.install
	@$(MAKE) --no-print-directory -j 2 test-pages test-core-held

test-pages:
	$(BIN)/python -m pytest tests/browser

test-core-held:
	@$(MAKE) --no-print-directory $(and $(filter output-sync,$(.FEATURES)),--output-sync=target) test-core

test-core:
	nice -n 10 $(BIN)/python -m pytest --ignore=tests/browser

lint: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

bench: .venv/installed
	$(BIN)/python -m bench

screenshots: .venv/installed-dev
	$(BIN)/python -m tests.browser.install
	$(BIN)/python -m tests.browser.screenshots

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/installed: requirements.txt | .venv/bin/python
	@echo "Installing what the lab needs; the first time takes minutes (torch is large)."
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/installed-dev: requirements-dev.txt .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
