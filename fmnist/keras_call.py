"""A call of Keras as data: made where Keras is imported, written as Python everywhere else."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any


@dataclass(frozen=True)
class KerasCall:
    """One call, such as ``keras.layers.Dense(100, activation="relu")``.

    Attributes
    ----------
    name : where it stands in Keras, such as "layers.Dense"
    arguments, options : positional and keyword arguments: plain values, or further calls
    """

    name: str
    arguments: tuple[Any, ...]
    options: Mapping[str, Any]

    def make(self, keras: Any) -> Any:
        """What the call gives, made with the module ``keras``."""
        arguments = (_made(value, keras) for value in self.arguments)
        options = {name: _made(value, keras) for name, value in self.options.items()}
        return attrgetter(self.name)(keras)(*arguments, **options)

    def code(self) -> str:
        """The same call as Python source, after ``import keras``."""
        given = [_code(value) for value in self.arguments]
        given += [f"{name}={_code(value)}" for name, value in self.options.items()]
        return f"keras.{self.name}({', '.join(given)})"


def keras_call(name: str, *arguments: Any, **options: Any) -> KerasCall:
    """A call as it would be written; an option that is None is left to Keras's default."""
    given = {name: value for name, value in options.items() if value is not None}
    return KerasCall(name, arguments, given)


def _made(value: Any, keras: Any) -> Any:
    return value.make(keras) if isinstance(value, KerasCall) else value


def _code(value: Any) -> str:
    if isinstance(value, KerasCall):
        return value.code()
    return json.dumps(value) if isinstance(value, str) else repr(value)
