"""What rules of people, roles and organizations forbid."""

from functools import partial

from audit.catalogue.kinds import ErrorCode, Kind

_people = partial(
    ErrorCode,
    kind=Kind.CONFIG,
    origin="ml-connector",
    data="Nothing was changed.",
    who="You",
    retry="never by itself",
)

ENTRIES: tuple[ErrorCode, ...] = (
    _people(
        code="auditor_without_end",
        title="An auditor needs a last day",
        meaning="The role auditor was asked for without a day on which it ends.",
        fix="Name the last day on which the auditor may look.",
    ),
    _people(
        code="right_missing",
        title="You may not do that",
        meaning="Your role does not let you {right}, or it has just been changed.",
        fix="Ask an owner or admin to do it or to change your role.",
    ),
    _people(
        code="right_not_grantable",
        title="This right comes with a role only",
        meaning="The right to {right} cannot be given beyond a role.",
        fix="Choose a role that includes it.",
    ),
    _people(
        code="last_day_past",
        title="The last day is over already",
        meaning="{day} lies in the past, in the organization's time zone.",
        fix="Choose today or a later day, or remove the member.",
    ),
    _people(
        code="last_owner",
        title="The last owner stays",
        meaning="Nobody else owns the organization without a last day.",
        fix="Make another member an owner first.",
    ),
    _people(
        code="owners_only",
        title="Only owners decide about owners",
        meaning="Owners are made, changed and removed by owners only.",
        fix="Ask an owner.",
    ),
    _people(
        code="second_person_owners_only",
        title="Only owners do without a second person",
        meaning="You asked that no second person be needed any more.",
        fix="Ask an owner.",
    ),
    _people(
        code="own_rights_upward",
        title="Nobody raises their own rights",
        meaning="You asked for more rights, or a later last day, for yourself.",
        fix="Ask another owner or admin.",
    ),
    _people(
        code="already_member",
        title="They are a member already",
        meaning="{email} stands in the list of members.",
        fix="Change their role, rights or last day there.",
    ),
    _people(
        code="already_invited",
        title="They are invited already",
        meaning="An invitation to {email} is still open.",
        fix="Send it again, or withdraw it first.",
    ),
    _people(
        code="too_many_invitations",
        title="Enough invitations for today",
        meaning="This organization has sent {limit} invitations within 24 hours.",
        fix="Try again tomorrow.",
        retry="after a day",
    ),
    _people(
        code="invitation_closed",
        title="The invitation is not open any more",
        meaning="It was accepted, withdrawn or sent again, or its seven days are over.",
        fix="Ask who invited you for a new one.",
    ),
    _people(
        code="invitation_for_another",
        title="The invitation is for somebody else",
        meaning="It was sent to another address than the one that you have confirmed here.",
        fix="Sign out, then sign in with the address that the invitation was sent to.",
    ),
    _people(
        code="too_many_organizations",
        title="Enough organizations for one person",
        meaning="You own {limit} organizations already.",
        fix="Close one that nobody needs, or ask the operator of this installation.",
    ),
    _people(
        code="time_zone_unknown",
        title="There is no such time zone",
        meaning="{time_zone} is not a name of the IANA list.",
        fix="Choose one of the list, such as Europe/Berlin.",
    ),
    _people(
        code="currency_unknown",
        title="There is no such currency",
        meaning="{currency} is not a currency code of ISO 4217.",
        fix="Choose one of the list, such as EUR.",
    ),
    _people(
        code="name_differs",
        title="The typed name differs",
        meaning="What was typed is not the organization's name.",
        fix="Type the name exactly as the page shows it.",
    ),
    _people(
        code="closes_already",
        title="The organization is closing already",
        meaning="Somebody has asked for it before.",
        fix="Nothing, or take the closing back.",
    ),
    _people(
        code="not_closing",
        title="The organization is not closing",
        meaning="There is no closing to take back: nobody asked for it, or it is over.",
        fix="Look at the settings of the organization.",
    ),
    _people(
        code="organization_closing",
        title="The organization is about to close",
        meaning="Since somebody asked to close the organization, no run is started.",
        fix="Let an owner take the closing back in the settings.",
        who="an owner",
        retry="after that",
    ),
)
