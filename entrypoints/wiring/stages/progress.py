from __future__ import annotations

from pathlib import Path

from adapters.dvc.progress_report import FileProgressReport
from application.ports.progress_report import ProgressReport
from entrypoints.settings import Settings


def progress_report(settings: Settings) -> ProgressReport:
    return FileProgressReport(Path(settings.progress_file) if settings.progress_file else None)
