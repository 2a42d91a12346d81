"""The scripts of benchmarks/, which use what is not public, still begin."""

import sys
from importlib import import_module
from pathlib import Path

from tests.forked import in_forked_child
from tests.marks import forks

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


def import_all(names):
    """Import the scripts; return those that need no package that is missing."""
    sys.path.insert(0, str(BENCHMARKS))
    own = {"sknet_spectral", *(name.partition(".")[0] for name in names)}
    begun = set()
    for name in names:
        try:
            import_module(name)
        except ModuleNotFoundError as error:  # of an extra that is not installed
            if error.name.partition(".")[0] in own:
                return error
        else:
            begun.add(name)
    return begun


@forks
def test_every_script_finds_what_it_imports():
    names = sorted(path.stem for path in BENCHMARKS.glob("*.py"))
    names += ["stages.fit", "stages.predict"]
    # In a process of its own, since all scripts are modules of the root.
    begun = in_forked_child(lambda: import_all(names))
    assert {"datasets", "mnist", "steps", "accuracy", "stages.fit"} <= begun
