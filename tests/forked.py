"""A function in a forked process; a watchdog fails what hangs."""

import multiprocessing

WATCHDOG_SECONDS = 60


def in_forked_child(function):
    """Return the function's result in a forked child, or fail where it hangs."""
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=lambda: sender.send(function()))
    child.start()
    try:
        assert receiver.poll(WATCHDOG_SECONDS), "the forked child hangs"
        return receiver.recv()
    finally:
        child.kill()
        child.join()
