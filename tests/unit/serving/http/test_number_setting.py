"""What the environment says of a number is used within its limits, or refused."""

from __future__ import annotations

import pytest

from serving.http.drain import DRAIN_SECONDS
from serving.http.number_setting import NumberSetting, NumberSettingError
from serving.http.worker_processes import WORKERS


@pytest.mark.parametrize(
    ("setting", "allowed"),
    [
        (WORKERS, "CART_OUTCOMES_WORKERS must be a whole number from 1 to 64"),
        (DRAIN_SECONDS, "CART_OUTCOMES_DRAIN_SECONDS must be a whole number from 0 to 600"),
    ],
    ids=["workers", "drain"],
)
@pytest.mark.parametrize("stated", ["one above", "-1", "1.5", "five", "²"])
def test_a_number_that_cannot_be_used_is_refused(setting: NumberSetting, allowed: str, stated: str) -> None:
    """The message says what can."""
    with pytest.raises(NumberSettingError) as caught:
        setting.read({setting.variable: str(setting.most + 1) if stated == "one above" else stated})
    assert str(caught.value) == allowed


def test_no_workers_are_refused() -> None:
    """The smallest number need not be 0."""
    with pytest.raises(NumberSettingError):
        WORKERS.read({WORKERS.variable: "0"})


def test_what_is_empty_is_not_set() -> None:
    """The default holds."""
    for setting, default in ((WORKERS, 1), (DRAIN_SECONDS, 0)):
        stated = ({}, {setting.variable: " "}, {setting.variable: str(setting.most)})
        assert [setting.read(each) for each in stated] == [default, default, setting.most]
