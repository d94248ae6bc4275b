"""The language itself: literals, operators, macros, and the errors that cel-go gives."""

from __future__ import annotations

import pytest

from svclint.apiserver.policy.environment import policy_environment
from svclint.cel.encode import encode
from svclint.cel.errors import CompileError, CostExceeded, EvalError
from svclint.cel.program import compile_expression

ENV = policy_environment((1, 36))
OBJECT = {
    "kind": "Service",
    "metadata": {"name": "web", "labels": {"app": "web", "tier": "front"}},
    "spec": {"ports": [{"name": "http", "port": 80}, {"name": "https", "port": 443}], "type": None},
}


def evaluate(expression: str, value: object = OBJECT) -> object:
    program = compile_expression(expression, ENV)
    bindings = {"object": value, "oldObject": None, "params": None, "request": {}, "namespaceObject": None}
    return encode(program.evaluate(bindings)[0])["value"]


def refused(expression: str) -> str:
    with pytest.raises(CompileError) as caught:
        compile_expression(expression, ENV)
    return caught.value.text


def failed(expression: str, value: object = OBJECT) -> str:
    with pytest.raises(EvalError) as caught:
        evaluate(expression, value)
    return caught.value.message


@pytest.mark.parametrize(
    "expression",
    [
        "1 + 2 * 3 - 4 / 2 % 3 == 5",
        "-7 / 2 == -3 && -7 % 2 == -1",
        "0x1F == 31 && 0x1Fu == 31u",
        "1.5e3 == 1500.0 && .5 == 0.5",
        "!true == false && !!true",
        "--5 == 5 && - -5 == 5",
        "1 < 2 && 2u <= 2u && 'a' < 'b' && b'a' < b'b' && false < true",
        "1 < 1.5 && 2u > 1 && 1.0 <= 1u",
        "1 == dyn(1.0) && dyn(1u) == 1 && !(dyn('1') == 1)",
        "double('NaN') != double('NaN')",
        "true ? 1 == 1 : 1 / 0 == 1",
        "[1, 2] + [3] == [1, 2, 3] && 'a' + 'b' == 'ab' && b'a' + b'b' == b'ab'",
        "{'a': 1}.a == 1 && {1: 'x'}[1] == 'x' && {true: 1}[true] == 1",
        "{'a': 1, 'b': 2} == {'b': 2, 'a': 1}",
        "[[1], [2]] == [[1], [2]] && [1, 2] != [2, 1]",
        "1 in [1, 2] && !(3 in [1, 2]) && 'a' in {'a': 1} && !(1 in [])",
        "'\\x41\\u00e9\\U0001F600\\101' == 'Aé😀A'",
        "r'\\n' == '\\\\n' && '''a\nb''' == \"a\\nb\"",
        "b'\\xff'.size() == 1 && b'é'.size() == 2 && 'é'.size() == 1 && '😀'.size() == 1",
        "size([1, 2]) == 2 && size({'a': 1}) == 1 && size('') == 0",
        "type(1) == int && type([]) == list && type(type(1)) == type && type(null) == null_type",
        "has(object.metadata.labels.app) && !has(object.metadata.labels.nope) && !has(object.spec.ports[0].nodePort)",
        "has(object.spec.type) && object.spec.type == null",
        "object.spec.ports.all(p, p.port > 0) && object.spec.ports.exists(p, p.name == 'http')",
        "object.spec.ports.exists_one(p, p.port == 443)",
        "object.spec.ports.map(p, p.port) == [80, 443] && object.spec.ports.map(p, p.port > 80, p.name) == ['https']",
        "object.spec.ports.filter(p, p.port == 80).size() == 1",
        "object.metadata.labels.all(k, k.size() > 2) && {'a': 1}.exists(k, k == 'a')",
        "[1, 2].all(i, v, v == i + 1) && {'a': 1}.exists(k, v, k == 'a' && v == 1)",
        "[3, 4].transformList(i, v, i * v) == [0, 4] && [1, 2].transformMap(i, v, v) == {0: 1, 1: 2}",
        "{'a': 1}.transformMapEntry(k, v, {v: k}) == {1: 'a'} && [1, 2].existsOne(i, v, v == 2)",
        "[1].map(x, [2].map(y, x + y)) == [[3]]",
        "object.?metadata.?labels.?app.orValue('') == 'web' && !object.?nope.?deeper.hasValue()",
        "[1, 2][?5].orValue(7) == 7 && {'a': 1}[?'a'].value() == 1",
        "[?optional.of(1), ?optional.none()] == [1] && {?'a': optional.of(1), ?'b': optional.none()} == {'a': 1}",
        "optional.of(2).optMap(x, x * 2).value() == 4 && !optional.none().optMap(x, x).hasValue()",
        "optional.of([1]).optFlatMap(x, x[?0]).value() == 1",
        "optional.none().or(optional.of(1)).value() == 1 && optional.ofNonZeroValue('').or(optional.of('x')).value() == 'x'",
        "[].first() == optional.none() && [1, 2].last().value() == 2",
        "// a comment\n1 == 1 // and another",
        "(1 / 0 > 0) || true",
        "!((1 / 0 > 0) && false)",
        "[0, 1].exists(x, 1 / x == 1) && ![1, 0].all(x, 1 / x == 2)",
        "int('42') == 42 && uint('42') == 42u && double('4.2') == 4.2 && string(42) == '42' && bool('t') && int(4.9) == 4",
        "string(true) == 'true' && string(1.0) == '1' && string(1e6) == '1e+06' && string(b'ab') == 'ab'",
        "timestamp('2026-01-01T00:00:00Z') + duration('1h') == timestamp('2026-01-01T01:00:00Z')",
        "timestamp('2026-01-01T00:00:00+02:00').getHours() == 22 && string(timestamp('2026-01-01T00:00:00+02:00')).endsWith('+02:00')",
        "timestamp('2026-03-01T00:00:00Z').getDayOfYear() == 59 && timestamp('2026-01-04T00:00:00Z').getDayOfWeek() == 0",
        "timestamp('2026-07-01T12:00:00Z').getHours('Europe/Berlin') == 14 && timestamp('2026-07-01T12:00:00Z').getHours('-02:30') == 9",
        "duration('1h30m').getMinutes() == 90 && duration('-1.5s').getSeconds() == -1 && duration('1.5ms') == duration('1500us')",
        "timestamp(0) == timestamp('1970-01-01T00:00:00Z') && int(timestamp('1970-01-01T00:01:00Z')) == 60",
        "'10.0.0.1:80'.matches('^[0-9.]+:[0-9]+$') && matches('abc', 'b')",
    ],
)  # fmt: skip
def test_true(expression: str) -> None:
    assert evaluate(expression) is True


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("1 / 0", "division by zero"),
        ("1 % 0", "modulus by zero"),
        ("9223372036854775807 + 1", "integer overflow"),
        ("-9223372036854775807 - 2", "integer overflow"),
        ("0u - 1u", "unsigned integer overflow"),
        ("18446744073709551615u + 1u", "unsigned integer overflow"),
        ("[1][1]", "index out of bounds: 1"),
        ("{'a': 1}['b']", "no such key: b"),
        ("object.nope", "no such key: nope"),
        ("object.spec.ports.name", "unsupported index type 'string' in list"),
        ("object.metadata.name.size", "no such key: size"),
        ("object.kind + 1", "no such overload"),
        ("object.kind < 1", "no such overload"),
        ("dyn(true) + dyn(true)", "no such overload: _+_"),
        ("dyn('a') * dyn(2)", "no such overload"),
        ("-object.kind", "no such overload"),
        ("-object.spec", "no such overload: -_"),
        ("kubernetes.GroupVersionKind{kind: 'a'}", "unknown type 'kubernetes.GroupVersionKind'"),
        ("size(object.spec.ports[0].port)", "no such overload: size"),
        ("string(object.spec)", "no such overload: string(map)"),
        ("object.kind && true", "no such overload"),
        ("object.kind ? 1 : 2", "no such overload"),
        ("optional.none().value()", "optional.none() dereference"),
        ("[1].map(x, object.kind).sum() == 1", "no such overload: sum(list)"),
        ("duration(object.kind)", "type conversion error from 'string' to 'google.protobuf.Duration'"),
        ("int(object.kind)", "type conversion error from 'string' to 'int'"),
        ("double('NaN') < 1.0", "NaN values cannot be ordered"),
        ("timestamp('0001-01-01T00:00:00Z') - duration('1s')", "timestamp overflow"),
        ("timestamp('2026-01-01T00:00:00Z').getHours('No/Where')", "unknown time zone No/Where"),
        ("[1, 2].transformMapEntry(i, v, {'a': v})", "insert failed: key a already exists"),
        ("object.spec.ports[object.kind]", "unsupported index type 'string' in list"),
        ("namespaceObject.metadata.name", "no such key: metadata"),
    ],
)
def test_evaluation_errors(expression: str, message: str) -> None:
    assert failed(expression) == message


@pytest.mark.parametrize(
    ("expression", "error"),
    [
        ("a.b", "ERROR: <input>:1:1: undeclared reference to 'a' (in container '')\n | a.b\n | ^"),
        ("1 +\n  'é' ", "ERROR: <input>:1:3: found no matching overload for '_+_' applied to '(int, string)'\n | 1 +\n | ..^"),
        ("'é' + 1", "ERROR: <input>:1:5: found no matching overload for '_+_' applied to '(string, int)'\n | 'é' + 1\n | .．..^"),
        ("request.nope", "ERROR: <input>:1:8: undefined field 'nope'\n | request.nope\n | .......^"),
        ("object.map(1, 2)", "ERROR: <input>:1:12: argument is not an identifier\n | object.map(1, 2)\n | ...........^"),
        ("has(object)", "ERROR: <input>:1:5: invalid argument to has() macro\n | has(object)\n | ....^"),
        ("as", "ERROR: <input>:1:1: reserved identifier: as\n | as\n | ^"),
        ("[1, 'a']", "ERROR: <input>:1:5: expected type 'int' but found 'string'\n | [1, 'a']\n | ....^"),
        ("'a'.matches('[')", "ERROR: <input>:1:13: invalid matches argument\n | 'a'.matches('[')\n | ............^"),
        ("Foo{a: 1}", "ERROR: <input>:1:4: undeclared reference to 'Foo' (in container '')\n | Foo{a: 1}\n | ...^"),
        ("quantity('1').x", "ERROR: <input>:1:14: unexpected failed resolution of 'kubernetes.Quantity'\n | quantity('1').x\n | .............^"),
        ("request.kind{}", "ERROR: <input>:1:13: undeclared reference to 'request.kind' (in container '')\n | request.kind{}\n | ............^"),
        ("int('x')", "program instantiation failed: type conversion error from 'string' to 'int'"),
        ("'a'.find('(')", "program instantiation failed: error parsing regexp: missing closing ): `(`"),
        ("99999999999999999999", "ERROR: <input>:1:1: invalid int literal\n | 99999999999999999999\n | ^"),
        ("object.`a-b`", "ERROR: <input>:1:8: unsupported syntax: '`'\n | object.`a-b`\n | .......^"),
    ],
)  # fmt: skip
def test_refusals(expression: str, error: str) -> None:
    assert refused(expression) == error


START = (
    "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"
)


@pytest.mark.parametrize(
    ("expression", "messages"),
    [
        ("", [(0, f"mismatched input '<EOF>' expecting {START}")]),
        ("1 2", [(2, "extraneous input '2' expecting <EOF>")]),
        ("*a", [(0, f"extraneous input '*' expecting {START}")]),
        ("1 + +", [(4, f"mismatched input '+' expecting {START}"), (5, f"mismatched input '<EOF>' expecting {START}")]),
        ("in", [(0, f"mismatched input 'in' expecting {START}"), (2, f"mismatched input '<EOF>' expecting {START}")]),
        ("a | b", [(2, "token recognition error at: '| '"), (4, "extraneous input 'b' expecting <EOF>")]),
        ("{a}", [(2, "mismatched input '}' expecting ':'")]),
        ("(1", [(2, "missing ')' at '<EOF>'")]),
        ("a ? b", [(5, "mismatched input '<EOF>' expecting ':'")]),
        ("self.true == 1", [(5, "mismatched input 'true' expecting IDENTIFIER")]),
        ('{"a": 1}."a"', [(9, "no viable alternative at input '.\"a\"'")]),
        ("T(){}", [(3, "mismatched input '{' expecting <EOF>")]),
        ('"\\xFh"', [(0, "token recognition error at: '\"\\xFh'"), (5, "token recognition error at: '\"'"),
                     (6, f"mismatched input '<EOF>' expecting {START}")]),
    ],
)  # fmt: skip
def test_syntax_errors_are_antlrs(expression: str, messages: list[tuple[int, str]]) -> None:
    with pytest.raises(CompileError) as caught:
        compile_expression(expression, ENV)
    assert [(i.offset, i.message) for i in caught.value.issues] == [(at, f"Syntax error: {m}") for at, m in messages]


def test_nesting_has_a_limit() -> None:
    assert evaluate("(" * 60 + "1" + ")" * 60) == 1
    assert "recursion" in refused("(" * 3000 + "1" + ")" * 3000)
    assert "recursion" in refused("1" + " + 1" * 3000)
    assert evaluate(" && ".join(["true"] * 2000)) is True


def test_costs_have_a_limit() -> None:
    with pytest.raises(CostExceeded):
        evaluate("lists.range(500).all(a, lists.range(500).all(b, lists.range(500).all(c, a + b + c >= 0)))")
    with pytest.raises(CostExceeded):
        evaluate("lists.range(9000000000).size()")


def test_errors_have_a_place() -> None:
    program = compile_expression("object.metadata.name == 'a' || object.spec.ports.all(p, p.nope == 1)", ENV)
    _, error = program.explain({"object": OBJECT})
    assert error is not None
    assert error.message == "no such key: nope"
    assert program.source[error.offset or 0 :].startswith(".nope")


def test_constants_are_never_changed() -> None:
    program = compile_expression("[3, 1, 2].sort() + [1].map(x, x)", ENV)
    assert [program.evaluate({})[0] for _ in range(2)] == [[1, 2, 3, 1]] * 2
    program = compile_expression("{'a': 1}.transformMap(k, v, v)", ENV)
    assert [program.evaluate({})[0] for _ in range(2)] == [{"a": 1}] * 2


@pytest.mark.parametrize(
    ("expression", "since"),
    [
        ("[1].sum() == 1", (1, 25)),
        ("object.?a.hasValue()", (1, 28)),
        ("quantity('1').isInteger()", (1, 28)),
        ("1 < 2.0", (1, 28)),
        ("'%d'.format([1]) == '1'", (1, 29)),
        ("sets.contains([1], [1])", (1, 29)),
        ("ip('1.1.1.1').family() == 4", (1, 30)),
        ("cidr('1.1.1.0/24').prefixLength() == 24", (1, 30)),
        ("format.uuid().validate('').hasValue()", (1, 31)),
        ("[1].all(i, v, v == 1)", (1, 32)),
        ("semver('1.2.3').major() == 1", (1, 33)),
        ("[[1]].flatten() == [1]", (1, 34)),
        ("[1].includes(1)", (1, 37)),
    ],
)
def test_libraries_come_with_versions(expression: str, since: tuple[int, int]) -> None:
    env = policy_environment(since)
    assert compile_expression(expression, env).evaluate({"object": {}})[0] in (True, False)
    if since > (1, 25):
        with pytest.raises(CompileError):
            compile_expression(expression, policy_environment((since[0], since[1] - 1)))
