# Nothing in the program needs make: it saves typing.
PORT ?= 8501
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test soak lint bench screenshots

run: .venv/installed
	@echo "NiN Lab: http://localhost:$(PORT)"
	@$(BIN)/streamlit run app.py --server.port $(PORT) --server.headless true

test: .venv/installed-dev
	$(BIN)/python -m tests.browser.install
	$(BIN)/python -m pytest -n 2

# The long forms of tests, bounded in time, on loopback only: about half an hour. docs/promises.md says what for.
soak: .venv/installed-dev
	$(BIN)/python -m pytest -s tests/soak/kills.py tests/soak/pictures.py
	$(BIN)/python -m bench.pages.soak

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
