"""The strings library, version 2. Upstream: cel-go ext/strings.go."""

from svclint.cel.decls import Function, function, member, plain
from svclint.cel.errors import CostExceeded, EvalError
from svclint.cel.library.formatting import format_string
from svclint.cel.types import INT, LIST_DYN, STRING, list_of
from svclint.cel.values import show

_UPPER = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
# What Go's unicode.IsSpace takes for white space (Python's strip() takes more).
_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_MAX_TEXT = 50_000_000
_QUOTES = {
    "\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v", "\\": "\\\\", '"': '\\"',
}  # fmt: skip


def _bounds(index: int) -> EvalError:
    return EvalError(f"index out of range: {index}")


def _char_at(text: str, index: int) -> str:
    if not 0 <= index <= len(text):
        raise _bounds(index)
    return text[index : index + 1]


def _index_of(text: str, part: str, offset: int = 0) -> int:
    if offset < 0:
        raise _bounds(offset)
    if not part:
        return min(offset, len(text))
    return text.find(part, offset)


def _last_index_of(text: str, part: str) -> int:
    return len(text) if not part else text.rfind(part)


def _last_index_of_offset(text: str, part: str, offset: int) -> int:
    if offset < 0:
        raise _bounds(offset)
    if not part:
        return min(offset, len(text))
    return -1 if offset >= len(text) else text.rfind(part, 0, offset + len(part))


def _replace(text: str, old: str, new: str, count: int = -1) -> str:
    if len(text) * len(new) > _MAX_TEXT and text.count(old) * len(new) > _MAX_TEXT:
        # No limit of costs would be met later by a text that no memory holds.
        raise CostExceeded
    return text.replace(old, new, count if count >= 0 else -1)


def _split(text: str, separator: str, count: int = -1) -> list[object]:
    if count == 0:
        return []
    if not separator:
        if count < 0 or count >= len(text):
            return list(text)
        return [*text[: count - 1], text[count - 1 :]]
    return list(text.split(separator, count - 1 if count > 0 else -1))


def _substring(text: str, start: int) -> str:
    if not 0 <= start <= len(text):
        raise _bounds(start)
    return text[start:]


def _substring_range(text: str, start: int, end: int) -> str:
    if start > end:
        raise EvalError(f"invalid substring range. start: {start}, end: {end}")
    for index in (start, end):
        if not 0 <= index <= len(text):
            raise _bounds(index)
    return text[start:end]


def _join(items: object, separator: str = "") -> str:
    from svclint.cel.values import as_list

    parts: list[str] = []
    for item in as_list(items) or []:
        if type(item) is not str:
            raise EvalError(f"join: invalid input: {show(item)}")
        parts.append(item)
    return separator.join(parts)


def _quote(text: str) -> str:
    return '"' + "".join(_QUOTES.get(char, char) for char in text) + '"'


_STRINGS = list_of(STRING)
V0: tuple[Function, ...] = (
    function("charAt", member("string_char_at_int", (STRING, INT), STRING, _char_at)),
    function(
        "indexOf",
        member("string_index_of_string", (STRING, STRING), INT, _index_of),
        member("string_index_of_string_int", (STRING, STRING, INT), INT, _index_of),
    ),
    function(
        "lastIndexOf",
        member("string_last_index_of_string", (STRING, STRING), INT, _last_index_of),
        member("string_last_index_of_string_int", (STRING, STRING, INT), INT, _last_index_of_offset),
    ),
    function("lowerAscii", member("string_lower_ascii", (STRING,), STRING, lambda text: text.translate(_LOWER))),
    function(
        "replace",
        member("string_replace_string_string", (STRING, STRING, STRING), STRING, _replace),
        member("string_replace_string_string_int", (STRING, STRING, STRING, INT), STRING, _replace),
    ),
    function(
        "split",
        member("string_split_string", (STRING, STRING), _STRINGS, _split),
        member("string_split_string_int", (STRING, STRING, INT), _STRINGS, _split),
    ),
    function(
        "substring",
        member("string_substring_int", (STRING, INT), STRING, _substring),
        member("string_substring_int_int", (STRING, INT, INT), STRING, _substring_range),
    ),
    function("trim", member("string_trim", (STRING,), STRING, lambda text: text.strip(_SPACE))),
    function("upperAscii", member("string_upper_ascii", (STRING,), STRING, lambda text: text.translate(_UPPER))),
    function(
        "join",
        member("list_join", (_STRINGS,), STRING, _join),
        member("list_join_string", (_STRINGS, STRING), STRING, _join),
    ),
)
V2: tuple[Function, ...] = (
    *V0,
    function("format", member("string_format", (STRING, LIST_DYN), STRING, format_string)),
    function("strings.quote", plain("strings_quote", (STRING,), STRING, _quote)),
)
