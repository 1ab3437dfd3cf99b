# Every target sets up what it needs, in .venv: a clean clone needs Go 1.26, a C
# compiler, Python 3.11 or newer and make. `make help` lists the targets and the
# variables.

## BACKENDS="jax tensorflow"  the Keras backends of `make test` and `make soak`; torch is the third
# torch is left out because its wheels for Linux bring some 5 GB of CUDA.
BACKENDS ?= jax tensorflow
## ARGS=                      more arguments for pytest, such as ARGS="-k words"
ARGS ?=
## TIME=60                    seconds for each fuzz target, and for each backend of `make soak`
TIME ?= 60
## MUTATIONS=20000            number of damaged files that `make sanitize` reads
MUTATIONS ?= 20000
## DATA=folders               the folders of class folders that `make bench` reads
DATA ?= ../shared/data/photos ../shared/data/caltech4
## THREADS=2                  number of decoding threads in `make bench`
THREADS ?= 2
## PEERS=                     1: measure OpenCV, simplejpeg and TensorFlow, too (10 minutes);
##                            all: torchvision, timm and DALI as well (8 GB)
PEERS ?=
## TORCH=yes                  no: leave out the golden files that come from torchvision (torch is 5 GB)
TORCH ?= yes
## PYTHON=python3, VENV=.venv the Python that makes the virtual environment, and where
PYTHON ?= python3
VENV ?= .venv

SHELL := bash
export GOTOOLCHAIN := local

BIN := $(VENV)/bin
PY := $(BIN)/python
INSTALL := $(PY) -m pip install --quiet
CORE := python/mixfolder/libmixfolder$(if $(filter Darwin,$(shell uname)),.dylib,.so)
GO_SOURCES := $(wildcard *.go) $(shell find core -type f -not -name '*_test.go' -not -path '*/testdata/*') go.mod go.sum
PACKAGING := pyproject.toml setup.py python/_build_backend.py
C_FILES := $(shell find core -name '*.[ch]')
# Fuzz seeds are made last: some of them are golden files.
GOLDEN := $(shell find core -path '*/testdata/make.py') $(shell find core -path '*/fuzz/make.py')
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
# The tests of the C ABI run once; so do those of packaging, which create their own
# environments.
ABI_TESTS := $(wildcard tests/test_abi*.py)
PACKAGING_TESTS := tests/test_packaging.py
PACKAGE_TESTS := $(filter-out $(ABI_TESTS) $(PACKAGING_TESTS),$(wildcard tests/test_*.py))

# Tests of files, pixels and labels, which no backend changes: `make test` runs them on the first
# of BACKENDS alone.
ONCE_TESTS := $(wildcard $(patsubst %,tests/test_%.py, \
	augment batch_spec classes compat_augment dct_scaling directories docs faults \
	files filesystem flat_folders folds fork formats formats_depth formats_exif \
	formats_jpeg formats_jpeg_damage formats_unknown from_dataframe from_files \
	mask_files mix_policies mix_range names normalization pairing recipes reference \
	reference_formats skipping splits typing verify))
left_out_on = $(if $(filter test,$(MAKECMDGOALS)), \
	$(if $(filter $(1),$(firstword $(BACKENDS))),,$(ONCE_TESTS)))

# Tests that only `make test` runs: processes, signals and trainings, several seconds
# each.
SLOW_TESTS := $(wildcard $(patsubst %,tests/test_%.py,callbacks disks faults fork limits process signals soak training tutorial))

ALL_BACKENDS := jax tensorflow torch
package_jax := jax
package_tensorflow := $(if $(filter Linux-x86_64,$(shell uname -s)-$(shell uname -m)),tensorflow-cpu,tensorflow)
package_torch := torch

# $(call pytest,environment,files): no test selected (5) is no failure where ARGS selects.
pytest = env $(1) $(PY) -m pytest $(2) $(ARGS)$(if $(strip $(ARGS)), || test $$? -eq 5)

.PHONY: help build demo gallery check test test-short test-core test-abi test-packaging test-distributed test-resume $(ALL_BACKENDS:%=test-on-%)
.PHONY: lint gofmt vet staticcheck ruff clang-format types format golden check-golden
.PHONY: bench fuzz sanitize soak wheel clean
.NOTPARALLEL:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := build

help: ## list the targets and the variables
	@awk -F ' *:.*## ' '/^[a-z-]+:.*## /{printf "make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@sed -n 's/^## //p' $(MAKEFILE_LIST)

# The first installation builds the core, so a second make checks whether it is older
# than its sources.
build: $(VENV)/.package ## the core, if a source changed; the package, editable in .venv
	@$(MAKE) --no-print-directory $(CORE)

$(CORE): $(GO_SOURCES) $(PACKAGING)
	$(PY) setup.py --quiet build_ext --inplace

demo: $(VENV)/.demo build ## train on wrong labels, plain and with mixup; images in demo-output/
	KERAS_BACKEND=jax $(PY) -m mixfolder.demo

gallery: $(VENV)/.demo build ## redraw docs/gallery.png (augmentations) and docs/mixing.png (policies)
	KERAS_BACKEND=jax $(PY) docs/gallery.py
	KERAS_BACKEND=jax $(PY) docs/mixing.py

check: lint test-short ## before each commit: lint and the short tests

test: gofmt vet test-core test-abi $(BACKENDS:%=test-on-%) test-packaging ## before each push: all tests

test-core: ## the Go tests, with the race detector
	go test -race . ./core/...

test-abi: $(VENV)/.test build ## the tests of the C ABI
	$(call pytest,,$(ABI_TESTS))

## test-on-jax, test-on-tensorflow and test-on-torch are targets, too
$(ALL_BACKENDS:%=test-on-%): test-on-%: $(VENV)/.test $(VENV)/.backend-% build
	$(call pytest,KERAS_BACKEND=$*,$(filter-out $(call left_out_on,$*),$(PACKAGE_TESTS)))

test-packaging: $(VENV)/.test ## the tests of sdist, wheel and installing
	$(call pytest,,$(PACKAGING_TESTS))

test-distributed: $(VENV)/.test $(ALL_BACKENDS:%=$(VENV)/.backend-%) build ## trainings of several processes, on all backends
	$(call pytest,KERAS_BACKEND=jax,tests/distributed)

test-resume: $(VENV)/.test $(VENV)/.backend-jax build ## trainings that are killed 20 times; minutes
	$(call pytest,KERAS_BACKEND=jax,tests/interrupted)

test-short: $(VENV)/.test $(VENV)/.backend-jax build ## the tests that `make check` runs
	go test -short . ./core/...
	$(call pytest,KERAS_BACKEND=jax,-q $(filter-out $(SLOW_TESTS),$(ABI_TESTS) $(PACKAGE_TESTS)))

lint: gofmt vet staticcheck clang-format ruff types ## gofmt, go vet, staticcheck, clang-format, ruff, mypy

gofmt:
	@unformatted=$$(gofmt -l $(wildcard *.go) core) && test -z "$$unformatted" || { echo "gofmt -l: $$unformatted"; exit 1; }

vet:
	go vet ./...

staticcheck:
	go run $(STATICCHECK) -checks all ./...

ruff: $(VENV)/.lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

clang-format: $(VENV)/.lint
	$(BIN)/clang-format --dry-run -Werror $(C_FILES)

types: $(VENV)/.lint ## mypy, strict, on the package
	$(BIN)/mypy

format: $(VENV)/.lint ## Go, Python and C files in the style that lint expects
	gofmt -w $(wildcard *.go) core
	$(BIN)/ruff check --quiet --fix-only .
	$(BIN)/ruff format .
	$(BIN)/clang-format -i $(C_FILES)

# Other computers or versions may write other bytes, so both are pinned: Linux on
# x86-64, and the versions in pyproject.toml, in a virtual environment of their own.
golden: $(VENV)-golden/.packages $(if $(filter yes,$(TORCH)),$(VENV)-golden/.torch) ## regenerate golden files and fuzz seeds
	@for maker in $(GOLDEN); do \
	  echo "$$maker"; \
	  KERAS_BACKEND=jax PYTHONPATH=tests $(VENV)-golden/bin/python $$maker || exit 1; \
	done

check-golden: golden ## fail where `make golden` changes a file that is committed
	@changed=$$(git status --porcelain -- ':(glob)core/**/testdata/**') && test -z "$$changed" || { echo "differs from what \`make golden\` writes:"; echo "$$changed"; exit 1; }

bench: $(VENV)/.test $(VENV)/.backend-jax $(if $(PEERS),$(VENV)/.backend-tensorflow $(VENV)/.peers $(if $(filter all,$(PEERS)),$(VENV)/.peers-all)) build ## measure; see DATA, THREADS and PEERS
	go test -run '^$$' -bench . -benchmem ./core/...
	$(PY) benchmarks/bench.py $(DATA) --threads $(THREADS)

# Minimizing an input (a minute each by default) finds no new crash, so it is cut short.
# A crash leaves its input in testdata/fuzz, where `go test` finds it from then on.
fuzz: ## each fuzz target of each package, one after the other
	@for package in $$(go list ./...); do \
	  for target in $$(go test -list '^Fuzz' $$package | grep '^Fuzz'); do \
	    echo "$$package $$target"; \
	    go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(TIME)s -fuzzminimizetime 1s $$package || exit 1; \
	  done; \
	done

# Sanitizers allocate memory themselves, so the tests named for counting allocations
# are skipped.
sanitize: export CGO_CFLAGS := -g -O1 -fsanitize=undefined -fno-sanitize-recover=undefined
sanitize: export CGO_LDFLAGS := -fsanitize=undefined
sanitize: ## damaged files through C kernels under AddressSanitizer and UBSan
	go test -asan -short -skip 'Alloc' -timeout 60m ./core/...
	MUTATIONS=$(MUTATIONS) go test -asan -count 1 -v -run '^TestMutated$$' -timeout 60m ./core/loader

soak: $(VENV)/.test $(BACKENDS:%=$(VENV)/.backend-%) build ## files change while batches are made, on each of BACKENDS
	for backend in $(BACKENDS); do KERAS_BACKEND=$$backend $(PY) tests/support/soak.py --seconds $(TIME) || exit 1; done

wheel: $(VENV)/.made ## a wheel in dist/
	$(PY) -m pip wheel --no-deps --wheel-dir dist .

clean: ## remove everything that these targets create
	rm -rf $(VENV) $(VENV)-golden build dist demo-output python/*.egg-info .pytest_cache .ruff_cache .mypy_cache $(CORE)
	find python tests benchmarks -name __pycache__ -prune -exec rm -rf {} +

$(VENV)/.made $(VENV)-golden/.made: %/.made:
	$(PYTHON) -m venv --upgrade-deps $*
	@touch $@

$(VENV)/.lint: $(VENV)/.made pyproject.toml
	$(INSTALL) --group lint
	@touch $@

$(VENV)/.package: $(VENV)/.made $(PACKAGING)
	$(INSTALL) 'setuptools>=77' -e .
	@touch $@

$(VENV)/.peers: $(VENV)/.package
	$(INSTALL) opencv-python-headless simplejpeg
	@touch $@

$(VENV)/.peers-all: $(VENV)/.peers
	$(INSTALL) torch torchvision timm nvidia-dali-cuda130
	@touch $@

$(VENV)/.demo $(VENV)/.test: $(VENV)/.%: $(VENV)/.package
	$(INSTALL) -e '.[$*]'
	@touch $@

$(ALL_BACKENDS:%=$(VENV)/.backend-%): $(VENV)/.backend-%: $(VENV)/.package
	$(INSTALL) $(package_$*)
	@touch $@

$(VENV)-golden/.packages: $(VENV)-golden/.made pyproject.toml
	$(VENV)-golden/bin/python -m pip install --quiet --group golden
	@touch $@

$(VENV)-golden/.torch: $(VENV)-golden/.packages
	$(VENV)-golden/bin/python -m pip install --quiet --group golden --group golden-torch
	@touch $@
