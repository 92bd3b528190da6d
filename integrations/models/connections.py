"""An organization's address and secrets for one QAD or one Anaplan."""

import uuid

from django.db import models

from integrations.fields import SealedField
from integrations.models.tenants import TenantModel, same_tenant_pair


class System(models.TextChoices):
    """The two systems that are connected."""

    QAD = "qad", "QAD"
    ANAPLAN = "anaplan", "Anaplan"


class Connection(TenantModel):
    """Where one system is and how to sign in there.

    `address` holds what is not secret: for QAD `tenant_url`, for Anaplan `token_host`,
    `oauth_host` and `api_host`; for both `sign_in` and `user`. `place` is what was chosen from
    what the system offers: for QAD `domain` and `entity`, for Anaplan `workspace_id`,
    `workspace_name`, `model_id` and `model_name`, with `missing_since` once Anaplan no longer
    shows that model. `offered` is what the system offered when it was last asked: `workspaces` of a
    QAD or `models` of an Anaplan, and `at` which moment. `secrets` is a sealed JSON object; of it
    pages show when it was set and by whom. `renewal` is the sealed refresh token that Anaplan
    gave last, and `secret_ends_at` the moment at which certificate or refresh token end, where
    they do. `profile` is the QAD instance profile. `identity` is the customer id that the
    system itself named after a successful sign-in. A paused connection makes no calls: its
    sign-in was refused, and `paused_code` with `paused_facts` says how. `check_asked_at` stands
    while a check of the profile is due or under way.
    """

    system = models.CharField(max_length=10, choices=System.choices)
    name = models.CharField(max_length=80)
    reference = models.UUIDField(default=uuid.uuid4, editable=False)
    address = models.JSONField(default=dict)
    profile = models.JSONField(default=dict)
    secrets = SealedField(blank=True)
    secrets_set_at = models.DateTimeField(null=True)
    secrets_set_by = models.TextField(blank=True)
    renewal = SealedField(blank=True)
    renewal_set_at = models.DateTimeField(null=True)
    secret_ends_at = models.DateTimeField(null=True)
    announced_days = models.PositiveSmallIntegerField(null=True)
    place = models.JSONField(default=dict)
    offered = models.JSONField(default=dict)
    paused_at = models.DateTimeField(null=True)
    paused_code = models.CharField(max_length=60, blank=True)
    paused_facts = models.JSONField(default=dict)
    check_asked_at = models.DateTimeField(null=True)
    check_asked_by = models.TextField(blank=True)
    identity = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            same_tenant_pair("connection"),
            models.UniqueConstraint(
                fields=["organization", "system", "name"], name="connection_name_once"
            ),
        ]

    def __str__(self) -> str:
        """Name the connection."""
        return self.name
