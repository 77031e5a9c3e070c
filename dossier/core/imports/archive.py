"""Looks into a packed workbook before any parser does: real sizes, damage, dangerous XML.

Nothing here trusts what the archive declares about itself. Every part is inflated in pieces against
one budget for the whole file (SECURITY 25) and searched for document type and entity definitions
(SECURITY 24) on the way; nothing is written to disk (SECURITY 26).
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from .limits import Limits, damaged, encrypted, not_a_table, too_large, unsafe_xml

_PIECE = 256 * 1024
_DIRECTORY_BYTES_PER_ENTRY = 1024
_DEFINITION = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_DECLARED = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([^\"']*)[\"']")
_PLAIN_ENCODINGS = {b"utf-8", b"utf8", b"us-ascii", b"ascii"}
_XML_NAMES = (".xml", ".rels", ".vml")


def check_archive(stream: BinaryIO, limits: Limits) -> frozenset[str]:
    """Reads the whole archive once and returns the names of its parts.

    Refuses with ``too_large`` (parts, real inflated bytes), ``truncated_file`` (cut short, wrong
    checksum, sizes that lie), ``encrypted_file``, ``unsafe_xml``, or ``not_a_table`` (packed by a
    method no spreadsheet program uses). Takes memory for a few pieces only.
    """
    _check_directory(stream, limits)
    try:
        infos = zipfile.ZipFile(stream).infolist()
    except (
        zipfile.BadZipFile,
        NotImplementedError,  # what zipfile says of a version or encryption it cannot read
        ValueError,
        struct.error,
        EOFError,
        OSError,
    ) as error:
        raise damaged() from error
    if len(infos) > limits.entries:
        raise too_large("entries", limits.entries)
    names = frozenset(info.filename for info in infos)
    if len(names) != len(infos):
        raise damaged()
    budget = limits.inflated_bytes
    for info in infos:
        if info.flag_bits & 0x1:
            raise encrypted()
        budget = _check_part(stream, info, budget, limits)
    return names


def _check_directory(stream: BinaryIO, limits: Limits) -> None:
    """Bounds the table of contents before it is loaded, from both forms of its end record."""
    end = stream.seek(0, 2)
    start = max(0, end - 65_536 - 22 - 20 - 56)
    stream.seek(start)
    tail = stream.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < 22:
        raise damaged()
    entries, size = struct.unpack_from("<HI", tail, at + 10)
    if (
        at >= 76
        and tail[at - 20 : at - 16] == b"PK\x06\x07"
        and tail[at - 76 : at - 72] == b"PK\x06\x06"
    ):
        wide_entries, wide_size = struct.unpack_from("<QQ", tail, at - 76 + 32)
        entries, size = max(entries % 0xFFFF, wide_entries), max(size % 0xFFFFFFFF, wide_size)
    if entries > limits.entries or size > limits.entries * _DIRECTORY_BYTES_PER_ENTRY:
        raise too_large("entries", limits.entries)


def _check_part(stream: BinaryIO, info: zipfile.ZipInfo, budget: int, limits: Limits) -> int:
    """Inflates one part, searching it; returns what is left of the budget in bytes."""
    size = crc = 0
    carried = b""
    is_xml = info.filename.lower().endswith(_XML_NAMES)
    for piece in _inflated(stream, info):
        if not size:
            is_xml = is_xml or piece.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")[:1] == b"<"
            if is_xml and not _plainly_encoded(piece):
                raise unsafe_xml(info.filename)
        size += len(piece)
        if size > budget:
            raise too_large("inflated_bytes", limits.inflated_bytes)
        crc = zlib.crc32(piece, crc)
        if is_xml:
            if _DEFINITION.search(piece) or _DEFINITION.search(carried + piece[:16]):
                raise unsafe_xml(info.filename)
            carried = piece[-16:]
    if size != info.file_size or crc != info.CRC:
        raise damaged()
    return budget - size


def _plainly_encoded(head: bytes) -> bool:
    """Whether an XML part is in UTF-8, the only encoding in which it was searched."""
    if (
        head[:2] in {b"\xff\xfe", b"\xfe\xff"}
        or b"\x00" in head[:64]
        or head[:4] == b"\x2b\x2f\x76\x38"
    ):
        return False
    declared = _DECLARED.search(head[:1024])
    return declared is None or declared.group(1).strip().lower() in _PLAIN_ENCODINGS


def _inflated(stream: BinaryIO, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """The content of one part in pieces, to the real end of its data whatever its declared size."""
    if info.header_offset < 0:
        raise damaged()
    stream.seek(info.header_offset)
    head = stream.read(30)
    if len(head) < 30 or head[:4] != b"PK\x03\x04":
        raise damaged()
    name_length, extra_length = struct.unpack_from("<HH", head, 26)
    stream.seek(name_length + extra_length, 1)
    if info.compress_type == zipfile.ZIP_STORED:
        left = info.compress_size
        while left > 0:
            piece = stream.read(min(left, _PIECE))
            if not piece:
                raise damaged()
            left -= len(piece)
            yield piece
        return
    if info.compress_type != zipfile.ZIP_DEFLATED:
        raise not_a_table("archive")
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        while not inflater.eof:
            packed = inflater.unconsumed_tail or stream.read(_PIECE)
            if not packed:
                raise damaged()
            piece = inflater.decompress(packed, _PIECE)
            if piece:
                yield piece
    except zlib.error as error:
        raise damaged() from error
