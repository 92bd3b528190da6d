"""The addresses of Anaplan's regions; a connection may give its own instead."""

from integrations.anaplan.types import Hosts

_SHARED = Hosts(
    token="https://auth.anaplan.com",  # noqa: S106
    oauth="https://us1a.app.anaplan.com",
    api="https://api.anaplan.com",
)
_ON_SHARED_HOSTS = ("us1", "us2", "us5", "us7", "eu1", "eu2", "eu4", "ap1")
_ON_OWN_HOSTS = ("us9", "eu3", "eu5", "gb1", "sg1", "ae1", "in1", "id1", "me1")

REGIONS: dict[str, Hosts] = {
    **dict.fromkeys(_ON_SHARED_HOSTS, _SHARED),
    **{
        region: Hosts(
            token=f"https://{region}.auth.anaplan.com",
            oauth=f"https://{region}.app.anaplan.com",
            api=f"https://{region}.api.anaplan.com",
        )
        for region in _ON_OWN_HOSTS
    },
    "ca1": Hosts(
        token="https://ca1a.auth.anaplan.com",  # noqa: S106
        oauth="https://ca1a.app.anaplan.com",
        api="https://ca1a.api.anaplan.com",
    ),
    "au1": Hosts(
        token="https://au1a.app2.anaplan.com",  # noqa: S106
        oauth="https://au1a.app2.anaplan.com",
        api="https://au1a.api2.anaplan.com",
    ),
}
