"""What others made lies here unchanged, with its licence."""

import hashlib
import re

from connector_site.places import CHECKOUT

VENDOR = CHECKOUT / "static" / "vendor"
_ROW = re.compile(r"\| `([^`]+)` \|.*`([^`]+)` \| `([0-9a-f]{64})` \|$", re.MULTILINE)


def test_every_file_is_listed_and_as_its_makers_published_it():
    rows = _ROW.findall((VENDOR / "README.md").read_text("utf-8"))
    assert len(rows) == 4
    for name, licence, digest in rows:
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == digest, name
        assert (VENDOR / licence).stat().st_size > 500, name
    listed = {name for name, _, _ in rows} | {licence for _, licence, _ in rows} | {"README.md"}
    found = {str(path.relative_to(VENDOR)) for path in VENDOR.rglob("*") if path.is_file()}
    assert found == listed
