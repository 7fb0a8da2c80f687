"""The pages alone, over HTTP. Nothing of the service itself is loaded."""
from __future__ import annotations

from collections.abc import Sequence

import click


def _prefix(_context: click.Context, _option: click.Parameter, text: str) -> str:
    from entrypoints.settings import is_prefix
    prefix = text.rstrip("/")
    if prefix and not is_prefix(prefix):
        raise click.BadParameter(f"{text!r} is no path such as /ml/progon")
    return prefix


@click.command("admin")
@click.option("--backend", required=True, metavar="URL", help="Where the API answers.")
@click.option("--public-url", default="", metavar="URL",
              help="Where people reach the API, if not there; it is shown in lines to copy.")
@click.option("--grafana-url", default="", metavar="URL", help="Where people find Grafana, for links.")
@click.option("--tensorboard-url", default="", metavar="URL", help="Where people find TensorBoard, for links.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8080, show_default=True)
@click.option("--root-path", default="", metavar="PATH", callback=_prefix,
              help="Path under which a proxy shows the pages; the header X-Forwarded-Prefix says it too.")
@click.option("--allowed-host", multiple=True, metavar="NAME",
              help="Name under which the pages may be asked, beside those of loopback; may be given again.")
def command(backend: str, public_url: str, grafana_url: str, tensorboard_url: str, host: str, port: int,
            root_path: str, allowed_host: Sequence[str]) -> None:
    """Show the pages of a service that runs elsewhere."""
    import httpx
    import uvicorn

    from entrypoints.admin.app import create_pages
    from entrypoints.admin.links import Links
    from entrypoints.commands.failures import failures_told
    from entrypoints.commands.trust import trusting
    from entrypoints.http.door import ANY, Door
    from entrypoints.http.prefix import Prefix
    from entrypoints.settings import LOOPBACK_NAMES, is_loopback

    with failures_told():
        trusted = trusting(backend, click.get_current_context().find_root().params.get("ca_cert"))
    # No proxy of the environment can reach this machine's own addresses.
    client = httpx.AsyncClient(base_url=backend, verify=trusted, limits=httpx.Limits(max_connections=None),
                               trust_env=not is_loopback(httpx.URL(backend).host))
    hosts = [*allowed_host, *LOOPBACK_NAMES] if allowed_host or is_loopback(host.strip("[]")) else [ANY]
    pages = create_pages(client, links=Links(public_url or backend, grafana_url, tensorboard_url))
    uvicorn.run(Door(Prefix(pages, root_path), hosts), host=host.strip("[]"), port=port, access_log=False,
                timeout_graceful_shutdown=3)
