"""What a ping says beyond the failures that calls have by themselves."""

from functools import partial

from audit.catalogue.kinds import ErrorCode, Kind

_ping = partial(
    ErrorCode,
    kind=Kind.TRANSIENT,
    origin="ml-connector",
    data="A ping changes nothing, neither here nor there.",
    who="an owner or admin",
    retry="when Ping is pressed again",
)
_qad = partial(_ping, kind=Kind.CONFIG, origin="QAD", who="a QAD administrator")
_anaplan = partial(
    _ping, kind=Kind.CONFIG, origin="Anaplan", who="an Anaplan workspace administrator"
)
_clock = partial(_ping, kind=Kind.CONFIG, who="the operator of ml-connector")

ENTRIES: tuple[ErrorCode, ...] = (
    _ping(
        code="ping_unknown",
        title="No such ping",
        meaning="This connection has no ping {number}.",
        fix="Look at the page of the connection: it shows the newest ones.",
    ),
    _ping(
        code="ping_has_ended",
        title="The ping has ended",
        meaning="Ping {number} has ended already and cannot be cancelled.",
        fix="Nothing. Press Ping for a new look.",
    ),
    _ping(
        code="pings_run_already",
        title="Two pings run already",
        meaning="An organization has {most} pings at once at most. Now run: {names}.",
        fix="Wait until one has ended, 30 seconds at most, or cancel it on its connection's page.",
    ),
    _ping(
        code="ping_out_of_time",
        title="The time of the ping was used up",
        meaning="A ping works {seconds} seconds at most; this step's turn came too late.",
        fix="See above which step was slow. Press Ping again: a slow moment may pass.",
    ),
    _ping(
        code="ping_broken_off",
        title="The ping was broken off",
        meaning="The process that carried it out ended in the middle, as when it is updated.",
        fix="Press Ping again. If it stays, the operator finds the reason in the worker's log.",
    ),
    _ping(
        code="ping_not_begun",
        title="Nobody took the ping",
        meaning="No process that carries out pings was free or running.",
        fix="Press Ping again. If it stays, the process “quick” of this installation is down.",
        who="the operator of ml-connector",
    ),
    _ping(
        code="certificate_ends_soon",
        kind=Kind.CONFIG,
        origin="network",
        title="The server's certificate ends soon",
        meaning="The certificate of {host} ends on {day}, in {days} days.",
        data="Until then all works. After it no call is made.",
        fix="Renew the certificate before that day.",
        who="the administrator of that server",
        retry="nothing is stopped",
    ),
    _clock(
        code="clock_differs",
        title="The clocks differ",
        meaning="The clock of this installation is {seconds} seconds {direction} that of {host}.",
        data="Sign-in by certificate fails when clocks differ; other ways are not touched.",
        fix="Let this machine take its time from a time server.",
    ),
    _qad(
        code="qad_documents_doubtful",
        title="Some documents do not answer as the profile says",
        meaning="{documents}: {reason}",
        data="A ping asks for one row of each. Syncs need those that they read.",
        fix="Check these documents in the profile of the connection.",
        who="an admin of the connection",
    ),
    _anaplan(
        code="anaplan_no_models",
        title="Anaplan shows no model to this user",
        meaning="{user} is signed in but sees no workspace or no model.",
        data="Nothing can be loaded or read.",
        fix="Add the user to the workspace, with a role in the model.",
    ),
    _anaplan(
        code="anaplan_model_unseen",
        title="The chosen model is not there",
        meaning="{user} does not see the model {model}: it was deleted, or the access was taken.",
        data="Nothing can be loaded or read.",
        fix="Give the user a role in the model, or choose another model.",
    ),
    _anaplan(
        code="anaplan_model_closed",
        kind=Kind.TRANSIENT,
        title="The model is closed",
        meaning="Nobody uses {model} at the moment, so Anaplan has unloaded it.",
        data="The first call opens it. With a large model that takes minutes.",
        fix="Nothing. Open the model in Anaplan if you do not want to wait.",
        who="nobody",
        retry="by itself",
    ),
    _anaplan(
        code="anaplan_model_works",
        kind=Kind.TRANSIENT,
        title="The model is busy",
        meaning="{model} works on something: {what}.",
        data="A load would wait until it has ended.",
        fix="Nothing, unless it stays.",
        who="nobody",
        retry="by itself",
    ),
    _anaplan(
        code="anaplan_no_imports",
        title="No import is to be seen in the model",
        meaning="{user} sees no import action in {model}.",
        data="Nothing can be loaded.",
        fix="Create the import for the file, and grant it to the user's model role.",
        who="the builder of the Anaplan model",
    ),
    _anaplan(
        code="anaplan_no_exports",
        title="No export is to be seen in the model",
        meaning="{user} sees no export action in {model}.",
        data="Loads work, but cannot be read back: their runs end “unverified”.",
        fix="Create an export of what is loaded, and grant it to the user's model role.",
        who="the builder of the Anaplan model",
    ),
)
