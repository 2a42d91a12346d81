"""Two forked processes with torch's process group; a watchdog fails what hangs."""

import multiprocessing
import traceback
from datetime import timedelta

import torch
from torch import distributed

WATCHDOG_SECONDS = 60
N_RANKS = 2


def on_two_ranks(function, folder):
    """Return what a function of the rank returns on each of two ranks.

    Parameters
    ----------
    function : callable
        Takes the rank.
    folder : pathlib.Path
        An empty folder, where the ranks meet.

    Returns
    -------
    list
        A result for each rank; an error of a rank fails the test.
    """
    context = multiprocessing.get_context("fork")
    pipes = [context.Pipe(duplex=False) for _ in range(N_RANKS)]
    ranks = [
        context.Process(target=_run, args=(function, rank, folder / "store", sender))
        for rank, (_, sender) in enumerate(pipes)
    ]
    for rank in ranks:
        rank.start()
    try:
        for receiver, _ in pipes:
            assert receiver.poll(WATCHDOG_SECONDS), "the ranks hang"
        results, errors = zip(*(receiver.recv() for receiver, _ in pipes), strict=True)
        assert not any(errors), "\n".join(filter(None, errors))
        return list(results)
    finally:
        for rank in ranks:
            rank.kill()
            rank.join()


def _run(function, rank, store, sender):
    torch.set_num_threads(1)  # a forked child has no others
    try:
        distributed.init_process_group(
            "gloo",
            init_method=store.as_uri(),
            rank=rank,
            world_size=N_RANKS,
            # Before the watchdog: torch's error names the rank and the step.
            timeout=timedelta(seconds=WATCHDOG_SECONDS - 10),
        )
        # A rank that has nothing to exchange may be gone before the other has met it.
        distributed.barrier()
        sender.send((function(rank), None))
        distributed.destroy_process_group()
    except Exception:
        sender.send((None, traceback.format_exc()))
