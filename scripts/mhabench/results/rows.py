"""One row of a results file: what its name says, its numbers, and what became of it."""

import dataclasses
import math
import re

from mhabench.results import identity

US_PER_UNIT = {"ns": 1e-3, "us": 1.0, "ms": 1e3, "s": 1e6}
# Every axis of the suite's names; what else stands in a name is a mode, such as l2:rotate.
AXES = ("batch", "seq_len", "embed_dim", "heads", "beta", "lengths")
NAME = re.compile(r"MHA/(?P<path>[^/]+)/(?P<dtype>[^/]+)/(?P<axes>(?:[^/:]+:[^/]*/?)+)")
# Fields that other parts compute with; one of another type makes a file unreadable.
NUMBERS = frozenset(
    "batch seq_len embed_dim heads head_dim beta seed tokens sum_len_sq lengths_crc padding errors "
    "nonfinite max_abs_err rel_err rel_bound worst_err worst_bound real_time cpu_time "
    "event_us_median event_us_p05 event_us_p95 event_ci samples calls_per_sample host_us syncs "
    "busy_us busy_ci kernels useful_flops executed_flops flops_ratio tflops floor_us over_floor "
    "peak_bytes pack_us unpack_us sm_mhz throttled trace_suspect".split()
)
# What these can be; of what is none of them no logarithm is taken, and no product overflows.
AT_LEAST_ONE = ("batch", "seq_len", "embed_dim", "heads", "head_dim", "tokens", "sum_len_sq")
SHORTEST_US, LONGEST_US = 1e-6, 1e12
LARGEST = 1e30
STRINGS = "path dtype lengths backend time_unit run_type error_message skip_reason".split()


@dataclasses.dataclass
class Row:
    """Times in us. A number that is absent from `numbers` is unknown."""

    name: str
    path: str
    dtype: str
    # The name without its path: what rows of one configuration share. Where rows of that name are no
    # runs of one thing, with what keeps them apart, in brackets.
    config: str
    mode: str  # the parts of the name that are no axis, "" where there are none
    status: str  # ok, wrong, failed or skipped
    reason: str  # of a row that failed or was skipped
    numbers: dict[str, float]
    strings: dict[str, str]
    identity: dict  # beside the configuration
    runs: int = 1
    # {clock: the median of each round}, where paths took turns.
    rounds: dict[str, list[float]] = dataclasses.field(default_factory=dict)

    def get(self, field):
        return self.numbers.get(field)


def row_of(entry, context):
    """The row of one entry of "benchmarks"; None for an aggregate or another program's row.

    Throws ValueError where a field has the wrong type, or a value that it cannot have.
    """
    if not isinstance(entry, dict):
        raise ValueError("is not an object")
    name = entry.get("name")
    if not isinstance(name, str):
        raise ValueError('has no string "name"')
    found = NAME.match(name)
    if found is None or entry.get("run_type") == "aggregate":
        return None
    numbers, strings = _fields(entry)
    name = current_name(name, strings.get("lengths"))
    found = NAME.match(name)
    axes = dict(part.split(":", 1) for part in found["axes"].split("/") if ":" in part)
    for axis in ("batch", "seq_len", "embed_dim", "heads", "beta"):
        _take_axis(numbers, axis, axes.get(axis))
    path = strings.get("path", found["path"])
    dtype = strings.get("dtype", found["dtype"])
    status, reason = _status(entry, numbers, strings)
    _in_us(numbers, strings.get("time_unit", "ns"))
    _check_range(numbers)
    config = f"{dtype}/{found['axes'].strip('/')}"
    modes = (
        f"{key}:{value}" for key, value in axes.items() if key not in AXES and key != "repeats"
    )
    rounds = {
        clock: us for clock in ("event", "busy") if (us := _rounds(entry, f"{clock}_us_rounds"))
    }
    return Row(
        name,
        path,
        dtype,
        config,
        " ".join(modes),
        status,
        reason,
        numbers,
        strings,
        identity.of_row(numbers, context),
        rounds=rounds,
    )


def current_name(name, lengths):
    """The name that a row of an older file has today, as current_row_name of the library has it."""
    name = name.replace("/lengths:numpy", "")
    if lengths == "beta" and "/lengths:" not in name:
        name = re.sub(r"(/beta:[^/]+)", r"\1/lengths:beta", name, count=1)
    return name


def missing_in(name):
    """What keeps a name from being one of this suite's."""
    if not name.startswith("MHA/"):
        return "does not begin with MHA/"
    path, dtype = (name.split("/") + ["", ""])[1:3]
    missing = "path" if not path else "dtype" if not dtype else "axis"
    return f"has no {missing} as MHA/<path>/<dtype>/<axis>:<value>/... has one"


def _rounds(entry, key):
    values = entry.get(key, [])
    if not isinstance(values, list) or not all(map(is_positive, values)):
        raise ValueError(f'"{key}" is not a list of positive numbers')
    for value in values:
        _check_time(key, value)
    return values


def is_positive(value):
    return type(value) in (int, float) and math.isfinite(value) and value > 0


def _fields(entry):
    numbers, strings = {}, {}
    for key, value in entry.items():
        number = isinstance(value, float) or type(value) is int
        if number and math.isfinite(value) and key not in STRINGS:
            numbers[key] = float(value)
        elif isinstance(value, str) and key not in NUMBERS:
            strings[key] = value
        elif value is not None and not number and key in NUMBERS:
            raise ValueError(f'"{key}" is not a number')
        elif value is not None and key in STRINGS:
            raise ValueError(f'"{key}" is not a string')
    return numbers, strings


def _take_axis(numbers, axis, text):
    if axis in numbers or text is None:
        return
    try:
        value = float(text)
    except ValueError:
        return
    if math.isfinite(value):
        numbers[axis] = value


def _is_time(field):
    return "_us" in field or field in ("real_time", "cpu_time")


def _check_range(numbers):
    for field in NUMBERS & numbers.keys():
        value = numbers[field]
        if _is_time(field):
            _check_time(field, value)
        elif field in AT_LEAST_ONE and value < 1:
            raise ValueError(f'"{field}" is {value:g}, not 1 or more')
        elif field == "padding" and not 0 <= value <= 1:
            raise ValueError(f'"padding" is {value:g}, not a share from 0 to 1')
        elif abs(value) > LARGEST:
            raise ValueError(f'"{field}" is {value:g}, beyond {LARGEST:g}')


def _check_time(field, us):
    """0 is none: that of a row that failed."""
    if us and not SHORTEST_US <= us <= LONGEST_US:
        raise ValueError(f'"{field}" is {us:g} us, not from {SHORTEST_US:g} to {LONGEST_US:g}')


def _status(entry, numbers, strings):
    skip = strings.get("skip_reason") or strings.get("skip_message")
    if skip is not None:
        return "skipped", skip
    if entry.get("skipped") is True:
        return "skipped", strings.get("error_message", "")
    if entry.get("error_occurred") is True:
        return "failed", strings.get("error_message", "")
    return ("wrong", "") if numbers.get("errors", 0) > 0 else ("ok", "")


def _in_us(numbers, unit):
    if unit not in US_PER_UNIT:
        raise ValueError(f'"time_unit" is {unit!r}, not one of {", ".join(US_PER_UNIT)}')
    for field in ("real_time", "cpu_time"):
        if field in numbers:
            numbers[field] *= US_PER_UNIT[unit]


# Paths that work on the padded batch, as is_padded_path of the library has them.
PADDED_PATHS = "slow padded_sdpa slow_frozen slow_autograd fast_dense fast_masked frontend".split()


def is_padded(path):
    return path.removesuffix("_graph") in PADDED_PATHS


def by_config(rows, statuses=("ok",)):
    """{config: {path: row}}. Rows that are wrong, failed or skipped may not be compared."""
    configs = {}
    for row in rows:
        if row.status in statuses:
            configs.setdefault(row.config, {})[row.path] = row
    return configs


def on_cpu(rows):
    return all(row.strings.get("device", "").startswith("cpu") for row in rows)


def clock_us(row, clock):
    """A row's time on a clock (event, busy or host), as the program's own table has it; None where
    it has none."""
    value = row.get("real_time" if clock == "event" else f"{clock}_us")
    return value if value is not None and value > 0 and row.status in ("ok", "wrong") else None


def packing_us(row):
    """What packing before and unpacking after the layer cost; None where it was not measured."""
    pack, unpack = row.get("pack_us"), row.get("unpack_us")
    return pack + unpack if pack is not None and unpack is not None else None


def total_us(row, clock, layers):
    """The time of so many layers with one packing around them; 0 layers is one call alone."""
    call = clock_us(row, clock)
    if call is None or layers == 0:
        return call
    packing = packing_us(row)
    return None if packing is None else layers * call + packing
