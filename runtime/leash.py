"""Starts a program that must not outlive the process that wanted it; runs as a script, imports nothing of ours.

    python -I -S leash.py PARENT_PID SIGNAL USER PROGRAM [ARGUMENT…]

On Linux the kernel sends SIGNAL to the program when its parent dies, even by kill -9, so that a killed supervisor
leaves no servers behind.  USER is a system user to become first, or `-`.  A separate program instead of
`subprocess(preexec_fn=…)`, because that one isn't safe in a process with threads; and becoming another user clears the
death signal, so both must happen here, in this order.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Become the user, tie our life to the parent's, become the program."""
    parent, signal_number, user, *program = arguments
    if user != "-":
        import pwd

        entry = pwd.getpwnam(user)
        os.initgroups(user, entry.pw_gid)
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
        os.environ["HOME"] = entry.pw_dir
    os.umask(0o077)  # what servers write is for their own user
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(signal_number), 0, 0, 0)
        if os.getppid() != int(parent):
            sys.exit("the parent died before the program began")
    os.execv(program[0], program)  # noqa: S606 - replacing ourselves is the purpose


if __name__ == "__main__":
    main(sys.argv[1:])
