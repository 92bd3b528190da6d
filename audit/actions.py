"""Every action the trail knows, with its sentence for people."""

from django.db import models


class Action(models.TextChoices):
    """What happened; the label is the sentence that pages show."""

    ORGANIZATION_CREATED = "organization.created", "created the organization"
    MEMBER_ADDED = "member.added", "added a member"
    SIGNED_IN = "member.signed_in", "signed in"
    CONNECTION_SAVED = "connection.saved", "saved a connection"
    SYNC_SAVED = "sync.saved", "saved a sync"
    MAPPING_APPROVED = "mapping.approved", "approved a mapping version"
    RUN_QUEUED = "run.queued", "queued a run"
    RUN_STARTED = "run.started", "started a run"
    RUN_WAITING = "run.waiting", "put a run on hold until its cause has passed"
    RUN_CANCELLED = "run.cancelled", "cancelled a run"
    RUN_FINISHED = "run.finished", "ended a run"
    REPLAY_QUEUED = "replay.queued", "asked for a replay"
    BLOCK_EXTRACTED = "block.extracted", "kept pages read from QAD"
    BLOCK_MAPPED = "block.mapped", "mapped a part of the run"
    RECORD_HELD = "record.held", "held records"
    CHUNK_SENT = "chunk.sent", "sent a chunk to Anaplan"
    IMPORT_INTENDED = "import.intended", "was about to start the import"
    IMPORT_STARTED = "import.started", "started the import"
    IMPORT_ADOPTED = "import.adopted", "found the import already running"
    CHUNK_LOADED = "chunk.loaded", "took Anaplan's verdict on the file"
    RECORD_REJECTED = "record.rejected", "kept records that Anaplan refused"
    TIED_OUT = "run.tied_out", "compared QAD, file and Anaplan cell by cell"
    LEASE_TAKEN = "lease.taken", "took the right to load the model"
    LEASE_RELEASED = "lease.released", "gave back the right to load the model"
