"""Children that do not outlive their parent: a supervisor killed with -9 must leave nothing behind it."""

import ctypes
import os
import signal
from collections.abc import Callable

# <linux/prctl.h>
PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None, use_errno=True)


def end_with_parent(number: signal.Signals) -> Callable[[], None]:
    """A `preexec_fn` that has the kernel send signal `number` to the child when this process ends, however it ends.

    The kernel watches the thread that starts the child, so children are started from the main thread.
    """
    parent = os.getpid()

    def ask_the_kernel() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return ask_the_kernel
