# `make` alone lists what there is. Nothing is needed beforehand but git, make and Python 3.11 or newer.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
RUNNABLE := $(VENV)/.runnable
S3_SERVER := .venv-moto/.installed
PYTEST_ARGS ?=
BENCH_ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help install run player demo lint test test-fast coverage audit check torture scale requirements bench bench-money bench-desk bench-signals bench-media bench-discovery bench-ratings bench-http clean setup-media

# $(call apt,package,reason): as root on Debian install it and say so, elsewhere say what to install.
apt = if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	echo "Installing $(1) with apt-get: $(2)"; \
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
		apt-get install -y -qq --no-install-recommends $(1) >/dev/null; \
	else echo "MISSING: $(1). $(2). On Debian or Ubuntu: apt-get install -y $(1)" >&2; false; fi

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(INSTALLED) ## make the environment in .venv, or bring it up to date

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Murph needs Python 3.11 or newer. Name one: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { $(call apt,python3-venv,Python comes without its venv module here); }
	$(PYTHON) -m venv $(VENV)

$(INSTALLED): requirements-dev.txt | $(BIN)/python
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

# Apart from .venv: the S3 server of the tests wants other versions of what Murph needs too.
$(S3_SERVER): requirements-s3-server.txt | $(BIN)/python
	$(PYTHON) -m venv .venv-moto
	.venv-moto/bin/pip install --quiet --disable-pip-version-check -r requirements-s3-server.txt
	@touch $@

.PHONY: .venv-moto
.venv-moto: $(S3_SERVER)

# Without the tools of a developer, which `make install` adds.
$(RUNNABLE): requirements.txt | $(BIN)/python
	@echo "Installing the libraries into $(VENV): a minute or two, about 430 MB."
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

run: $(RUNNABLE) player ## start everything with a demo world in it; PORT and HOST are honoured
	@$(BIN)/python -m murph.demo.launcher

demo: $(RUNNABLE) ## watch a course and pay for it by the second, against a running `make run`
	@$(BIN)/flask demo watch

# Video in pages: without npm browsers play what they can by themselves.
PLAYER := murph/web/vendor/hls.light.min.mjs

player: ## put the library that plays videos into the pages, where npm is there
	@command -v npm >/dev/null && $(MAKE) --no-print-directory $(PLAYER) \
		|| echo "Without npm and its packages the pages play videos as far as the browser does so by itself." >&2

$(PLAYER): murph/web/package-lock.json
	@cd murph/web && npm ci --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error
	@mkdir -p $(@D) && cp murph/web/node_modules/hls.js/dist/$(@F) $@ && touch $@

setup-media: ## install ffmpeg, with which uploaded videos are probed and packaged
	@command -v ffmpeg >/dev/null && command -v ffprobe >/dev/null \
		&& echo "ffmpeg is here: $$(command -v ffmpeg)" \
		|| { $(call apt,ffmpeg,Uploaded videos are probed and packaged with it); }
	@echo "A \`make run\` that is started from now on packages with it, the demo's lecture first."

lint: $(INSTALLED) ## style (ruff), types (mypy --strict) and who may import whom (import-linter)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

# The tests start hundreds of processes, each of which would otherwise compile all of Murph again.
unexport PYTHONDONTWRITEBYTECODE

# The tests wait more than they compute: four of them at a time also on two cores.
PYTEST := $(BIN)/pytest -n 4 --dist worksteal

# MySQL 8 in MariaDB's place: make test MURPH_MYSQLD=/usr/sbin/mysqld
SERVER = $(or $(MURPH_MYSQLD),mariadbd)

# $(call needed,program,package,reason,SUITE): what is installed, its tests must use: then a skipped one is a failed one.
needed = command -v $(1) >/dev/null || { $(call apt,$(2),$(3)); } || echo "Tests that need $(1) will be SKIPPED." >&2; \
	if command -v $(1) >/dev/null; then export MURPH_REQUIRE_$(4)=1; fi

test: $(INSTALLED) $(S3_SERVER) ## every test; as root on Debian this installs what they need first; MURPH_MYSQLD=mysqld tests on MySQL 8
	@export PATH="$$PATH:/usr/sbin" MURPH_REQUIRE_S3=1; \
	$(call needed,$(SERVER),mariadb-server haproxy,The MariaDB tests start a private server,MARIADB); \
	$(call needed,haproxy,haproxy,The balancer of deploy/ is asked,HAPROXY); \
	$(call needed,curl,curl,The examples of the documents are run with it,CURL); \
	$(call needed,ffmpeg,ffmpeg,Videos are made and packaged with it,FFMPEG); \
	$(call needed,chromium,chromium,Videos are played in it,CHROMIUM); \
	$(call needed,npm,npm,The player of the browser tests comes with it,NPM); \
	$(PYTEST) $(PYTEST_ARGS)

test-fast: $(INSTALLED) ## the tests on SQLite only
	$(PYTEST) -m "not mariadb" $(PYTEST_ARGS)

coverage: $(INSTALLED) ## which lines of murph/ the tests on SQLite reach, servers in processes of their own aside
	$(PYTEST) -m "not mariadb" -q \
		--cov=murph --cov-report=term-missing:skip-covered $(PYTEST_ARGS)

audit: $(INSTALLED) ## ask OSV.dev for known vulnerabilities of what is pinned, where it can be reached
	@$(BIN)/python -m tests.support.audit requirements.txt requirements-dev.txt requirements-s3-server.txt

check: lint test audit ## what has to pass before a commit, and all that CI runs

torture: $(INSTALLED) ## the long tests, and the property tests with many more examples; takes a while
	PATH="$$PATH:/usr/sbin" MURPH_TORTURE=1 $(BIN)/pytest -n auto --maxprocesses 4 -m "torture or hypothesis or second_database" \
		--hypothesis-profile torture -o faulthandler_timeout=1800 $(PYTEST_ARGS)

scale: $(INSTALLED) ## two hosts behind HAProxy: whole visits through the balancer, hosts that stop and die
	@export PATH="$$PATH:/usr/sbin" MURPH_TORTURE=1; \
	$(call needed,$(SERVER),mariadb-server,The tests start a private server,MARIADB); \
	$(call needed,haproxy,haproxy,It balances between the two hosts,HAPROXY); \
	$(BIN)/pytest tests/scale -o faulthandler_timeout=1800 $(PYTEST_ARGS)

bench: $(INSTALLED) ## everything metering has a goal for, in about 20 minutes; BENCH_ARGS="--help" for parts of it
	@$(BIN)/python -m benchmarks.metering $(BENCH_ARGS)

bench-money: $(INSTALLED) ## settlements a second, starts at once, replays beside first requests
	@$(BIN)/python -m benchmarks.money $(BENCH_ARGS)

bench-desk: $(INSTALLED) ## the teacher's desk with a million sessions and ten million slices of one teacher, in about 25 minutes
	@$(BIN)/python -m benchmarks.desk $(BENCH_ARGS)

bench-signals: $(INSTALLED) ## how long a scan of 100 000 reviews for signs of fraud takes
	@$(BIN)/python -m benchmarks.signals $(BENCH_ARGS)

bench-media: $(INSTALLED) ## segments and keys a second, first frames, 1 GB uploads, packaging beside ffmpeg alone
	@$(BIN)/python -m benchmarks.media $(BENCH_ARGS)

bench-discovery: $(INSTALLED) ## search beside other engines, its size, ways of asking, and answers over HTTP while a provider is slow
	@$(BIN)/python -m benchmarks.discovery $(BENCH_ARGS)

bench-ratings: $(INSTALLED) ## lists of 100 000 courses sorted and filtered by rating, with the plans of their statements
	@$(BIN)/python -m benchmarks.ratings $(BENCH_ARGS)

bench-http: $(INSTALLED) ## the main routes beside a view that only asks the same of the database
	@$(BIN)/python -m benchmarks.http $(BENCH_ARGS)

PIN := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-strip-extras \
	--generate-hashes --no-emit-index-url --custom-compile-command "make requirements" --upgrade

requirements: $(INSTALLED) ## pin the dependencies of pyproject.toml, and of the tests' S3 server, anew
	$(PIN) pyproject.toml --output-file requirements.txt
	$(PIN) pyproject.toml --extra dev --constraint requirements.txt --output-file requirements-dev.txt
	$(PIN) pyproject.toml --extra sentry --extra otel --constraint requirements.txt --output-file requirements-observability.txt
	$(PIN) tests/s3-server.in --output-file requirements-s3-server.txt

clean: ## remove .venv and every cache; what instance/ holds stays
	rm -rf $(VENV) .venv-moto murph/web/node_modules murph/web/vendor .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage htmlcov
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
