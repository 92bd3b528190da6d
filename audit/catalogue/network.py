"""Failures between ml-connector and an address that a customer gave."""

from functools import partial

from audit.catalogue.kinds import ErrorCode, Kind

_network = partial(ErrorCode, origin="network")
_certificate = partial(
    _network,
    kind=Kind.CONFIG,
    data="Nothing was sent, also no password.",
    who="the administrator of that server",
    retry="after the certificate is mended",
)

ENTRIES: tuple[ErrorCode, ...] = (
    _network(
        code="address_invalid",
        kind=Kind.CONFIG,
        title="The address cannot be used",
        meaning="The address {host} is not a plain https address: {reason}.",
        data="No call was made.",
        fix="Give https://, the host, an allowed port if needed, and the path; no user name in it.",
        who="an admin of the connection",
        retry="after the address is changed",
    ),
    _network(
        code="address_refused",
        kind=Kind.CONFIG,
        title="The address is not public",
        meaning="{host} leads, wholly or in part, to a private or reserved network address.",
        data="No connection was opened and nothing was sent.",
        fix="Give the public address. A system inside a network needs an entry by the operator.",
        who="an admin of the connection, or the operator of ml-connector",
        retry="after the address is changed",
    ),
    _network(
        code="unreachable_dns",
        kind=Kind.TRANSIENT,
        title="The host name was not found",
        meaning="No address is known for {host}.",
        data="Nothing was sent; nothing is lost.",
        fix="Compare the host name with the address bar of your system, letter by letter.",
        who="an admin of the connection",
        retry="by itself, slowly, since a name service may also fail for a while",
    ),
    _certificate(
        code="tls_expired",
        title="The server's certificate has expired",
        meaning="The certificate of {host}, or of an authority behind it, is out of date: "
        "{reason}.",
        fix="Renew the certificate of the server. Checking cannot be switched off.",
    ),
    _certificate(
        code="tls_not_yet_valid",
        title="The server's certificate is not valid yet",
        meaning="The time from which the certificate of {host} holds has not come: {reason}.",
        fix="Wait for that time, or install a certificate that holds today. If it should hold "
        "already, the clock of this installation or of who made it is wrong.",
    ),
    _certificate(
        code="tls_self_signed",
        title="The server vouches only for itself",
        meaning="{host} shows a certificate that it signed itself: nobody else says who it is.",
        fix="Install a certificate of an authority, or give this certificate as an authority of "
        "your own in the profile of the connection.",
    ),
    _certificate(
        code="tls_unknown_authority",
        title="Nobody known vouches for the server",
        meaning="No authority that is trusted here signed the certificate of {host}: {reason}.",
        fix="Let the server send its whole chain, the certificates between included. If your "
        "company has an authority of its own, give its certificate in the profile.",
    ),
    _certificate(
        code="tls_wrong_host",
        title="The certificate is for another name",
        meaning="The certificate that {host} shows was made out for other names.",
        fix="Give the address by the name that stands in the certificate, or have a certificate "
        "made for this name.",
    ),
    _certificate(
        code="tls_certificate_invalid",
        title="The server's certificate is not valid",
        meaning="The certificate of {host} was refused: {reason}.",
        fix="Install a certificate that a browser accepts as well. Checking cannot be switched "
        "off.",
    ),
    _certificate(
        code="tls_handshake_failed",
        title="No secure connection came about",
        meaning="{host} broke the secure connection off, speaks no TLS on this port, or only "
        "versions before TLS 1.2.",
        fix="Check that the port is the one for https, and that TLS 1.2 or 1.3 is switched on.",
        retry="after the server is mended",
    ),
    _network(
        code="authority_unreadable",
        kind=Kind.CONFIG,
        title="The certificate of your authority cannot be read",
        meaning="The text that was given as the certificate of an authority is no certificate in "
        "PEM form.",
        data="Nothing was sent, also no password.",
        fix="Give the whole text from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----, "
        "several one below the other.",
        who="an admin of the connection",
        retry="after it is changed",
    ),
    _network(
        code="unreachable_refused",
        kind=Kind.TRANSIENT,
        title="Nobody answers at this address",
        meaning="{host} accepted no connection on port {port}.",
        data="Nothing was sent; nothing is lost.",
        fix="Check that the system is up, the port is right and a firewall lets ml-connector in.",
        who="the administrator of that server",
        retry="by itself",
    ),
    _network(
        code="unreachable_timeout",
        kind=Kind.TRANSIENT,
        title="The connection was not answered in time",
        meaning="{host} did not take the connection within {seconds} seconds.",
        data="Nothing was sent; nothing is lost.",
        fix="Check that a firewall lets the addresses of ml-connector in.",
        who="the administrator of that server",
        retry="by itself",
    ),
    _network(
        code="answer_timeout",
        kind=Kind.TRANSIENT,
        title="The answer did not come in time",
        meaning="{host} took the call but did not finish its answer within {seconds} seconds.",
        data="What was read before is kept; this part is asked for again.",
        fix="If it stays, ask for smaller pages or raise the time limit in the profile.",
        who="an admin of the connection",
        retry="by itself",
    ),
    _network(
        code="out_of_time",
        kind=Kind.TRANSIENT,
        title="The time was used up",
        meaning="A call was not made, since those before it took all the time that there was.",
        data="Nothing was sent by it.",
        fix="Try again: a slow moment may pass.",
        who="whoever waited for it",
        retry="when it is asked for again",
    ),
    _network(
        code="connection_lost",
        kind=Kind.TRANSIENT,
        title="The connection broke",
        meaning="The connection to {host} ended in the middle of a call.",
        data="The broken answer was thrown away; nothing of it was used.",
        fix="Nothing, if it happens rarely. Else check proxies and firewalls on the way.",
        who="the administrator of that server",
        retry="by itself",
    ),
    _network(
        code="answer_too_large",
        kind=Kind.CONFIG,
        title="The answer is too large",
        meaning="The answer of {host} grew past {limit} bytes and was cut.",
        data="Nothing of this answer was used.",
        fix="Ask for smaller pages in the profile. A tiny compressed answer that unpacks to this "
        "size is an attack or a fault of the server.",
        who="an admin of the connection",
        retry="after the page size is changed",
    ),
    _network(
        code="answer_encoding_unknown",
        kind=Kind.CONFIG,
        title="The answer is packed in an unknown way",
        meaning="{host} sent an answer that is packed as “{encoding}”; ml-connector asked for gzip "
        "or none, or the packing is damaged.",
        data="Nothing of this answer was used.",
        fix="Let the server or its proxy send gzip or plain answers.",
        who="the administrator of that server",
        retry="after it is changed",
    ),
    _network(
        code="redirect_refused",
        kind=Kind.CONFIG,
        title="The address sends calls elsewhere",
        meaning="{host} redirects to {target}. Redirects are not followed, so that no secret "
        "reaches another host.",
        data="Nothing was read.",
        fix="Give the final address, often with https, another host or a longer path.",
        who="an admin of the connection",
        retry="after the address is changed",
    ),
    _network(
        code="answer_not_json",
        kind=Kind.CONFIG,
        title="The answer is not data",
        meaning="{host} answered with {content_type} where JSON was expected.",
        data="Nothing was read.",
        fix="Check the address: a portal, a proxy or a sign-in page answers there.",
        who="an admin of the connection",
        retry="after the address is changed",
    ),
    _network(
        code="answer_broken_json",
        kind=Kind.TRANSIENT,
        title="The answer is damaged",
        meaning="{host} answered with JSON that is cut off or broken.",
        data="Nothing of this answer was used.",
        fix="If it stays, look in the log of that server at this time.",
        who="the administrator of that server",
        retry="by itself",
    ),
)
