"""What goes wrong between ml-connector and the provider through which members sign in."""

from functools import partial

from audit.catalogue.kinds import ErrorCode, Kind

_sign_in = partial(
    ErrorCode,
    origin="sign-in provider",
    data="Nobody was signed in, and nothing was changed.",
)
_provider = partial(
    _sign_in,
    kind=Kind.CONFIG,
    who="an owner of the organization, or who runs the provider",
    retry="after the provider or its settings are mended",
)

ENTRIES: tuple[ErrorCode, ...] = (
    _provider(
        code="no_sign_in_provider",
        title="No provider is set",
        meaning="The organization has no provider through which members sign in.",
        fix="Save one first.",
    ),
    _provider(
        code="email_domain_invalid",
        title="This is no domain of e-mail addresses",
        meaning="“{domain}” is no name such as example.com.",
        fix="Write what stands behind the @ of your addresses, one a line.",
    ),
    _provider(
        code="provider_refused",
        title="The provider does not answer as one",
        meaning="{host} answered with HTTP {status} where {step} was asked for.",
        fix="Compare issuer, client id and secret with what the provider shows.",
    ),
    _provider(
        code="provider_unreadable",
        title="The provider's answer lacks something",
        meaning="The answer to {step} has no usable {name}.",
        fix="Check the issuer: below it lies /.well-known/openid-configuration.",
    ),
    _provider(
        code="issuer_differs",
        title="The issuer calls itself otherwise",
        meaning="The provider at {host} names another issuer than the one that is set here.",
        fix="Write the issuer exactly as the provider names it.",
    ),
    _provider(
        code="id_token_invalid",
        title="The provider's proof does not hold",
        meaning="The ID token was not accepted: {reason}.",
        fix="Sign in once more. If it stays, compare issuer and client id, and the clocks.",
    ),
    _provider(
        code="address_not_proved",
        title="The provider does not vouch for an address",
        meaning="The ID token has no e-mail address that the provider calls verified.",
        fix="Let the provider send the claims email and email_verified.",
    ),
    _provider(
        code="address_of_other_domain",
        title="The address is of another domain",
        meaning="The provider of this organization does not speak for addresses of that domain.",
        fix="Sign in with an address of your organization, or let an owner add the domain.",
    ),
    _sign_in(
        code="sign_in_over",
        kind=Kind.CONFIG,
        title="The sign-in was not begun here, or is over",
        meaning="The answer of the provider belongs to no sign-in that this browser has begun "
        "within {minutes} minutes.",
        fix="Begin anew at the sign-in address of your organization.",
        who="You",
        retry="never by itself",
    ),
    _sign_in(
        code="sign_in_declined",
        kind=Kind.CONFIG,
        title="The provider has not signed you in",
        meaning="The provider ended the sign-in without a proof.",
        fix="Begin anew, or ask who runs the provider whether you may use ml-connector.",
        who="You, or who runs the provider",
        retry="never by itself",
    ),
    _sign_in(
        code="member_unknown",
        kind=Kind.CONFIG,
        title="No member has this address",
        meaning="No member of the organization has confirmed the address that the provider named.",
        fix="Ask an owner or admin for an invitation to that address and accept it first.",
        who="an owner or admin",
        retry="never by itself",
    ),
)
