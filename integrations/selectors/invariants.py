"""What must hold among the rows of one organization, whoever wrote them: a statement a rule.

Each statement is one snapshot, so that runs may go on meanwhile, and finds nothing where the
rule holds. What it finds is a place and what is wrong there, in words.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db import connection

from integrations.models.runs import ACTIVE

FOUND_AT_MOST = 1_000


class Breach(NamedTuple):
    """A place where a rule does not hold, and what is wrong there."""

    rule: str
    place: str
    problem: str


# From the mapping on, rows that came twice in the same words count once, and rows that the
# conventions leave out do not count.
_ROWS_OF_RUNS = """
    SELECT format('run %%s', run.id),
        format('%%s rows were read, the six verdicts add up to %%s', units.rows, verdicts.rows)
    FROM integrations_run AS run
    CROSS JOIN LATERAL (
        SELECT sum(coalesce((run.counts ->> verdict)::bigint, 0)) AS rows FROM unnest(
            '{loaded,unchanged,held,rejected,ignored,failed}'::text[]) AS verdict
    ) AS verdicts
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(unit.rows - unit.repeats - unit.left_out), 0) AS rows
        FROM integrations_rununit AS unit
        WHERE unit.organization_id = run.organization_id AND unit.run_id = run.id
    ) AS units
    JOIN integrations_sync AS sync
        ON sync.organization_id = run.organization_id AND sync.id = run.sync_id
    WHERE run.organization_id = %(organization)s AND run.counts ? 'loaded'
        AND verdicts.rows <> CASE sync.data_set
            WHEN 'plan' THEN (run.counts ->> 'rows')::bigint ELSE units.rows END
"""
_PLANS = """
    SELECT format('plan %%s-A%%s', version.name, version.number),
        format('it says %%s values and %%s held rows, %%s and %%s are there', version.rows,
            version.held_rows, stored.rows, held.rows)
    FROM integrations_planversion AS version
    CROSS JOIN LATERAL (
        SELECT count(*) AS rows FROM integrations_planvalue AS value
        WHERE value.organization_id = version.organization_id AND value.version_id = version.id
    ) AS stored
    CROSS JOIN LATERAL (
        SELECT count(*) AS rows FROM integrations_recordexception AS record
        WHERE record.organization_id = version.organization_id AND record.run_id = version.run_id
    ) AS held
    WHERE version.organization_id = %(organization)s AND version.state <> 'incomplete'
        AND (stored.rows, held.rows) <> (version.rows, version.held_rows)
"""
_ROWS_OF_GROUPS = """
    SELECT format('run %%s, group %%s', grp.run_id, grp.name),
        format('%%s rows were read, %%s were mapped, %%s held, unchanged or sent',
            units.rows, grp.counts ->> 'rows', verdicts.rows)
    FROM integrations_rungroup AS grp
    CROSS JOIN LATERAL (
        SELECT (grp.counts ->> 'held')::bigint + (grp.counts ->> 'unchanged')::bigint
            + (grp.counts ->> 'sent')::bigint AS rows
    ) AS verdicts
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(unit.rows - unit.repeats - unit.left_out), 0) AS rows
        FROM integrations_rununit AS unit
        WHERE unit.organization_id = grp.organization_id AND unit.run_id = grp.run_id
            AND unit."group" = grp.name
    ) AS units
    WHERE grp.organization_id = %(organization)s AND grp.is_mapped
        AND (units.rows, verdicts.rows) IS DISTINCT FROM
            ((grp.counts ->> 'rows')::bigint, (grp.counts ->> 'rows')::bigint)
"""
_RECORDS = """
    SELECT format('run %%s, group %%s', grp.run_id, grp.name),
        format('%%s records were counted as %%s, %%s are listed',
            verdict.counted, verdict.name, count(record.id))
    FROM integrations_rungroup AS grp
    CROSS JOIN LATERAL (VALUES
        ('held', grp.is_mapped, (grp.counts ->> 'held')::bigint
            + coalesce((grp.counts ->> 'held_cells')::bigint, 0)),
        ('rejected', grp.is_tied_out, (grp.counts ->> 'rejected')::bigint),
        ('ignored', grp.is_tied_out, (grp.counts ->> 'ignored')::bigint)
    ) AS verdict (name, is_known, counted)
    LEFT JOIN integrations_rununit AS unit
        ON unit.organization_id = grp.organization_id AND unit.run_id = grp.run_id
        AND unit."group" = grp.name
    LEFT JOIN integrations_recordexception AS record
        ON record.organization_id = grp.organization_id AND record.run_id = grp.run_id
        AND record.part = unit.entity || '/' || unit.year_period
        AND record.verdict = verdict.name
    WHERE grp.organization_id = %(organization)s AND verdict.is_known
    GROUP BY grp.id, grp.run_id, grp.name, verdict.name, verdict.counted
    HAVING count(record.id) IS DISTINCT FROM verdict.counted
"""
_PAGES = """
    SELECT format('run %%s, unit %%s/%%s', unit.run_id, unit.entity, unit.year_period),
        format('%%s pages with %%s rows were read, %%s pages with %%s rows are kept',
            unit.pages, unit.rows, kept.pages, kept.rows)
    FROM integrations_rununit AS unit
    CROSS JOIN LATERAL (
        SELECT count(*) AS pages, coalesce(sum(page.rows), 0) AS rows
        FROM integrations_evidence AS page
        WHERE page.organization_id = unit.organization_id AND page.run_id = unit.read_by_id
            AND page.kind = 'page' AND page.part = unit.entity || '/' || unit.year_period
    ) AS kept
    WHERE unit.organization_id = %(organization)s
        AND (kept.pages, kept.rows) <> (unit.pages, unit.rows)
"""
_GAPS = """
    SELECT format('run %%s, %%s %%s', run_id, kind, part),
        format('%%s blocks are kept, numbered from %%s to %%s', count(*), min(number), max(number))
    FROM integrations_evidence WHERE organization_id = %(organization)s
    GROUP BY run_id, kind, part
    HAVING (min(number), max(number)) <> (1, count(*))
"""
_CELLS = """
    SELECT format('run %%s, group %%s', grp.run_id, grp.name),
        format('%%s %%s were made, %%s are kept', made.count, made.name, kept.rows)
    FROM integrations_rungroup AS grp
    CROSS JOIN LATERAL (VALUES
        ('cells', 'cells', (grp.counts ->> 'cells')::bigint), ('lines', 'segment', grp.lines)
    ) AS made (name, kind, count)
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(block.rows), 0) AS rows FROM integrations_evidence AS block
        WHERE block.organization_id = grp.organization_id AND block.run_id = grp.run_id
            AND block.kind = made.kind AND block.part = grp.name
    ) AS kept
    WHERE grp.organization_id = %(organization)s AND grp.is_mapped AND kept.rows <> made.count
"""
_CHUNKS = """
    SELECT format('run %%s', load.run_id),
        format('the file has %%s lines in %%s chunks, %%s lines in %%s chunks were sent',
            load.lines + 1, load.chunks, coalesce(sum(last_line - first_line + 1), 0),
            count(chunk.id))
    FROM integrations_load AS load
    LEFT JOIN integrations_loadchunk AS chunk
        ON chunk.organization_id = load.organization_id AND chunk.load_id = load.id
        AND chunk.sent_at IS NOT NULL
    WHERE load.organization_id = %(organization)s AND load.uploaded_at IS NOT NULL
    GROUP BY load.id
    HAVING (count(chunk.id), coalesce(sum(last_line - first_line + 1), 0), max(last_line))
        IS DISTINCT FROM (load.chunks, load.lines + 1, load.lines + 1)
"""
_POSITIONS = """
    SELECT format('sync %%s, group %%s', held.sync_id, held."group"),
        format('the cells that run %%s left are not those of its digest', held.run_id)
    FROM integrations_position AS held
    CROSS JOIN LATERAL (
        SELECT encode(sha256(coalesce(string_agg(block.sha256, '' ORDER BY kept.number), '')
            ::bytea), 'hex') AS digest
        FROM integrations_evidence AS kept
        JOIN integrations_evidenceblock AS block
            ON block.organization_id = kept.organization_id AND block.id = kept.block_id
        WHERE kept.organization_id = held.organization_id AND kept.run_id = held.run_id
            AND kept.kind = 'position' AND kept.part = held."group"
    ) AS found
    WHERE held.organization_id = %(organization)s AND found.digest <> held.digest
"""
_UNPROVED = """
    SELECT format('run %%s', run.id), format('it is %%s without a proof of every group', run.state)
    FROM integrations_run AS run
    JOIN integrations_sync AS sync
        ON sync.organization_id = run.organization_id AND sync.id = run.sync_id
    WHERE run.organization_id = %(organization)s AND run.state IN ('reconciled', 'partial')
        AND sync.data_set <> 'plan' AND (
        NOT run.counts ? 'loaded' OR coalesce(run.plan -> 'read_back', 'null') = 'null'
        OR EXISTS (
            SELECT FROM integrations_rungroup AS grp
            WHERE grp.organization_id = run.organization_id AND grp.run_id = run.id
                AND NOT grp.is_tied_out)
        OR EXISTS (
            SELECT FROM integrations_rununit AS unit
            WHERE unit.organization_id = run.organization_id AND unit.run_id = run.id
                AND NOT unit.is_read))
"""
_PULLS = """
    SELECT format('run %%s', run.id), format('it is %%s and has left no complete plan', run.state)
    FROM integrations_run AS run
    JOIN integrations_sync AS sync
        ON sync.organization_id = run.organization_id AND sync.id = run.sync_id
    WHERE run.organization_id = %(organization)s AND run.state IN ('reconciled', 'partial')
        AND sync.data_set = 'plan' AND run.kind <> 'publish' AND NOT EXISTS (
            SELECT FROM integrations_planversion AS version
            WHERE version.organization_id = run.organization_id AND version.run_id = run.id
                AND version.state <> 'incomplete')
"""
_DIFFERENCES = """
    SELECT format('run %%s', run.id),
        format('it is %%s, and %%s differing cells are kept', run.state, count(*))
    FROM integrations_run AS run
    JOIN integrations_celldifference AS cell
        ON cell.organization_id = run.organization_id AND cell.run_id = run.id
    WHERE run.organization_id = %(organization)s
        AND (run.state = 'reconciled' OR run.state = 'partial' AND NOT cell.is_explained)
    GROUP BY run.id, run.state
"""
_LINES = """
    SELECT format('run %%s, %%s %%s %%s', run.id, line.entity, line.period, line.account),
        format('it is %%s, and %%s is %%s in QAD, %%s in Anaplan, %%s of it listed',
            run.state, line.measure, line.source, coalesce(line.target::text, 'unread'),
            line.listed)
    FROM integrations_run AS run
    JOIN integrations_tieoutline AS line
        ON line.organization_id = run.organization_id AND line.run_id = run.id
    WHERE run.organization_id = %(organization)s AND run.state IN ('reconciled', 'partial')
        AND (line.target IS NULL OR line.source - line.target <> line.listed
            OR run.state = 'reconciled' AND line.source <> line.target)
"""
_INTENTS = """
    SELECT format('run %%s', run.id),
        format('it is %%s, and nobody knows whether its import took place', run.state)
    FROM integrations_run AS run
    JOIN integrations_load AS load
        ON load.organization_id = run.organization_id AND load.run_id = run.id
    WHERE run.organization_id = %(organization)s AND load.intended_at IS NOT NULL
        AND load.outcome = '' AND NOT run.state = ANY(%(active)s) AND run.state <> 'unknown'
"""
_TASKS = """
    SELECT format('run %%s', load.run_id),
        format('it has the import task %%s, the trail tells of %%s',
            coalesce(nullif(load.task_id, ''), 'none'),
            coalesce(string_agg(DISTINCT event.data ->> 'task', ', '), 'none'))
    FROM integrations_load AS load
    LEFT JOIN audit_event AS event
        ON event.organization_id = load.organization_id AND event.run_id = load.run_id
        AND event.action IN ('import.started', 'import.adopted') AND event.data ? 'task'
    WHERE load.organization_id = %(organization)s
    GROUP BY load.id
    HAVING coalesce(string_agg(DISTINCT event.data ->> 'task', ', '), '') <> load.task_id
"""
_TASKS_TWICE = """
    SELECT format('runs %%s', string_agg(run_id::text, ', ' ORDER BY run_id)),
        format('they have the same import task %%s', task_id)
    FROM integrations_load WHERE organization_id = %(organization)s AND task_id <> ''
    GROUP BY import_id, task_id HAVING count(*) > 1
"""
_LEASES = """
    SELECT format('model %%s', split_part(lease.key, '/', 2)),
        format('it is leased to run %%s, which has ended', lease.run_id)
    FROM integrations_modellease AS lease
    LEFT JOIN integrations_run AS run
        ON run.organization_id = lease.organization_id AND run.id = lease.run_id
    WHERE lease.organization_id = %(organization)s AND lease.expires_at > now()
        AND NOT coalesce(run.state, '') = ANY(%(active)s)
"""
_CLAIMS = """
    SELECT format('run %%s', run.id),
        CASE WHEN NOT run.state = ANY(%(active)s) THEN 'it has ended and is still claimed'
            ELSE format('nobody has moved it for %%s minutes, though it is due', floor(extract(
                epoch FROM now() - greatest(run.not_before, run.claimed_until)) / 60)) END
    FROM integrations_run AS run
    WHERE run.organization_id = %(organization)s AND CASE
        WHEN run.state = ANY(%(active)s) THEN
            greatest(run.not_before, run.claimed_until) < now() - make_interval(mins => %(minutes)s)
        ELSE run.claim <> '' END
"""
_DUE = """
    SELECT format('run %%s', coalesce(run.id, due.run_id)),
        CASE WHEN run.id IS NULL THEN 'it stands in the queue and is not under way'
            ELSE 'it is under way and does not stand in the queue' END
    FROM (SELECT id FROM integrations_run
        WHERE organization_id = %(organization)s AND state = ANY(%(active)s)) AS run
    FULL JOIN (SELECT run_id FROM integrations_duerun
        WHERE organization_id = %(organization)s) AS due ON due.run_id = run.id
    WHERE run.id IS NULL OR due.run_id IS NULL
"""
RULES = (
    ("rows", _ROWS_OF_RUNS),
    ("rows", _ROWS_OF_GROUPS),
    ("records", _RECORDS),
    ("plan", _PLANS),
    ("plan", _PULLS),
    ("evidence", _PAGES),
    ("evidence", _GAPS),
    ("evidence", _CELLS),
    ("evidence", _CHUNKS),
    ("position", _POSITIONS),
    ("state", _UNPROVED),
    ("state", _DIFFERENCES),
    ("state", _LINES),
    ("import", _INTENTS),
    ("import", _TASKS),
    ("import", _TASKS_TWICE),
    ("lease", _LEASES),
    ("claim", _CLAIMS),
    ("queue", _DUE),
)


def find_breaches(organization_id: int, *, stalled_minutes: int) -> Iterator[Breach]:
    """Yield where a rule does not hold, inside an open scope; at most a thousand a statement."""
    values: dict[str, Any] = {
        "organization": organization_id,
        "active": [str(state) for state in ACTIVE],
        "minutes": stalled_minutes,
    }
    for rule, statement in RULES:
        with connection.cursor() as cursor:
            cursor.execute(f"{statement} LIMIT {FOUND_AT_MOST}", values)
            yield from [Breach(rule, place, problem) for place, problem in cursor.fetchall()]
