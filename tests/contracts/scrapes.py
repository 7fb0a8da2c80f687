"""What a scrape says."""
from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from application.ports.exposition import Exposition


def scraped(exposition: Exposition) -> dict[tuple[str, ...], float]:
    """By the metric's name and its labels' values in order."""
    return {(sample.name, *sorted(sample.labels.values())): sample.value
            for family in text_string_to_metric_families(exposition.text().decode()) for sample in family.samples}


def told(exposition: Exposition) -> dict[tuple[str, ...], float]:
    """The same without zeros and the buckets of histograms."""
    return {key: value for key, value in scraped(exposition).items() if value and not key[0].endswith("_bucket")}
