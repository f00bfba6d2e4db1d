"""Calendar embedding: smooth over midnight, apart between days."""

import torch

from stgraph.layers import CalendarEmbedding


def embed(layer: CalendarEmbedding, step: int, day: int = 0, holiday: int = 0) -> torch.Tensor:
    out: torch.Tensor = layer(torch.tensor([[step, day, holiday]]))
    return out[0]


def test_the_day_is_a_circle_and_time_is_smooth_on_it() -> None:
    torch.manual_seed(0)
    layer = CalendarEmbedding(288, 16)
    near = (embed(layer, 0) - embed(layer, 287)).norm()
    far = (embed(layer, 0) - embed(layer, 144)).norm()
    assert near < 0.3 * far
    torch.testing.assert_close(embed(layer, 0), embed(layer, 288), atol=1e-4, rtol=0)


def test_days_and_holidays_never_seen_add_nothing_and_are_told_apart_once_learned() -> None:
    torch.manual_seed(0)
    layer = CalendarEmbedding(288, 16)
    assert torch.equal(embed(layer, 5), embed(layer, 5, day=6, holiday=1))
    adam = torch.optim.Adam(layer.parameters(), lr=0.1)
    loss = embed(layer, 5, day=6).sum() - embed(layer, 5, holiday=1).sum()
    torch.autograd.backward(loss)
    adam.step()
    assert not torch.equal(embed(layer, 5, day=0), embed(layer, 5, day=6))
    assert not torch.equal(embed(layer, 5, holiday=0), embed(layer, 5, holiday=1))


def test_the_same_hour_at_another_interval_is_the_same_time_of_day() -> None:
    torch.manual_seed(0)
    five = CalendarEmbedding(288, 8)
    fifteen = CalendarEmbedding(96, 8)
    fifteen.load_state_dict(five.state_dict())
    torch.testing.assert_close(embed(five, 96), embed(fifteen, 32))
