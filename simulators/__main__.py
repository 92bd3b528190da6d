"""Starts one stand-in: `python -m simulators qad …` or `python -m simulators anaplan …`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from aiohttp import web

from simulators import server


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve the stand-in that the command line names; returns an exit code."""
    options = _parser().parse_args(arguments)
    try:
        app = _build_qad(options) if options.kind == "qad" else _build_anaplan(options)
    except (ValueError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return server.run(app, port=options.port)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m simulators", description=__doc__)
    kinds = parser.add_subparsers(dest="kind", required=True)
    qad = kinds.add_parser("qad", help="a QAD that serves books from a folder of CSV files")
    qad.add_argument("--books", type=Path, required=True, help="folder with the books")
    qad.add_argument("--context", default="/clouderp", help="context root of the address")
    anaplan = kinds.add_parser("anaplan", help="an Anaplan that serves a model from a JSON file")
    anaplan.add_argument("--model", type=Path, required=True, help="JSON file of the model")
    for kind in (qad, anaplan):
        kind.add_argument("--port", type=int, default=0, help="0 takes any free port")
    return parser


def _build_qad(options: argparse.Namespace) -> web.Application:
    from simulators.qad.app import build_app

    app: web.Application = build_app(options.books, context_root=options.context)
    return app


def _build_anaplan(options: argparse.Namespace) -> web.Application:
    from simulators.anaplan.app import build_app

    return build_app(options.model)


if __name__ == "__main__":
    sys.exit(main())
