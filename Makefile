# Everything is one command on a fresh Debian 12 with python3, make and root: `make serve`, `make test`.
# Without root the Debian packages are skipped, and the engines that pip brings do the work.

# The first Python that is new enough; Debian's own may not be the first in PATH.
PYTHON := $(shell for python in python3 /usr/bin/python3 python3.14 python3.13 python3.12 python3.11; do \
  $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
VENV := .venv
BIN := $(VENV)/bin
# The machine's own certificates, where it has any: a company's proxy is trusted there.
SYSTEM_CERTS := $(if $(wildcard /etc/ssl/certs/ca-certificates.crt),true,false)
UV := UV_PYTHON_DOWNLOADS=never UV_SYSTEM_CERTS=$(SYSTEM_CERTS) $(BIN)/uv --quiet
ARGS ?=

DEBIAN_SERVE := python3-venv libflite1
DEBIAN_TEST := $(DEBIAN_SERVE) chromium libatomic1  # the last for Playwright's own node
DEBIAN_CLIENTS := $(DEBIAN_TEST) firefox-esr

unexport VIRTUAL_ENV
.DEFAULT_GOAL := help
.PHONY: serve test clients-all check load llm-cost turn-latency embedded docs fmt clean help debian-serve debian-test debian-clients

serve: $(VENV)/.runtime | debian-serve ## run the server at http://localhost:8080 (ARGS="--port 9000 …")
	@exec $(BIN)/rtcserver serve $(ARGS)

test: $(VENV)/.dev | debian-test ## run every test (ARGS="tests/unit -x" for some)
	@$(BIN)/pytest $(ARGS)

clients-all: $(VENV)/.dev | debian-clients ## hold the large clients against the server too
	@$(BIN)/pytest -m nightly tests/clients $(ARGS)

check: $(VENV)/.dev ## check format, lint, types and the vendored bundle
	@$(BIN)/ruff format --check
	@$(BIN)/ruff check
	@$(BIN)/mypy
	@static/vendor-src/build.sh check

load: $(VENV)/.dev | debian-serve ## measure the latencies under several calls (ARGS="--calls 4")
	@$(BIN)/python -m loadtests $(ARGS)

llm-cost: $(VENV)/.dev ## measure the CPU of a chat model's token, beside the openai package
	@$(BIN)/python -m loadtests.llm_cost $(ARGS)

turn-latency: $(VENV)/.dev | debian-serve ## measure our own share of the silence before an answer
	@$(BIN)/python -m loadtests.turn_latency $(ARGS)

embedded: $(VENV)/.dev | debian-serve ## hold the built-in engines against what they promise
	@$(BIN)/python -m loadtests.embedded $(ARGS)

docs: $(VENV)/.dev ## write again what is generated: docs/*.md, the diagram in ARCHITECTURE.md
	@$(BIN)/python -m docs.generate

fmt: $(VENV)/.dev ## format the code and mend what ruff can
	@$(BIN)/ruff check --fix --exit-zero --quiet
	@$(BIN)/ruff format

clean: ## remove everything that a command here has made
	rm -rf $(VENV) build dist reports .mypy_cache .pytest_cache .ruff_cache .hypothesis
	rm -rf tests/clients/js/node_modules tests/clients/js/*/node_modules
	find . -name __pycache__ -prune -exec rm -rf {} +

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

# --inexact: serve leaves the tests' packages alone, and neither removes uv itself.
$(VENV)/.runtime: pyproject.toml uv.lock | $(BIN)/uv
	$(UV) sync --locked --inexact --no-dev --extra local --extra espeak
	@touch $@

$(VENV)/.dev: pyproject.toml uv.lock | $(BIN)/uv
	$(UV) sync --locked --inexact --all-extras
	@touch $(VENV)/.runtime $@

$(BIN)/uv: | debian-serve
	@test -n "$(PYTHON)" || { echo "rtcserver needs Python 3.11 or newer as python3" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(PYTHON) cannot make a virtual environment; as root: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip --disable-pip-version-check install --quiet 'uv>=0.8,<1'

debian-serve:
	@$(call debian_install,$(DEBIAN_SERVE))

debian-test:
	@$(call debian_install,$(DEBIAN_TEST))

debian-clients:
	@$(call debian_install,$(DEBIAN_CLIENTS))

# Installs those packages that are missing, if we may; asks dpkg each time, which takes 20 ms. Who
# cannot goes on without them, but CI proves everything.
define debian_install
command -v dpkg-query >/dev/null || exit 0; missing=; \
for package in $(1); do \
  dpkg-query --show --showformat='$${db:Status-Status}' $$package 2>/dev/null | grep -qx installed \
    || missing="$$missing $$package"; \
done; \
test -n "$$missing" || exit 0; \
without() { echo "$$1$$missing" >&2; test -z "$$CI"; }; \
if [ "$$(id -u)" != 0 ]; then without "not root: going without"; exit; fi; \
echo "installing$$missing" >&2; export DEBIAN_FRONTEND=noninteractive; \
{ apt-get update -qq && apt-get install -y -qq --no-install-recommends $$missing >/dev/null; } \
  || without "could not install, going without"
endef
