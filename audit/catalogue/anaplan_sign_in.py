"""Every way in which a sign-in to Anaplan fails, each with its own cause and its own fix."""

from functools import partial

from audit.catalogue.kinds import ErrorCode, Kind

_ADMIN = "an admin of the connection"
_SECURITY_ADMIN = "an Anaplan tenant security administrator"

_sign_in = partial(
    ErrorCode, kind=Kind.CONFIG, origin="Anaplan", data="Nothing was sent.", who=_ADMIN
)
_key = partial(
    ErrorCode,
    kind=Kind.CONFIG,
    origin="ml-connector",
    data="Nothing was changed.",
    who=_ADMIN,
    retry="never by itself",
)

ENTRIES: tuple[ErrorCode, ...] = (
    _sign_in(
        code="anaplan_sign_in_refused",
        title="Anaplan refused the sign-in",
        meaning="Wrong user or password, an expired password, single sign-on without an exception "
        "user, or Basic sign-in switched off: Anaplan answers alike to all.",
        fix="Sign in to Anaplan as this user, then type the password here again.",
        who=_SECURITY_ADMIN,
        retry="after the password is typed again",
    ),
    _sign_in(
        code="anaplan_sign_in_malformed",
        title="Anaplan cannot read the sign-in",
        meaning="Anaplan says that what was shown as the sign-in is malformed.",
        fix="Type user and password again, or give the certificate again. A proxy in between may "
        "spoil headers.",
        retry="after that",
    ),
    _sign_in(
        code="anaplan_source_refused",
        title="Anaplan does not let this installation in",
        meaning="{host} refuses sign-ins from the address that these calls come from.",
        fix="Add the addresses of this installation to Anaplan's IP allow-list.",
        who=_SECURITY_ADMIN,
        retry="after they are on the list",
    ),
    _sign_in(
        code="anaplan_wrong_host",
        title="There is no Anaplan sign-in at this address",
        meaning="{host} does not know the path {path}. It is another service of Anaplan, or "
        "another server.",
        fix="Choose your region again, or compare the three addresses with Anaplan's list.",
        retry="after the address is changed",
    ),
    _sign_in(
        code="anaplan_token_refused",
        title="Anaplan refuses its own token",
        meaning="The sign-in went well, and {host} refuses what it gave. Mostly the sign-in and "
        "the API belong to different regions, or the user was deactivated.",
        fix="Choose your region again, then look at the user in Anaplan.",
        retry="after that",
    ),
    _sign_in(
        code="anaplan_certificate_refused",
        title="Anaplan refused the certificate",
        meaning="The certificate is not registered for a user, was withdrawn, or its user is "
        "locked; a clock that is minutes off looks alike.",
        fix="Register this certificate under Administration, Security, Certificates.",
        who=_SECURITY_ADMIN,
        retry="after it is registered",
    ),
    _sign_in(
        code="anaplan_certificate_expired",
        title="The certificate for Anaplan has expired",
        meaning="It held until {ends} and is not shown any more.",
        fix="Get a new certificate, register it at Anaplan, and give it here with its key.",
        who="an admin of the connection, with " + _SECURITY_ADMIN,
        retry="after a new one is given",
    ),
    _sign_in(
        code="anaplan_certificate_not_yet_valid",
        title="The certificate for Anaplan does not hold yet",
        meaning="It holds from {begins}.",
        fix="Wait for that time, or give a certificate that holds today. If it should hold "
        "already, this installation's clock is wrong.",
        retry="when it holds",
    ),
    _sign_in(
        code="anaplan_not_approved",
        title="The connection is not approved at Anaplan yet",
        meaning="Nobody has approved {name} at Anaplan since its client was set.",
        fix="Open the connection and press “Approve at Anaplan”.",
        retry="after the approval",
    ),
    _sign_in(
        code="anaplan_approval_ended",
        title="Anaplan's approval has ended",
        meaning="Anaplan does not take the refresh token any more: it was unused for longer than "
        "its life, used elsewhere, or withdrawn, or the user lost access.",
        fix="Open the connection and approve it at Anaplan again.",
        retry="after the approval",
    ),
    _sign_in(
        code="anaplan_code_ended",
        title="Anaplan's answer came too late",
        meaning="The approval's code was used before, or it is older than a minute.",
        fix="Press “Approve at Anaplan” once more.",
        retry="never by itself",
    ),
    _sign_in(
        code="anaplan_approval_lost",
        title="This approval was not begun here",
        meaning="The answer belongs to no approval that this browser has begun in the last "
        "{minutes} minutes.",
        fix="Open the connection and press “Approve at Anaplan” in this browser.",
        data="Nothing was changed.",
        retry="never by itself",
    ),
    _sign_in(
        code="anaplan_access_denied",
        title="Anaplan did not give access",
        meaning="Somebody pressed “Deny”, the user may not use this way in (single sign-on users "
        "cannot approve a device), or the call's source address is not allowed.",
        fix="Approve as the integration user, or choose another way in.",
        retry="after that",
    ),
    _sign_in(
        code="anaplan_device_code_ended",
        title="The device code has ended",
        meaning="Nobody entered the code at Anaplan in time.",
        fix="Begin again and enter the new code within its minutes.",
        retry="never by itself",
    ),
    _sign_in(
        code="anaplan_client_unknown",
        title="Anaplan does not know this OAuth client",
        meaning="The client id is unknown in this region, or the client secret is wrong.",
        fix="Compare both with Administration, Security, OAuth clients. A new secret ends the old "
        "one.",
        retry="after they are changed",
    ),
    _sign_in(
        code="anaplan_client_wrong_kind",
        title="The OAuth client is of another kind",
        meaning="Anaplan does not allow this way in for client {client}: one client is either for "
        "the authorization code or for devices.",
        fix="Make a client of the right kind at Anaplan, or choose the other way in.",
        who=_SECURITY_ADMIN,
        retry="after that",
    ),
    _sign_in(
        code="anaplan_oauth_refused",
        title="Anaplan did not accept the OAuth request",
        meaning="Anaplan answered “{word}”. Mostly the redirect address is not registered as it "
        "stands here.",
        fix="Compare the redirect address at the OAuth client letter by letter.",
        who=_SECURITY_ADMIN,
        retry="after that",
    ),
    _sign_in(
        code="anaplan_no_refresh_token",
        title="Anaplan gave no lasting access",
        meaning="The approval came without a refresh token, so it would end after 35 minutes.",
        fix="Allow the scope offline_access for this OAuth client, then approve again.",
        who=_SECURITY_ADMIN,
        retry="after that",
    ),
    _sign_in(
        code="anaplan_sign_in_busy",
        kind=Kind.TRANSIENT,
        title="Another worker is signing in to Anaplan",
        meaning="The sign-in of another worker did not end in time.",
        data="Nothing was sent; nothing is lost.",
        fix="Nothing, unless it stays.",
        who="nobody",
        retry="by itself, within a minute",
    ),
    _key(
        code="certificate_unreadable",
        title="This is no certificate",
        meaning="The text is not a certificate in PEM form.",
        fix="Give the file that begins with -----BEGIN CERTIFICATE-----. A .p12 or .pfx file has "
        "to be converted first.",
    ),
    _key(
        code="certificate_of_authority",
        title="This certificate belongs to an authority",
        meaning="It is made for signing other certificates, or it is self-signed as one.",
        fix="Give the certificate that was issued to the integration user.",
    ),
    _key(
        code="private_key_unreadable",
        title="This is no private key",
        meaning="The text is not a private RSA key in PEM form.",
        fix="Give the file that begins with -----BEGIN PRIVATE KEY----- or -----BEGIN RSA PRIVATE "
        "KEY-----. Anaplan takes RSA keys only.",
    ),
    _key(
        code="private_key_locked",
        title="The passphrase does not open the key",
        meaning="The private key is protected, and the passphrase is missing or wrong.",
        fix="Type the key's passphrase.",
    ),
    _key(
        code="private_key_differs",
        title="Key and certificate do not fit",
        meaning="The private key is not the one that the certificate was made for.",
        fix="Give the key from which this certificate was requested.",
    ),
    _sign_in(
        code="connection_paused",
        origin="ml-connector",
        title="The connection is paused",
        meaning="{name} makes no calls, because its sign-in was refused: {cause}.",
        data="No call was made.",
        fix="Mend the sign-in and ping the connection: a good ping ends the pause.",
        retry="after a good ping, a new secret or a new approval",
    ),
)
