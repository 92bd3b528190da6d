"""Starts one program that ends with its parent and, from root, runs as an ordinary user.

Run as a file, not as a module: `python -I -S launch.py --parent PID --signal N [--user UID
--group GID [--capability N]...] -- PROGRAM ARGUMENTS`. It replaces itself by the program.
"""

import argparse
import ctypes
import os
import sys
from collections.abc import Sequence

# Linux capabilities(7): pass closed folders and read; pass and use any file.
CAP_DAC_OVERRIDE = 1
CAP_DAC_READ_SEARCH = 2

_PR_SET_PDEATHSIG = 1
_PR_SET_SECUREBITS = 28
_SECBIT_NO_SETUID_FIXUP = 1 << 2
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_CAPABILITY_VERSION_3 = 0x20080522


class _Header(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


class _Sets(ctypes.Structure):
    _fields_ = [
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    ]


def _checked(result: int, call: str) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), f"{call}: {os.strerror(ctypes.get_errno())}")


def become(user: int, group: int, capabilities: Sequence[int]) -> None:
    """Gives up root for good; keeps only `capabilities`, also for the program that follows."""
    libc = ctypes.CDLL(None, use_errno=True) if capabilities else None
    if libc is not None:
        # Keeps the capabilities over the change of user. Without it access(2), by which initdb
        # looks for its programs, would also answer as if there were none.
        result = libc.prctl(_PR_SET_SECUREBITS, _SECBIT_NO_SETUID_FIXUP, 0, 0, 0)
        _checked(result, "prctl(SECUREBITS)")
    os.setgroups([])
    os.setgid(group)
    os.setuid(user)
    if libc is None:
        return
    mask = sum(1 << capability for capability in capabilities)
    header = _Header(_CAPABILITY_VERSION_3, 0)
    sets = (_Sets * 2)(_Sets(mask, mask, mask), _Sets(0, 0, 0))
    _checked(libc.capset(ctypes.byref(header), ctypes.byref(sets)), "capset")
    for capability in capabilities:
        result = libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, capability, 0, 0)
        _checked(result, "prctl(CAP_AMBIENT)")


def end_with_parent(parent: int, signal_number: int) -> None:
    """Asks Linux for `signal_number` when the parent ends; elsewhere nothing can be asked."""
    if not sys.platform.startswith("linux"):
        return
    libc = ctypes.CDLL(None, use_errno=True)
    _checked(libc.prctl(_PR_SET_PDEATHSIG, signal_number, 0, 0, 0), "prctl(PDEATHSIG)")
    if os.getppid() != parent:
        sys.exit(1)


def main() -> None:
    """Reads the command line, changes this process and becomes the program."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--signal", type=int, required=True)
    parser.add_argument("--user", type=int)
    parser.add_argument("--group", type=int)
    parser.add_argument("--capability", type=int, action="append", default=[])
    parser.add_argument("program", nargs="+")
    options = parser.parse_args()
    if options.user is not None:
        become(options.user, options.group, options.capability)
    # A change of user makes Linux forget the signal, so it is asked for afterwards.
    end_with_parent(options.parent, options.signal)
    os.execv(options.program[0], options.program)


if __name__ == "__main__":
    main()
