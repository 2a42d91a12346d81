"""The scripts of benchmarks/, which use what is not public, still begin."""

import subprocess
import sys
from pathlib import Path

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
IMPORT_ALL = """
import sys
from importlib import import_module

own = {"sknet_spectral", *(name.partition(".")[0] for name in sys.argv[1:])}
for name in sys.argv[1:]:
    try:
        import_module(name)
    except ModuleNotFoundError as error:
        if error.name.partition(".")[0] in own:
            raise
        print(f"{name} needs {error.name}, of an extra that is not installed.")
    else:
        print(name)
"""


def test_every_script_finds_what_it_imports():
    names = sorted(path.stem for path in BENCHMARKS.glob("*.py"))
    found = subprocess.run(
        [sys.executable, "-c", IMPORT_ALL, *names, "stages.fit", "stages.predict"],
        cwd=BENCHMARKS,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    begun = set(found.stdout.split("\n"))
    assert {"datasets", "mnist", "steps", "accuracy", "stages.fit"} <= begun
