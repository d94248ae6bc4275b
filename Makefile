# Two commands do everything on a fresh machine with Python and make:
#   make demo   lints examples/      make test   passes the tests
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: versions mutants demo test lint types house unit slow vscode editors bench fuzz soak corpus clean
$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --editable '.[lsp]' --group dev
	touch $@

demo: $(READY)
	-$(BIN)/svclint check --root examples/shop examples/shop

test: lint types house unit
lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
types: $(READY)
	$(BIN)/mypy
house: $(READY)
	$(BIN)/lint-imports
unit: $(READY)
	$(BIN)/python -m pytest -n auto -m 'not slow'
# Real counterparts (pre-commit, kustomize, editors): package registries and minutes are needed.
slow: $(READY)
	$(BIN)/python -m pytest -m slow
# Real editors, headless: the packaged extension in VS Code (pictures: .bench/editors/pictures); Neovim, Helix, Emacs.
vscode: $(READY)
	command -v chromium >/dev/null || apt-get install -y chromium
	sh editors/vscode/test/install.sh .bench/editors
	cd editors/vscode && npm ci --ignore-scripts && npm test && npm run package
	$(BIN)/python -m pytest tests/slow/test_editors_vscode.py
editors: vscode
	command -v nvim >/dev/null || apt-get install -y neovim
	command -v emacs >/dev/null || apt-get install -y emacs-nox elpa-eglot elpa-yaml-mode
	sh editors/test/trixie.sh .bench/editors/trixie
	$(BIN)/python -m pytest tests/slow/test_editors.py
# An installed wheel, as users have it, beside its peers.
bench: $(READY)
	$(PYTHON) -m venv .bench/venv
	.bench/venv/bin/python -m pip install --quiet .
	.bench/venv/bin/python benchmarks/bench.py
	.bench/venv/bin/python benchmarks/scale.py --verb check --shapes shop --sizes 1000,10000
	.bench/venv/bin/python benchmarks/scale.py --verb map --shapes shop --sizes 1000,10000,100000
# Which findings a change makes appear and disappear on public manifests, where they are (../shared).
corpus: $(READY)
	$(BIN)/python benchmarks/ecosystem.py
# svclint's own classes of breakage, with peers beside it.
mutants: $(READY)
	rm -rf .bench/mutants
	$(BIN)/python benchmarks/mutants/mutants.py --out .bench/mutants
	$(BIN)/python benchmarks/peers.py .bench/mutants
# Every Python that is tested, each in an environment of its own.
VERSIONS ?= 3.11 3.12 3.13
versions:
	for version in $(VERSIONS); do \
		python$$version -m venv .bench/python$$version && \
		.bench/python$$version/bin/python -m pip install --quiet --upgrade 'pip>=25.1' && \
		.bench/python$$version/bin/python -m pip install --quiet --editable '.[lsp]' --group dev && \
		.bench/python$$version/bin/python -m pytest -n auto -m 'not slow' || exit 1; \
	done
clean:
	rm -rf $(VENV) .bench dist build .mypy_cache .ruff_cache .pytest_cache
# Hostile input. FUZZ_SECONDS is for each target (fuzz/targets.py); the fuzzer wants a Python for which it has a wheel, else changes are random.
FUZZ_SECONDS ?= 60
fuzz: $(READY)
	-$(BIN)/python -m pip install --quiet atheris
	$(BIN)/python fuzz/run.py --seconds $(FUZZ_SECONDS)
soak: $(READY)
	$(MAKE) fuzz FUZZ_SECONDS=600
