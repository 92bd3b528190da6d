"""Writes docs/openapi.yaml from the endpoints: python -m connector_site.api_reference."""

import os

from connector_site.places import CHECKOUT

PATH = CHECKOUT / "docs" / "openapi.yaml"


def api_reference() -> str:
    """The OpenAPI document as YAML; Django must be set up."""
    from drf_spectacular.renderers import OpenApiYamlRenderer

    from integrations.api.schema import schema

    # The library comes without types.
    text = OpenApiYamlRenderer().render(schema(), renderer_context={})  # type: ignore[no-untyped-call]
    return str(text, "utf-8")


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "connector_site.settings")
    django.setup()
    PATH.write_text(api_reference(), encoding="utf-8")
