PYTHON ?= python3

help:
	@echo "make demo | test | test-slow | test-oldest | lint | clean"

# A stamp says which constraints an environment was made from.
.venv%/installed: constraints%.txt pyproject.toml
	$(PYTHON) -m venv .venv$*
	.venv$*/bin/pip install --quiet -c $< -e ".[test,lint,plot]"
	touch $@

.venv/installed: constraints.txt pyproject.toml
	$(PYTHON) -m venv .venv
	.venv/bin/pip install --quiet -c $< -e ".[test,lint,plot]"
	touch $@

demo: .venv/installed
	.venv/bin/python examples/quickstart.py

test: .venv/installed
	.venv/bin/pytest -m "not slow" --cov --cov-report=term

test-slow: .venv/installed
	.venv/bin/pytest -m slow

test-oldest: .venv-oldest/installed
	.venv-oldest/bin/pytest -m "not slow"

lint: .venv/installed
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy

clean:
	rm -rf .venv .venv-oldest

.PHONY: help demo test test-slow test-oldest lint clean
