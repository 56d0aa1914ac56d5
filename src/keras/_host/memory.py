"""The size of the machine's main memory."""

import ctypes
import functools
import os
import sys
from typing import Any, ClassVar

#: Assumed if the system does not report the size: 1 TiB, so that nothing is refused by mistake.
UNKNOWN = 2**40


@functools.cache
def physical_memory() -> int:
    """Returns the size of the main memory in bytes, or `UNKNOWN` if the system does not report it."""
    read = _from_windows if sys.platform == "win32" else _from_sysconf
    try:
        size = read()
    except (AttributeError, ValueError, OSError):  # no such call, no such name, refused
        return UNKNOWN
    return size if size > 0 else UNKNOWN


def _from_sysconf() -> int:
    """On Linux and macOS. -1 means unknown to sysconf, and the product is then negative or 1."""
    page, pages = os.sysconf("SC_PAGE_SIZE"), os.sysconf("SC_PHYS_PAGES")
    return page * pages if page > 0 else -1


class MemoryStatus(ctypes.Structure):
    """MEMORYSTATUSEX (sysinfoapi.h) of Windows."""

    _fields_: ClassVar[list[tuple[str, Any]]] = [
        ("dwLength", ctypes.c_uint32),
        ("dwMemoryLoad", ctypes.c_uint32),
        ("ullTotalPhys", ctypes.c_uint64),
        ("ullAvailPhys", ctypes.c_uint64),
        ("ullTotalPageFile", ctypes.c_uint64),
        ("ullAvailPageFile", ctypes.c_uint64),
        ("ullTotalVirtual", ctypes.c_uint64),
        ("ullAvailVirtual", ctypes.c_uint64),
        ("ullAvailExtendedVirtual", ctypes.c_uint64),
    ]


def _from_windows() -> int:
    status = MemoryStatus(dwLength=ctypes.sizeof(MemoryStatus))
    windll: Any = getattr(ctypes, "windll")  # noqa: B009  (pyright, on Linux, knows no such name)
    succeeded = windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))
    return status.ullTotalPhys if succeeded else -1
