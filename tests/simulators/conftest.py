"""Started stand-ins of both systems for the tests of what they share."""

from tests.simulators.anaplan.conftest import anna, bo, origin
from tests.simulators.qad.conftest import qad, serve

__all__ = ["anna", "bo", "origin", "qad", "serve"]
