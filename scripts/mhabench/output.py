"""Writes files with the care of lib's (output_file.h): a file appears whole or stays as it was, links
are followed, and a device or a pipe is written into and never replaced."""

import errno
import fcntl
import os
import stat

from mhabench.program import Failure, InputError

MOST_LINKS = 40
# Where no temporary can take its place, text can still go into the file itself.
BOUND_IN_PLACE = (errno.EACCES, errno.EPERM, errno.EROFS, errno.EBUSY)


def check_output(path, inputs=()):
    """Throws InputError where write_file could not write there, or would write over an input."""
    try:
        target = _target(path)
        mode = _mode(target)
        if mode is not None and _kind(mode):
            raise OSError(errno.EINVAL, f"it is a {_kind(mode)}")
        place = target if mode is not None else os.path.dirname(target) or "."
        if isinstance(place, str) and not os.access(place, os.W_OK):
            raise OSError(errno.EACCES if os.path.exists(place) else errno.ENOENT, _why_not(place))
    except OSError as error:
        raise InputError(f"cannot write '{path}': {error.strerror}") from None
    for name in inputs:
        if mode is not None and stat.S_ISREG(mode) and _is_same(target, name):
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
        mode = _mode(target)
        if mode is None or stat.S_ISREG(mode):
            _write_regular(target, mode, data)
        else:
            _write_into(target, data)
    except OSError as error:
        raise Failure(f"cannot write '{path}': {error.strerror}") from None


def _target(path):
    """Where links lead: a path, or the number of one of the process's own descriptors."""
    path = os.fspath(path)
    if not path:
        raise OSError(errno.ENOENT, "the name is empty")
    for _ in range(MOST_LINKS + 1):
        folder, name = os.path.split(path)
        if name.isdigit() and os.path.realpath(folder) == f"/proc/{os.getpid()}/fd":
            return int(name)
        if not os.path.islink(path):
            return path
        path = os.path.join(folder, os.readlink(path))
    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))


def _mode(target):
    """None where nothing is there yet. An own descriptor counts as a pipe: it is written into."""
    if isinstance(target, int):
        os.fstat(target)
        return stat.S_IFIFO
    try:
        return os.stat(target).st_mode
    except FileNotFoundError:
        return None


def _kind(mode):
    kinds = ((stat.S_ISDIR, "directory"), (stat.S_ISBLK, "block device"), (stat.S_ISSOCK, "socket"))
    return next((name for is_one, name in kinds if is_one(mode)), None)


def _why_not(place):
    if not os.path.exists(place):
        return f"the directory '{place}' does not exist"
    return os.strerror(errno.EACCES)


def _is_same(target, name):
    try:
        return os.path.samefile(target, name)
    except OSError:
        return False


def _write_into(target, data, flags=0):
    # A second descriptor of an own one, since closing it must not close that.
    number = os.dup(target) if isinstance(target, int) else os.open(target, os.O_WRONLY | flags)
    with open(number, "wb") as out:
        out.write(data)


def _write_regular(target, mode, data):
    if mode is not None:
        os.close(os.open(target, os.O_WRONLY))  # a rename would replace a read-only file, too
    try:
        _replace(target, data)
    except OSError as error:
        if mode is None or error.errno not in BOUND_IN_PLACE:
            raise
        _write_into(target, data, os.O_TRUNC)


def _replace(target, data):
    temporary = _temporary_name(target)
    with _locked(temporary) as out:
        try:
            out.truncate(0)
            out.write(data)
            out.flush()
            _keep_owner_and_mode(out.fileno(), target)
            os.fsync(out.fileno())
            os.replace(temporary, target)
        except BaseException:
            os.unlink(temporary)
            raise


def _temporary_name(target):
    """That of lib's writers: what a killed one left behind is the next one's to take."""
    state = 0xCBF29CE484222325
    folder, name = os.path.split(target)
    for byte in os.fsencode(name) + b"\0":
        state = ((state ^ byte) * 0x100000001B3) % 2**64
    return os.path.join(folder, f".mhabench-{state:016x}.tmp")


def _locked(temporary):
    """The file of that name; only this process writes it until it is closed."""
    while True:
        out = open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o666), "wb")
        fcntl.flock(out, fcntl.LOCK_EX)
        if _stands(out, temporary):
            return out
        out.close()


def _stands(out, path):
    """Another process may have renamed it before it was locked."""
    try:
        return os.path.samestat(os.fstat(out.fileno()), os.lstat(path))
    except FileNotFoundError:
        return False


def _keep_owner_and_mode(number, target):
    try:
        replaced = os.stat(target)
    except FileNotFoundError:
        return
    try:
        os.fchown(number, replaced.st_uid, replaced.st_gid)
    except PermissionError:
        pass  # kept where that is allowed
    os.fchmod(number, stat.S_IMODE(replaced.st_mode))
