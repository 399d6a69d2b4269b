"""Files put together: runs of one machine by their medians, other machines apart."""

import pathlib
import tempfile
import unittest

from results.load import read_files
from results.sets import sets_of
from support import documents, runner


class SetsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def sets(self, *contents):
        names = [documents.write(self.folder, f"{i}.json", c) for i, c in enumerate(contents)]
        return sets_of(read_files(names))

    def run_of(self, us, **fields):
        return documents.document([documents.row("slow", event_us_median=us, **fields)])

    def test_runs_of_a_row_become_its_median(self):
        (made,) = self.sets(self.run_of(10), self.run_of(50, busy_us=7), self.run_of(20))
        (row,) = made.rows
        self.assertEqual((row.get("event_us_median"), row.get("busy_us"), row.runs), (20, 7, 3))
        runs = [run["us"] for run in made.runs if run["clock"] == "event"]
        for us, expected in zip(runs, (10, 50, 20), strict=True):
            self.assertAlmostEqual(us, expected)

    def test_repetitions_in_one_file_are_runs_too(self):
        rows = [
            documents.row("slow", event_us_median=us, repetition_index=i)
            for i, us in enumerate((3, 1, 2))
        ]
        (made,) = self.sets(documents.document(rows))
        self.assertEqual([row.get("event_us_median") for row in made.rows], [2])

    def test_a_run_that_is_wrong_makes_the_row_wrong(self):
        (made,) = self.sets(self.run_of(10), self.run_of(10, errors=1))
        self.assertEqual([row.status for row in made.rows], ["wrong"])

    def test_another_machine_is_another_set(self):
        other = self.run_of(30)
        other["context"]["gpu_name"] = "Other GPU"
        first, second = self.sets(self.run_of(10), other)
        self.assertEqual(
            (first.label, second.label), ("Test GPU, torch 2.11.0", "Other GPU, torch 2.11.0")
        )
        self.assertEqual([len(first.rows), len(second.rows)], [1, 1])

    def test_another_seed_is_another_configuration(self):
        (made,) = self.sets(self.run_of(10), self.run_of(20, seed=1))
        self.assertEqual(len(made.rows), 2)


if __name__ == "__main__":
    runner.main()
