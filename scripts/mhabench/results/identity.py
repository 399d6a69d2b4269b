"""What makes two rows runs of the same thing. Whoever pools rows asks here.

A row's configuration is its name without the path; beside it count the seed, the lengths, the GPU and,
on a CPU, the threads. What one of two does not tell, as older files do not, keeps nothing apart.
"""

LENGTHS = ("tokens", "sum_len_sq", "lengths_crc")


def of_row(numbers, context):
    """Beside its configuration."""
    known = {key: numbers[key] for key in LENGTHS if key in numbers}
    seed, exact = numbers.get("seed"), context.get("seed")
    # As a number of a row, a large seed is the nearest double.
    if isinstance(exact, (int, float)) and (seed is None or float(exact) == seed):
        seed = exact
    return known if seed is None else {"seed": seed, **known}


def of_machine(context):
    """Of a file."""
    known = {"machine": machine(context)}
    for key in ("cuda_version", "torch_version"):
        if context.get(key) is not None:
            known[key] = str(context[key])
    if threads := threads_of(context):
        known["threads"] = threads
    return known


def machine(context):
    """The device in words."""
    return next(
        (name for key in ("gpu_name", "cpu_model") if isinstance(name := context.get(key), str) and name),
        "CPU",
    )


def threads_of(context):
    """On a CPU; None on a GPU, whose rows do not depend on them, and where the file does not tell."""
    threads = context.get("threads")
    return int(threads) if isinstance(threads, (int, float)) and not context.get("gpu_name") else None


def kinds(identities):
    """The kind of each, from 0, and what is known of each kind."""
    known, places = [], []
    for identity in identities:
        place = next((i for i, kind in enumerate(known) if _agree(kind, identity)), len(known))
        if place == len(known):
            known.append({})
        known[place] |= identity
        places.append(place)
    return places, known


def differing(known):
    """The parts that not all kinds share."""
    parts = dict.fromkeys(key for kind in known for key in kind)
    return [key for key in parts if len({kind.get(key) for kind in known}) > 1]


def words(kind, parts):
    exact = {key: int(kind[key]) if kind[key] == int(kind[key]) else kind[key] for key in kind}
    return ", ".join(f"{key} {exact[key]}" for key in parts if key in exact)


def _agree(a, b):
    return all(a[key] == b[key] for key in a.keys() & b.keys())
