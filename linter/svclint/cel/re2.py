"""Go's regular expressions (RE2 syntax) as trees. Upstream: Go regexp/syntax/parse.go.

Go and Python match leftmost-first, so a translation of the syntax suffices. Classes like \\d and \\s are ASCII in RE2,
`$` is the very end of the text, and a flag group lasts to the end of its group.
"""

import re
import sys
import unicodedata
from functools import lru_cache

from svclint.cel.automaton import Atom, Choice, Node, Repeat, Sequence, children


class PatternError(Exception):
    """A pattern that Go refuses; the text is Go's."""


_POSIX = {
    "alnum": "0-9A-Za-z", "alpha": "A-Za-z", "ascii": "\\x00-\\x7f", "blank": "\\t ", "cntrl": "\\x00-\\x1f\\x7f",
    "digit": "0-9", "graph": "!-~", "lower": "a-z", "print": " -~", "punct": "!-/:-@\\[-`{-~", "space": "\\t-\\r ",
    "upper": "A-Z", "word": "0-9A-Za-z_", "xdigit": "0-9A-Fa-f",
}  # fmt: skip
_PERL = {"d": "0-9", "s": "\\t\\n\\f\\r ", "w": "0-9A-Za-z_"}
_SCRIPTS = {
    "Latin": "LATIN ", "Greek": "GREEK ", "Cyrillic": "CYRILLIC ", "Han": "CJK UNIFIED ", "Hiragana": "HIRAGANA ",
    "Katakana": "KATAKANA ", "Arabic": "ARABIC ", "Hebrew": "HEBREW ", "Thai": "THAI ", "Hangul": "HANGUL ",
}  # fmt: skip
_CATEGORIES = frozenset(
    [
        "C",
        "Cc",
        "Cf",
        "Co",
        "Cs",
        "L",
        "Ll",
        "Lm",
        "Lo",
        "Lt",
        "Lu",
        "M",
        "Mc",
        "Me",
        "Mn",
        "N",
        "Nd",
        "Nl",
        "No",
        "P",
        "Pc",
        "Pd",
        "Pe",
        "Pf",
        "Pi",
        "Po",
        "Ps",
        "S",
        "Sc",
        "Sk",
        "Sm",
        "So",
        "Z",
        "Zl",
        "Zp",
        "Zs",
    ]
)
_MAX_REPEAT = 1000
_COUNT = re.compile(r"0|[1-9][0-9]*")
_OPERATORS: dict[str, tuple[int, int | None]] = {"*": (0, None), "+": (1, None), "?": (0, 1)}


def _fail(what: str, part: str) -> PatternError:
    return PatternError(f"error parsing regexp: {what}: `{part}`")


@lru_cache(maxsize=32)
def _unicode(name: str) -> str | None:
    """The ranges of a Unicode category or script as the inside of a class."""
    prefix = _SCRIPTS.get(name)
    if name not in _CATEGORIES and prefix is None and name != "Any":
        return None
    ranges: list[str] = []
    start = -1
    for point in range(sys.maxunicode + 2):
        char = chr(point) if point <= sys.maxunicode else ""
        if not char:
            inside = False
        elif name == "Any":
            inside = True
        elif prefix is not None:
            inside = unicodedata.name(char, "").startswith(prefix)
        else:
            inside = unicodedata.category(char).startswith(name)
        if inside and start < 0:
            start = point
        elif not inside and start >= 0:
            ranges.append(f"\\U{start:08x}-\\U{point - 1:08x}")
            start = -1
    return "".join(ranges)


class _Translator:
    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0
        self.names: set[str] = set()

    def peek(self, count: int = 1) -> str:
        return self.pattern[self.at : self.at + count]

    # `flags` is the set of letters among "imsU" that are on.

    def alternation(self, flags: str, depth: int) -> Node:
        """Up to the closing parenthesis or the end."""
        if depth > 200:
            raise _fail("expression nests too deeply", self.pattern)
        options: list[Node] = []
        out: list[Node] = []
        while self.at < len(self.pattern):
            char = self.peek()
            if char == ")":
                break
            if char == "|":
                self.at += 1
                options.append(Sequence(tuple(out)))
                out = []
                continue
            if char == "(" and self.peek(2) == "(?" and not self.peek(3).endswith(("P", "<", ":")):
                changed = self.flags(flags)
                if isinstance(changed, tuple):
                    out.append(self.group(changed[0], depth))
                    self.repeat(out, flags)
                else:
                    flags = changed
                continue
            if char in "*+?":
                raise _fail("missing argument to repetition operator", char)
            start = self.at
            out.append(self.atom(flags, depth))
            if self.at == start:
                raise _fail("unexpected )", self.pattern)
            self.repeat(out, flags)
        return Choice((*options, Sequence(tuple(out)))) if options else Sequence(tuple(out))

    def flags(self, flags: str) -> "str | tuple[str]":
        """`(?i)` (a string: the flags from here) or `(?i:` (a tuple)."""
        start = self.at
        self.at += 2
        on, negative, seen = set(flags), False, False
        while self.at < len(self.pattern):
            char = self.peek()
            self.at += 1
            if char in "imsU":
                (on.discard if negative else on.add)(char)
                seen = True
            elif char == "-" and not negative:
                negative, seen = True, False
            elif char in ":)" and (seen or not negative):
                result = "".join(sorted(on))
                return (result,) if char == ":" else result
            else:
                break
        if self.at >= len(self.pattern) and self.pattern[-1:] != ")":
            raise _fail("missing closing )", self.pattern)
        raise _fail("invalid or unsupported Perl syntax", self.pattern[start : self.at])

    def group(self, flags: str, depth: int) -> Node:
        inner = self.alternation(flags, depth + 1)
        if self.peek() != ")":
            raise _fail("missing closing )", self.pattern)
        self.at += 1
        return inner

    def atom(self, flags: str, depth: int) -> Node:
        char = self.peek()
        if char == "(":
            return self.parenthesis(flags, depth)
        if char == "[":
            return _scoped(self.char_class(), flags)
        if char == "\\":
            return self.escape(flags)
        self.at += 1
        if char == ".":
            return Atom("(?s:.)" if "s" in flags else "[^\\n]")
        if char == "^":
            return Atom("(?m:^)" if "m" in flags else "\\A")
        if char == "$":
            return Atom("(?m:$)" if "m" in flags else "\\Z")
        return _scoped(_literal(char), flags)

    def parenthesis(self, flags: str, depth: int) -> Node:
        if self.peek(2) != "(?":
            self.at += 1
            return self.group(flags, depth)
        if self.peek(3) == "(?:":
            self.at += 3
            return self.group(flags, depth)
        skip = 4 if self.peek(4) == "(?P<" else 3
        if skip == 3 and (self.peek(3) != "(?<" or self.peek(4) in ("(?<=", "(?<!")):
            raise _fail("invalid or unsupported Perl syntax", self.peek(4 if self.peek(3) == "(?<" else 3))
        end = self.pattern.find(">", self.at)
        name = self.pattern[self.at + skip : end] if end >= 0 else ""
        if end < 0:
            raise _fail("invalid named capture", self.pattern[self.at :])
        if not name or (not name.isidentifier() and not name.isalnum()):
            raise _fail("invalid named capture", self.pattern[self.at : end + 1])
        if name in self.names:
            raise _fail("duplicate capture group name", name)
        self.names.add(name)
        self.at = end + 1
        return self.group(flags, depth)

    def escape(self, flags: str) -> Node:
        if len(self.peek(2)) < 2:
            raise PatternError("error parsing regexp: trailing backslash at end of expression: ``")
        char = self.peek(2)[1]
        if char == "Q":
            end = self.pattern.find("\\E", self.at + 2)
            text = self.pattern[self.at + 2 : end if end >= 0 else None]
            self.at = end + 2 if end >= 0 else len(self.pattern)
            return Sequence(tuple(_scoped(_literal(char), flags) for char in text))
        if char in "AzbB":
            self.at += 2
            return Atom({"A": "\\A", "z": "\\Z", "b": "(?a:\\b)", "B": "(?a:\\B)"}[char])
        if char == "C":
            raise _fail("invalid escape sequence", "\\C")
        inside = self.class_escape()
        if inside is not None:
            return _scoped(f"[{'^' if inside[1] else ''}{inside[0]}]", flags)
        return _scoped(_literal(self.literal_escape()), flags)

    def class_escape(self) -> tuple[str, bool] | None:
        """\\d, \\pL and their likes: (the inside of a class, negated)."""
        char = self.peek(2)[1:]
        if char and char in "dswDSW":
            self.at += 2
            return _PERL[char.lower()], char.isupper()
        if char not in ("p", "P"):
            return None
        start = self.at
        self.at += 2
        name = self.peek()
        if name == "{":
            end = self.pattern.find("}", self.at)
            if end < 0:
                raise _fail("invalid character class range", self.pattern[start:])
            name = self.pattern[self.at + 1 : end]
            self.at = end + 1
        else:
            self.at += 1
        negated = char == "P"
        if name.startswith("^"):
            name, negated = name[1:], not negated
        ranges = _unicode(name)
        if ranges is None:
            raise _fail("invalid character class range", self.pattern[start : self.at])
        return ranges, negated

    def literal_escape(self) -> str:
        start = self.at
        char = self.peek(2)[1:]
        self.at += 2
        simple = {"a": "\a", "f": "\f", "t": "\t", "n": "\n", "r": "\r", "v": "\v"}
        if char in simple:
            return simple[char]
        if char == "x":
            if self.peek() == "{":
                end = self.pattern.find("}", self.at)
                digits = self.pattern[self.at + 1 : end] if end >= 0 else ""
                self.at = end + 1 if end >= 0 else len(self.pattern)
            else:
                digits = self.peek(2) if len(self.peek(2)) == 2 else ""
                self.at += 2
            try:
                return chr(int(digits, 16)) if digits.isalnum() else chr(-1)
            except (ValueError, OverflowError):
                raise _fail("invalid escape sequence", self.pattern[start : self.at]) from None
        if char in "01234567" and (char == "0" or self.peek() in tuple("01234567")):
            digits = char
            while len(digits) < 3 and self.peek() in tuple("01234567"):
                digits += self.peek()
                self.at += 1
            return chr(int(digits, 8))
        if char < "\x80" and not char.isalnum() and char != "_":
            return char
        if char == "_":
            return char
        raise _fail("invalid escape sequence", self.pattern[start : self.at])

    def char_class(self) -> str:
        start = self.at
        self.at += 1
        negated = self.peek() == "^"
        self.at += negated
        parts: list[str] = []
        first = True
        while True:
            if self.at >= len(self.pattern):
                raise _fail("missing closing ]", self.pattern[start:])
            char = self.peek()
            if char == "]" and not first:
                self.at += 1
                break
            if char == "-" and not first and self.peek(2) not in ("-]",) and len(self.peek(2)) == 2:
                raise _fail("invalid character class range", self.peek(2))
            first = False
            if char == "[" and self.peek(2) == "[:" and ":]" in self.pattern[self.at + 2 :]:
                parts.append(self.posix())
                continue
            if char == "\\":
                inside = self.class_escape()
                if inside is not None:
                    parts.append(_complement(inside[0]) if inside[1] else inside[0])
                    continue
            parts.append(self.range())
        return f"[{'^' if negated else ''}{''.join(parts)}]"

    def posix(self) -> str:
        end = self.pattern.index(":]", self.at + 2)
        text = self.pattern[self.at : end + 2]
        name = self.pattern[self.at + 2 : end]
        self.at = end + 2
        ranges = _POSIX.get(name.removeprefix("^"))
        if ranges is None:
            raise _fail("invalid character class range", text)
        return _complement(ranges) if name.startswith("^") else ranges

    def range(self) -> str:
        start = self.at
        low = self.class_char()
        if self.peek() != "-" or self.peek(2) in ("-", "-]"):
            return _literal(low)
        self.at += 1
        high = self.class_char()
        if high < low:
            raise _fail("invalid character class range", self.pattern[start : self.at])
        return f"{_literal(low)}-{_literal(high)}"

    def class_char(self) -> str:
        if self.at >= len(self.pattern):
            raise _fail("missing closing ]", self.pattern)
        if self.peek() == "\\":
            if len(self.peek(2)) < 2:
                raise PatternError("error parsing regexp: trailing backslash at end of expression: ``")
            return self.literal_escape()
        char = self.peek()
        self.at += 1
        return char

    def repeat(self, out: list[Node], flags: str) -> None:
        start = self.at
        operator = self.peek()
        if operator in _OPERATORS:
            self.at += 1
            low, high = _OPERATORS[operator]
        elif operator == "{":
            counted = self.counts()
            if counted is None:
                return
            low, high = counted
        else:
            return
        lazy = self.peek() == "?"
        self.at += lazy
        if self.peek() and (self.peek() in "*+?" or (self.peek() == "{" and self.counts(peek=True))):
            end = self.at + 1
            if self.peek() == "{":
                end = self.pattern.index("}", self.at) + 1
            raise _fail("invalid nested repetition operator", self.pattern[start:end])
        made = Repeat(out.pop(), low, high, lazy != ("U" in flags))
        if operator == "{" and not _within(made, _MAX_REPEAT):
            raise _fail("invalid repeat count", self.pattern[start : self.at])
        out.append(made)

    def counts(self, peek: bool = False) -> tuple[int, int | None] | None:
        """`{n,m}`; None if it is only text."""
        end = self.pattern.find("}", self.at)
        body = self.pattern[self.at + 1 : end] if end >= 0 else ""
        low, comma, high = body.partition(",")
        if not _COUNT.fullmatch(low) or (high and not _COUNT.fullmatch(high)):
            return None
        least = _count(low)
        most = _count(high) if high else None if comma else least
        if peek:
            return least, most
        if least > _MAX_REPEAT or (most is not None and (most > _MAX_REPEAT or most < least)):
            raise _fail("invalid repeat count", self.pattern[self.at : end + 1])
        self.at = end + 1
        return least, most


def _within(node: Node, most: int) -> bool:
    """Whether counts multiply to no more than `most` (Go regexp/syntax/parse.go `repeatIsValid`)."""
    if isinstance(node, Repeat):
        if node.high == 0:
            return True
        times = node.low if node.high is None else node.high
        if times > most:
            return False
        most //= times or 1
    return all(_within(part, most) for part in children(node))


def _count(digits: str) -> int:
    """A number of repetitions; of one that is too large no more than that."""
    return int(digits[: len(str(_MAX_REPEAT)) + 1])


def _scoped(text: str, flags: str) -> Atom:
    return Atom(f"(?i:{text})" if "i" in flags else text)


def _literal(char: str) -> str:
    if char.isalnum() or ord(char) > 127:
        return char
    return f"\\x{ord(char):02x}"


def _complement(ranges: str) -> str:
    """The inside of a class for everything but these ranges."""
    import re

    inside = re.compile(f"[{ranges}]")
    out, start = [], -1
    for point in [*range(0x250), sys.maxunicode + 1]:
        free = point > sys.maxunicode or not inside.match(chr(point))
        if free and start < 0 and point <= sys.maxunicode:
            start = point
        elif not free and start >= 0:
            out.append(f"\\U{start:08x}-\\U{point - 1:08x}")
            start = -1
    out.append(f"\\U{max(start, 0):08x}-\\U{sys.maxunicode:08x}")
    return "".join(out)


def parse(pattern: str) -> Node:
    """The tree of a pattern. Raises PatternError with Go's message."""
    translator = _Translator(pattern)
    made = translator.alternation("", 0)
    if translator.at < len(pattern):
        raise _fail("unexpected )", pattern)
    return made
