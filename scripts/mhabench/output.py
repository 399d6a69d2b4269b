"""Writes files: one appears whole or stays as it was, links are followed, and a device or a pipe is
written into and never replaced."""

import contextlib
import errno
import os
import shutil

from mhabench.program import Failure, InputError


def check_output(path, inputs=()):
    """Throws InputError if write_file could not write there, or would write over an input."""
    try:
        target = _target(path)
        place = target if os.path.exists(target) else os.path.dirname(target)
        if not os.path.exists(place):
            raise OSError(errno.ENOENT, f"the directory '{place}' does not exist")
        if not os.access(place, os.W_OK):
            raise OSError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise InputError(f"cannot write '{path}': {error.strerror}") from None
    for name in inputs:
        if os.path.isfile(target) and os.path.exists(name) and os.path.samefile(target, name):
            raise InputError(f"'{path}' would be replaced and is one of the inputs")


def make_folder(path):
    """Throws InputError."""
    try:
        os.makedirs(path, exist_ok=True)
    except OSError as error:
        raise InputError(f"the folder '{path}' cannot be made: {error.strerror}") from None


def write_file(path, data):
    """Throws Failure; what stood there stays then, and no temporary is left."""
    data = data if isinstance(data, bytes) else data.encode()
    try:
        target = _target(path)
        own = _own_descriptor(target)
        if own is not None or (os.path.exists(target) and not os.path.isfile(target)):
            with open(target if own is None else os.dup(own), "wb") as out:
                out.write(data)
        else:
            _replace(target, data)
    except OSError as error:
        raise Failure(f"cannot write '{path}': {error.strerror}") from None


def _target(path):
    """Where links lead. A pipe or a device keeps its name, since that of an open one leads nowhere."""
    path = os.fspath(path)
    if not path:
        raise OSError(errno.ENOENT, "the name is empty")
    if os.path.isdir(path):
        raise OSError(errno.EISDIR, "it is a directory")
    if os.path.exists(path) and not os.path.isfile(path):
        return path
    target = os.path.realpath(path)
    if os.path.islink(target):
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    return target


def _own_descriptor(target):
    """Of stdout or stderr if that is the file, as /dev/stdout is: what was printed there stays."""
    for number in (1, 2):
        with contextlib.suppress(OSError):
            if os.path.samestat(os.stat(target), os.fstat(number)):
                return number
    return None


def _replace(target, data):
    temporary = os.path.join(os.path.dirname(target), f".mhabench-{os.getpid()}.tmp")
    with open(temporary, "wb") as out:
        try:
            out.write(data)
            out.flush()
            if os.path.exists(target):
                os.close(os.open(target, os.O_WRONLY))  # a rename would replace a read-only file, too
                shutil.copymode(target, temporary)
            os.fsync(out.fileno())
            os.replace(temporary, target)
        except BaseException:
            os.unlink(temporary)
            raise
