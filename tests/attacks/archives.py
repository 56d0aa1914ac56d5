"""Attacks by archives: members that lead out of the folder, links, devices, sizes, damage; and pickles."""

import gzip
import io
import os
import pickle
import tarfile

from attacks.corpus import Case


def member(name, data=b"x", kind=tarfile.REGTYPE, link="", size=None, **attributes):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    info.size = len(data) if size is None else size
    for key, value in attributes.items():
        setattr(info, key, value)
    return info.tobuf(tarfile.GNU_FORMAT) + data + bytes(-len(data) % 512)


def archive(*members):
    return gzip.compress(b"".join(members) + bytes(1024), mtime=0)


def cases(outside):
    marker = os.path.join(outside, "marker")
    link, hard = tarfile.SYMTYPE, tarfile.LNKTYPE
    up = "../" * 12 + marker.lstrip("/")
    to_outside = member("way", b"", link, outside)
    archives = {
        "parent": [member("../outside/marker")],
        "far_up": [member(up)],
        "absolute": [member(marker)],
        "two_slashes": [member("/" + marker)],
        "up_in_the_middle": [member("a/../../outside/marker")],
        "backslash": [member("..\\outside\\marker")],
        "dot_dot_at_the_end": [member("a/..", b"", tarfile.DIRTYPE), member("a/x")],
        "prefix_of_the_folder": [member("../inside_evil/marker")],
        "symlink": [member("marker", b"", link, marker)],
        "file_through_symlink": [to_outside, member("way/marker")],
        "symlink_in_two_steps": [
            member("a", b"", link, "."),
            member("a/way", b"", link, outside),
            member("a/way/marker"),
        ],
        "symlink_up": [member("way", b"", link, ".."), member("way/outside/marker")],
        "hard_link": [member("x", b"", hard, os.path.join(outside, "secret"))],
        "hard_link_with_a_name_outside": [member("x"), member("../outside/marker", b"", hard, "x")],
        "hard_link_to_symlink": [to_outside, member("x", b"", hard, "way")],
        "long_chain_of_symlinks": [
            *(member(f"{'d' * 90}{i}", b"", link, f"{'d' * 90}{i + 1}") for i in range(40)),
            member(f"{'d' * 90}0/marker"),
        ],
        "device": [member("x", b"", tarfile.CHRTYPE, devmajor=1, devminor=5)],
        "block_device": [member("x", b"", tarfile.BLKTYPE)],
        "pipe": [member("x", b"", tarfile.FIFOTYPE)],
        "sparse": [member("x", b"", b"S")],
        "unknown_kind": [member("x", b"", b"Z")],
        "file_as_folder": [member("x"), member("x/marker")],
        "twice": [member("x"), member("x")],
        "long_link_name": [member("././@LongLink", marker.encode() + b"\0", b"K"), member("x", b"", link)],
        "long_name": [member("././@LongLink", b"../outside/marker\0", b"L"), member("x")],
    }
    for name, members in archives.items():
        yield Case(name, "tar", "tar", archive(*members))
    pax = b"29 path=../../outside/marker\n"
    assert len(pax) == 29
    damaged = archive(member("x"))
    others = {
        "pax_path": archive(member("pax", pax, tarfile.XHDTYPE), member("x")),
        "pax_for_all": archive(member("pax", pax, tarfile.XGLTYPE), member("x")),
        "negative_size": archive(member("x", size=-512)),
        "cut_off": damaged[: len(damaged) // 2],
        "no_archive": b"no archive at all",
    }
    for name, content in others.items():
        yield Case(name, "tar", "tar", content)
    yield Case("member_of_a_tebibyte", "bombs", "tar", archive(member("x", b"x", size=2**40)))
    yield Case("zeros", "bombs", "tar", _zeros)
    yield from _pickles(marker)


def _zeros(path):
    """300 MB of zeros in a file of 300 KB."""
    with gzip.open(path, "wb", compresslevel=9) as file:
        file.write(member("x", b"", size=300 << 20))
        for _ in range(300):
            file.write(bytes(1 << 20))


class _Calls:
    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


def _pickles(marker):
    for name, value in {
        "system": _Calls(os.system, f"touch {marker}"),
        "open": _Calls(io.open, marker, "w"),
        "eval": _Calls(eval, f"open({marker!r}, 'w')"),
    }.items():
        yield Case(name, "pickle", "pickle", gzip.compress(pickle.dumps(value)))
