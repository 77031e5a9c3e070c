"""Reads delimited text: finds its encoding and delimiter by content, counts lines as they lie.

The file is passed through once to bound its real size and to prove its encoding to the last byte,
so that an import never stops half-way on a broken character; then it is streamed.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import BinaryIO

from django.utils.translation import gettext_lazy as _

from dossier.core.errors import Refusal

from .cells import Cell, column_letters
from .limits import Limits, Opener, damaged, empty_file, not_a_table, too_large

_PIECE = 1 << 20
_SAMPLE = 1 << 16
_DELIMITERS = (",", "\t", ";", "|")
_END = "\x00end of table\x00"
_DOS_END = ["\x1a"]
_SEP_LINE = re.compile(r"sep=(.)\r?\n?$", re.IGNORECASE)
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x19\x1c-\x1f]")

#: A NUL cannot be kept in the database; it is shown as the character that stands for it.
NUL_SHOWN = "\u2400"


@dataclass(frozen=True)
class Text:
    """A delimited text that was proved readable.

    ``lines`` counts physical lines (UTF-16: about); ``longest`` is the longest of them in bytes.
    """

    open: Opener
    encoding: str
    delimiter: str
    lines: int
    longest: int
    holds_nul: bool
    limits: Limits

    def rows(self) -> Iterator[tuple[int, list[Cell]]]:
        """(physical line where the record starts, its cells), blank records left out.

        Refuses a row or cell beyond the limits with ``too_large`` and a quotation mark that is
        never closed with ``truncated_file``, both naming the line.
        """
        limits = self.limits
        measure = self.longest > limits.cell_chars
        columns, cell_chars, rows = limits.columns, limits.cell_chars, limits.rows
        with io.TextIOWrapper(self.open(), encoding=self.encoding, newline="") as stream:
            lines = self._lines(stream)
            reader = csv.reader(chain(lines, [_END]), delimiter=self.delimiter)
            line = 1
            closed = False
            try:
                for cells in reader:
                    number = line
                    line = reader.line_num + 1
                    if not cells or cells == _DOS_END:
                        continue
                    if cells[-1].endswith(_END):
                        closed = cells == [_END]
                        line = number
                        break
                    if len(cells) > columns:
                        raise too_large("columns", columns, row=number)
                    if (measure or line - number > 1) and max(map(len, cells)) > cell_chars:
                        longest = max(range(len(cells)), key=lambda i: len(cells[i]))
                        raise too_large(
                            "cell_chars", cell_chars, row=number, column=column_letters(longest)
                        )
                    if number > rows:
                        raise too_large("rows", rows)
                    yield number, cells  # type: ignore[misc]  # list is invariant; nobody writes into it
            except csv.Error as error:
                raise _unclosed(line) from error
            if not closed:
                raise _unclosed(line)

    def _lines(self, stream: io.TextIOWrapper) -> Iterator[str]:
        first = stream.readline().removeprefix("\ufeff")
        if _SEP_LINE.match(first):
            first = "\n"
        lines: Iterator[str] = chain([first], stream)
        if self.holds_nul:
            lines = (line.replace("\x00", NUL_SHOWN) for line in lines)
        return lines


def _unclosed(line: int) -> Refusal:
    return Refusal(
        "truncated_file",
        _(
            "From line %(row)s on a quotation mark is opened and never closed, or a cell is far too long. "
            "Mend the line or save the file again."
        ),
        params={"row": line},
    )


def gunzip(opener: Opener) -> Opener:
    """Opens the content of a gzip file instead of the file."""

    def inflated() -> BinaryIO:
        stream = opener()
        packed = gzip.GzipFile(fileobj=stream, mode="rb")
        packed.myfileobj = stream  # type: ignore[assignment]  # closed with it
        return packed  # type: ignore[return-value]  # reads as one

    return inflated


def open_text(
    opener: Opener, limits: Limits, *, encoding: str | None = None, delimiter: str | None = None
) -> Text:
    """Proves that the bytes are delimited text and says how to read them.

    ``encoding`` and ``delimiter`` overrule what would be found. Refuses with ``too_large`` (inflated
    bytes), ``truncated_file``, ``empty_file``, ``not_a_table`` (binary), ``unknown_encoding``.
    """
    try:
        survey = _survey(opener, limits)
        name = _encoding(opener, survey, encoding)
        with io.TextIOWrapper(opener(), encoding=name, newline="") as stream:
            sample = stream.read(_SAMPLE)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise damaged() from error
    except UnicodeDecodeError as error:
        raise _undecodable(name) from error
    if not sample.strip("\ufeff\x00\x1a \t\r\n,;|"):
        raise empty_file()
    wide = name.startswith("utf-16")
    holds_nul = survey.nul if not wide else "\x00" in sample
    longest = limits.inflated_bytes if wide else survey.longest
    return Text(
        opener, name, delimiter or _delimiter(sample), survey.lines, longest, holds_nul, limits
    )


@dataclass
class _Survey:
    head: bytes
    high: bytes
    lines: int
    longest: int
    nul: bool
    is_utf8: bool
    ascii_only: bool
    cut_utf8: bool


def _survey(opener: Opener, limits: Limits) -> _Survey:
    """One pass over the whole file: real size, lines, whether it is UTF-8 to the end."""
    size = lines = longest = open_line = 0
    head = high = b""
    nul = False
    ascii_only = is_utf8 = True
    cut = False
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    with opener() as stream:
        while piece := stream.read(_PIECE):
            if not size:
                head = piece[:_SAMPLE]
            size += len(piece)
            if size > limits.inflated_bytes:
                raise too_large("inflated_bytes", limits.inflated_bytes)
            lengths = list(map(len, piece.split(b"\n")))
            lengths[0] += open_line
            open_line = lengths[-1]
            longest = max(longest, *lengths)
            lines += len(lengths) - 1
            if (
                lines > 4 * limits.rows
            ):  # a record may span lines; the rows proper are counted in `rows`
                raise too_large("rows", limits.rows)
            nul = nul or b"\x00" in piece
            if not piece.isascii():
                ascii_only = False
                if len(high) < _SAMPLE:
                    at = next(_HIGH_RUN.finditer(piece)).start()
                    high += piece[max(0, at - 64) : at + _SAMPLE]
            if is_utf8 and not (piece.isascii() and not decoder.getstate()[0]):
                try:
                    decoder.decode(piece)
                except UnicodeDecodeError:
                    is_utf8 = False
    if is_utf8 and decoder.getstate()[0]:
        cut = True
    if not size:
        raise empty_file()
    return _Survey(head, high, lines + 1, longest, nul, is_utf8, ascii_only, cut)


def _encoding(opener: Opener, survey: _Survey, given: str | None) -> str:
    """The Python name of the file's encoding, proved over the whole file."""
    if given:
        try:
            codecs.lookup(given)
        except LookupError as error:
            raise _undecodable(given) from error
        _prove(opener, given)
        return given
    head = survey.head
    if head.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        raise _undecodable("utf-32")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        _prove(opener, "utf-16")
        return "utf-16"
    wide = _wide_without_mark(head)
    if wide:
        _prove(opener, wide)
        return wide
    if len(_CONTROL.findall(head)) > max(8, len(head) // 200):
        raise not_a_table()
    if survey.is_utf8:
        if survey.cut_utf8 and not survey.ascii_only:
            raise damaged()
        return "utf-8-sig"
    if _mostly_utf8(survey.high):
        _prove(opener, "utf-8")  # refuses with the first line of another encoding
    found: Refusal | None = None
    for name in _eight_bit(survey.high):
        try:
            _prove(opener, name)
        except Refusal as refusal:
            found = found or refusal
            continue
        return name
    raise found or _undecodable("")


def _mostly_utf8(sample: bytes) -> bool:
    """Whether most lines that are not plain ASCII are UTF-8: the others came from another program,
    and any other encoding would read all of them wrongly without a word."""
    lines = [line for line in sample.split(b"\n")[1:-1] if not line.isascii()]
    good = 0
    for line in lines:
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            continue
        good += 1
    return 2 * good > len(lines)


def _wide_without_mark(head: bytes) -> str:
    """UTF-16 without a byte order mark: line ends and delimiters have a NUL on one side, always."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if even + odd < max(2, len(head) // 100):
        return ""
    if odd > 20 * even and (b"\n\x00" in head or b",\x00" in head or b"\t\x00" in head):
        return "utf-16-le"
    if even > 20 * odd and (b"\x00\n" in head or b"\x00," in head or b"\x00\t" in head):
        return "utf-16-be"
    return ""


def _eight_bit(sample: bytes) -> list[str]:
    """Encodings to try, the likelier first: GB18030, Big5, or Western text with lone high bytes.

    In both Chinese encodings nearly all of a real text lies in the first, common level of the
    standard; read by the wrong one of the two it falls among rare characters.
    """
    runs = Counter(min(len(run), 2) for run in _HIGH_RUN.findall(sample))
    if runs[1] > 9 * runs[2]:
        return ["cp1252", "gb18030"]
    common_gb = _share(sample, "gb18030", "gb2312", 0xB0, 0xD7)
    common_big5 = _share(sample, "big5", "big5", 0xA4, 0xC6)
    if common_big5 > 0.9 and common_gb < 0.75:
        return ["big5hkscs", "gb18030"]
    return ["gb18030", "big5hkscs"]


def _share(sample: bytes, encoding: str, level: str, first: int, last: int) -> float:
    """The share of ideographs, read in ``encoding``, that lie in the common rows of ``level``."""
    text = sample.decode(encoding, errors="replace")
    seen = common = 0
    for char in islice(filter(lambda c: c > "\u2fff", text), 4000):
        if "\u3000" <= char <= "\u303f" or ("\uff00" <= char <= "\uffef" and char != "\ufffd"):
            continue  # punctuation says nothing
        seen += 1
        code = char.encode(level, errors="ignore")
        common += bool(code) and first <= code[0] <= last
    return common / seen if seen else 0.0


def _prove(opener: Opener, encoding: str) -> None:
    """Decodes the whole file; refuses with ``unknown_encoding`` naming the first line that fails."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    line = 1
    with opener() as stream:
        while True:
            piece = stream.read(_PIECE)
            try:
                text = decoder.decode(piece, final=not piece)
            except UnicodeDecodeError as error:
                line += bytes(error.object)[: error.start].count(b"\n")
                raise _undecodable(encoding, line) from error
            if not piece:
                return
            line += text.count("\n")


def _undecodable(encoding: str, line: int = 0) -> Refusal:
    return Refusal(
        "unknown_encoding",
        _(
            "The characters of this text cannot be read (%(encoding)s, line %(row)s). Save it as CSV in UTF-8."
        ),
        field="encoding",
        params={"encoding": encoding or "?", "row": line or "?"},
    )


def _delimiter(sample: str) -> str:
    """The delimiter under which most records have the same number, two or more, of cells."""
    first = sample.partition("\n")[0].removeprefix("\ufeff")
    told = _SEP_LINE.match(first)
    if told:
        return told.group(1)
    lines = sample.splitlines(keepends=True)
    if len(lines) > 2:
        lines.pop()  # the last may be cut by the sample
    best, best_score = ",", (0.0, 0)
    for delimiter in _DELIMITERS:
        try:
            widths = Counter(
                len(cells) for cells in islice(csv.reader(lines, delimiter=delimiter), 200) if cells
            )
        except csv.Error:
            continue
        several = {width: count for width, count in widths.items() if width > 1}
        if not several:
            continue
        width = max(several, key=lambda w: (several[w], w))
        score = (round(several[width] / sum(widths.values()), 2), width)
        if score > best_score:
            best, best_score = delimiter, score
    return best
