"""The authorizer's library. Upstream: apiserver pkg/cel/library/authz.go.

Who decides is not here: an environment hands in a function from the question to the decision.
"""

from collections.abc import Callable
from typing import ClassVar, NamedTuple

from svclint.cel.decls import Function, Impl, function, member
from svclint.cel.errors import EvalError
from svclint.cel.types import BOOL, STRING, struct
from svclint.cel.values import Opaque


class Question(NamedTuple):
    """What is asked: of a path, or of a resource. `user` is empty for the user of the request."""

    user: str = ""
    path: str = ""
    group: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    verb: str = ""


class Answer(NamedTuple):
    """A decision."""

    allowed: bool
    reason: str = ""
    error: str = ""


Decide = Callable[[Question], Answer]


class Check(Opaque):
    """An authorizer and what has been asked of it so far; `type_name` tells how far that is."""

    __slots__ = ("decide", "kind", "question")

    def __init__(self, kind: str, decide: Decide, question: Question) -> None:
        self.kind = kind
        self.decide = decide
        self.question = question

    @property
    def type_name(self) -> str:  # type: ignore[override]
        """The type's name."""
        return f"kubernetes.authorization.{self.kind}"


class Decision(Opaque):
    """What `check()` gives."""

    __slots__ = ("answer",)
    type_name: ClassVar[str] = "kubernetes.authorization.Decision"

    def __init__(self, answer: Answer) -> None:
        self.answer = answer


def authorizer(decide: Decide) -> Check:
    """The variable `authorizer`."""
    return Check("Authorizer", decide, Question())


def request_resource(decide: Decide, question: Question) -> Check:
    """The variable `authorizer.requestResource`."""
    return Check("ResourceCheck", decide, question)


def _setter(field: str, kind: str, required: str = "") -> Impl:
    def impl(check: Check, text: str) -> Check:
        if required and not text.strip():
            raise EvalError(f"{required} must not be empty")
        return Check(kind, check.decide, check.question._replace(**{field: text}))

    return impl


def _selector(check: Check, _: str) -> Check:
    return check


def _service_account(check: Check, namespace: str, name: str) -> Check:
    for text, what, limit in ((name, "name", 253), (namespace, "namespace", 63)):
        plain = text.replace("-", "").replace(".", "") if what == "name" else text.replace("-", "")
        good = text[:1].isalnum() and text[-1:].isalnum() and plain.isalnum() and plain.isascii()
        if not good or text != text.lower() or len(text) > limit or ".." in text:
            raise EvalError(f"Invalid service account {what}")
    user = f"system:serviceaccount:{namespace}:{name}"
    return Check("Authorizer", check.decide, check.question._replace(user=user))


def _check(check: Check, verb: str) -> Decision:
    return Decision(check.decide(check.question._replace(verb=verb)))


AUTHORIZER = struct("kubernetes.authorization.Authorizer")
PATH_CHECK = struct("kubernetes.authorization.PathCheck")
GROUP_CHECK = struct("kubernetes.authorization.GroupCheck")
RESOURCE_CHECK = struct("kubernetes.authorization.ResourceCheck")
DECISION = struct("kubernetes.authorization.Decision")
_ON_RESOURCE = (RESOURCE_CHECK, STRING)

FUNCTIONS: tuple[Function, ...] = (
    function(
        "path",
        member("authorizer_path", (AUTHORIZER, STRING), PATH_CHECK, _setter("path", "PathCheck", "path")),
    ),
    function("group", member("authorizer_group", (AUTHORIZER, STRING), GROUP_CHECK, _setter("group", "GroupCheck"))),
    function(
        "serviceAccount",
        member("authorizer_serviceaccount", (AUTHORIZER, STRING, STRING), AUTHORIZER, _service_account),
    ),
    function(
        "resource",
        member(
            "groupcheck_resource",
            (GROUP_CHECK, STRING),
            RESOURCE_CHECK,
            _setter("resource", "ResourceCheck", "resource"),
        ),
    ),
    *(
        function(name, member(f"resourcecheck_{name}", _ON_RESOURCE, RESOURCE_CHECK, _setter(name, "ResourceCheck")))
        for name in ("subresource", "namespace", "name")
    ),
    function(
        "check",
        member("pathcheck_check", (PATH_CHECK, STRING), DECISION, _check),
        member("resourcecheck_check", _ON_RESOURCE, DECISION, _check),
    ),
    function("errored", member("decision_errored", (DECISION,), BOOL, lambda d: bool(d.answer.error))),
    function("error", member("decision_error", (DECISION,), STRING, lambda d: d.answer.error)),
    function("allowed", member("decision_allowed", (DECISION,), BOOL, lambda d: d.answer.allowed)),
    function("reason", member("decision_reason", (DECISION,), STRING, lambda d: d.answer.reason)),
)
SELECTORS: tuple[Function, ...] = (
    function("fieldSelector", member("authorizer_fieldselector", _ON_RESOURCE, RESOURCE_CHECK, _selector)),
    function("labelSelector", member("authorizer_labelselector", _ON_RESOURCE, RESOURCE_CHECK, _selector)),
)
