"""Starts one stand-in: `python -m simulators qad …` or `python -m simulators anaplan …`."""

import argparse
import ssl
import sys
from collections.abc import Sequence
from pathlib import Path

from aiohttp import web

from simulators import server, tls
from simulators.faults import read_fault, read_fault_file
from simulators.qad.making import add_arguments, make_books
from simulators.scenarios import list_for_help, steps_of


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve the stand-in that the command line names; returns an exit code."""
    options = _parser().parse_args(arguments)
    try:
        if options.kind == "certificates":
            return _write_certificates(options)
        if options.kind == "books":
            return make_books(options)
        context = _tls_context(options)
        app = _build_qad(options) if options.kind == "qad" else _build_anaplan(options)
        steps = [step for name in options.scenario for step in steps_of(options.kind, name)]
        for faults in (*map(read_fault_file, options.faults), *map(read_fault, options.fault)):
            app[server.FAULTS].add(faults)
    except (ValueError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return server.run(app, port=options.port, tls=context, steps=steps)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m simulators", description=__doc__)
    kinds = parser.add_subparsers(dest="kind", required=True)
    qad = kinds.add_parser("qad", help="a QAD that serves books from a folder of CSV files")
    qad.add_argument("--books", type=Path, required=True, help="folder with the books")
    qad.add_argument("--context", default="/clouderp", help="context root of the address")
    anaplan = kinds.add_parser("anaplan", help="an Anaplan that serves a model from a JSON file")
    anaplan.add_argument("--model", type=Path, required=True, help="JSON file of the model")
    for kind, system in ((qad, "qad"), (anaplan, "anaplan")):
        kind.add_argument("--port", type=int, default=0, help="0 takes any free port")
        _add_faults(kind, system)
        _add_tls(kind)
    certificates = kinds.add_parser(
        "certificates", help="a test authority and its certificates, good and bad, in a folder"
    )
    certificates.add_argument("--out", type=Path, required=True, help="folder to write to")
    certificates.add_argument("--host", action="append", help="name or address (this machine)")
    add_arguments(kinds.add_parser("books", help="made-up books for the QAD, of any size"))
    return parser


def _add_faults(parser: argparse.ArgumentParser, system: str) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = list_for_help(system)
    group = parser.add_argument_group("faults", "All of these may be repeated.")
    for option, label, reader, words in (
        ("--scenario", "NAME", str, "a scenario of the list below"),
        ("--faults", "FILE", Path, "faults as JSON, one or a list"),
        ("--fault", "FAULT", str, "a fault, as JSON or as 'KIND PATH MEMBER=VALUE …'"),
    ):
        group.add_argument(
            option, action="append", default=[], metavar=label, type=reader, help=words
        )


def _add_tls(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("HTTPS", "Without any of these it serves plain HTTP.")
    group.add_argument("--tls-cert", type=Path, metavar="FILE", help="certificate (PEM)")
    group.add_argument("--tls-key", type=Path, metavar="FILE", help="its private key (PEM)")
    group.add_argument(
        "--tls-folder",
        type=Path,
        metavar="DIR",
        help=f"folder of certificates, made when it has none; clients trust {tls.AUTHORITY_FILE}",
    )
    group.add_argument(
        "--tls-kind", choices=tls.KINDS, default="good", help="which one of the folder (good)"
    )


def _tls_context(options: argparse.Namespace) -> ssl.SSLContext | None:
    certificate, key, folder = options.tls_cert, options.tls_key, options.tls_folder
    if folder is not None:
        if certificate or key:
            raise tls.BadCertificate("Give --tls-folder, or --tls-cert with --tls-key, not both.")
        return tls.folder_context(folder, options.tls_kind)
    if certificate is None and key is None:
        return None
    if certificate is None or key is None:
        raise tls.BadCertificate("--tls-cert and --tls-key belong together.")
    return tls.server_context(certificate, key)


def _write_certificates(options: argparse.Namespace) -> int:
    for path in tls.write_all(options.out, options.host or tls.LOCAL_HOSTS):
        sys.stdout.write(f"{path}\n")
    return 0


def _build_qad(options: argparse.Namespace) -> web.Application:
    from simulators.qad.app import build_app

    app: web.Application = build_app(options.books, context_root=options.context)
    return app


def _build_anaplan(options: argparse.Namespace) -> web.Application:
    from simulators.anaplan.app import build_app

    return build_app(options.model)


if __name__ == "__main__":
    sys.exit(main())
