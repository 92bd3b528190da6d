"""What the pages of the mapping need: a filled desk, a draft, lists that differ, files."""

from functools import cached_property
from typing import Any

from accounts.models import Role
from accounts.services.members import add_member
from tests.integrations.desk_scene import (
    MANY_CENTERS,
    add_desk,
    add_draft,
    add_suggested,
    add_upload,
    draft_variety,
)
from tests.integrations.lists_scene import add_lists
from tests.integrations.scenes import House, make_house


class MappingVisits:
    """Makes what a page of the mapping needs when it is first asked for."""

    house: Any
    held: Any
    url: Any

    @cached_property
    def draft(self) -> Any:
        """The open draft of the organization, whose desk has codes, lists and amounts."""
        _ = self.held
        add_desk(self.house)
        add_suggested(self.house)
        draft_variety(self.house)
        return add_draft(self.house)

    def desk(self, path: str = "") -> str:
        """Return an address of the mapping, once its desk is filled."""
        _ = self.draft
        return self.url(f"mapping/{path}")

    @cached_property
    def aligned(self) -> str:
        """The address of lists that differ in every way."""
        add_lists(self.house)
        return self.url("mapping/lists/")

    @cached_property
    def filed(self) -> House:
        """An organization of the same owner and viewer with codes, members and files."""
        house = make_house(name="Filed")
        for role in (Role.OWNER, Role.VIEWER):
            add_member(organization=house.organization, user=self.house.member(role), role=role)
        add_desk(house)
        return house

    def uploaded(self, mode: str, content: str = MANY_CENTERS) -> str:
        """Return the address of a mapping file that was uploaded."""
        upload = add_upload(self.filed, content, mode)
        return self.filed.url(f"mapping/import/{upload.pk}/")
