PYTHON ?= python3
# One process a core, with one thread: most fits of the tests are too small to share.
PYTEST = pytest --numprocesses=auto --dist=worksteal
SPHINX = .venv/bin/sphinx-build -W --keep-going -q -b html

help:
	@echo "make demo         set up .venv, cluster digits, draw quickstart.png"
	@echo "make test         set up .venv, run the fast tests"
	@echo "make coverage     the same, and fail below 97 % of the branches"
	@echo "make test-slow    run the tests that take minutes or need data"
	@echo "make test-oldest  run the fast tests against the oldest supported packages"
	@echo "make lint         check style, types, docstrings and unsafe calls"
	@echo "make audit        ask the network for known holes in the packages of .venv"
	@echo "make bench        print the tables of speed and memory, draw the charts (an hour)"
	@echo "make docs         build the site and its gallery in docs/_build/html"
	@echo "make docs-fast    the same, running no example and no block"
	@echo "make clean        remove the environments and what was built"

# A stamp says which constraints an environment was made from.
.venv%/installed: constraints%.txt pyproject.toml
	$(PYTHON) -m venv .venv$*
	.venv$*/bin/pip install --quiet -c $< -e ".[test,lint,plot]"
	touch $@

.venv/installed: constraints.txt pyproject.toml
	$(PYTHON) -m venv .venv
	.venv/bin/pip install --quiet -c $< -e ".[test,lint,plot]"
	touch $@

.venv/docs-installed: .venv/installed
	.venv/bin/pip install --quiet -c constraints.txt -e ".[docs]"
	touch $@

.venv/benchmarks-installed: .venv/installed
	.venv/bin/pip install --quiet -c constraints.txt -e ".[benchmarks]"
	touch $@

demo: .venv/installed
	.venv/bin/python examples/quickstart.py

test: .venv/installed
	OMP_NUM_THREADS=1 .venv/bin/$(PYTEST) -m "not slow"

# Tracing takes a third as long again.
coverage: .venv/installed
	OMP_NUM_THREADS=1 .venv/bin/$(PYTEST) -m "not slow" --cov --cov-report=term \
		--cov-fail-under=97

test-slow: .venv/installed
	OMP_NUM_THREADS=1 .venv/bin/$(PYTEST) -m "slow or hypothesis" --hypothesis-profile=thorough

test-oldest: .venv-oldest/installed
	OMP_NUM_THREADS=1 .venv-oldest/bin/$(PYTEST) -m "not slow"

lint: .venv/installed
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/numpydoc lint $(wildcard sknet_spectral/*.py sknet_spectral/inspection/*.py \
		sknet_spectral/_estimators/*.py sknet_spectral/_persistence/*.py)
	.venv/bin/bandit --quiet --recursive sknet_spectral

# Strict: pip-audit calls packages that it cannot look up free of known holes.
audit: .venv/installed
	.venv/bin/pip freeze --exclude-editable | sed 's/+.*//' | \
		.venv/bin/pip-audit --strict --no-deps --disable-pip -r /dev/stdin

bench: .venv/benchmarks-installed
	for script in steps neighbors mnist; do \
		.venv/bin/python benchmarks/$$script.py; done
	.venv/bin/python benchmarks/peers.py --runs 1 --chart docs/images/peers.svg
	.venv/bin/python benchmarks/growth.py --data gaussians mnist \
		--chart docs/images/growth.svg

docs: .venv/docs-installed
	$(SPHINX) docs docs/_build/html
	@echo "The site begins at docs/_build/html/index.html."

docs-fast: .venv/docs-installed
	$(SPHINX) -D plot_gallery=0 -D run_blocks_pages= docs docs/_build/html

clean:
	rm -rf .venv .venv-oldest docs/_build docs/auto_examples docs/generated

.PHONY: help demo test coverage test-slow test-oldest lint audit bench docs docs-fast clean
