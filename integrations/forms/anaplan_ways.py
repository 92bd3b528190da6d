"""The ways to sign in to Anaplan in words for people: what each needs there, and for whom it is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Way:
    """One way in; `needs` are things to have at Anaplan before, `limits` whom it does not serve."""

    name: str
    title: str
    lead: str
    needs: tuple[str, ...]
    limits: str


_CLIENTS = "Administration > Security > OAuth clients"

WAYS: dict[str, Way] = {
    way.name: way
    for way in (
        Way(
            "oauth_code",
            "OAuth2, approved in the browser",
            "A person approves once at Anaplan; single sign-on works as always.",
            (
                f"An OAuth client for the authorization code grant, from a tenant security "
                f"administrator ({_CLIENTS}), with the redirect address of this installation.",
                "Its client id and client secret.",
            ),
            "Anaplan refuses redirect addresses without https.",
        ),
        Way(
            "certificate",
            "Certificate",
            "Made for machines: nobody has to approve, and single sign-on does not matter.",
            (
                "A certificate with an RSA key, issued to the integration user by an authority "
                "that Anaplan trusts.",
                "A tenant security administrator who registers it (Administration > Security > "
                "Certificates).",
            ),
            "It ends with the certificate. You are told 30, 7 and 1 days before.",
        ),
        Way(
            "oauth_device",
            "OAuth2, approved on another device",
            "A person enters a short code at Anaplan, in any browser.",
            (
                f"An OAuth client for the device grant, from a tenant security administrator "
                f"({_CLIENTS}).",
                "Its client id; there is no secret.",
            ),
            "Single sign-on users cannot approve a device.",
        ),
        Way(
            "basic",
            "User and password",
            "The quickest to try. Anaplan calls it Basic.",
            ("E-mail address and password of the integration user.",),
            "Single sign-on users need to be exception users in Anaplan, a tenant may switch Basic "
            "off, and passwords expire after 30 to 90 days.",
        ),
    )
}
