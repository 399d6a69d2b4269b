"""Files put together: runs of one machine by their medians, other machines apart."""

import pytest

from mhabench.results.load import read_files
from mhabench.results.sets import sets_of
from support import documents
from support.case import Case


class TestSets(Case):
    def sets(self, *contents):
        names = [documents.write(self.folder, f"{i}.json", c) for i, c in enumerate(contents)]
        return sets_of(read_files(names))

    def run_of(self, us, **fields):
        return documents.document([documents.row("slow", real_time=us, **fields)])

    def test_runs_of_a_row_become_its_median(self):
        (made,) = self.sets(self.run_of(10), self.run_of(50, busy_us=7), self.run_of(20))
        (row,) = made.rows
        assert (row.get("real_time"), row.get("busy_us"), row.runs) == (20, 7, 3)
        runs = [run["us"] for run in made.runs if run["clock"] == "event"]
        for us, expected in zip(runs, (10, 50, 20), strict=True):
            assert us == pytest.approx(expected)

    def test_repetitions_in_one_file_are_runs_too(self):
        rows = [
            documents.row("slow", real_time=us, repetition_index=i)
            for i, us in enumerate((3, 1, 2))
        ]
        (made,) = self.sets(documents.document(rows))
        assert [row.get("real_time") for row in made.rows] == [2]

    def test_a_run_that_is_wrong_makes_the_row_wrong(self):
        (made,) = self.sets(self.run_of(10), self.run_of(10, errors=1))
        assert [row.status for row in made.rows] == ["wrong"]

    def test_another_machine_is_another_set(self):
        other = self.run_of(30)
        other["context"]["gpu_name"] = "Other GPU"
        first, second = self.sets(self.run_of(10), other)
        assert (first.label, second.label) == ("Test GPU, torch 2.11.0", "Other GPU, torch 2.11.0")
        assert [len(first.rows), len(second.rows)] == [1, 1]

    def configurations(self, *contents):
        """Of one set: the median of each, by what its configuration says in brackets."""
        (made,) = self.sets(*contents)
        return {row.config.partition(" ")[2]: row.get("real_time") for row in made.rows}

    def test_another_seed_is_another_configuration(self):
        # Six digits of these are the same.
        found = self.configurations(self.run_of(10, seed=20240101), self.run_of(20, seed=20240102))
        assert found == {"(seed 20240101)": 10, "(seed 20240102)": 20}

    def test_seeds_that_are_one_as_doubles_are_apart(self):
        files = [self.run_of(us, seed=float(2**63)) for us in (10, 20)]
        for file, seed in zip(files, (2**63, 2**63 + 1)):
            file["context"]["seed"] = seed
        assert len(self.configurations(*files)) == 2

    def test_other_lengths_of_one_name_are_another_configuration(self):
        for key in ("tokens", "sum_len_sq", "lengths_crc"):
            found = self.configurations(self.run_of(10, **{key: 7}), self.run_of(1730, **{key: 8}))
            assert found == {f"({key} 7)": 10, f"({key} 8)": 1730}

    def test_a_file_that_tells_less_is_a_run_of_the_same(self):
        told = self.run_of(10, tokens=7, lengths_crc=9)
        assert self.configurations(told, self.run_of(30)) == {"": 20}
        assert self.configurations(self.run_of(30), told) == {"": 20}

    def test_both_paths_of_a_configuration_stay_side_by_side(self):
        files = [
            documents.document([documents.row(path, seed=seed) for path in ("slow", "fast")])
            for seed in (1, 2)
        ]
        (made,) = self.sets(*files)
        assert len(made.rows) == 4
        assert len({row.config for row in made.rows}) == 2

    def test_other_threads_of_a_cpu_are_another_set(self):
        files = [self.run_of(us) for us in (10, 20, 30)]
        for file, threads in zip(files, (1, 4, 1)):
            file["context"] = {"cpu_model": "A CPU", "threads": threads}
        first, second = self.sets(*files)
        assert (first.label, second.label) == ("A CPU, 1 threads", "A CPU, 4 threads")
        assert first.rows[0].get("real_time") == 20
        for file in files:
            file["context"]["gpu_name"] = "A GPU"
        assert len(self.sets(*files)) == 1
