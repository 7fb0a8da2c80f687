from __future__ import annotations

import pytest
from click.testing import CliRunner

from entrypoints.cli import main
from entrypoints.settings import Settings, WrongSetting


@pytest.mark.parametrize(("name", "text", "words"), [
    ("PORT", "x", "expected a whole number"), ("PORT", "65536", "65535 at most"), ("PORT", "-1", "0 at least"),
    ("WORKERS", "0", "1 at least"), ("BATCH_SLOTS", "0", "1 at least"), ("TRAINING_SLOTS", "0", "1 at least"),
    ("PREDICTION_LOG_SHARE", "1.5", "1 at most"), ("PREDICTION_LOG_SHARE", "nan", "0 at least"),
    ("REFRESH_S", "0", "0.001 at least"), ("MAX_ROWS", "0", "1 at least"),
    ("MONITOR_REFRESH_S", "0", "0.1 at least"), ("MONITOR_REFRESH_S", "inf", "86400 at most"),
    ("MONITOR_WINDOW_H", "inf", "87600 at most"), ("PREDICTION_LOG_DAYS", "inf", "36500 at most"),
])
def test_what_cannot_be_used_is_named(name, text, words):
    with pytest.raises(WrongSetting, match=f"PROGON_{name} is .*{words}"):
        Settings.from_environment({f"PROGON_{name}": text})


def test_the_defaults_and_the_borders_can_be_used():
    assert Settings.from_environment({}) == Settings()
    assert Settings.from_environment({"PROGON_PORT": "65535", "PROGON_PREDICTION_LOG_SHARE": "0"}).port == 65535


@pytest.mark.parametrize("url", ["mysql://x/y", "nonsense", "sqlite://"])
def test_a_database_that_is_none_is_told_by_its_setting(tmp_path, url):
    environment = {"PROGON_HOME": str(tmp_path), "PROGON_DATABASE_URL": url}
    result = CliRunner().invoke(main, ["experiments", "flights"], env=environment)
    assert result.exit_code == 1 and result.stderr.startswith("error: PROGON_DATABASE_URL: ")
