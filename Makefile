# Each verb makes .venv by itself; nothing else needs to be installed but Python 3.11 or newer.
.PHONY: help demo test check format bench notebooks clean
.DEFAULT_GOAL := help

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

help:  ## say what there is
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## */  make \1\t/' | expand -t 20

demo: $(READY)  ## simulate, train, score, forecast and draw, into runs/demo/
	$(BIN)/stgraph demo --output runs/demo

test: $(READY)  ## run every test
	$(BIN)/pytest -n auto

check: $(READY)  ## lint, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(READY)  ## format and fix what can be fixed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(READY)  ## measure this machine for some five minutes, into benchmarks/results/
	$(BIN)/python -m benchmarks.loader
	$(BIN)/python -m benchmarks.accuracy quick --anew

notebooks: $(READY)  ## run the notebooks, into runs/notebooks/
	$(BIN)/jupyter nbconvert --log-level WARN --to notebook --execute --output-dir runs/notebooks notebooks/*.ipynb

clean:  ## remove what was built; your runs stay
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(READY): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $(READY)
