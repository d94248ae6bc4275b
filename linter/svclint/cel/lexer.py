"""Tokens of CEL. Upstream: cel-go parser/gen/CEL.g4 (lexer rules) and ANTLR's error texts."""

import re
from typing import NamedTuple

from svclint.cel.errors import Issue

EOF = "<EOF>"


class Token(NamedTuple):
    """`kind` is the punctuation or keyword itself, or NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER,
    ESC_IDENTIFIER, EOF."""

    kind: str
    text: str
    start: int
    end: int


# The order in which ANTLR lists expected tokens.
ORDER = (
    EOF, "==", "!=", "in", "<", "<=", ">=", ">", "&&", "||", "[", "]", "{", "}", "(", ")", ".", ",", "-", "!", "?", ":",
    "+", "*", "/", "%", "true", "false", "null", "NUM_FLOAT", "NUM_INT", "NUM_UINT", "STRING", "BYTES", "IDENTIFIER",
    "ESC_IDENTIFIER",
)  # fmt: skip

_ESC = r"""\\(?:[abfnrtv"'\\?`]|[xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7][0-7])"""
_STRING = (
    rf"(?:[rR](?:\"\"\"(?s:.)*?\"\"\"|'''(?s:.)*?'''|\"[^\"\n\r]*\"|'[^'\n\r]*')"
    rf"|\"\"\"(?:{_ESC}|[^\\])*?\"\"\"|'''(?:{_ESC}|[^\\])*?'''"
    rf"|\"(?:{_ESC}|[^\\\"\n\r])*\"|'(?:{_ESC}|[^\\'\n\r])*')"
)
_TOKEN = re.compile(
    rf"""(?P<SPACE>[\t \r\n\f]+|//[^\n]*)
    |(?P<BYTES>[bB]{_STRING})
    |(?P<STRING>{_STRING})
    |(?P<NUM_FLOAT>[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|\.[0-9]+(?:[eE][+-]?[0-9]+)?)
    |(?P<NUM_UINT>(?:0x[0-9a-fA-F]+|[0-9]+)[uU])
    |(?P<NUM_INT>0x[0-9a-fA-F]+|[0-9]+)
    |(?P<IDENTIFIER>[a-zA-Z_][a-zA-Z0-9_]*)
    |(?P<ESC_IDENTIFIER>`[a-zA-Z0-9_.\-/\x20]+`)
    |(?P<OP>==|!=|<=|>=|&&|\|\||[<>\[\]{{}}().,\-!?:+*/%])""",
    re.VERBOSE,
)
# Words that can't be names (cel-go parser/parser.go reservedIds).
RESERVED = frozenset({
    "as", "break", "const", "continue", "else", "false", "for", "function", "if",
    "import", "in", "let", "loop", "package", "namespace", "null", "return", "true",
    "var", "void", "while"
})  # fmt: skip
_WORDS = frozenset({"in", "true", "false", "null"})
_QUOTED = re.compile(rf"(?:\"(?:{_ESC}|[^\\\"\n\r])*|'(?:{_ESC}|[^\\'\n\r])*|`[a-zA-Z0-9_.\-/ ]*)")
_ESCAPE_HEAD = re.compile(r"\\(?:[xX][0-9a-fA-F]?|u[0-9a-fA-F]{0,3}|U[0-9a-fA-F]{0,7}|[0-3][0-7]?|)")


def _failure(source: str, at: int) -> int:
    """The end of the text that a token recognition error speaks of: the first character that can't go on, included."""
    quoted = _QUOTED.match(source, at)
    if quoted is not None:
        stop = quoted.end()
        head = _ESCAPE_HEAD.match(source, stop)
        return (head.end() if head else stop) + 1
    return at + 2 if source[at] in "&|=" else at + 1


def tokenize(source: str) -> tuple[list[Token], list[Issue]]:
    """The tokens, ending with EOF, and the places where none could be recognised."""
    tokens: list[Token] = []
    issues: list[Issue] = []
    at, size = 0, len(source)
    match_token = _TOKEN.match
    while at < size:
        match = match_token(source, at)
        if match is None:
            stop = _failure(source, at)
            issues.append(Issue(at, f"Syntax error: token recognition error at: '{source[at:stop]}'"))
            at = stop
            continue
        kind = match.lastgroup or ""
        text = match.group()
        if kind == "OP" or (kind == "IDENTIFIER" and text in _WORDS):
            kind = text
        if kind != "SPACE":
            tokens.append(Token(kind, text, at, match.end()))
        at = match.end()
    tokens.append(Token(EOF, EOF, size, size))
    return tokens, issues


_SIMPLE = {
    "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
    "\\": "\\", "'": "'", '"': '"', "`": "`", "?": "?",
}  # fmt: skip
_UNESCAPE = re.compile(r"\\([xX][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-3][0-7]{2}|(?s:.))")


def unescape(literal: str, is_bytes: bool) -> str | bytes:
    """The value of a string literal as written (for bytes without its `b`).

    Raises ValueError with cel-go's message (parser/unescape.go).
    """
    text = literal.replace("\r\n", "\n").replace("\r", "\n")
    raw = text[0] in "rR"
    if raw:
        text = text[1:]
    quotes = 3 if len(text) >= 6 and text.startswith(("'''", '"""')) else 1
    text = text[quotes:-quotes]
    if is_bytes:
        if raw or "\\" not in text:
            return text.encode("utf-8", "replace")
        out = bytearray()
        last = 0
        for match in _UNESCAPE.finditer(text):
            out += text[last : match.start()].encode("utf-8", "replace")
            code = match[1]
            if code[0] in "uU":
                raise ValueError("unable to unescape string")
            if code in _SIMPLE:
                out += _SIMPLE[code].encode()
            else:
                out.append(int(code[1:], 16) if code[0] in "xX" else int(code, 8))
            last = match.end()
        out += text[last:].encode("utf-8", "replace")
        return bytes(out)
    if raw or "\\" not in text:
        return text

    def replace(match: re.Match[str]) -> str:
        code = match[1]
        if code in _SIMPLE:
            return _SIMPLE[code]
        point = int(code[1:], 16) if code[0] in "xXuU" else int(code, 8)
        if point > 0x10FFFF or 0xD800 <= point <= 0xDFFF:
            raise ValueError("invalid unicode code point")
        return chr(point)

    return _UNESCAPE.sub(replace, text)
