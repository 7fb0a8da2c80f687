"""Where people find what is not on these pages."""
from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses as a browser reaches them, without a slash at the end; empty where there is no such thing. api: empty
    where it is the pages' own."""

    api: str = ""
    grafana: str = ""
    tensorboard: str = ""

    def dashboard(self, name: str, task: str) -> str:
        """name: service, model or results."""
        return f"{self.grafana.rstrip('/')}/d/progon-{name}?{urlencode({'var-task': task})}"

    def curves(self, experiment_id: int) -> str:
        """The learning curves of one experiment. TensorBoard names a run by its folder, which begins with the id."""
        return f"{self.tensorboard.rstrip('/')}/?runFilter={quote(f'^{experiment_id}/')}#timeseries"
