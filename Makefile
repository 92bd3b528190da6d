# ml-connector: the same commands for people and for CI. `make` alone lists them.

PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3.14 || command -v python3)
VENV := .venv/bin
SUPERVISOR := $(VENV)/python -m connector_site.supervisor
CODE := manage.py $(wildcard accounts audit benchmarks connector_site integrations simulators tests)
CI ?=
# Tests wait for databases, browsers and processes of their own half of the time.
TESTERS ?= $(shell $(PYTHON) -c 'import os; print(2 * (os.cpu_count() or 1))')

.DEFAULT_GOAL := help
.PHONY: help setup demo run test chaos months looks check check-types check-style check-site bench manage lock clean
.SILENT:

help: ## List the commands
	echo "ml-connector moves posted actuals from QAD to Anaplan and proves that they arrived."
	echo
	grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /|/' | awk -F'|' '{printf "  make %-8s %s\n", $$1, $$2}'

setup: .venv/.development ## Install everything that running, testing and developing need

demo: .venv/.runtime ## Show it against stand-ins of QAD and Anaplan (ONCE=1, BOOKS=, MODEL=, MAPPING=)
	$(SUPERVISOR) demo $(if $(ONCE),--once) $(if $(BOOKS),--books '$(BOOKS)') $(if $(MODEL),--model '$(MODEL)') $(if $(MAPPING),--mapping '$(MAPPING)')

run: .venv/.runtime ## Run web, workers and beat with the settings of the environment (docs/settings.md)
	$(SUPERVISOR) run

test: .venv/.development ## Run all tests (ARGS="tests/accounts -k sign_in", CHROMIUM=/path)
	$(VENV)/python -I connector_site/installing.py browser
	$(VENV)/python -m pytest --numprocesses $(TESTERS) --dist worksteal $(ARGS)

chaos: .venv/.development ## Let everything fail at random for ten minutes (CHAOS_SECONDS=600, SEED= of a failure)
	CHAOS_SECONDS=$${CHAOS_SECONDS:-600} SEED=$${SEED:-$$(date +%s)} $(VENV)/python -m pytest -s -m chaos tests/chaos

months: .venv/.development ## Run the month-ends on the whole books of a manufacturer: 900 accounts, ten months
	WHOLE_SCENARIOS=1 $(VENV)/python -m pytest tests/scenarios $(ARGS)

looks: .venv/.development ## Ask every rule of accessibility on every page (SCREENSHOTS=folder keeps pictures)
	$(VENV)/python -I connector_site/installing.py browser
	WHOLE_LOOKS=1 $(VENV)/python -m pytest --numprocesses auto --dist worksteal --timeout 300 tests/e2e/test_pages_look.py

check: .venv/.development ## Check format, lint, types, imports, deployment, migrations and templates
	$(MAKE) --no-print-directory --jobs 2 check-types check-style check-site
	echo "All checks passed."

check-types: .venv/.development
	$(VENV)/mypy --no-error-summary $(CODE)

check-style: .venv/.development
	$(VENV)/ruff format --check --quiet $(CODE) || { echo "Run: $(VENV)/ruff format ."; exit 1; }
	$(VENV)/ruff check --quiet $(CODE)
	$(VENV)/djlint --check --quiet templates || { echo "Run: $(VENV)/djlint --reformat templates"; exit 1; }
	$(VENV)/lint-imports

check-site: .venv/.development
	$(SUPERVISOR) exec --place test --mode production -- sh -c 'python manage.py check --deploy --fail-level WARNING --database default && python manage.py makemigrations --check --dry-run'

bench: .venv/.development ## Measure the claims of docs/performance.md (ARGS="actuals --help")
	for name in $(if $(ARGS),'$(ARGS)',actuals memory); do $(SUPERVISOR) exec --place bench -- sh -c "python manage.py bench $$name" || exit 1; done

manage: .venv/.runtime ## Run a management command on the demo's data (DO="tie_out 1")
	$(SUPERVISOR) exec -- python manage.py $(DO)

lock: .venv/.development ## Pin the requirements again, with hashes
	for name in requirements requirements-dev requirements-judges; do \
		$(VENV)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
			--custom-compile-command "make lock" --upgrade $$name.in --output-file $$name.txt || exit 1; \
	done

clean: ## Remove what demo, test and bench made; data of `make run` in .local/run stays
	rm -rf .local/demo .local/test .local/bench .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache staticfiles
	find . -name __pycache__ -type d -not -path './.venv/*' -prune -exec rm -rf {} +

.venv/.runtime: requirements.txt
	$(PYTHON) -I connector_site/installing.py runtime
	touch $@

.venv/.development: requirements.txt requirements-dev.txt requirements-judges.txt
	$(PYTHON) -I connector_site/installing.py development
	touch $@ .venv/.runtime
