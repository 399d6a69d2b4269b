"""The answer in words against the rows, counted here by other means."""

import gzip
import json
import pathlib
import re
import statistics

import pytest

from mhabench.report.answer import answers
from mhabench.results.load import read_file
from mhabench.results.rows import is_padded
from support import documents
from support.case import Case


class TestAnswer(Case):
    def answers(self, rows):
        return answers(
            read_file(documents.write(self.folder, "a.json", documents.document(rows))).rows
        )

    def pair(self, slow, fast, **fields):
        return [
            documents.row("slow", real_time=slow, **fields),
            documents.row("fast", real_time=fast, **fields),
        ]

    def test_says_of_the_h200_what_its_rows_say(self):
        two = documents.slow_and_fast(self.folder)
        rows = json.loads(pathlib.Path(two).read_text())["benchmarks"]
        slow = {row["name"].replace("/slow/", "/"): row for row in rows if row["path"] == "slow"}
        fast = {row["name"].replace("/fast/", "/"): row for row in rows if row["path"] == "fast"}
        (answer,) = answers(read_file(two).rows)
        assert f"fp16, {len(slow)} configurations: fast against slow" in answer.text
        for field, words in (
            ("real_time", "by the event clock"),
            ("busy_us", "by busy time"),
        ):
            ratios = [slow[name][field] / fast[name][field] for name in slow]
            wins = len([ratio for ratio in ratios if ratio > 1])
            share = "all 1280" if wins == 1280 else f"{wins} of 1280 ({round(wins / 12.8)} %)"
            mean = f"{statistics.geometric_mean(ratios):.2f} times as fast"
            assert re.search(f"ahead in {re.escape(share)} {words} [^,]*and {mean}", answer.text)
        # The places where it flips lie between sizes whose means lie on either side of 1.
        told = re.search(
            r"flips near (\S+) k \(embed_dim 512\) and (\S+) k \(embed_dim 1024\)", answer.text
        )
        for width, place in zip((512, 1024), told.groups(), strict=True):
            below, above = self.around_the_flip(slow, fast, width)
            assert below <= 1000 * float(place) <= above, (width, place, below, above)

    def around_the_flip(self, slow, fast, width):
        sizes = {}
        for name, row in slow.items():
            if row["embed_dim"] == width:
                lead = row["real_time"] / fast[name]["real_time"]
                sizes.setdefault(row["batch"] * row["seq_len"], []).append(lead)
        behind = [s for s, leads in sizes.items() if statistics.geometric_mean(leads) < 1]
        ahead = [s for s, leads in sizes.items() if statistics.geometric_mean(leads) > 1]
        assert max(behind) < min(ahead)
        return max(behind), min(ahead)

    def test_a_flip_is_placed_between_sizes(self):
        # Twice as slow at 1024 positions, twice as fast at 4096: equal at 2048.
        (answer,) = self.answers([*self.pair(10, 20, seq_len=64), *self.pair(20, 10, seq_len=256)])
        (lead,) = answer.leads
        assert (lead.wins, lead.count) == (1, 2)
        assert lead.speedup == pytest.approx(1)
        assert lead.flips[0].above == "fast"
        assert lead.flips[0].at[0] == pytest.approx(2048)
        assert "flips near 2 k (embed_dim 512) padded positions" in answer.text

    def test_where_size_decides_nothing_padding_may(self):
        (answer,) = self.answers(
            [
                *self.pair(10, 20, beta=0.05, padding=0.12),
                *self.pair(20, 10, beta=0.85, padding=0.57),
            ]
        )
        assert "flips near 0.35 padding, fast ahead above it" in answer.text

    def test_no_flip_is_said(self):
        (answer,) = self.answers([*self.pair(20, 10, seq_len=64), *self.pair(20, 10, seq_len=256)])
        assert "flips nowhere: in the mean fast is ahead at every size" in answer.text

    def test_wrong_and_failed_rows_win_nothing(self):
        rows = self.pair(20, 10)
        rows += [
            documents.row("slow", seq_len=128, real_time=20),
            documents.row("fast", seq_len=128, real_time=1, errors=1),
            documents.row("slow", seq_len=256, real_time=20),
            documents.row("fast", seq_len=256, error_occurred=True, error_message="no memory"),
        ]
        (answer,) = self.answers(rows)
        assert (answer.leads[0].count, answer.left_out) == (1, 2)
        assert "2 wrong or failed rows are left out" in answer.text

    def test_the_fastest_of_many_paths_is_counted(self):
        rows = [
            *self.pair(30, 20),
            documents.row("packed_flash", real_time=10),
            *self.pair(30, 20, seq_len=128),
        ]
        (answer,) = self.answers(rows)
        assert answer.winners["event"] == {"slow": 0, "fast": 1, "packed_flash": 1}
        # packed_flash has a time in one of the two configurations, and no mean over both.
        assert answer.sentences[:2] == [
            "fp16, 2 configurations: of 3 paths the fastest in the geometric mean is fast by the"
            " event clock (a loop of calls on that host), 1.50 times as fast as slow.",
            "Fastest most often: by the event clock fast in 1, packed_flash in 1 of 2.",
        ]

    def test_says_of_all_paths_what_the_rows_of_the_h100_say(self):
        results = documents.ALL_PATHS
        rows = json.loads(gzip.decompress(results.read_bytes()))["benchmarks"]
        rows = [row for row in rows if not row.get("error_occurred")]
        paths = {row["path"] for row in rows}
        (answer,) = answers(read_file(results).rows)
        for field, words in (
            ("real_time", "by the event clock"),
            ("busy_us", "by busy time"),
        ):
            configs = {}
            for row in rows:
                configs.setdefault(row["name"].split("/", 2)[2], {})[row["path"]] = row[field]
            means = {
                path: statistics.geometric_mean(
                    [self.best_padded(us, path) / us[path] for us in configs.values()]
                )
                for path in paths
                if not is_padded(path)
            }
            best = max(means, key=means.get)
            assert re.search(
                rf"\b{best} {words} [^,]*, {means[best]:.2f} times as fast as the best padded path[;.]",
                answer.sentences[0],
            )
            wins = [min(us, key=us.get) for us in configs.values()]
            first = max(paths, key=wins.count)
            assert f"{words} {first} in {wins.count(first)}, " in answer.sentences[1]
        assert f"of {len(paths)} paths" in answer.sentences[0]

    def best_padded(self, us, path):
        """Of graphs for a graph."""
        graph = path.endswith("_graph")
        return min(us[p] for p in us if is_padded(p) and p.endswith("_graph") == graph)

    def test_a_path_without_a_time_is_none_of_those_compared(self):
        failed = {"error_occurred": True, "error_message": "no memory"}
        rows = [*self.pair(20, 10), documents.row("frontend", **failed)]
        (answer,) = self.answers(rows)
        assert answer.text.startswith("fp16, 1 configuration: fast against slow is ahead")

    def test_verdicts_of_rounds_are_counted(self):
        pair = {
            "base": "slow",
            "path": "fast",
            "configuration": "fp16/a",
            "clock": "event",
            "ratio": 2.0,
            "interval": [1.5, 2.5],
            "rounds": 6,
            "verdict": "fast",
        }
        content = documents.document(self.pair(20, 10))
        content["pairs"] = [
            pair,
            {**pair, "verdict": "undecided"},
            {**pair, "configuration": "fp32/a"},
        ]
        file = read_file(documents.write(self.folder, "a.json", content))
        (answer,) = answers(file.rows, file.pairs)
        assert (
            "beyond the scatter of rounds, by the event clock fast 1, slow 0, undecided 1 of 2."
            in answer.text
        )

    def test_one_path_alone_is_said(self):
        (answer,) = self.answers([documents.row("fast")])
        assert (
            answer.text
            == "fp16, 1 configuration: fast alone was measured, so nothing can be compared."
        )

    def test_each_dtype_has_its_answer(self):
        found = self.answers([*self.pair(20, 10), *self.pair(10, 20, dtype="fp32")])
        assert [(a.dtype, a.leads[0].wins) for a in found] == [("fp16", 1), ("fp32", 0)]

    def test_on_the_cpu_no_event_is_spoken_of(self):
        (answer,) = self.answers(self.pair(20, 10, device="cpu"))
        assert "by the clock of the batch" in answer.text
        assert "event" not in answer.text
