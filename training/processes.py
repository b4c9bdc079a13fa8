"""Other processes: start one that ends with us, wait for one, keep one out.

Ctrl-C and SIGTERM can be passed on; ``kill -9`` cannot be caught, so on Linux the kernel is asked
beforehand to signal the child at its parent's death (``prctl(PR_SET_PDEATHSIG)``). A launcher of
a few lines asks for it in the child and then becomes the command, which keeps the process id.

We chose a launcher over ``preexec_fn`` because Python code between fork and exec may deadlock
where other threads run, and over ``setpriv`` because not every image has it. It costs 30 ms.
Elsewhere than on Linux nothing signals the child: ``training.embedded`` ends what was left behind.

Source: prctl(2), PR_SET_PDEATHSIG: the request survives exec, and "parent" is the *thread* that
started the child.
"""

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from signal import Signals
from typing import IO

_LAUNCHER = """
import os, sys
parent, death_signal, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
if sys.platform == "linux":
    import ctypes
    ctypes.CDLL(None).prctl(1, death_signal)
    if os.getppid() != parent:
        sys.exit("the parent ended before its child had started")
os.execv(command[0], command)
"""


def spawn(
    command: Sequence[str],
    *,
    death_signal: Signals,
    inherit: Sequence[int] = (),
    env: Mapping[str, str] | None = None,
    output: IO[bytes] | None = None,
) -> subprocess.Popen[bytes]:
    """Start ``command`` in a session of its own, so that Ctrl-C in the terminal passes it by.

    Call it from a thread that lives as long as the child should, best the main one: on Linux the
    child is signalled when that thread ends.

    Args:
        command: The program's absolute path and its arguments.
        death_signal: What the child is sent when its parent dies (Linux).
        inherit: File descriptors that stay open in the child, under the same numbers.
        env: The child's whole environment; the parent's where absent.
        output: Where stdout and stderr go; where the parent's go, if absent.
    """
    launcher = [sys.executable, "-I", "-S", "-c", _LAUNCHER, str(os.getpid()), str(death_signal)]
    return subprocess.Popen(
        [*launcher, *command],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        env=env,
        pass_fds=inherit,
        start_new_session=True,
    )


def wait_for(condition: Callable[[], bool], *, limit_s: float) -> bool:
    """Try ``condition`` every 20 ms until it holds; return False when ``limit_s`` passes first."""
    deadline = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def lock_file(path: Path) -> int | None:
    """Lock ``path`` against every other process, making the file where it is missing.

    The lock belongs to the descriptor: it ends when the last process that holds that is gone.

    Returns:
        The descriptor, to be closed by the caller; None while the lock is taken, be it by us.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def is_free(path: Path) -> bool:
    """Whether nobody holds the lock on ``path`` right now."""
    descriptor = lock_file(path)
    if descriptor is None:
        return False
    os.close(descriptor)
    return True
