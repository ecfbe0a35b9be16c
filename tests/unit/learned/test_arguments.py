from __future__ import annotations

import inspect
from typing import Any

import pytest
import torch

from firstframe.core.errors import Unsupported
from firstframe.learned.arguments import Arguments


def forward(
    self: Any,
    sample: torch.Tensor,
    timestep: float = 0.0,
    options: dict[str, Any] | None = None,
    repeat: bool = False,
    return_dict: bool = True,
    **more: Any,
) -> None: ...


def arguments(*args: Any, **kwargs: Any) -> Arguments:
    return Arguments("Module", inspect.signature(forward), args, kwargs)


def test_arguments_are_found_however_they_were_given() -> None:
    sample = torch.zeros(1)
    given = arguments(sample, 3.0)

    assert given.tensor("sample") is sample
    assert given.take("timestep") == 3.0
    given.settle()


@pytest.mark.parametrize(
    "harmless", [{}, {"options": None}, {"options": {}}, {"repeat": False}, {"extra": None}, {"extra": False}]
)
def test_defaults_need_not_be_sent(harmless: dict[str, Any]) -> None:
    given = arguments(torch.zeros(1), **harmless)
    given.tensor("sample")

    given.settle()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("options", {"scale": 0.5}),
        ("repeat", True),
        ("extra", 1),
        ("extra", torch.zeros(0)),
        ("options", torch.zeros(1)),
    ],
)
def test_what_is_left_over_is_refused(name: str, value: Any) -> None:
    given = arguments(torch.zeros(1), **{name: value})
    given.tensor("sample")

    with pytest.raises(Unsupported, match=name) as caught:
        given.settle()

    assert caught.value.metadata == {"module": "Module", "argument": name}


def test_the_wish_for_a_tuple_is_not_lost_among_further_arguments() -> None:
    def loose(self: Any, **more: Any) -> None: ...

    given = Arguments("Module", inspect.signature(loose), (), {"return_dict": False, "output_attentions": False})

    assert given.take("return_dict", True) is False
    given.settle()


def test_a_tensor_that_is_none_is_refused() -> None:
    with pytest.raises(Unsupported, match="sample is int"):
        arguments(3).tensor("sample")


def test_what_the_signature_does_not_take_is_a_type_error() -> None:
    with pytest.raises(TypeError):
        Arguments("Module", inspect.signature(lambda self, sample: None), (torch.zeros(1),), {"unknown": 1})
