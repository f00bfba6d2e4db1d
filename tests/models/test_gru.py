"""GRU: the loop over its equations, and its parameters by hand."""

import numpy as np
import torch

from stgraph.models import GRU, Task
from tests import contracts
from tests.conftest import World


def sigmoid(x: np.ndarray) -> np.ndarray:
    out: np.ndarray = 1 / (1 + np.exp(-x))
    return out


def test_it_is_the_loop_over_its_equations(speed_world: World) -> None:
    model = contracts.model_of("gru", speed_world).double()
    assert isinstance(model, GRU)
    batch = contracts.batch_of(model, speed_world).to("cpu", torch.float64)
    w, u, b, d = (p.detach().numpy() for p in model.gru.parameters())
    rows = {"r": slice(0, 16), "u": slice(16, 32), "c": slice(32, 48)}
    h = np.zeros((8, 17, 16))
    for t in range(6):
        x = batch.signal[:, t].numpy()
        read = {gate: x @ w[k].T + b[k] for gate, k in rows.items()}
        held = {gate: h @ u[k].T + d[k] for gate, k in rows.items()}
        update = sigmoid(read["u"] + held["u"])
        h = update * h + (1 - update) * np.tanh(read["c"] + sigmoid(read["r"] + held["r"]) * held["c"])
    expected = h @ model.read_out.weight.detach().numpy().T + model.read_out.bias.detach().numpy()
    np.testing.assert_allclose(model(batch)[..., 0].detach(), expected.transpose(0, 2, 1), atol=1e-12)


def test_parameters_at_metr_la_size_add_up_by_hand() -> None:
    count = 3 * (1 * 64 + 64 * 64 + 2 * 64) + 64 * 12 + 12
    assert sum(p.numel() for p in GRU(Task(sensors=207)).parameters()) == count


def test_the_time_of_day_is_an_input_if_asked_for(speed_world: World) -> None:
    model = GRU(contracts.task_of(speed_world), hidden=4, layers=2, time_of_day=True)
    assert model.gru.input_size == 2
    assert model(contracts.batch_of(model, speed_world)).shape == (8, 4, 17, 1)
