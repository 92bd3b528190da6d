"""Seed the demo: an organization, an owner and a sync between both stand-ins."""

import json
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Organization, Role, User
from accounts.services.members import add_member
from accounts.services.people import confirm_address
from integrations.services.demo import StandIns, plan_sync_name, wire
from integrations.services.offers import list_models, look_at_models
from integrations.services.organizations import create_organization
from integrations.services.qad_workspaces import refresh_workspaces

EMAIL = "owner@adventure-works.example"


class Command(BaseCommand):
    """`manage.py seed_demo --qad-url … --anaplan-url … --model … --mapping …`.

    Prints JSON with the organization, the sync, and the owner's e-mail and new password.
    """

    help = "Seed an organization that is wired to both stand-ins."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the places of the stand-ins and their files."""
        parser.add_argument("--qad-url", required=True)
        parser.add_argument("--anaplan-url", required=True)
        parser.add_argument("--model", required=True, type=Path)
        parser.add_argument("--mapping", required=True, type=Path)
        parser.add_argument("--slug", default="adventure-works")
        parser.add_argument("--name", default="AdventureWorks Cycle")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Seed or wire again; refuse a production installation."""
        if settings.IS_PRODUCTION:
            raise CommandError("The demo is not seeded in production: set MODE=demo.")
        organization = Organization.objects.filter(slug=options["slug"]).first()
        if organization is None:
            organization = create_organization(name=options["name"], slug=options["slug"])
        password = secrets.token_urlsafe(12)
        user = User.objects.filter(email=EMAIL).first() or User.objects.create_user(EMAIL)
        user.set_password(password)
        user.save(update_fields=["password"])
        confirm_address(user=user)
        add_member(organization=organization, user=user, role=Role.OWNER)
        places = StandIns(
            options["qad_url"], options["anaplan_url"], options["model"], options["mapping"]
        )
        sync = wire(organization, places, requested_by=EMAIL)
        sides = {"source_id": refresh_workspaces, "target_id": list_models}
        for side, ask in sides.items():
            ask(organization=organization, connection_id=getattr(sync, side))
        look_at_models(organization=organization, connection_id=sync.target_id)
        self.stdout.write(
            json.dumps(
                {
                    "organization": organization.slug,
                    "sync": sync.name,
                    "plan": plan_sync_name(organization),
                    "email": EMAIL,
                    "password": password,
                    "path": f"/o/{organization.slug}/runs/",
                }
            )
        )
