"""Seconds as a person would say them."""

from __future__ import annotations

from ui.base.text import t


def duration(seconds: float) -> str:
    """Words such as "40 s", "2 min 20 s" or "1 h 5 min": never more exact than is useful."""
    if seconds < 60:
        return t("duration.seconds", s=max(1, round(seconds)))
    if seconds < 600:
        minutes, rest = divmod(round(seconds / 10) * 10, 60)
        return t("duration.minutes_seconds", m=minutes, s=rest) if rest else t("duration.minutes", m=minutes)
    minutes = round(seconds / 60)
    if minutes < 60:
        return t("duration.minutes", m=minutes)
    return t("duration.hours_minutes", h=minutes // 60, m=minutes % 60)
