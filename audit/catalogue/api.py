"""What calls of the REST API are refused for."""

from functools import partial

from audit.catalogue.kinds import ErrorCode, Kind

_api = partial(
    ErrorCode,
    kind=Kind.CONFIG,
    origin="API",
    data="Nothing was changed.",
    who="You",
    retry="never by itself",
)

ENTRIES: tuple[ErrorCode, ...] = (
    _api(
        code="api_key_missing",
        title="No API key",
        meaning="The call has no header Authorization: Bearer with an API key.",
        fix="Send the key in that header. Sessions of the browser do not count here.",
    ),
    _api(
        code="api_key_unknown",
        title="Unknown API key",
        meaning="The API key of the call is not known here.",
        fix="Check that the whole key was copied, or create a new one.",
    ),
    _api(
        code="api_key_expired",
        title="The API key has expired",
        meaning="The API key was valid until {expires_at}.",
        fix="Create a new key and put it into your program.",
    ),
    _api(
        code="api_key_revoked",
        title="The API key was revoked",
        meaning="The API key was revoked at {revoked_at}.",
        fix="Create a new key, if the program may still call.",
    ),
    _api(
        code="api_key_maker_gone",
        title="The key's maker is no member any more",
        meaning="The member who made the API key may not enter the organization any more.",
        fix="Let a member who may do so create a new key.",
    ),
    _api(
        code="api_key_wrong_address",
        title="The key may not be used from there",
        meaning="The API key may not be used from the address {address}.",
        fix="Call from an address of the key's list, or create a key with another list.",
    ),
    _api(
        code="api_key_in_url",
        title="An API key in the address",
        meaning="The address of the call holds an API key; addresses end up in logs.",
        fix="Revoke that key, create a new one and send it in the header Authorization.",
    ),
    _api(
        code="api_organization_closing",
        title="The organization is being closed",
        meaning="The organization of the API key is closed, or will be soon.",
        fix="Let an owner take the closing back, while there is time.",
        who="An owner",
    ),
    _api(
        code="api_scope_missing",
        title="The key's scope does not reach that far",
        meaning="The call needs the scope {scope}, which the API key or its maker does not have.",
        fix="Create a key with that scope, or ask for the right behind it.",
    ),
    _api(
        code="api_path_unknown",
        title="No such address of the API",
        meaning="The API has nothing at this address.",
        fix="Compare the address with the reference: no slash at the end, version first.",
    ),
    _api(
        code="api_not_found",
        title="Not found",
        meaning="There is no such thing in this organization.",
        fix="Check the id. It may have been removed, or belong to another organization.",
    ),
    _api(
        code="api_method_not_allowed",
        title="The address does not take this method",
        meaning="This address does not take {method}.",
        fix="Use one of the methods in the header Allow.",
    ),
    _api(
        code="api_not_acceptable",
        title="Only JSON is answered",
        meaning="The header Accept asks for something else than JSON.",
        fix="Leave the header away, or accept application/json.",
    ),
    _api(
        code="api_media_type",
        title="Only JSON is taken",
        meaning="The body is not declared as application/json.",
        fix="Send JSON and the header Content-Type: application/json.",
    ),
    _api(
        code="api_body_unreadable",
        title="The body can't be read",
        meaning="The body is not JSON that can be read: {problem}.",
        fix="Mend the JSON and send it again.",
    ),
    _api(
        code="api_body_too_large",
        title="The body is too large",
        meaning="The body has more than {limit} bytes.",
        fix="Send less in one call.",
    ),
    _api(
        code="api_bad_request",
        title="The request can't be read",
        meaning="The request breaks the rules of HTTP or names a host that is not served here.",
        fix="Call the address that stands in the reference.",
    ),
    _api(
        code="api_input_invalid",
        title="Some fields are wrong",
        meaning="The call has fields that can't be taken; they are listed.",
        fix="Mend the listed fields and send the call again.",
    ),
    _api(
        code="api_idempotency_key_reused",
        title="The Idempotency-Key was used for something else",
        meaning="A call with this Idempotency-Key had another body, method or address.",
        fix="Use a new key for each new wish, and the same one only to repeat a call.",
    ),
    ErrorCode(
        code="api_too_many_calls",
        kind=Kind.TRANSIENT,
        origin="API",
        title="Too many calls",
        meaning="More calls came in than are taken from one {counted}.",
        data="Nothing was changed.",
        fix="Wait {seconds} seconds, then go on more slowly.",
        who="You",
        retry="by your program, after the wait",
    ),
    _api(
        code="key_name_taken",
        title="A live key has this name",
        meaning="There is a live key named {name} already.",
        fix="Choose another name, or revoke the other key first.",
    ),
    _api(
        code="key_limit_reached",
        title="Too many live keys",
        meaning="The organization has {limit} live keys, which is as many as there may be.",
        fix="Revoke a key that nobody uses, then create the new one.",
    ),
    _api(
        code="key_scope_beyond_rights",
        title="A scope beyond your own rights",
        meaning="You may not {right}, so that your key may not either.",
        fix="Leave the scope {scope} away, or let a member with that right create the key.",
    ),
    _api(
        code="key_expiry_out_of_range",
        title="The key's last day is out of range",
        meaning="A key is valid for 1 to {days} days.",
        fix="Choose a day within that time.",
    ),
    _api(
        code="key_address_invalid",
        title="Not an address",
        meaning="{text} is neither an IP address nor a range of them.",
        fix="Write addresses such as 203.0.113.7 or 2001:db8::/48, one a line.",
    ),
    _api(
        code="key_not_live",
        title="The key is not live",
        meaning="The key is not there, or was revoked already.",
        fix="Look at the list of keys.",
    ),
)
