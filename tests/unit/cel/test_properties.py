"""Whatever the expression and whatever the object: an answer or one of the evaluator's own errors, nothing else."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from svclint.apiserver.custom import validate
from svclint.apiserver.policy.environment import policy_environment, rule_environment
from svclint.cel.automaton import Pattern, render
from svclint.cel.encode import encode
from svclint.cel.errors import CompileError, CostExceeded, EvalError
from svclint.cel.library.gourl import ParseError, parse, parse_request_uri
from svclint.cel.library.netip import ParseError as AddressError
from svclint.cel.library.netip import parse_addr, parse_prefix
from svclint.cel.library.quantity import parse_quantity
from svclint.cel.library.semver import parse_version
from svclint.cel.program import compile_expression
from svclint.cel.re2 import PatternError
from svclint.cel.re2 import parse as parse_pattern
from svclint.cel.schema import escape, typed, unescape

ENV = policy_environment((1, 36))
FAST = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
)
PIECES = [
    "object",
    "oldObject",
    "params",
    "request",
    "1",
    "2u",
    "1.5",
    "'a'",
    "b'a'",
    "true",
    "false",
    "null",
    "[",
    "]",
    "{",
    "}",
    "(",
    ")",
    ".",
    "?",
    ":",
    ",",
    "!",
    "-",
    "+",
    "*",
    "/",
    "%",
    "<",
    "<=",
    "==",
    "!=",
    "in",
    "&&",
    "||",
    ".?",
    "[?",
    "{?",
    "has(",
    "size(",
    ".all(x,",
    ".exists(x,",
    ".map(x,",
    ".filter(x,",
    ".exists_one(x,",
    "x",
    ".a",
    ".b",
    ".spec",
    "[0]",
    "['a']",
    ".format([",
    "'%s'",
    ".transformMap(k,v,",
    ".orValue(",
    "optional.of(",
    "optional.none()",
    ".value()",
    ".matches(",
    "'('",
    "'[a-z]+'",
    "duration(",
    "timestamp(",
    "'1s'",
    "int(",
    "uint(",
    "double(",
    "string(",
    "bytes(",
    "dyn(",
    "type(",
    "quantity(",
    "ip(",
    "cidr(",
    "url(",
    "semver(",
    ".sum()",
    ".min()",
    ".sort()",
    ".flatten()",
    ".split(",
    ".join(",
    ".replace(",
    ".substring(",
    ".indexOf(",
    "'é☕'",
    "9223372036854775807",
    "-9223372036854775808",
    "lists.range(",
    "sets.contains(",
    ".sortBy(x,",
    ".optMap(x,",
    ".getHours(",
    "'UTC'",
    ".find(",
    ".slice(",
    ".distinct()",
    ".reverse()",
    ".isSorted()",
    "0",
]
SNIPPETS = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)


def run(expression: str, value: object) -> None:
    try:
        program = compile_expression(expression, ENV)
    except CompileError as refused:
        assert refused.text
        return
    bindings = {"object": value, "oldObject": None, "params": value, "request": {}}
    try:
        encode(program.evaluate(bindings)[0])
    except (EvalError, CostExceeded) as failed:
        assert failed.message
    program.explain(bindings)


@given(st.text(max_size=40), JSON)
@FAST
def test_any_text(expression: str, value: object) -> None:
    run(expression, value)


@given(SNIPPETS, JSON)
@settings(FAST, max_examples=600)
def test_texts_that_look_like_expressions(expression: str, value: object) -> None:
    run(expression, value)


@given(
    st.sampled_from(
        [
            "object.all(x, x > 1)", "object.exists(k, v, v == k)", "object[0] + object[1]", "object.a.b", "object == params",
            "object in params", "size(object)", "string(object)", "object < params", "-object", "object.?a.orValue(1)",
            "'%s %d'.format([object, object])", "object.map(x, x.a)", "object.sum()", "object.sort()", "object.flatten(3)",
            "object.matches('a')", "object.join(',')", "object.transformMap(k, v, v)", "object.getHours()", "object.min()",
            "object.sortBy(x, x)", "object.distinct()", "{'a': object}[object]", "[object][?object].hasValue()",
            "object.isSorted()", "type(object)", "object ? 1 : 2", "sets.equivalent(object, params)", "int(object)",
            "object.indexOf(params)", "quantity(object)", "ip(object)", "object.containsIP(params)", "object.add(params)",
            "object.split(params, 2)", "object.replace('a', params)", "object.slice(0, 1)", "object.reverse()",
            "timestamp(object) - timestamp(params)", "object.format(params)", "{object: 1}", "object.validate(params)",
        ]
    ),
    JSON,
)  # fmt: skip
@settings(FAST, max_examples=800)
def test_any_object(expression: str, value: object) -> None:
    run(expression, value)


@given(JSON, JSON)
@FAST
def test_any_schema(schema: object, value: object) -> None:
    if not isinstance(schema, dict):
        schema = {"type": "object", "properties": {"a": schema}}
    env = rule_environment((1, 36), schema, True, False)
    try:
        program = compile_expression("self == self || has(self.a) || self.a == self.a", env)
        encode(program.evaluate({"self": typed(value, schema)})[0])
    except (CompileError, EvalError):
        pass


@given(st.text(max_size=20))
@FAST
def test_parsers_of_libraries(text: str) -> None:
    for parser in (parse_quantity, parse_version):
        try:
            assert str(parser(text))
        except EvalError as refused:
            assert refused.message
    for reader in (parse_addr, parse_prefix):
        try:
            assert str(reader(text))
        except AddressError as refused:
            assert str(refused)
    for url in (parse, parse_request_uri):
        try:
            str(url(text)), url(text).query(), url(text).port()
        except ParseError as refused:
            assert str(refused)


@given(st.text(alphabet="ab(|)[]{}*+?\\dpLsz^$.:!=<>-,0123imU&~#", max_size=14))
@settings(FAST, max_examples=500)
def test_patterns_that_go_accepts_are_pythons(pattern: str) -> None:
    import re

    try:
        made = render(parse_pattern(pattern))
    except PatternError as refused:
        assert str(refused).startswith("error parsing regexp: ")
        return
    re.compile(made)


def _longer(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Expressions that match at least a character: on repetitions of nothing the engines differ, as Perl's and Go's."""
    return st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map("(?:{0[0]}|{0[1]})".format),
        st.tuples(inner, st.sampled_from(["+", "+?", "{2}", "{1,3}", "{2,}", "{1,2}?"])).map("(?:{0[0]}){0[1]}".format),
        st.tuples(inner, inner, st.sampled_from(["*", "?", "*?", "??"])).map("{0[0]}(?:{0[1]}){0[2]}".format),
    )


@given(
    st.recursive(st.sampled_from(["a", "b", "[ab]", ".", "(?i:A)", "a$", "^b"]), _longer, max_leaves=8),
    st.text(alphabet="ab0", min_size=17, max_size=20),
)
@settings(FAST, max_examples=300)
def test_both_engines_find_the_same(pattern: str, text: str) -> None:
    import re

    tree = parse_pattern(pattern)
    expected = re.search(render(tree), text)
    assert Pattern(tree).search(text) == (expected.span() if expected else None)


@given(st.text(alphabet="ab_-./1é", max_size=10))
def test_escaped_names_come_back(name: str) -> None:
    made = escape(name)
    if made is not None:
        assert made.isidentifier()
        if "__" not in name.replace("___", "") or "___" not in name:
            assert unescape(made) == name or "_" in name


@pytest.mark.parametrize("expression", ["(a{1,30}){1,30}b", "(?:a?){1000}a{1000}b"])
def test_counts_that_multiply_are_given_up_on_long_texts_only(expression: str) -> None:
    pattern = Pattern(parse_pattern(expression))
    assert pattern.search("a" * 40) is None
    with pytest.raises(CostExceeded):
        pattern.search("a" * 100_000)
    schema = {"type": "string", "pattern": expression}
    assert [error.reason for error in validate("a" * 40, schema)] == ["FieldValueInvalid"]
    # What can't be told is held against nobody.
    assert validate("a" * 100_000, schema) == []


@pytest.mark.parametrize(
    ("expression", "refused"),
    [
        ("(a{1,100}){1,100}b", "{1,100}"),
        ("((a{10}){10}){11}?", "{11}?"),
        ("(a{2,}b{501}){2}", "{2}"),
        ("(a*){1000}", None),
        ("(?:(?:a{10}){10}b{0}){10}", None),
        ("(?:a{1001}){0}", "{1001}"),
    ],
)
def test_counts_multiply_to_a_thousand_as_in_go(expression: str, refused: str | None) -> None:
    if refused is None:
        Pattern(parse_pattern(expression))
        return
    with pytest.raises(PatternError, match="invalid repeat count") as error:
        parse_pattern(expression)
    assert refused in str(error.value)
