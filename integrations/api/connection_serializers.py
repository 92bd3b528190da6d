"""What answers about connections and pings look like."""

from typing import Any

from rest_framework import serializers

Output = serializers.Serializer[Any]


class LastPingOutput(Output):
    """The newest ping of a connection, in short."""

    id = serializers.IntegerField()
    state = serializers.CharField(help_text="`running`, `ok`, `failed` or `cancelled`.")
    asked_at = serializers.DateTimeField()


class ConnectionOutput(Output):
    """Where one system is and how ml-connector signs in there; never a secret."""

    id = serializers.IntegerField()
    system = serializers.CharField(help_text="`qad` or `anaplan`.")
    name = serializers.CharField()
    address = serializers.CharField(help_text="The tenant URL of QAD, the API host of Anaplan.")
    sign_in = serializers.CharField(help_text="The way in, such as `oauth2_password`.")
    user = serializers.CharField(help_text="Empty where the way in has none.")
    place = serializers.DictField(
        child=serializers.CharField(),
        help_text="What was chosen there: domain and entity, or workspace and model.",
    )
    secrets_set_at = serializers.DateTimeField(allow_null=True)
    secrets_set_by = serializers.CharField()
    secret_ends_at = serializers.DateTimeField(allow_null=True)
    paused_at = serializers.DateTimeField(
        allow_null=True, help_text="Since when it makes no calls, as its sign-in was refused."
    )
    paused_code = serializers.CharField(help_text="A code of the catalogue of errors, or empty.")
    created_at = serializers.DateTimeField()
    last_ping = LastPingOutput(allow_null=True)


class ConnectionPageOutput(Output):
    """One page of connections."""

    items = ConnectionOutput(many=True)
    next = serializers.CharField(
        allow_null=True, help_text="The address of the next page; null on the last."
    )


class PingProblemOutput(Output):
    """What is wrong, from the catalogue of errors."""

    code = serializers.CharField(help_text="For programs; it does not change.")
    title = serializers.CharField()
    happened = serializers.CharField()
    means = serializers.CharField(help_text="What it means for the data.")
    to_do = serializers.CharField()
    who = serializers.CharField(help_text="Who can do it.")
    detail = serializers.CharField(
        help_text="Status and first characters of the raw answer, without secrets; or empty."
    )


class PingStepOutput(Output):
    """One step of a ping."""

    name = serializers.CharField(help_text="For programs; it does not change.")
    title = serializers.CharField(help_text="What pages and commands call it.")
    state = serializers.CharField(
        help_text="`waiting`, `running`, `ok`, `warn`, `failed` or `skipped`."
    )
    seconds = serializers.FloatField(allow_null=True, help_text="Null where it was not tried.")
    found = serializers.CharField(help_text="What was found, or why it was not tried.")
    problem = PingProblemOutput(
        allow_null=True, help_text="Of a step that failed or that somebody should look after."
    )


class PingOutput(Output):
    """One look at a system, step by step."""

    id = serializers.IntegerField()
    connection_id = serializers.IntegerField()
    state = serializers.CharField(help_text="`running`, `ok`, `failed` or `cancelled`.")
    asked_by = serializers.CharField()
    asked_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    cancel_requested = serializers.BooleanField()
    steps = PingStepOutput(many=True)
    problem = PingProblemOutput(allow_null=True, help_text="What the ping failed for.")
