# make run    the app, for this machine      make serve  the app for this network, and its link
# make test   everything, real browser included      make test-quick  what needs a minute
# make check  lint, types, imports     make bench  training against plain Keras, and the pages
# make fuzz   random damage (MINUTES=60) make models the bundled models, anew
# make ends   the tests with the oldest and the newest versions that are allowed
# make explore  random walks over all pages (MINUTES=30)        make screenshots
# make explore-browser  the same in Chromium (ACTIONS=3000)

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501

# The data set lies beside a development checkout; everybody else gets it by download.
ifneq ($(wildcard ../shared/fashion-mnist/train-images-idx3-ubyte.gz),)
export FMNIST_DATA_DIR ?= $(abspath ../shared/fashion-mnist)
endif

.PHONY: run serve test test-quick check ends explore explore-browser fuzz bench screenshots models clean

run: $(VENV)/run.stamp
	$(BIN)/streamlit run streamlit_app.py --server.address localhost --server.port $(PORT)

serve: $(VENV)/run.stamp
	$(BIN)/python -m fmnist serve --port $(PORT)

# Tests are many processes; what one has compiled to bytecode is kept for the next, whatever the
# environment says of that.
test test-quick: export PYTHONDONTWRITEBYTECODE =

# Three test processes keep two cores busy: servers and browsers often wait.
test: $(VENV)/dev.stamp browser
	$(BIN)/python -m pytest tests/unit tests/pages --numprocesses 3 --dist worksteal
	$(BIN)/python -m pytest tests/browser --numprocesses 3 --dist worksteal

# Without TensorFlow, servers and browser; tests/quick.py says how they are told apart.
test-quick: $(VENV)/dev.stamp
	$(BIN)/python -m pytest -q --quick tests/unit tests/pages --numprocesses 2 --dist worksteal

check: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/unit/test_imports.py

# Interpreters are found by name on PATH: python3.10, python3.13.
ends:
	$(PYTHON) -m tests.ends

# Files changed at random, given to all that reads files; ends with a table, and 1 if it found any.
MINUTES ?= 10
fuzz: $(VENV)/dev.stamp
	$(BIN)/python -m tests.fuzz --minutes $(MINUTES)

# Random walks over all pages, from new seeds; SEED=n takes those of that seed again.
explore: $(VENV)/dev.stamp
	EXPLORE_MINUTES=$(MINUTES) EXPLORE_SEED=$(SEED) \
	    $(BIN)/python -m pytest -q -s tests/pages/walk/explore.py

# Random actions in a real browser; SEED=n takes those of that seed again, as far as time allows.
ACTIONS ?= 3000
explore-browser: $(VENV)/dev.stamp browser
	WALK_ACTIONS=$(ACTIONS) WALK_SEED=$(SEED) \
	    $(BIN)/python -m pytest -q -s tests/browser/test_walk.py

bench: $(VENV)/dev.stamp browser
	$(BIN)/python -m benchmarks.training
	$(BIN)/python -m benchmarks.pages
	$(BIN)/python -m benchmarks.many_runs

screenshots: $(VENV)/dev.stamp browser
	$(BIN)/python -m benchmarks.screenshots

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis

# Installed once, and again whenever a requirements file changes.
$(VENV)/run.stamp: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "Python 3.10 or newer is needed, this is " + sys.version)'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp requirements-cluster.txt requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	    -r requirements-cluster.txt -r requirements-dev.txt
	@touch $@

# A Chromium for the browser tests: one that is there, Debian's when root, else Playwright's own.
.PHONY: browser
browser: $(VENV)/dev.stamp
	@if command -v chromium >/dev/null || command -v chromium-browser >/dev/null \
	    || command -v google-chrome >/dev/null; then true; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && apt-get install -y -qq chromium; \
	else $(BIN)/playwright install chromium; fi

# The bundled models, by the commands that their model cards name (some minutes).
models: $(VENV)/run.stamp
	$(BIN)/python -m fmnist build-teacher
	$(BIN)/python -m fmnist train --preset notebook --seed 0 --output assets/models/notebook.keras \
	    --output-epochs 0,1,2,3,4,5,6,7,8,9,10,12,15,20,25,30,35,40,45,50
	$(BIN)/python -m fmnist train --preset tuned --seed 0 --output assets/models/tuned.keras
