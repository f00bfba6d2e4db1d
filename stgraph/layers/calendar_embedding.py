"""Calendar embedding: time of day as harmonics, day of week and holiday as tables."""

import torch
from torch import Tensor, nn


class CalendarEmbedding(nn.Module):
    r"""Embed step of day, day of week and holiday.

    ``out = Linear([sin(2 pi k t), cos(2 pi k t)] for k = 1..harmonics) + table[day] + table[holiday]``, t the
    share of the day that has passed. Smooth in time of day, so that a few weeks of data are enough, and
    independent of the interval, so that it carries over to data of another one. The tables begin at zero, so
    that a day of the week, or a holiday, that training never saw adds nothing.

    Args:
        steps_per_day: intervals in a day.
        channels: width of the embedding, C.
        harmonics: number of frequencies.

    Shapes:
        calendar (..., 3) long -> (..., C).
    """

    def __init__(self, steps_per_day: int, channels: int, harmonics: int = 8) -> None:
        super().__init__()
        self.steps_per_day = steps_per_day
        self.frequencies: Tensor
        self.register_buffer("frequencies", 2 * torch.pi * torch.arange(1, harmonics + 1), persistent=False)
        self.time_of_day = nn.Linear(2 * harmonics, channels)
        self.day_of_week = nn.Embedding(7, channels)
        self.holiday = nn.Embedding(2, channels)
        for table in (self.day_of_week, self.holiday):
            nn.init.zeros_(table.weight)  # a day that training never saw adds nothing, not noise

    def forward(self, calendar: Tensor) -> Tensor:
        """Embed."""
        step, day, holiday = calendar.unbind(-1)
        share = step.to(self.frequencies.dtype) / self.steps_per_day
        phase = share[..., None] * self.frequencies
        time: Tensor = self.time_of_day(torch.cat([phase.sin(), phase.cos()], dim=-1))
        embedded: Tensor = time + self.day_of_week(day) + self.holiday(holiday)
        return embedded
