"""The one error that clients raise: a code of the catalogue with its facts."""

from audit.catalogue import CATALOGUE, ErrorCode, Kind, fill
from integrations.transport.redaction import redact


class IntegrationError(Exception):
    """A call to QAD or Anaplan failed in a way that has a name.

    `code` is an entry of the catalogue (an unknown one is a bug: KeyError); `facts` fill its
    sentences; `detail` is for support, with secrets removed; `retry_after` is the earliest
    useful next try in seconds, or None when time alone does not help or no time is known.
    """

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        retry_after: float | None = None,
        **facts: str | int,
    ) -> None:
        self.entry: ErrorCode = CATALOGUE[code]
        self.code = code
        self.detail = redact(detail)
        self.facts: dict[str, str | int] = facts
        self.retry_after = retry_after
        super().__init__(code, self.message)

    @property
    def kind(self) -> Kind:
        """Who must act."""
        return self.entry.kind

    @property
    def message(self) -> str:
        """What happened, in a sentence for people."""
        return self.say(self.entry.meaning)

    @property
    def fix(self) -> str:
        """What to do, in a sentence for people."""
        return self.say(self.entry.fix)

    def say(self, text: str) -> str:
        """A text of the catalogue with this error's facts filled in."""
        return fill(text, self.facts)

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"
