"""Changing an instance profile: each change is checked, and none is lost to another."""

import json
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from accounts.errors import Refused
from accounts.models import Organization
from audit.tenancy import tenant
from integrations.models import Connection, ProfileVersion
from integrations.qad.profile import Profile, default_profile
from integrations.selectors.document_checks import newest_version
from integrations.services.connections import lock_qad
from integrations.services.profiles import digest_of, keep_profile
from integrations.transport.errors import IntegrationError

# What a return to the default leaves: without them nobody would get in any more.
KEPT_PARTS = ("auth", "tls")


def save_profile(
    *,
    organization: Organization,
    connection_id: int,
    profile: Mapping[str, Any],
    base: int,
    note: str = "",
) -> ProfileVersion:
    """Put a profile into force that was made from version `base`.

    Raises Refused: connection_unknown, check_not_qad, profile_invalid, profile_unchanged, and
    profile_has_moved where another version is in force by now.
    """
    with tenant(organization.pk):
        connection = lock_qad(organization, connection_id)
        _check(profile)
        newest = newest_version(connection)
        number, who = (newest.number, newest.made_by) if newest else (0, "")
        if digest_of(profile) == digest_of(connection.profile):
            raise Refused("profile_unchanged")
        if number != base:
            raise Refused("profile_has_moved", base=base, newest=number, who=who)
        return keep_profile(connection, profile, note)


def restore_version(
    *, organization: Organization, connection_id: int, number: int
) -> ProfileVersion:
    """Put an older version into force again, as the next version.

    Raises Refused: connection_unknown, check_not_qad, profile_version_unknown,
    profile_unchanged, profile_invalid.
    """
    with tenant(organization.pk):
        connection = lock_qad(organization, connection_id)
        old = ProfileVersion.objects.filter(
            organization=organization, connection=connection, number=number
        ).first()
        if old is None:
            raise Refused("profile_version_unknown", number=number)
        return _replace(connection, old.profile, f"version {number} again")


def start_from_default(*, organization: Organization, connection_id: int) -> ProfileVersion:
    """Put the default profile into force; how to sign in and what is trusted stay.

    Raises Refused: connection_unknown, check_not_qad, profile_unchanged.
    """
    with tenant(organization.pk):
        connection = lock_qad(organization, connection_id)
        kept = {name: connection.profile[name] for name in KEPT_PARTS if name in connection.profile}
        return _replace(connection, {**default_profile(), **kept}, "the default again")


def with_new_document(profile: Mapping[str, Any], name: str, like: str) -> dict[str, Any]:
    """Return the profile with one more document that begins like another, or like the default's.

    Raises Refused: document_name_taken, document_unknown.
    """
    documents = profile.get("documents", {})
    if name in documents:
        raise Refused("document_name_taken", document=name)
    known = {**default_profile()["documents"], **documents}
    if like not in known:
        raise Refused("document_unknown", document=like)
    return {**profile, "documents": {**documents, name: deepcopy(known[like])}}


def without_document(profile: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the profile without a document. Raises Refused: document_unknown."""
    documents = dict(profile.get("documents", {}))
    if documents.pop(name, None) is None:
        raise Refused("document_unknown", document=name)
    return {**profile, "documents": documents}


def models_of_documents(profile: Mapping[str, Any]) -> list[str]:
    """Return the documents that a new one may begin like."""
    return sorted({*default_profile()["documents"], *profile.get("documents", {})})


def read_json(text: str) -> dict[str, Any]:
    """Return a typed profile as JSON values. Raises Refused: profile_not_json."""
    try:
        data = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise _no_json(error.msg, error.lineno, error.colno) from None
    except (ValueError, RecursionError) as error:
        raise _no_json(str(error)[:80]) from None
    if not isinstance(data, dict):
        raise _no_json("a profile is an object in braces")
    return data


def _replace(connection: Connection, profile: Mapping[str, Any], note: str) -> ProfileVersion:
    _check(profile)
    if digest_of(profile) == digest_of(connection.profile):
        raise Refused("profile_unchanged")
    return keep_profile(connection, profile, note)


def _check(profile: Mapping[str, Any]) -> None:
    try:
        Profile.parse(profile)
    except IntegrationError as error:
        raise Refused(error.code, **error.facts) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"“{twice}” stands twice in one object")
    return found


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no number")


def _no_json(reason: str, line: int = 1, column: int = 1) -> Refused:
    # A name that is half a character stands in no answer.
    said = reason.encode("utf-8", "backslashreplace").decode()
    return Refused("profile_not_json", line=line, column=column, reason=said)
