"""Converts the values of an estimator to JSON and arrays, and back.

A plain value is its own record. Any other value becomes a dict with the name of its
kind, and the table of kinds says how to restore it. Nothing is imported, and a record
cannot choose what code is run.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from .._engine.networks.custom_network import is_custom
from .._engine.networks.network_state import restore_network
from .kinds import KINDS
from .saved_by_name import SavedByName, qualified_name

_PLAIN = bool, int, float, str, type(None)


class Writer:
    """Turns values into records.

    Parameters
    ----------
    estimators : dict of str to type
        The classes of estimators that an estimator can contain.

    Attributes
    ----------
    arrays : list of ndarray
        The arrays. Records refer to them by number.
    named : list of str
        The values that are recorded by name only.
    """

    def __init__(self, estimators: Mapping[str, type]) -> None:
        self.estimators = estimators
        self.arrays: list[np.ndarray] = []
        self.named: list[str] = []

    def attributes(
        self, attributes: Mapping[str, Any], prefix: str = ""
    ) -> dict[str, Any]:
        """Record the attributes of an estimator.

        Parameters
        ----------
        attributes : dict
            The attributes by name.
        prefix : str, default=""
            Prefix of the names, for an estimator within the estimator.

        Returns
        -------
        dict
            The records by name. Private attributes with values that could only be
            recorded by name, such as scikit-learn's metadata requests and callbacks,
            are left out.
        """
        records = {}
        for name, value in attributes.items():
            n_named = len(self.named)
            record = self.record(value, prefix + name)
            has_names = len(self.named) > n_named
            if not (has_names and name.startswith("_")):
                records[name] = record
        return records

    def record(self, value: Any, place: str) -> Any:
        """Record a value.

        Parameters
        ----------
        value : object
            The value.
        place : str
            The attribute that has the value.

        Returns
        -------
        object
            A value that JSON supports.
        """
        if type(value) in _PLAIN:
            return value
        if type(value) is list:
            return [self.record(item, place) for item in value]
        if isinstance(value, np.ndarray) and not value.dtype.hasobject:
            self.arrays.append(value)
            return {"kind": "array", "parts": len(self.arrays) - 1}
        if self._is_own_estimator(value):
            parts = self.attributes(vars(value), f"{place}.")
            return {"kind": "estimator", "class": type(value).__name__, "parts": parts}
        for name, kind in KINDS.items():
            if isinstance(value, kind.cls):
                parts = kind.take_apart(value)
                if parts is not None:
                    return {"kind": name, "parts": self.record(parts, place)}
        name = qualified_name(value)
        self.named.append(f"{place} ({name})")
        return {"kind": "name", "parts": name}

    def _is_own_estimator(self, value: Any) -> bool:
        """Tell whether a value is one of our estimators, without a custom network."""
        if type(value) is not self.estimators.get(type(value).__name__):
            return False
        fitted = vars(value).get("network_")
        return fitted is None or not is_custom(fitted.map)


class Reader:
    """Turns records into values.

    Parameters
    ----------
    estimators : dict of str to type
        The classes of estimators that an estimator can contain.
    arrays : list of ndarray
        The arrays to which records refer.
    network : callable or None
        The user's function that builds the network.
    """

    def __init__(
        self,
        estimators: Mapping[str, type],
        arrays: Sequence[np.ndarray],
        network: Callable | None,
    ) -> None:
        self.estimators, self.arrays = estimators, arrays
        self.restore = {name: kind.put_together for name, kind in KINDS.items()}
        self.restore["network"] = partial(restore_network, build=network)
        self.restore["name"] = SavedByName

    def estimator(self, cls: type, records: Mapping[str, Any]) -> Any:
        """Restore an estimator.

        Parameters
        ----------
        cls : type
            Its class.
        records : dict
            Records of its attributes, by name.

        Returns
        -------
        estimator
            An instance that has the attributes.
        """
        estimator = cls()
        for attribute, record in records.items():
            setattr(estimator, attribute, self.value(record))
        return estimator

    def value(self, record: Any) -> Any:
        """Restore a value.

        Parameters
        ----------
        record : object
            Its record.

        Returns
        -------
        object
            The value.
        """
        if isinstance(record, list):
            return [self.value(item) for item in record]
        if not isinstance(record, dict):
            return record
        if record["kind"] == "array":
            return self.arrays[record["parts"]]
        if record["kind"] == "estimator":
            return self.estimator(self.estimators[record["class"]], record["parts"])
        return self.restore[record["kind"]](self.value(record["parts"]))
