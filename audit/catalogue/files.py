"""Failures between a source row and its cell: mapping, the import's file, the export's file."""

from functools import partial

from audit.catalogue.kinds import ErrorCode, Kind

_YOU = "You"
_MODELER = "an Anaplan model builder"

_layout = partial(
    ErrorCode,
    kind=Kind.CONFIG,
    origin="File",
    data="Nothing was sent to Anaplan.",
    retry="after the fix",
)
_mapping = partial(ErrorCode, origin="Mapping", who=_YOU, retry="after the fix")
_export = partial(
    ErrorCode,
    kind=Kind.CONFIG,
    origin="Read-back",
    data="What was sent stays in Anaplan; it is not proved yet.",
    retry="after the fix",
)

_LAYOUT_ENTRIES = (
    _layout(
        code="import_header_unknown",
        title="The import has no such column",
        meaning="A column binding names “{header}”, but the import reads: {headers}.",
        fix="Change the binding, or the import's column mapping in Anaplan.",
        who=_YOU,
    ),
    _layout(
        code="import_header_unbound",
        title="A column of the import is not bound",
        meaning="The import reads a column “{header}” and nothing says what belongs there.",
        fix="Bind the column to a field, or to a fixed text such as =Actual.",
        who=_YOU,
    ),
    _layout(
        code="import_header_repeated",
        title="Two columns have one name",
        meaning="The import reads “{header}” more than once, so columns cannot be told apart.",
        fix="Rename one of the columns in the import's file definition.",
        who=_MODELER,
    ),
    _layout(
        code="binding_field_unknown",
        title="A column is bound to an unknown field",
        meaning="Column “{header}” is bound to “{field}”. Known fields are: {fields}.",
        fix="Choose one of these fields, or a fixed text such as =Actual.",
        who=_YOU,
    ),
    _layout(
        code="binding_repeated",
        title="One field is bound to two columns",
        meaning="More than one column of the import is bound to “{field}”.",
        fix="Bind each field to one column.",
        who=_YOU,
    ),
    _layout(
        code="layout_incomplete",
        title="The import's file lacks needed columns",
        meaning="No column carries: {missing}. Amounts of different meaning would be added up.",
        fix="Add the columns to the import in Anaplan, or bind them.",
        who=_MODELER,
    ),
    _layout(
        code="file_format_unsupported",
        title="The file's format is not supported",
        meaning="The definition's {part} is “{given}”, which is not supported.",
        fix="Use UTF-8, a comma, semicolon or tab, and double quotes in the definition.",
        who=_MODELER,
    ),
    _layout(
        code="member_not_writable",
        title="A member cannot stand in the file",
        meaning="“{member}” holds {reason}, which this file format has no way to write.",
        fix="Give the import's file a text delimiter, or map to the member's code.",
        who=_YOU,
    ),
    _layout(
        code="member_not_encodable",
        title="A member has a character that the file cannot hold",
        meaning="“{member}” has the character “{character}”, which {encoding} does not know.",
        fix="Set the import's file to UTF-8, or map to the member's code.",
        who=_MODELER,
    ),
)

_MAPPING_ENTRIES = (
    _mapping(
        code="mapping_changed_meanwhile",
        kind=Kind.CONFIG,
        title="Somebody else has changed this rule meanwhile",
        meaning="{rule} has “{now}” now; you wanted “{yours}” instead of what you saw.",
        data="Nothing was changed.",
        fix="Look at what it has now, and make your change again where it still is right.",
    ),
    _mapping(
        code="mapping_draft_stale",
        kind=Kind.CONFIG,
        title="The mapping has changed below the draft",
        meaning="A newer version has changed what the draft changes too: {keys}.",
        data="Nothing was approved; the draft is as it was.",
        fix="Look at both values on the draft's page; keep the draft's, or drop its change.",
    ),
    _mapping(
        code="mapping_draft_gone",
        kind=Kind.CONFIG,
        title="The draft is not open any more",
        meaning="Somebody has approved or discarded it meanwhile, or no draft was begun.",
        data="Nothing was changed.",
        fix="Look at the mapping as it is now; a new change begins a new draft.",
    ),
    _mapping(
        code="mapping_draft_empty",
        kind=Kind.CONFIG,
        title="The draft changes nothing",
        meaning="All its changes were taken back, or the newest version has them already.",
        data="No version was made.",
        fix="Change something first, or discard the draft.",
    ),
    _mapping(
        code="mapping_draft_changed",
        kind=Kind.CONFIG,
        title="The draft is not what you saw",
        meaning="Somebody has changed the draft, or a newer version, since you opened the page.",
        data="Nothing was approved; the draft stays open.",
        fix="Look at the draft as it is now, then approve it.",
    ),
    _mapping(
        code="mapping_not_plain",
        kind=Kind.CONFIG,
        title="One click would move more than what is held",
        meaning="{rule} has a member in another domain or period, or means several things.",
        data="Nothing was changed.",
        fix="Open the form of the code: it shows what each change takes, and from when.",
    ),
    _mapping(
        code="mapping_member_unknown",
        kind=Kind.CONFIG,
        title="The list has no such member",
        meaning="{list} has no member “{member}”, as it was last read.",
        data="Nothing was changed.",
        fix=(
            "Choose a member that is there, have it added in Anaplan, or map to it all the same "
            "if it comes later."
        ),
    ),
    _mapping(
        code="mapping_own_draft",
        kind=Kind.CONFIG,
        title="A second person approves the mapping",
        meaning="The organization asks for a second person, and you have changed this draft.",
        data="Nothing was approved; the draft stays open.",
        fix="Ask somebody else who may approve mappings; an owner can change the setting.",
    ),
    _mapping(
        code="mapping_conflict",
        kind=Kind.CONFIG,
        title="One code is mapped twice",
        meaning="{rule} is mapped to “{first}” and to “{second}”{when}.",
        data="Nothing was changed.",
        fix=(
            "Keep one of the two rules, give them dates that do not overlap, or give each its "
            "weight."
        ),
    ),
    _mapping(
        code="mapping_weights_wrong",
        kind=Kind.CONFIG,
        title="The parts of a split are not a whole",
        meaning="The weights of {rule} add up to {sum}, not to 1{when}.",
        data="Nothing was changed.",
        fix="Change the weights so that all rules of the split add up to exactly 1 at each time.",
    ),
    _mapping(
        code="mapping_rule_invalid",
        kind=Kind.CONFIG,
        title="A rule is not complete",
        meaning="The rule of {rule} can't be used: {problem}.",
        data="Nothing was changed.",
        fix="Change the rule as the sentence says.",
    ),
    _mapping(
        code="mapping_rule_dated",
        kind=Kind.CONFIG,
        title="The code has dates or parts",
        meaning=(
            "{dimension} {member_code} is mapped by date or in parts; one member for all times "
            "would restate earlier periods."
        ),
        data="Nothing was changed.",
        fix="Open the form of the code, or choose the first period of the change.",
    ),
    _mapping(
        code="mapping_code_unknown",
        kind=Kind.CONFIG,
        title="QAD has no such code",
        meaning="Neither QAD's list nor any amount has a {dimension} {member_code}.",
        data="Nothing was changed for this code.",
        fix="Look for a slip in the code, or open the form of a rule to map it all the same.",
    ),
    _mapping(
        code="mapping_row_unreadable",
        kind=Kind.CONFIG,
        title="A row of the grid can't be read",
        meaning="The line “{line}” does not say which code gets which member.",
        data="Nothing was changed for this line.",
        fix="Paste two columns, code and member, or one column of members beside the codes.",
    ),
    _mapping(
        code="unmapped_blocked",
        kind=Kind.REJECTED,
        title="Rows without a member block the load",
        meaning="{rows} rows have a code without a member: {codes}.",
        data="Nothing was uploaded, as the sync asks; the rows are listed with their amounts.",
        fix="Map the codes, then replay the run. Or let the sync hold such rows.",
    ),
    _mapping(
        code="rows_in_suspense",
        kind=Kind.REJECTED,
        title="Rows went to suspense",
        meaning="{rows} rows have a code without a member and went to suspense: {codes}.",
        data="Suspense members carry exactly these amounts; they move once the codes are mapped.",
        fix="Map the codes, then replay the run.",
    ),
    _mapping(
        code="suspense_without_member",
        kind=Kind.CONFIG,
        title="No suspense member",
        meaning="Rows shall go to suspense, but no suspense member is named.",
        data="Nothing was changed.",
        fix="Name the suspense member of accounts, of cost centers, or of both.",
    ),
    _mapping(
        code="suspense_dimension_wrong",
        kind=Kind.CONFIG,
        title="Not a dimension for suspense",
        meaning="There is no suspense member of {dimension}.",
        data="Nothing was changed.",
        fix="Name those of account, cost center, supplier, sub-account or project only.",
    ),
    _mapping(
        code="mapping_dimension_unknown",
        kind=Kind.CONFIG,
        title="No such dimension",
        meaning="The mapping has no dimension {dimension}; {member_code} was not mapped.",
        data="Nothing was changed.",
        fix="Name one of entity, gl_account, cost_center, supplier, period, currency, sub_account "
        "or project.",
    ),
    *(
        _mapping(
            code=f"unmapped_{dimension}",
            kind=Kind.REJECTED,
            title=f"A QAD {words} has no member",
            meaning=f"The row's {words} is not mapped to a member of the Anaplan list.",
            data="The row is held; its cell, if others fall on it, lacks this row.",
            fix=f"Map the {words}, then replay the row.",
        )
        for dimension, words in (
            ("entity", "entity"),
            ("gl_account", "account"),
            ("cost_center", "cost center"),
            ("supplier", "supplier"),
            ("period", "period"),
            ("currency", "currency"),
            ("sub_account", "sub-account"),
            ("project", "project"),
        )
    ),
    _mapping(
        code="statistical_not_imported",
        kind=Kind.REJECTED,
        title="The import takes no quantities",
        meaning="The row is of a statistical account, and no column of the import is a quantity.",
        data="The row is held: a quantity is never sent as money.",
        fix="Add a quantity column to the import, then replay the row.",
    ),
    _mapping(
        code="currency_mixed",
        kind=Kind.CONFIG,
        title="Several currencies would fall on one cell",
        meaning="Entity {entity}, period {period} has {codes}, and the file has no such column.",
        data="Nothing was sent: amounts of different currencies are never added up.",
        fix="Add a currency column to the import.",
    ),
)

_SOURCE_ENTRIES = (
    ErrorCode(
        code="qad_conflicting_rows",
        kind=Kind.REJECTED,
        origin="QAD",
        title="Two QAD rows have one key",
        meaning="{document} has two rows for {key} that do not say the same.",
        data="The unit is stopped: neither row can be trusted.",
        fix="Read again; if it stays, add the field that tells them apart to the profile's key.",
        who="an admin of the connection",
        retry="after the fix",
    ),
    ErrorCode(
        code="qad_rows_repeated",
        kind=Kind.REJECTED,
        origin="QAD",
        title="QAD sent many rows twice",
        meaning="More than {rows} rows of {document} came more than once in one unit.",
        data="The unit is stopped: pages overlapped while they were read.",
        fix="Read again with fewer calls at once; check the paging parameters in the profile.",
        who="an admin of the connection",
        retry="after the fix",
    ),
    ErrorCode(
        code="block_damaged",
        kind=Kind.INTERNAL,
        origin="Evidence",
        title="Kept bytes are damaged",
        meaning="The block {sha256} is not what was kept under this digest.",
        data="The step was stopped. What stands in Anaplan was not touched.",
        fix="Check the database's disk and restore the block from a backup.",
        who="ml-connector support",
        retry="never by itself",
    ),
)

_TARGET_ENTRIES = (
    _export(
        code="export_header_unbound",
        title="A column of the export is not bound",
        meaning="The export has a column “{header}” and nothing says what it is.",
        fix="Bind it to a field or a fixed text, or take it out of the export.",
        who=_YOU,
    ),
    _export(
        code="export_incomplete",
        title="The export lacks needed columns",
        meaning="The read-back export has no column for: {missing}.",
        fix="Add them to the export, or bind its columns.",
        who=_MODELER,
    ),
    _export(
        code="export_unreadable",
        title="The export cannot be read",
        meaning="Near row {row}: {reason}.",
        fix="Check encoding, separator and text delimiter in the export's definition.",
        who=_MODELER,
    ),
    _export(
        code="export_amount_unreadable",
        title="The export has an amount that is not a number",
        meaning="Column “{header}” has “{given}”.",
        fix="Export numbers without units or thousands separators.",
        who=_MODELER,
    ),
    _export(
        code="member_ambiguous",
        title="One text names two list members",
        meaning="In the list of {dimension}, “{text}” is the name of one member and the code of "
        "another.",
        fix="Rename one of the two, or show codes only in the export.",
        who=_MODELER,
    ),
    _export(
        code="member_written_two_ways",
        title="One list member is mapped under two texts",
        meaning="In {dimension}, “{first}” and “{second}” are the same member.",
        fix="Use one of the two in all mapping rules.",
        who=_YOU,
    ),
    ErrorCode(
        code="anaplan_dump_unreadable",
        kind=Kind.INTERNAL,
        origin="Anaplan",
        title="The failure dump cannot be read",
        meaning="Anaplan's list of refused rows has another form: {reason}.",
        data="Which rows were refused is not known from it; the dump itself is kept.",
        fix="Send the reference id to support.",
        who="ml-connector support",
        retry="never by itself",
    ),
)

ENTRIES: tuple[ErrorCode, ...] = (
    *_LAYOUT_ENTRIES,
    *_MAPPING_ENTRIES,
    *_SOURCE_ENTRIES,
    *_TARGET_ENTRIES,
)
