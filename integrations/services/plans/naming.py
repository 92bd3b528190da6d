"""What a plan's version may be called, so that QAD can hold and find it."""

from integrations.transport.errors import IntegrationError

LONGEST_NAME = 60


def check_name(name: str) -> str:
    """Return the name tidied; IntegrationError plan_name_missing or plan_name_invalid.

    QAD's filters have no escape for a comma.
    """
    tidy = " ".join(name.split())
    if not tidy:
        raise IntegrationError("plan_name_missing")
    if len(tidy) > LONGEST_NAME or "," in tidy or not tidy.isprintable():
        raise IntegrationError("plan_name_invalid", name=tidy[:LONGEST_NAME], limit=LONGEST_NAME)
    return tidy
