"""Bytes → text and back: UTF-8 and UTF-16, with or without a byte order mark."""

from __future__ import annotations


class Decoded:
    """A file's text. `raw` keeps each byte that is not valid as a surrogate, `text` shows it as U+FFFD."""

    __slots__ = ("bom", "encoding", "lossy", "problem", "raw", "text")

    def __init__(self, raw: str, text: str, encoding: str, bom: bool, lossy: bool, problem: str | None) -> None:
        self.raw = raw
        self.text = text
        self.encoding = encoding
        self.bom = bom
        self.lossy = lossy
        self.problem = problem

    @staticmethod
    def of(text: str, encoding: str = "utf-8", bom: bool = False, problem: str | None = None) -> Decoded:
        """From text; a leading byte order mark belongs to the encoding, not to the text."""
        if text.startswith("\ufeff"):
            text, bom = text[1:], True
        try:
            text.encode()
        except UnicodeEncodeError:
            import re

            shown = re.sub("[\ud800-\udfff]", "\ufffd", text)
            return Decoded(text, shown, encoding, bom, True, problem)
        return Decoded(text, text, encoding, bom, False, problem)


def decode_bytes(data: bytes) -> Decoded:
    """Never raises. UTF-16 only with a byte order mark, as in go-yaml's reader (`readerc.go`)."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16-le" if data[0] == 0xFF else "utf-16-be"
        text = data[2 : len(data) & ~1].decode(encoding, "surrogatepass")
        if len(data) % 2:
            text += chr(0xDC00 + data[-1])
        return Decoded.of(text, encoding, True, _utf16_problem(data))
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return Decoded.of(data.decode("utf-8", "surrogateescape"))
    bom = text.startswith("\ufeff")
    if bom:
        text = text[1:]
    return Decoded(text, text, "utf-8", bom, False, None)


def _utf16_problem(data: bytes) -> str | None:
    """What kubectl says: it cuts lines at the byte 0x0a and ends each document with one, whatever the encoding."""
    if len(data) % 2 or not data.endswith(b"\n"):
        return "yaml: incomplete UTF-16 character"
    return None


def encode_text(text: str, encoding: str, bom: bool) -> bytes:
    """The inverse of `decode_bytes`."""
    return (("\ufeff" if bom else "") + text).encode(encoding)
