"""Answers that a client shows: when one is no longer true because of another file, the client is asked to ask again."""

from __future__ import annotations

import logging
from collections.abc import Callable, Container

logger = logging.getLogger(__name__)


def word_for(answer: object) -> str:
    """A word for an answer: the same for the same one."""
    return str(hash(repr(answer)))


class Shown:
    """The answers to one kind of request, by document, each with what would work it out again."""

    __slots__ = ("_given",)

    def __init__(self) -> None:
        self._given: dict[str, tuple[str, Callable[[], object]]] = {}

    def keep(self, uri: str, answer: object, again: Callable[[], object]) -> str:
        """A client was given an answer about a document; gives the word for it."""
        word = word_for(answer)
        self._given[uri] = word, again
        return word

    def stale(self, edited: Container[str], opened: Container[str]) -> bool:
        """Whether an answer about a document that is open is no longer true; all are forgotten then, since the client
        asks for all again. What the client has changed it asks for by itself."""
        for uri, (word, again) in list(self._given.items()):
            if uri not in opened:
                del self._given[uri]
            elif uri not in edited and _word(again) != word:
                self._given.clear()
                return True
        return False


def _word(again: Callable[[], object]) -> str | None:
    """The word for an answer that is worked out again; None where that fails: what was given is not true then."""
    try:
        return word_for(again())
    except Exception:
        logger.exception("working out again")
        return None
