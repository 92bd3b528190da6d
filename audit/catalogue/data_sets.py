"""Failures of what a sync reads: its data set, currency, sign and other conventions."""

from functools import partial

from audit.catalogue.kinds import ErrorCode, Kind

_sync = partial(ErrorCode, kind=Kind.CONFIG, origin="ml-connector", who="an admin of the sync")

ENTRIES: tuple[ErrorCode, ...] = (
    _sync(
        code="conventions_invalid",
        title="A convention of the sync is not valid",
        meaning="At “{place}”: {reason}.",
        data="Nothing was read and nothing was sent.",
        fix="Change that convention in the sync.",
        retry="after the sync is saved",
    ),
    _sync(
        code="currency_not_offered",
        title="QAD does not give these amounts",
        meaning="The sync wants {currency} amounts, but the instance profile maps no field "
        "“{field}” of the document “{document}”.",
        data="Nothing was read and nothing was sent.",
        fix="Map the field in the profile if the instance has it, or choose another currency.",
        retry="after the profile or the sync is saved",
    ),
    _sync(
        code="balances_cumulative",
        title="Balances are cumulative",
        meaning="The profile says that “{document}” gives balances since the beginning, and a sync "
        "loads what moved in each period.",
        data="Nothing was read and nothing was sent: a balance is never taken for a movement.",
        fix="Let QAD publish a document of movements per period, and name it in the profile.",
        who="QAD administrator",
        retry="after the profile is saved",
    ),
    _sync(
        code="currency_not_known",
        title="An entity has no currency",
        meaning="QAD gives no {kind} currency for the entity {entity}.",
        data="Nothing was read and nothing was sent.",
        fix="Map the currency of the document “entity” in the profile, or choose another currency.",
        retry="after the profile or the sync is saved",
    ),
    _sync(
        code="account_side_unknown",
        title="Nobody knows the side of an account",
        meaning="QAD does not say “{field}” for the account {account}, and the sync needs it.",
        data="Nothing was sent: the sign of an amount is never guessed.",
        fix="Map “{field}” of the document “gl_account” in the profile, or let the sync take "
        "amounts as posted.",
        retry="after the profile or the sync is saved",
    ),
    _sync(
        code="policies_invalid",
        title="A policy of the sync is not valid",
        meaning="At “{place}”: {reason}.",
        data="Nothing was read and nothing was sent.",
        fix="Change that policy in the sync.",
        retry="after the sync is saved",
    ),
    _sync(
        code="quiet_hours",
        kind=Kind.TRANSIENT,
        title="Quiet hours",
        meaning="The sync begins no load before {until} by the organization's clock.",
        data="Everything is read and mapped; nothing was sent yet.",
        fix="Nothing: the run goes on by itself. Change the quiet hours of the sync if it must not "
        "wait.",
        who="nobody",
        retry="by itself, at the end of the quiet hours",
    ),
    _sync(
        code="qad_volume_abnormal",
        kind=Kind.REJECTED,
        origin="QAD",
        title="Far more or fewer rows than usual",
        meaning="{entity} {period} has {rows} rows where {usual} are usual: more than {share} % "
        "apart.",
        data="It is a warning unless the sync says to block; then nothing was sent.",
        fix="Check in QAD whether postings are missing or doubled. If the volume is right, let the "
        "sync allow a larger share, or only warn.",
        who="You",
        retry="after the fix",
    ),
    _sync(
        code="closed_period_changed",
        kind=Kind.REJECTED,
        origin="QAD",
        title="A closed period has changed",
        meaning="{entity} {period} moved by {amount} in {cells} cells since {since}, first "
        "{first}.",
        data="Only the changed cells are sent, or nothing of the period where the sync asks for "
        "an approval first.",
        fix="Look at the cells and find the posting in QAD; then approve the change, or have it "
        "undone in QAD.",
        who="You",
        retry="after the approval",
    ),
    _sync(
        code="closed_change_held",
        kind=Kind.REJECTED,
        title="Waits for an approval",
        meaning="The row is in a closed period that has changed, and nobody has approved that.",
        data="The row is held; Anaplan keeps what it had.",
        fix="A second person approves the change of the period, or it is undone in QAD.",
        who="a member who may approve changes of closed periods",
        retry="with the approval",
    ),
    _sync(
        code="closed_change_unknown",
        title="No such change waits",
        meaning="The change {change} is not there, or was decided already.",
        data="Nothing was changed.",
        fix="Look at the list of changes that wait.",
        retry="never by itself",
    ),
    _sync(
        code="closed_change_own",
        title="Nobody approves what he asked for",
        meaning="{who} asked for the run that found this change.",
        data="Nothing was changed.",
        fix="Let another member approve it.",
        who="another member with that right",
        retry="by another person",
    ),
    _sync(
        code="anaplan_list_missing",
        title="No such list",
        meaning="The model has no single list named {name}.",
        data="Nothing was read and nothing was sent.",
        fix="Choose another list in the sync.",
        retry="after the sync is saved",
    ),
    _sync(
        code="list_code_torn",
        kind=Kind.REJECTED,
        origin="QAD",
        title="One code means two things",
        meaning="The code stands in several shared sets of QAD with different names, or another "
        "code has the same member.",
        data="The member is held: it is not sent, and nobody chooses a meaning for it.",
        fix="Map the codes to different members, or make their names agree in QAD.",
        who="You",
        retry="after the fix",
    ),
    _sync(
        code="spend_differs_from_balances",
        title="Postings and balances do not agree",
        meaning="{entity} {period}: {cells} pairs of account and cost center differ, first account "
        "{account}, cost center {cost_center}: postings {postings}, balances {balances}.",
        data="It is a warning unless the sync says to block; then nothing was sent.",
        fix="Check in QAD whether all postings of the period may be read, and whether balances are "
        "rebuilt.",
        who="QAD administrator",
        retry="after the fix",
    ),
    _sync(
        code="backfill_without_calendar",
        title="The sync has no periods",
        meaning="{name} moves a list or a plan, which has no past periods.",
        data="Nothing was read and nothing was sent.",
        fix="Run the sync: it always moves the whole.",
        who="You",
        retry="never by itself",
    ),
    _sync(
        code="backfill_without_periods",
        title="QAD has no such periods",
        meaning="QAD's calendar has no period from {first} to {last} that the sync reads.",
        data="Nothing was read and nothing was sent.",
        fix="Compare the range, and the sync's types of periods, with the calendar in QAD.",
        who="You",
        retry="never by itself",
    ),
)
