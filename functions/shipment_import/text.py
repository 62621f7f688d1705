"""Bytes to text, a chunk of complete lines at a time: BOM, else strict UTF-8, else cp932.

Never shift_jis, which lacks ①㈱髙﨑, and no guessing by character statistics, which fails on short files.
"""

import codecs
import re
from collections.abc import Iterator
from typing import NamedTuple, Protocol

from shipment_import.file_problem import FileProblemError

CHUNK_BYTES = 1 << 16
MAX_ROW_LENGTH = 1 << 20
"""The longest line, and the longest row over several lines. Longer ones are not a table and would fill the memory."""

_SAVE_AS_CSV = "表計算ソフトで開き「名前を付けて保存」で「CSV UTF-8（コンマ区切り）」を選んで保存し直してください"
_NOT_CSV = (
    (b"\xd0\xcf\x11\xe0", f"古い形式のExcelブック（.xls）です。{_SAVE_AS_CSV}"),
    (b"%PDF", "PDFファイルです。配送会社のソフトからCSVとして出力し直してください"),
    (b"\x1f\x8b", "圧縮ファイル（gzip）です。展開してから中のCSVを置いてください"),
)
_UTF_16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_MARKUP = re.compile(rb"\s*<(?:!doctype|html|\?xml|table)", re.IGNORECASE)

_ENCODING_NAMES = {"cp932": "Shift_JIS（CP932）", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16"}

NOT_DECODED = re.compile("[\udc80-\udcff]")
"""Undecodable bytes after decoding."""
UNREADABLE = re.compile("[\udc80-\udcff\ufffd]")
"""The same, and the replacement characters of other programs."""
# User-defined characters too: UTF-8 read as cp932 is full of them.
_UNREADABLE_AS_CP932 = re.compile("[\x80\udc80-\udcff\ue000-\uf8ff]")


class Readable(Protocol):
    """A body: an open binary file, or S3's response."""

    def read(self, size: int = -1, /) -> bytes: ...


class Chunk(NamedTuple):
    """Complete lines. `damaged`: somewhere in them are NULs or bytes that could not be decoded."""

    text: str
    damaged: bool


class LineTooLongError(Exception):
    """The line that begins where the last chunk ended has no end within `MAX_ROW_LENGTH`."""


class TextSource:
    """The text of `body`, to be read once. Raises FileProblemError where the first bytes are not those of a text."""

    def __init__(self, body: Readable) -> None:
        self._body = body
        self._transcoder: codecs.IncrementalDecoder | None = None
        self._codec: str | None = None
        head = self._read_head()
        _refuse_other_formats(head)
        if head.startswith(codecs.BOM_UTF8):
            self._codec, head = "utf-8", head[len(codecs.BOM_UTF8) :]
        elif codec := _UTF_16.get(head[:2]):
            # Damage is replaced by U+FFFD here: undecodable UTF-16 has no bytes worth keeping.
            self._codec = codec
            self._transcoder = codecs.getincrementaldecoder(codec)("replace")
            head = self._transcoder.decode(head[2:]).encode()
        elif head.count(0) * 10 > len(head):
            raise FileProblemError(
                f"CSVの文字として読めません（UTF-16のBOMなし、またはCSV以外のファイル）。{_SAVE_AS_CSV}"
            )
        self._head = head

    @property
    def encoding(self) -> str:
        """The usual name of the encoding; known after the first character that is not ASCII."""
        return _ENCODING_NAMES.get(self._codec or "", "UTF-8")

    def chunks(self) -> Iterator[Chunk]:
        """Every line, once. Raises LineTooLongError where the file has no line ends."""
        rest, more = self._head, b"-"
        while more:
            more = self._read()
            data = rest + more
            cut = len(data) if not more else data.rfind(b"\n") + 1
            if not cut:
                # A CR at the end may be half of a CRLF.
                cut = data.rfind(b"\r", 0, -1) + 1
            if cut:
                yield self._decode(data[:cut])
            rest = data[cut:]
            if len(rest) > MAX_ROW_LENGTH:
                raise LineTooLongError

    def _read_head(self) -> bytes:
        head = b""
        while len(head) < CHUNK_BYTES and (more := self._body.read(CHUNK_BYTES - len(head))):
            head += more
        return head

    def _read(self) -> bytes:
        """The next bytes, as UTF-8 where the file is in UTF-16; empty only at the end."""
        while True:
            data = self._body.read(CHUNK_BYTES)
            if self._transcoder is None:
                return data
            text = self._transcoder.decode(data, final=not data)
            if text or not data:
                return text.encode()

    def _decode(self, data: bytes) -> Chunk:
        if self._codec is None:
            if data.isascii():
                return Chunk(data.decode("ascii"), damaged=b"\0" in data)
            self._codec = _utf8_or_cp932(data)
        codec = "utf-8" if self._transcoder else self._codec
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            # Line ends, quotes and commas are no part of a cp932 character, so damage stays within its cell.
            return Chunk(data.decode(codec, "surrogateescape"), damaged=True)
        return Chunk(text, damaged=b"\0" in data or "\ufffd" in text)


def _utf8_or_cp932(data: bytes) -> str:
    """Strict UTF-8 if possible; otherwise the encoding that reads more of it, so that one bad byte does not decide."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        unreadable = {
            codec: len(_UNREADABLE_AS_CP932.findall(data.decode(codec, "surrogateescape")))
            for codec in ("cp932", "utf-8")
        }
        return min(unreadable, key=unreadable.__getitem__)
    return "utf-8"


def _refuse_other_formats(head: bytes) -> None:
    if not head.removeprefix(codecs.BOM_UTF8).strip():
        raise FileProblemError("ファイルが空です。出力し直してから、もう一度置いてください")
    if head.startswith(b"PK\x03\x04"):
        if b"[Content_Types].xml" in head or b"xl/" in head:
            raise FileProblemError(f"Excelブック（.xlsx）です。{_SAVE_AS_CSV}")
        raise FileProblemError("圧縮ファイル（zip）です。展開してから中のCSVを置いてください")
    for signature, reason in _NOT_CSV:
        if head.startswith(signature):
            raise FileProblemError(reason)
    if _MARKUP.match(head.removeprefix(codecs.BOM_UTF8)):
        raise FileProblemError("CSVではなくWebページ（HTMLまたはXML）です。配送会社のソフトから出力し直してください")
