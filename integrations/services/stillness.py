"""Rows that move from page to page while a unit is read: noticed, and the unit is read anew.

A row that comes in before the place of the reading pushes one of the last page onto the next,
and is itself missed; where one goes away before it, another is skipped. Either would be a run
that proves less than the books hold.
"""

from operator import attrgetter
from typing import Any

from integrations.models import Evidence, EvidenceKind, Run, RunUnit
from integrations.pipeline.blocks import unpack
from integrations.pipeline.streams import DataSet
from integrations.qad.rows import RowReader
from integrations.qad.types import Page
from integrations.services.evidence import Place, forget
from integrations.services.states import Slice
from integrations.transport.errors import IntegrationError


class Stillness:
    """Watches the pages of one unit as they come."""

    def __init__(self, work: Slice, unit: RunUnit, data_set: DataSet, reader: RowReader) -> None:
        self._work, self._unit = work, unit
        self._place = Place(unit.organization_id, unit.run_id, EvidenceKind.PAGE, unit.part)
        self._key = attrgetter(*data_set.key)
        self._last: Any = None
        self._total: int | None = None
        if unit.pages:
            self._recall(reader)

    def _recall(self, reader: RowReader) -> None:
        """Go on behind the page that an earlier slice has kept last."""
        with self._work.read():
            digest, data = (
                Evidence.objects.filter(run_id=self._unit.run_id, kind=EvidenceKind.PAGE)
                .filter(part=self._unit.part, number=self._unit.pages)
                .values_list("block__sha256", "block__data")
                .get()
            )
        kept = reader.read(unpack(bytes(data), digest), self._unit.pages)
        self._last, self._total = self._key(kept.rows[-1]), kept.total

    def check(self, page: Page, *, is_ascending: bool) -> None:
        """Look at the next page; raise qad_rows_moved where it does not follow the one before.

        Where keys ascended so far, none has come twice.
        """
        if not page.items:
            return
        is_grown = None not in (self._total, page.total) and self._total != page.total
        if self._last is not None and (is_grown or (not is_ascending and self._repeats(page))):
            self._begin_again(page)
        self._last, self._total = self._key(page.items[-1]), page.total

    def _repeats(self, page: Page) -> bool:
        """Tell whether the last row before this page is on it as well."""
        return self._last in map(self._key, page.items)

    def _begin_again(self, page: Page) -> None:
        """Forget what was read, unless it came in just the same way before: a QAD that always
        pages like this is taken as it is, and its rows that come twice count once."""
        sign = f"{page.number} {self._last} {self._total} {page.total}"
        with self._work.commit() as run:
            moved = run.plan.get("moved", {})
            if moved.get(self._unit.part) == sign:
                return
            forget(self._place)
            RunUnit.objects.filter(pk=self._unit.pk).update(pages=0, rows=0, control={})
            plan = {**run.plan, "moved": {**moved, self._unit.part: sign}}
            Run.objects.filter(pk=run.pk).update(plan=plan)
        raise IntegrationError("qad_rows_moved", page=page.number, part=self._unit.part)
