"""Forms that clients and browsers post."""

from aiohttp import web


async def read_form(request: web.Request) -> dict[str, str]:
    """The values of a form by name; none when its letters cannot be read."""
    try:
        form = await request.post()
    except (LookupError, ValueError):
        return {}
    return {name: str(value) for name, value in form.items()}
