"""The pages alone, over HTTP. Nothing of the service itself is loaded."""
from __future__ import annotations

import click


@click.command("admin")
@click.option("--backend", required=True, metavar="URL", help="Where the API answers.")
@click.option("--public-url", default="", metavar="URL",
              help="Where people reach the API, if not there; it is shown in lines to copy.")
@click.option("--grafana-url", default="", metavar="URL", help="Where people find Grafana, for links.")
@click.option("--tensorboard-url", default="", metavar="URL", help="Where people find TensorBoard, for links.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8080, show_default=True)
def command(backend: str, public_url: str, grafana_url: str, tensorboard_url: str, host: str, port: int) -> None:
    """Show the pages of a service that runs elsewhere."""
    import httpx
    import uvicorn

    from entrypoints.admin.app import create_pages
    from entrypoints.admin.links import Links

    client = httpx.AsyncClient(base_url=backend, limits=httpx.Limits(max_connections=None))
    pages = create_pages(client, links=Links(public_url or backend, grafana_url, tensorboard_url))
    uvicorn.run(pages, host=host, port=port, access_log=False, timeout_graceful_shutdown=3)
