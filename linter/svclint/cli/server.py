"""`svclint server`: the language server."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from svclint.cli.options import cluster_options

if TYPE_CHECKING:
    from svclint.kube.facts import Facts


@click.command()
@click.option("--stdio", is_flag=True, help="Speak on standard input and output, as it always does.")
@click.option("--trust-local-rules", is_flag=True, help="Run the rules in the folders that `local-rules` names.")
@cluster_options
def server(stdio: bool, trust_local_rules: bool, facts_of: Callable[..., Facts]) -> None:
    """Speak the Language Server Protocol with an editor, on standard input and output."""
    try:
        from svclint.lsp.server import serve
    except ModuleNotFoundError as error:
        if error.name not in ("pygls", "lsprotocol"):
            raise
        raise click.ClickException("the server needs pygls: pip install 'svclint[lsp]'") from None
    serve(facts_of, trust_local_rules)
