"""Changes that a person, a template or an enemy makes: to values where a text can be read, to the text where not."""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Sequence
from typing import Any

_WORDS = re.compile(rb"\w+|\s+|.", re.DOTALL)
CEL = (
    b"object",
    b"self",
    b"has(",
    b".map(x, ",
    b".all(x, ",
    b".exists_one(x, ",
    b"?",
    b" : ",
    b"{}",
    b"[]",
    b"[1, 2]",
    b"{'a': 1}",
    b"dyn(",
    b".matches('(a+)+$')",
    b"''",
    b"'\\u0000'",
    b"b'\\xff'",
    b'r"',
    b"9223372036854775807",
    b"-9223372036854775808",
    b"18446744073709551615u",
    b"0x",
    b"1e308",
    b"1.0",
    b"duration('1h')",
    b"timestamp('2001-01-01T00:00:00Z')",
    b"optional.of(",
    b".orValue(",
    b"quantity('1Gi')",
    b"ip('::1')",
    b"cidr('10.0.0.0/8')",
    b"url('http://x')",
    b"semver('1.2.3')",
    b".format([",
    b"%s %.9f %x %e",
    b"sets.contains(",
    b".replace('', 'xx')",
    b".split('')",
    b".join(",
    b"lists.range(100000)",
    b" in ",
    b" && ",
    b" || ",
    b"==",
    b"(",
    b")",
    b"null",
    b"true",
    b"type(",
    b"authorizer.",
    b"variables.",
    b"//",
    b"`a-b`",
)

STRINGS = (
    "",
    " ",
    "\n",
    "\x1b[31m",
    "a\nb",
    "\x00",
    "é",
    "\u202e",
    "\U0001f600",
    "-",
    "a" * 300,
    "${X}",
    "{{ x }}",
    "*",
    "~",
    "null",
    "yes",
    "1e3",
    "0x10",
    "http",
    "web",
    "app",
    "None",
    "127.0.0.1",
    "::1",
    "10.0.0.0/8",
    "web.default.svc",
    "web.default.svc.cluster.local:80",
    "http://web:80/x",
    "TCP",
    "UDP",
    "default",
    "kube-system",
    "ClusterIP",
    "NodePort",
    "LoadBalancer",
    "ExternalName",
    "In",
    "Exists",
    "2001-01-01T00:00:00Z",
    "1Gi",
    "100m",
    "::error::",
)
NUMBERS = (0, 1, -1, 80, 65535, 65536, 2**31, 2**53, 2**63, -(2**70), 1.5, 1e308, 30000)
KEYS = (
    "name",
    "namespace",
    "labels",
    "annotations",
    "selector",
    "matchLabels",
    "matchExpressions",
    "ports",
    "port",
    "targetPort",
    "protocol",
    "type",
    "spec",
    "metadata",
    "kind",
    "apiVersion",
    "template",
    "containers",
    "env",
    "value",
    "items",
    "data",
    "rules",
    "backend",
    "from",
    "to",
    "clusterIP",
    "externalName",
    "",
    "a.b/c",
    "\x1b",
    "<<",
    "subsets",
    "endpoints",
    "addresses",
    "hostNetwork",
    "initContainers",
    "serviceName",
    "replicas",
    "parentRefs",
)
TOKENS = (
    b"&a ",
    b"*a",
    b"<<: ",
    b"- ",
    b": ",
    b"? ",
    b"|\n",
    b">-\n",
    b"'",
    b'"',
    b"#",
    b"\t",
    b"\r\n",
    b"\n---\n",
    b"...\n",
    b"{",
    b"}",
    b"[",
    b"]",
    b"!!str ",
    b"!!binary ",
    b"%YAML 1.2\n",
    b"{{",
    b"}}",
    b"${",
    b"\x00",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xe2\x80\xa8",
    b"# svclint: ignore[",
    b"  # svclint: ignore",
    b"# svclint: ignore[selector-typo, *] why\n",
    b"#svclint:ignore[]#",
    b"]",
    b"svclint.dev/ignore: ",
    b"@",
    b"`",
    b"0o7",
    b"1e999",
    b"\x1b[0m",
)


def mutate(data: bytes, rng: random.Random, limit: int = 20_000) -> bytes:
    """A few changes of one input."""
    out = data
    if rng.random() < 0.6:
        changed = _structure(data, rng)
        out = data if changed is None else changed
    if out == data or rng.random() < 0.3:
        for _ in range(rng.randint(1, 3)):
            out = _text(out, rng)
    return out[:limit]


def _structure(data: bytes, rng: random.Random) -> bytes | None:
    from svclint.yaml import parse

    values = [d.value for d in parse(data, "x").documents if d.value is not None]
    if not values:
        return None
    values = json.loads(json.dumps(values))
    for _ in range(rng.randint(1, 4)):
        places = [(values, number) for number in range(len(values))]
        _places(values, places)
        if not places:
            break
        holder, key = rng.choice(places)
        _change(holder, key, values, rng)
    indent = rng.choice((None, 1))
    # JSON is YAML: keys and strings of any kind survive, and half of the time the text is in block style after all.
    if rng.random() < 0.5:
        return b"\n---\n".join(
            json.dumps(v, indent=indent, ensure_ascii=rng.random() < 0.5).encode("utf-8", "replace") for v in values
        )
    return b"\n---\n".join(block(v).encode("utf-8", "replace") for v in values)


def change_inside(values: list[Any], rng: random.Random, odd: tuple[Any, ...]) -> None:
    """Puts something odd in the place of one value, or under a key of its own."""
    places: list[tuple[Any, Any]] = []
    for value in values:
        _places(value, places)
    if not places:
        return
    holder, key = rng.choice(places)
    new = copy.deepcopy(rng.choice((*odd, anything(rng))))
    if isinstance(holder, dict) and rng.random() < 0.2:
        holder[rng.choice(("", "\ud800", *KEYS))] = new
    else:
        holder[key] = new


def splice(data: bytes, rng: random.Random, others: Sequence[bytes], limit: int) -> bytes:
    """Words of one input changed, left out, repeated, and exchanged for those of another."""
    words = _WORDS.findall(data)
    for _ in range(rng.randint(1, 4)):
        more = _WORDS.findall(rng.choice(others))
        at, start = rng.randrange(len(words) + 1), rng.randrange(len(more) + 1)
        to, end = at + rng.randrange(4), start + rng.randrange(6)
        what = rng.randrange(6)
        if what == 0:
            words[at:to] = []
        elif what == 1:
            words[at:to] = [rng.choice(CEL)]
        elif what == 2:
            words[at:to] = words[at:to] * rng.choice((2, 3, 50, 1000))
        elif what == 3:
            words[at:to] = [_text(b"".join(words[at:to]), rng)]
        elif what == 4:
            words.insert(at, rng.choice(CEL))
        else:
            words[at:to] = more[start:end]
    return b"".join(words)[:limit]


def grown(data: bytes, rng: random.Random, size: int) -> bytes:
    """An input with one part of it repeated until it is large: a character, a word, a line, some lines."""
    what = rng.randrange(5)
    if what < 2:
        to = rng.randrange(len(data) + 1)
        part = data[to : to + rng.choice((1, 2, 3, 8))]
    elif what == 2:
        words = list(_WORDS.finditer(data))
        word = rng.choice(words) if words else None
        part, to = (word[0], word.end()) if word else (b"", 0)
    else:
        starts = [0, *(match.end() for match in re.finditer(rb"\n", data))]
        first = rng.randrange(len(starts))
        last = min(len(starts) - 1, first + rng.choice((1, 1, 2, 3, 10)))
        part, to = data[starts[first] : starts[last]], starts[last]
    part = rng.choice((part, part, part, rng.choice(TOKENS)))
    if not part:
        return data
    times = max(1, (size - len(data)) // (len(part) + 4))
    words = list(re.finditer(rb"[a-z]\b", part))
    if words and rng.random() < 0.5:
        # Each with a name of its own.
        end = rng.choice(words).end()
        return data[:to] + b"".join(b"%b%d%b" % (part[:end], number, part[end:]) for number in range(times)) + data[to:]
    return data[:to] + part * times + data[to:]


def _places(value: Any, into: list[tuple[Any, Any]], depth: int = 0) -> None:
    if depth > 40:
        return
    if isinstance(value, dict):
        for key in value:
            into.append((value, key))
            _places(value[key], into, depth + 1)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            if depth:
                into.append((value, number))
            _places(item, into, depth + 1)


def _change(holder: Any, key: Any, root: Any, rng: random.Random) -> None:
    what = rng.randrange(9)
    if what == 0:
        del holder[key]
    elif what == 1 and isinstance(holder, dict):
        holder[rng.choice(KEYS)] = holder.pop(key)
    elif what == 2 and isinstance(holder, dict):
        holder[rng.choice(KEYS)] = anything(rng)
    elif what == 3 and isinstance(holder, list) and len(holder) < 50:
        holder.append(json.loads(json.dumps(holder[key])))
    elif what == 4:
        places: list[tuple[Any, Any]] = []
        _places(root, places)
        if places:
            other, at = rng.choice(places)
            holder[key] = json.loads(json.dumps(other[at]))
    elif what == 5:
        holder[key] = rng.choice(([holder[key]], {"a": holder[key]}, str(holder[key])[:200]))
    elif what == 6 and isinstance(holder[key], str) and holder[key]:
        text = holder[key]
        at = rng.randrange(len(text))
        holder[key] = text[:at] + rng.choice((*STRINGS, text[at : at + 1].upper())) + text[at + 1 :]
    else:
        holder[key] = anything(rng)


def anything(rng: random.Random, depth: int = 0) -> Any:
    """A value of any type."""
    what = rng.randrange(8 if depth < 3 else 5)
    if what < 2:
        return rng.choice(STRINGS)
    if what == 2:
        return rng.choice(NUMBERS)
    if what == 3:
        return rng.choice((True, False, None))
    if what == 4:
        return rng.choice(([], {}, "x"))
    if what < 7:
        return {rng.choice(KEYS): anything(rng, depth + 1) for _ in range(rng.randrange(4))}
    return [anything(rng, depth + 1) for _ in range(rng.randrange(4))]


def _text(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    to = min(len(data), at + rng.randrange(1, 20))
    what = rng.randrange(6)
    if what == 0:
        return data[:at] + data[to:]
    if what == 1:
        return data[:at] + rng.choice(TOKENS) + data[at:]
    if what == 2:
        return data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]
    lines = data.split(b"\n")
    line = rng.randrange(len(lines))
    if what == 3:
        lines.insert(rng.randrange(len(lines)), lines[line])
    elif what == 4:
        lines[line] = b" " * rng.randrange(4) + lines[line]
    else:
        del lines[line]
    return b"\n".join(lines)


def block(value: Any, indent: int = 0) -> str:
    """A value in block style, scalars as JSON writes them."""
    pad = " " * indent
    if isinstance(value, dict) and value:
        return "".join(f"\n{pad}{_key(k)}: {block(v, indent + 2)}" for k, v in value.items()) + (
            "\n" if not indent else ""
        )
    if isinstance(value, list) and value:
        return "".join(f"\n{pad}- {block(v, indent + 2)}" for v in value)
    if isinstance(value, str) and value.isalnum() and not value[0].isdigit():
        return value
    return json.dumps(value)


def _key(key: str) -> str:
    return key if key.isalnum() and key.isascii() and not key[0].isdigit() else json.dumps(key)
