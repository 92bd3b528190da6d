"""What checking an instance profile against its QAD finds, and what an editor refuses."""

from functools import partial

from audit.catalogue.kinds import ErrorCode, Kind

_CONNECTION_ADMIN = "an admin of the connection"
_QAD_ADMIN = "a QAD administrator"

_check = partial(ErrorCode, kind=Kind.CONFIG, origin="QAD", data="Nothing was read beside one row.")
_editor = partial(
    ErrorCode,
    kind=Kind.CONFIG,
    origin="ml-connector",
    data="Nothing was changed.",
    who="an owner or admin",
    retry="never by itself",
)

ENTRIES: tuple[ErrorCode, ...] = (
    _check(
        code="qad_empty",
        title="QAD has no rows there",
        meaning="{path} ({document}) is right, but has no rows in workspace {workspace}.",
        fix="If there is nothing yet, accept the warning; else look at filters and workspace.",
        who=_CONNECTION_ADMIN,
        retry="after it is accepted or checked again",
    ),
    _check(
        code="qad_unproven_empty",
        title="QAD has no rows, and nothing proves the path",
        meaning="{path} ({document}) answered 200 without rows, as QAD also does for what it "
        "does not know.",
        fix="Check path or browse id, workspace and paging names, and let one row be there.",
        who=_CONNECTION_ADMIN,
        retry="after the profile is changed or checked again",
    ),
    _check(
        code="qad_field_unsent",
        title="QAD does not send an optional field",
        meaning="{document} came without {fields}. It sends: {found}.",
        fix="Give these fields the instance's names, take them out, or accept the warning.",
        who=_CONNECTION_ADMIN,
        retry="after it is accepted or the profile is changed",
    ),
    _check(
        code="profile_layer_open",
        title="Nothing keeps other layers out",
        meaning="{document} has no filter on the official layer, so that management or transient "
        "amounts would be added.",
        fix="Map layer_type and filter it by OFFICIAL, or confirm that the document holds the "
        "official layer only.",
        who=_CONNECTION_ADMIN,
        retry="after it is accepted or the profile is changed",
    ),
    ErrorCode(
        code="profile_not_usable",
        kind=Kind.CONFIG,
        origin="ml-connector",
        title="The QAD profile is not proved",
        meaning="The last check of {connection} found for {document}: {title}.",
        data="No run was started and nothing was sent.",
        fix="Open the connection's checks, do what stands there, and check again.",
        who=_CONNECTION_ADMIN,
        retry="after the check is in order",
    ),
    ErrorCode(
        code="profile_unchecked",
        kind=Kind.CONFIG,
        origin="ml-connector",
        title="Documents are not checked yet",
        meaning="Nothing was found out of {documents} since the profile of {connection} or its "
        "address was changed.",
        data="Nothing is stopped: a run checks by itself what it reads, before it reads.",
        fix="Wait for the check, or press “Check now” on the connection's checks.",
        who=_CONNECTION_ADMIN,
        retry="nothing is stopped",
    ),
    ErrorCode(
        code="profile_in_change",
        kind=Kind.TRANSIENT,
        origin="ml-connector",
        title="The QAD profile was changed meanwhile",
        meaning="Somebody changed the profile of {connection} while the run checked it.",
        data="Nothing was read by the old profile and nothing was sent.",
        fix="Nothing. The run checks the new profile.",
        who=_CONNECTION_ADMIN,
        retry="by itself",
    ),
    _editor(
        code="profile_has_moved",
        title="Somebody else has changed the profile",
        meaning="You began with version {base}; by now version {newest} of {who} is in force.",
        fix="Compare both below. Saving again puts yours in its place.",
    ),
    _editor(
        code="profile_not_json",
        title="This is no JSON",
        meaning="Line {line}, column {column}: {reason}.",
        fix="Mend it there, and save again.",
    ),
    _editor(
        code="profile_unchanged",
        title="Nothing is different",
        meaning="The profile is the one that is in force.",
        fix="Change something first.",
    ),
    _editor(
        code="profile_version_unknown",
        title="No such version",
        meaning="There is no version {number} of this profile.",
        fix="Choose one of the list of versions.",
    ),
    _editor(
        code="document_unknown",
        title="No such document",
        meaning="The profile has no document “{document}”.",
        fix="Look at the profile: somebody may have removed it.",
    ),
    _editor(
        code="document_name_taken",
        title="The document is there",
        meaning="The profile has a document “{document}” already.",
        fix="Choose another name, or change the one that is there.",
    ),
    _editor(
        code="check_not_qad",
        title="Only QAD has a profile",
        meaning="{name} is no connection to QAD, so that there is no profile to check.",
        fix="Choose a connection to QAD.",
    ),
    _editor(
        code="check_not_accepted",
        title="Nothing to accept",
        meaning="There is no warning of {document} that holds for the profile in force.",
        fix="Check again and look at what is found.",
    ),
)
