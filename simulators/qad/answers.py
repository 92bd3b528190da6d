"""The forms of the stand-in's answers: lists of rows, errors, the login page, a foreign 404."""

import json

from aiohttp import web

JSON_TYPE = "application/json;charset=UTF-8"
LOGIN_PAGE = (
    "<!DOCTYPE html><html><head><title>QAD Adaptive Applications</title></head><body>"
    '<form action="login" method="post"><h1>Log In</h1><label>User name '
    '<input name="username"></label><label>Password <input name="password" type="password">'
    "</label><button>Log In</button></form></body></html>"
)
NOT_FOUND_PAGE = (
    "<html><head><title>404 Not Found</title></head><body><center><h1>404 Not Found</h1>"
    "</center><hr><center>nginx</center></body></html>"
)


def json_answer(value: object, status: int = 200) -> web.Response:
    """A small JSON answer."""
    return web.Response(status=status, body=json.dumps(value).encode(), headers=_headers())


def list_answer(rows: bytes, page: int, size: int, total: int | None) -> web.Response:
    """A page of a business document; `rows` are its rows as JSON, a line each."""
    end = f'],"page":{page},"pageSize":{size}'
    if total is not None:
        end += f',"totalCount":{total}'
    body = b"".join((b'{"data":[', _listed(rows), end.encode(), b"}"))
    return web.Response(body=body, headers=_headers())


def rows_answer(rows: bytes, total: int | None = None) -> web.Response:
    """A page of a browse: only its rows and, where asked for, their total."""
    end = b"]}" if total is None else f'],"totalCount":{total}}}'.encode()
    return web.Response(body=b"".join((b'{"data":[', _listed(rows), end)), headers=_headers())


def submit_answer(rows: bytes) -> web.Response:
    """Documents that were written, with QAD's word that nothing was wrong; status 201."""
    start = b'{"submitResult":{"success":true,"errorSeverity":0,"errors":[]},"data":['
    body = b"".join((start, _listed(rows), b"]}"))
    return web.Response(status=201, body=body, headers=_headers())


def entity_answer(plural: str, rows: bytes) -> web.Response:
    """Records of the entity API."""
    body = b"".join((f'{{"data":{{"{plural}":['.encode(), _listed(rows), b"]}}"))
    return web.Response(body=body, headers=_headers())


def allowed_verbs(verbs: str) -> web.Response:
    """The answer to OPTIONS."""
    return web.Response(headers={"Allow": verbs})


def wrong_verb(verb: str, status: str) -> web.Response:
    """The right path with the wrong verb."""
    return error_answer(int(status), f"Request method '{verb}' not supported")


def error_answer(status: int, *texts: str) -> web.Response:
    """An error as QAD's own services write it."""
    return json_answer({"errors": list(texts)}, status)


def login_page() -> web.Response:
    """The page that a browser sees who is not signed in; its status is 200."""
    return web.Response(text=LOGIN_PAGE, content_type="text/html")


def not_found_page() -> web.Response:
    """What the front server says about a path outside the context root."""
    return web.Response(status=404, text=NOT_FOUND_PAGE, content_type="text/html")


def _listed(rows: bytes) -> bytes:
    return rows.replace(b"\n", b",")


def _headers() -> dict[str, str]:
    return {"Content-Type": JSON_TYPE}
