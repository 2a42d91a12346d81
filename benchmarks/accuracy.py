"""Accuracy and NMI of what this package can do, and of its peers, on real data.

Every finished fit is a line of the results file, beside this script unless another is
named, and what is there is not run again, so a run can be stopped and go on, and data
sets can be run side by side into files of their own. ``--table`` prints the tables of
such files. The same constants on all data sets, but for the cosine distance of text; no
label chooses anything.

Seconds are those of the fit and the labels of the fitted rows, with what was learned
before: a space that contestants share is fitted once and counts for each. numba's
compilations do not count. A peer over 20 minutes a fit runs once, on 10,000 rows.
A failed fit is a line too: delete it to try again, and the file when a change of the
package could have moved the figures.

Usage: python benchmarks/accuracy.py [--data mnist ...] [--seeds 5] [--only NAME ...]
       [--results accuracy.jsonl]
       python benchmarks/accuracy.py --table [FILE ...] [--data ...] [--only ...]
"""

import argparse
import json
import time
import traceback
import warnings
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import torch
from accuracy_contestants import CONTESTANTS
from accuracy_spaces import Spaces, compile_searches
from accuracy_spectralnet import time_limit
from accuracy_table import print_tables, read_results
from datasets import N_CLUSTERS, N_FITTED, load
from sklearn.metrics import normalized_mutual_info_score

from sknet_spectral.metrics import clustering_accuracy

RESULTS = Path(__file__).with_name("accuracy.jsonl")
LONGEST_FIT = 20 * 60
FEWER_ROWS = 10_000
PACKAGES = (
    "sknet-spectral",
    "scikit-learn",
    "torch",
    "numpy",
    "pynndescent",
    "umap-learn",
    "spectralnet",
    "pyamg",
    "leidenalg",
)


def versions():
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = None
    return found


def scores(y, labels):
    return {
        "ACC": clustering_accuracy(y, labels),
        "NMI": float(normalized_mutual_info_score(y, labels)),
    }


class Benchmark:
    """One data set: its rows, the rows that a slow peer gets, and their labels."""

    def __init__(self, name):
        self.name = name
        X, y = load(name)
        n_fitted = N_FITTED.get(name)
        self.X, self.y = X[:n_fitted], y[:n_fitted]
        self.held_out = None if n_fitted is None else X[n_fitted:]
        self.y_held_out = None if n_fitted is None else y[n_fitted:]

    def spaces(self, seed):
        return Spaces(self.X, self.held_out, N_CLUSTERS[self.name], seed)

    def result(self, contestant, spaces):
        """Fit and score; on fewer rows where all of them take too long."""
        n_rows = self.X.shape[0]
        if not contestant.slow or n_rows <= FEWER_ROWS:
            return self._fitted(contestant, spaces, slice(None))
        if contestant.slow != "known":
            try:
                with time_limit(LONGEST_FIT):
                    return self._fitted(contestant, spaces, slice(None))
            except TimeoutError:
                print(f"over {LONGEST_FIT} s: {FEWER_ROWS} rows instead", flush=True)
        drawn = np.random.RandomState(0).choice(n_rows, FEWER_ROWS, replace=False)
        return self._fitted(contestant, spaces, np.sort(drawn))

    def _fitted(self, contestant, spaces, kept):
        space = getattr(spaces, contestant.space)
        model = contestant.model(spaces)
        rows = space.rows[kept]
        start = time.perf_counter()
        labels = model.fit_predict(rows)
        seconds = time.perf_counter() - start
        result = {
            "rows": rows.shape[0],
            "all_rows": space.rows.shape[0],
            "fitted": scores(self.y[kept], labels),
            "seconds": space.seconds + seconds,
            "seconds_of_space": space.seconds,
        }
        if space.held_out is not None and hasattr(model, "predict"):
            labels = model.predict(space.held_out)
            result["held_out"] = scores(self.y_held_out, labels)
        if getattr(model, "n_components", None) == "auto":
            result["n_components"] = model.embedding_.shape[1]
        return result


def fitted_once(contestant, earlier):
    """Whether an earlier fit has shown that this peer is fitted only once."""
    return contestant.slow and any(
        result["rows"] < result["all_rows"] or result["seconds"] > LONGEST_FIT
        for result in earlier
        if "error" not in result
    )


def run(name, titles, n_seeds, path):
    """Fit what the results file lacks of one data set, seed by seed."""
    done = read_results([path]) if path.exists() else {}
    benchmark = None
    for seed in range(n_seeds):
        missing = [title for title in titles if (name, title, seed) not in done]
        if not missing:
            continue
        if benchmark is None:
            benchmark = Benchmark(name)
            spaces_used = {CONTESTANTS[title].space for title in missing}
            compile_searches(
                benchmark.X, with_umap=bool(spaces_used & {"umap", "umap_of_codes"})
            )
        spaces = benchmark.spaces(seed)
        for title in missing:
            contestant = CONTESTANTS[title]
            earlier = [r for key, r in done.items() if key[:2] == (name, title)]
            if fitted_once(contestant, earlier):
                continue
            result = {"data": name, "contestant": title, "seed": seed}
            try:
                result |= benchmark.result(contestant, spaces)
            except Exception as error:
                # The others go on; the table says that this one failed.
                traceback.print_exc()
                result["error"] = repr(error)
            result |= {"threads": torch.get_num_threads(), "versions": versions()}
            done[name, title, seed] = result
            with path.open("a") as file:
                print(json.dumps(result), file=file)
            shown = {k: v for k, v in result.items() if k != "versions"}
            print(json.dumps(shown), flush=True)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", nargs="*", choices=N_CLUSTERS, default=[*N_CLUSTERS])
    parser.add_argument(
        "--only", nargs="*", choices=CONTESTANTS, default=[*CONTESTANTS]
    )
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--table", nargs="*", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    if arguments.table is not None:
        results = read_results(arguments.table or [arguments.results])
        return print_tables(results, arguments.data, arguments.only)
    # Some data lie apart, of which a fit warns.
    warnings.filterwarnings("ignore", message="Graph is not fully connected")
    for name in arguments.data:
        run(name, arguments.only, arguments.seeds, arguments.results)


if __name__ == "__main__":
    main()
