# Every target sets up what it needs, in .venv: a clean clone wants Go 1.26, a C compiler, Python 3.11 or newer and make.
#
#   make demo                train on wrong labels, plain and with mixup; pictures in demo-output/
#   make gallery             draw every augmentation again: docs/gallery.png
#   make test                everything; BACKENDS="jax tensorflow torch" for more backends, ARGS="-k words" for fewer tests
#   make fuzz sanitize soak  the long search for crashes, hangs and wrong labels; TIME=seconds for each part
#   make lint bench wheel build clean

PYTHON ?= python3
VENV ?= .venv
# The Keras backends to test. torch is left out because its wheels for Linux bring some 5 GB of CUDA.
BACKENDS ?= jax tensorflow
# More arguments for pytest.
ARGS ?=
# Seconds for each fuzz target, and for each backend of `make soak`.
TIME ?= 60
# Damaged files that `make sanitize` reads.
MUTATIONS ?= 20000
# The folders of class folders that `make bench` reads, and how many decoding threads.
DATA ?= ../shared/data/photos ../shared/data/caltech4
THREADS ?= 2
# PEERS=1 installs OpenCV, simplejpeg and TensorFlow, to be measured beside it (10 minutes); PEERS=all torchvision, timm and DALI, too (8 GB).
PEERS ?=

SHELL := bash
export GOTOOLCHAIN := local

PY := $(VENV)/bin/python
INSTALL := $(PY) -m pip install --quiet
CORE := python/mixfolder/libmixfolder$(if $(filter Darwin,$(shell uname)),.dylib,.so)
GO_SOURCES := $(wildcard *.go) $(shell find core -type f -not -name '*_test.go' -not -path '*/testdata/*') go.mod go.sum
PACKAGING := pyproject.toml setup.py python/_build_backend.py
# The tests of the C ABI run once; so do those of packaging, which bring their own environments.
ABI_TESTS := $(wildcard tests/test_abi*.py)
PACKAGING_TESTS := tests/test_packaging.py
PACKAGE_TESTS := $(filter-out $(ABI_TESTS) $(PACKAGING_TESTS),$(wildcard tests/test_*.py))

ALL_BACKENDS := jax tensorflow torch
package_jax := jax
package_tensorflow := $(if $(filter Linux-x86_64,$(shell uname -s)-$(shell uname -m)),tensorflow-cpu,tensorflow)
package_torch := torch

# $(call pytest,environment,files): no test selected (5) is no failure where ARGS selects.
pytest = env $(1) $(PY) -m pytest $(2) $(ARGS)$(if $(strip $(ARGS)), || test $$? -eq 5)

.PHONY: build demo gallery test lint bench fuzz sanitize soak wheel clean gofmt vet ruff test-core test-abi test-packaging $(ALL_BACKENDS:%=test-on-%)
.NOTPARALLEL:
.DELETE_ON_ERROR:

# The first installation builds the core, so whether it is older than its sources is asked in a second make.
build: $(VENV)/.package
	@$(MAKE) --no-print-directory $(CORE)

$(CORE): $(GO_SOURCES) $(PACKAGING)
	$(PY) setup.py --quiet build_ext --inplace

demo: $(VENV)/.demo build
	KERAS_BACKEND=jax $(PY) -m mixfolder.demo

gallery: $(VENV)/.demo build
	KERAS_BACKEND=jax $(PY) docs/gallery.py

test: gofmt vet test-core test-abi $(BACKENDS:%=test-on-%) test-packaging

lint: gofmt vet ruff

gofmt:
	@unformatted=$$(gofmt -l $(wildcard *.go) core) && test -z "$$unformatted" || { echo "gofmt -l: $$unformatted"; exit 1; }

vet:
	go vet ./...

ruff: $(VENV)/.test
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

test-core:
	go test -race . ./core/...

test-abi: $(VENV)/.test build
	$(call pytest,,$(ABI_TESTS))

$(ALL_BACKENDS:%=test-on-%): test-on-%: $(VENV)/.test $(VENV)/.backend-% build
	$(call pytest,KERAS_BACKEND=$*,$(PACKAGE_TESTS))

test-packaging: $(VENV)/.test
	$(call pytest,,$(PACKAGING_TESTS))

bench: $(VENV)/.test $(VENV)/.backend-jax $(if $(PEERS),$(VENV)/.backend-tensorflow $(VENV)/.peers $(if $(filter all,$(PEERS)),$(VENV)/.peers-all)) build
	go test -run '^$$' -bench . -benchmem ./core/...
	$(PY) tests/bench.py $(DATA) --threads $(THREADS)

# Each fuzz target of each package, one after the other. Making an input smaller (a minute each, if not told otherwise) finds no new crash, so it is
# cut short. A crash leaves its input in testdata/fuzz, where `go test` finds it from then on.
fuzz:
	@for package in $$(go list ./...); do \
	  for target in $$(go test -list '^Fuzz' $$package | grep '^Fuzz'); do \
	    echo "$$package $$target"; \
	    go test -run '^$$' -fuzz "^$$target$$" -fuzztime $(TIME)s -fuzzminimizetime 1s $$package || exit 1; \
	  done; \
	done

# Sanitizers make allocations of their own, so the tests that count them are left out.
sanitize: export CGO_CFLAGS := -g -O1 -fsanitize=undefined -fno-sanitize-recover=undefined
sanitize: export CGO_LDFLAGS := -fsanitize=undefined
sanitize:
	go test -asan -short -skip 'Alloc' -timeout 60m ./core/...
	MUTATIONS=$(MUTATIONS) go test -asan -count 1 -v -run '^TestMutated$$' -timeout 60m ./core/loader

soak: $(VENV)/.test $(BACKENDS:%=$(VENV)/.backend-%) build
	for backend in $(BACKENDS); do KERAS_BACKEND=$$backend $(PY) tests/soak.py --seconds $(TIME) || exit 1; done

wheel: $(VENV)/.made
	$(PY) -m pip wheel --no-deps --wheel-dir dist .

clean:
	rm -rf $(VENV) build dist demo-output python/*.egg-info .pytest_cache .ruff_cache $(CORE)
	find python tests -name __pycache__ -prune -exec rm -rf {} +

$(VENV)/.made:
	$(PYTHON) -m venv --upgrade-deps $(VENV)
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
