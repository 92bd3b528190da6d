"""Organizations, their members and the invitations to become one."""

from datetime import date
from zoneinfo import ZoneInfo

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models.people import User


class Organization(models.Model):
    """A customer: the tenant that every other row belongs to.

    Global, because an address like `/o/<slug>/` is read before the tenant is known.
    `wrapped_key` is the organization's data key, sealed by the service's own keys; without it
    none of the organization's secrets opens. From `closes_at` on it is closed: nobody enters,
    nothing runs, and the key is shredded.
    """

    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=60, unique=True)
    time_zone = models.CharField(max_length=60, default="UTC")
    base_currency = models.CharField(max_length=3, default="USD")
    second_person_publishes = models.BooleanField(default=False)
    second_person_maps = models.BooleanField(default=False)
    wrapped_key = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    closes_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        """Name the organization."""
        return self.name

    @property
    def is_closing(self) -> bool:
        """Whether somebody has asked to close it, and nobody took that back."""
        return self.closes_at is not None

    @property
    def is_closed(self) -> bool:
        """Whether the days of grace are over."""
        return self.closes_at is not None and self.closes_at <= timezone.now()

    def today(self) -> date:
        """Return the date in the organization's time zone."""
        return timezone.now().astimezone(ZoneInfo(self.time_zone)).date()


class Role(models.TextChoices):
    """What a member may do."""

    OWNER = "owner", "Owner"
    ADMIN = "admin", "Admin"
    OPERATOR = "operator", "Operator"
    VIEWER = "viewer", "Viewer"
    AUDITOR = "auditor", "Auditor"


class Grant(models.Model):
    """A role in one organization, with rights beyond it and a last day.

    `ends_on` is the last day on which it holds, in the organization's time zone; an auditor's
    always has one.
    """

    role = models.CharField(max_length=20, choices=Role.choices)
    extra_rights = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(condition=Q(role__in=Role.values), name="%(class)s_role_known"),
            models.CheckConstraint(
                condition=~Q(role=Role.AUDITOR) | Q(ends_on__isnull=False),
                name="%(class)s_auditor_has_an_end",
            ),
        ]


class Membership(Grant):
    """One person's role in one organization.

    Global, because a person's organizations are listed before one of them is chosen.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="memberships"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    last_seen_at = models.DateTimeField(null=True)

    class Meta(Grant.Meta):
        constraints = [
            models.UniqueConstraint(fields=["user", "organization"], name="one_role_a_member"),
            *Grant.Meta.constraints,
        ]

    def __str__(self) -> str:
        """Name the member and the role."""
        return f"{self.user_id} {self.role} of {self.organization_id}"

    @property
    def has_ended(self) -> bool:
        """Whether its last day is over."""
        return self.ends_on is not None and self.ends_on < self.organization.today()


class Invitation(Grant):
    """An offer by mail to become a member.

    Global, because its link is opened before the person belongs anywhere. Only a digest of the
    link's token is kept. It is open until it is accepted, withdrawn or expired.
    """

    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="invitations"
    )
    email = models.EmailField()
    token_digest = models.CharField(max_length=64, unique=True)
    invited_by = models.EmailField()
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta(Grant.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "email"],
                condition=Q(accepted_at__isnull=True, withdrawn_at__isnull=True),
                name="one_open_invitation_an_address",
            ),
            *Grant.Meta.constraints,
        ]

    def __str__(self) -> str:
        """Name the invited address and the role."""
        return f"{self.email} as {self.role} of {self.organization_id}"

    @property
    def has_expired(self) -> bool:
        """Whether its link has stopped working by itself."""
        return self.expires_at <= timezone.now()

    @property
    def is_open(self) -> bool:
        """Whether its link still leads into the organization."""
        taken = self.accepted_at is not None or self.withdrawn_at is not None
        return not (taken or self.has_expired or self.organization.is_closed)
