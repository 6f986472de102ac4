"""Why a run did not end by itself, in words for the person who looks at the cell. Pure."""

from __future__ import annotations

from .run import Failure

SHUT_DOWN = Failure("KernelShutDown", "The kernel was shut down or restarted before this cell had ended.")
DIED = Failure(
    "DeadKernelError",
    "The kernel died before this cell had ended; it may have run out of memory. Its variables are lost.",
)
NOT_STARTED_AGAIN = Failure(
    "KernelShutDown",
    "The kernel was shut down or died, and did not start again; the server's log says why. Choose another one.",
)
STOPPED = Failure("ServerStopped", "The server was stopped before this cell had ended.")
LOST = Failure("ServerStopped", "The server ended while this cell ran. What it had printed until then is kept.")
INTERRUPTED = Failure("Aborted", "Not run: the cells before it were interrupted.")
INTERRUPTED_UNSEEN = Failure(
    "KeyboardInterrupt", "The cell was interrupted, and the kernel does not say how far it had come."
)
NO_REPLY = Failure(
    "NoReply", "The kernel has ended this cell and does not say how. If outputs are missing, run the cell again."
)
NOT_GIVEN = Failure("Aborted", "Not run: it was interrupted before the kernel was given it.")
CANCELLED = Failure("Aborted", "Not run: it was taken back.")
FAILED_BEFORE = Failure("Aborted", "Not run: a cell before it failed.")
CELL_GONE = Failure("Aborted", "Not run: the cell was deleted, or is no code any more.")
INCOMPLETE = Failure("OutputLost", "Some outputs of this cell could not be shown; the server's log says why.")
DEFECT = Failure(
    "ServerDefect", "The server met a defect of its own while this cell ran; its log says more. Run the cell again."
)
NOT_STARTED = "This kernel could not be started; the server's log says why. Choose another one, and run the cell again."
NO_KERNEL = "This kernel is not running. Start or choose a kernel, and run the cell again."
NO_ANSWER = "The kernel does not answer. Restart it, and run the cell again."
CUT_OFF = "The connection to the kernel's server broke while this cell ran; the kernel may still be at it."
MAY_RUN = "It had been sent just then, so the kernel that came next may have run it all the same."


def in_doubt(failure: Failure) -> Failure:
    """Return the same for a run of which nobody knows whether the kernel that is gone had taken it."""
    return Failure(failure.ename, f"{failure.evalue} {MAY_RUN}")


def is_unwanted(failure: Failure) -> bool:
    """Whether it is nobody's doing, so that it is said in the cells, too, that it kept from beginning."""
    return failure is NOT_STARTED_AGAIN or failure.ename in ("DeadKernelError", "KernelUnavailable")
