"""Arguments of one call, of which none may get lost on the way to a server."""

from __future__ import annotations

import inspect
from typing import Any

import torch

from firstframe.core.errors import Unsupported


class Arguments:
    """Arguments by name. Each is taken by what sends it; `settle` refuses what is left over.

    Args:
        called: What is called, for messages.
        signature: Of the method that stood here; the first parameter is `self`.
        args: Positional arguments, without `self`.
        kwargs: Named arguments.

    Raises:
        TypeError: The signature does not take them.
    """

    def __init__(
        self, called: str, signature: inspect.Signature, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        self.called = called
        bound = signature.bind(None, *args, **kwargs)
        self._left: dict[str, Any] = {}
        for name, value in list(bound.arguments.items())[1:]:
            parameter = signature.parameters[name]
            if parameter.kind is inspect.Parameter.VAR_KEYWORD:
                self._left |= {key: item for key, item in value.items() if not _asks_nothing(key, item)}
            elif not _is_default(value, parameter.default):
                self._left[name] = value

    def take(self, name: str, default: Any = None) -> Any:  # noqa: ANN401
        """An argument; `default` where it was left out or has the method's own default."""
        return self._left.pop(name, default)

    def tensor(self, name: str) -> torch.Tensor:
        """An argument that has to be there.

        Raises:
            Unsupported: `MODEL_ARGUMENT`, it is not a tensor.
        """
        value = self.take(name)
        if not isinstance(value, torch.Tensor):
            raise self.refused(name, f"is {type(value).__name__}", "give a tensor")
        return value

    def tokens(self, name: str) -> int:
        """Length of the second axis of a tensor, which is left to be taken.

        Raises:
            Unsupported: `MODEL_ARGUMENT`, it is not a tensor.
        """
        value = self.tensor(name)
        self._left[name] = value
        return int(value.shape[1])

    def settle(self) -> None:
        """Makes sure that nothing is left over.

        Raises:
            Unsupported: `MODEL_ARGUMENT`, an argument has no place in the request.
        """
        if self._left:
            name = min(self._left)
            raise self.refused(name, "cannot be sent to a server", "leave it out, or run this module in the process")

    def refused(self, name: str, problem: str, fix: str) -> Unsupported:
        """The error for an argument that cannot be served."""
        metadata = {"module": self.called, "argument": name}
        return Unsupported(f"{self.called}: {name} {problem}; {fix}", reason="MODEL_ARGUMENT", metadata=metadata)


def _is_default(value: Any, default: Any) -> bool:  # noqa: ANN401
    if isinstance(value, torch.Tensor):
        return False
    empty = value is None or (isinstance(value, dict | list | tuple) and not value)
    return empty or (type(value) is type(default) and value == default)


def _asks_nothing(name: str, value: Any) -> bool:  # noqa: ANN401
    return value is None or (value is False and name != "return_dict")
