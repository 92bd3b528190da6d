"""Files of a mapping that somebody has uploaded, and that wait to be put in the draft."""

from django.db import models

from integrations.models.tenants import TenantModel


class UploadMode(models.TextChoices):
    """What an upload does with keys that it does not name."""

    ADD = "add", "Add and change; all other rules stay"
    REPLACE = "replace", "Replace the dimensions that the file has"


class MappingUpload(TenantModel):
    """What was read of a file: `content` holds its lines and errors, packed.

    `digest` is the SHA-256 of the file itself, `lines` how many rules it has.
    """

    name = models.CharField(max_length=120)
    digest = models.CharField(max_length=64)
    mode = models.CharField(max_length=10, choices=UploadMode.choices, default=UploadMode.ADD)
    content = models.BinaryField()
    lines = models.PositiveIntegerField()
    errors = models.PositiveIntegerField()
    uploaded_by = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        """Name the file."""
        return self.name
