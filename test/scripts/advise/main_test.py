"""scripts/advise: what it says of lengths, from a results file and by measuring."""

import itertools
import os
import pathlib
import pydoc_data.topics
import re
import subprocess
import sys

import pytest

from mhabench.advise.calls import cpp_call, python_call
from mhabench.advise.interpolate import Surface, place, points
from mhabench.advise.lengths import read_lengths
from mhabench.results.load import InputError, read_file, read_files
from mhabench.results.sets import sets_of
from support import documents
from support.case import Case

PROGRAM = os.environ.get("MHABENCH_PROGRAM", "")
TORCH_PYTHON = os.environ.get("MHABENCH_TORCH_PYTHON", "")


def sentences(count):
    """Words in each of the first sentences of a text that Python ships."""
    text = " ".join(topic for _, topic in sorted(pydoc_data.topics.topics.items()))
    lengths = [len(sentence.split()) for sentence in re.split(r"[.:;]\s", text)]
    return [n for n in lengths if n][:count]


class Folder(Case):
    def lengths(self, *lines):
        return documents.write(self.folder, "mine.txt", "\n".join(lines) + "\n")

    def advise(self, *arguments, **environment):
        return self.mhabench("advise", *arguments, **environment)


class TestCalls:
    def test_a_packed_path_is_told_as_its_operations(self):
        flash = cpp_call("packed_flash", 1024, 16)
        assert ".view({-1, 3, 16, 64});\n" in flash
        assert "at::_flash_attention_forward(" in flash
        assert "of_heads.view({-1, 1024})" in flash
        efficient = cpp_call("packed_efficient_graph", 512, 16)
        assert efficient.startswith("// Captured in a CUDA graph"), efficient
        assert ".view({-1, 3, 16, 32});\n" in efficient
        assert "at::_efficient_attention_forward(" in efficient
        assert "{attention}" not in flash + efficient
        assert python_call("packed_flash", 1024, 16) is None

    def test_of_another_path_its_place_is_told(self):
        assert 'find_path("packed_cudnn_graph")' in cpp_call("packed_cudnn_graph", 64, 2)
        assert "MultiheadAttention(64, 2, batch_first=True)" in python_call("fast", 64, 2)


class TestLengths(Folder):
    def test_reads_batches_comments_and_dumps(self):
        path = self.lengths("\ufeff# a comment", "3 1 2  # more", "", "2 8 32 4 - : 5 1\r")
        first, second = read_lengths(path)
        assert (first.line, first.batch, first.seq_len, first.tokens) == (2, 3, 3, 6)
        assert first.padding == pytest.approx(1 / 3)
        assert (second.line, second.seq_len, second.embed_dim, second.heads) == (4, 8, 32, 4)

    def test_a_malformed_line_is_named(self):
        for line, part in (
            ("3 x", "'x' is no length"),
            ("0", "'0' is no length"),
            ("-1", "'-1'"),
            ("99999999999", "no length"),
            ("1 2 : 3", "before ':'"),
            ("2 8 32 4 - :", "no lengths"),
            ("3 8 32 4 - : 5 1", "do not fit"),
            ("2 4 32 4 - : 5 1", "do not fit"),
            ("#", "holds no batch"),
        ):
            with pytest.raises(InputError, match=re.escape(part)) as caught:
                read_lengths(self.lengths(line))
            assert "mine.txt" in str(caught.value)


class TestInterpolate(Folder):
    def law(self, us):
        """Points whose times follow a law of batch, seq_len and padding."""
        rows = [
            documents.row(path, batch=b, seq_len=s, beta=p, padding=p, real_time=us(path, b, s, p))
            for b, s, p in itertools.product(
                (16, 32, 64, 128), (64, 128, 256), (0.1, 0.3, 0.5, 0.7)
            )
            for path in ("slow", "fast")
        ]
        file = read_file(documents.write(self.folder, "law.json", documents.document(rows)))
        return Surface(points(file.rows, ["slow", "fast"], "event"))

    def test_a_power_law_is_met_between_the_rows(self):
        measured = self.law(lambda path, b, s, p: (b * s) ** 0.9 * 2.0**-p)
        for batch, seq_len, padding in ((48, 100, 0.4), (20, 200, 0.2), (100, 70, 0.6)):
            expected = (batch * seq_len) ** 0.9 * 2.0**-padding
            at = place(batch * seq_len, seq_len, padding)
            assert abs(measured.predict("slow", at) / expected - 1) < 0.01

    def test_the_error_tells_scatter_from_none(self):
        noise = itertools.cycle((1.0, 1.3, 0.8, 1.1, 0.9))
        at = place(48 * 100, 100, 0.4)
        calm = self.law(lambda path, b, s, p: b * s).ratio_error("fast", "slow", at)
        noisy = self.law(lambda path, b, s, p: b * s * next(noise)).ratio_error("fast", "slow", at)
        assert calm < 0.02
        assert noisy > 0.1

    def test_left_out_cells_of_the_h200_are_met_within_their_errors(self):
        rows = [
            row
            for row in read_file(documents.H200).rows
            if (row.get("embed_dim"), row.get("heads")) == (1024, 16)
        ]
        known = points(rows, ["slow", "fast"], "busy")
        within = total = 0
        for cell in itertools.product((32, 64, 128), (128, 256)):
            rest = Surface([point for point in known if point.cell != cell])
            for point in known:
                if point.cell == cell:
                    ratio = rest.predict("slow", point.at) / rest.predict("fast", point.at)
                    off = abs(ratio / (point.us["slow"] / point.us["fast"]) - 1)
                    assert off < 0.25, point.row.name
                    within += off <= 2 * rest.ratio_error("fast", "slow", point.at)
                    total += 1
        assert total == 96
        assert within / total > 0.9

    def test_far_from_every_row_nothing_is_said(self):
        measured = self.law(lambda path, b, s, p: b * s)
        assert measured.too_far(place(128 * 256 * 1.2, 256, 0.7)) is None
        assert "seq_len lies 1.0 doublings" in measured.too_far(place(32 * 512, 512, 0.3))
        assert "padding lies 0.2" in measured.too_far(place(32 * 128, 128, 0.95))
        assert "size lies" in measured.too_far(place(64, 64, 0.3))


class TestFromFile(Folder):
    def ask(self, *arguments):
        return self.advise(
            "--from",
            documents.slow_and_fast(self.folder),
            "--embed_dim",
            1024,
            "--heads",
            16,
            "--lengths_file",
            *arguments,
        )

    def test_large_batches_take_fast_and_small_ones_slow(self):
        # Means of the file's rows of such a batch at this layer: see docs/results/h200.
        large = self.ask(self.lengths(" ".join(["512", *["250"] * 127])))
        assert large.returncode == 0, large.stderr
        assert "By the event clock, a loop of C++ calls: take fast (sure" in large.stdout
        small = self.ask(self.lengths(" ".join(["64", *["30"] * 15])))
        assert re.search(
            r"By the event clock, a loop of C\+\+ calls: (take|nothing .*) slow", small.stdout
        )
        assert "By busy time, the GPU's own work: take fast (sure" in small.stdout

    def test_claims_busy_time_alone_of_python(self):
        done = self.ask(self.lengths(" ".join(["64", *["30"] * 15])))
        assert "Of Python this claims busy time alone" in done.stdout
        assert "C++: slow (by the event clock" in done.stdout
        assert "Python: fast (by busy time" in done.stdout

    def test_says_how_near_and_what_padding_costs(self):
        done = self.ask(self.lengths(" ".join(["200", *["100"] * 31])))
        assert re.search(r"line 1: 0\.\d\d units to batch 32, seq_len (128|256)", done.stdout)
        assert (
            "Padding: 48 % of the positions hold no token; a padded batch computes 1.94 times the"
            " tokens in its linear layers and 3.66 times the scores in attention.\n" in done.stdout
        )
        assert re.search(
            r"and the error of that ratio is \d+ %\)\. It saves \d+ % against", done.stdout
        )
        assert "embed_dim 1024, heads 16, fp16\n" in done.stdout

    def test_refuses_what_is_far_and_answers_the_rest(self):
        done = self.ask(self.lengths("4096 12 3000", " ".join(["200", *["100"] * 31])))
        assert done.returncode == 0
        assert re.search(r"line 1: no answer: its seq_len lies 3\.0 doublings", done.stdout)
        assert "speaks of 1 of 2 batches" in done.stdout
        done = self.ask(self.lengths("4096 12 3000"))
        assert done.returncode == 3
        assert "leave --from out" in done.stdout

    def test_what_the_file_lacks_is_named(self):
        path = self.lengths(" ".join(["64"] * 16))
        for arguments, part in (
            (("--embed_dim", 768, "--heads", 12), "it has 512/8, 512/16, 1024/8, 1024/16"),
            (("--dtype", "bf16"), "no rows of bf16 (it has fp16)"),
            (("--embed_dim", 1024, "--heads", 3), "3 does not divide"),
        ):
            done = self.ask(path, *arguments)
            assert (done.returncode, done.stdout) == (2, "")
            assert part in done.stderr
            assert len(done.stderr.splitlines()) == 1

    def test_a_pipe_is_read_once_or_refused(self):
        command = (
            "python -m mhabench advise --embed_dim 1024 --heads 16 --lengths_file <(echo 64 32) {}"
        )
        for more, status, part in (
            (f"--from {documents.H200}", 3, "No batch lies near enough"),
            ("", 2, "is no regular file, and is read by several programs here: write it to a file"),
        ):
            line = command.replace("python", sys.executable).format(more)
            done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
            assert done.returncode == status, done.stderr
            assert part in done.stdout + done.stderr

    def test_a_reader_that_left_ends_it_quietly(self):
        path = self.lengths(" ".join(["512", *["250"] * 127]))
        line = (
            f"set -o pipefail; {sys.executable} -m mhabench advise --from {documents.H200} --embed_dim 1024"
            f" --heads 16 --lengths_file {path} | true"
        )
        done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")

    def test_two_seeds_are_no_runs_of_one_thing(self):
        """Pooled, a row of 100 us and one of 17300 would be one of 8700."""
        files = []
        for seed, us in ((20240101, 100.0), (20240102, 17300.0)):
            rows = [
                documents.row(path, seed=seed, event_us_median=us, batch=batch, padding=0.4)
                for path in ("slow", "fast")
                for batch in (16, 32, 64)
            ]
            document = documents.document(rows, seed=seed)
            files.append(documents.write(self.folder, f"{seed}.json", document))
        (made,) = sets_of(read_files(files))
        times = sorted({row.get("event_us_median") for row in made.rows})
        assert times == [100.0, 17300.0]

    def test_sequences_of_one_token_are_told(self):
        lengths = ["128", *["60"] * 63]
        path = self.lengths(" ".join(lengths), " ".join([*lengths[:-1], "1"]))
        asked = ("--from", documents.H200, "--embed_dim", 1024, "--heads", 16, "--lengths_file")
        told = self.advise(*asked, path)
        assert told.returncode == 0, told.stderr
        assert "Sequences of one token (line 2): PyTorch's nested fast path" in told.stdout
        silent = self.advise(*asked, self.lengths(" ".join(lengths)))
        assert silent.returncode == 0, silent.stderr
        assert "one token" not in silent.stdout

    def test_of_many_paths_the_best_are_shown(self):
        results = documents.ALL_PATHS
        path = self.lengths(" ".join(["128", *["60"] * 63]))
        done = self.advise(
            "--from", results, "--embed_dim", 1024, "--heads", 16, "--lengths_file", path
        )
        assert done.returncode == 0, done.stderr
        heads = [line for line in done.stdout.splitlines() if line.startswith("line  batch")]
        assert [head.count(" us") for head in heads] == [5, 5]
        for head, clock in zip(heads, ("event", "busy"), strict=True):
            assert f"slow {clock} us  fast {clock} us" in head
        best = re.search(r"By the event clock[^:]*: (?:take|.*best is) (\S+)", done.stdout).group(1)
        assert f"{best} event us" in heads[0]
        assert "Of 17 paths slow, fast and the 3 of the least total.\n" in done.stdout

    def test_a_path_that_lacks_times_is_not_offered(self):
        results = documents.write(self.folder, "many.json", documents.many_paths())
        path = self.lengths(" ".join(["128", *["70"] * 63]))
        done = self.advise(
            "--from", results, "--embed_dim", 512, "--heads", 8, "--lengths_file", path
        )
        assert done.returncode == 0, done.stderr
        assert "packed_best event us" in done.stdout
        assert "packed_cudnn" not in done.stdout
        assert "packed_cpu" not in done.stdout


@pytest.mark.skipif(not pathlib.Path(PROGRAM).is_file(), reason="mha_bench is not built")
class TestMeasure(Folder):
    def set_up(self):
        spread = sentences(24)
        self.path = self.lengths(" ".join(map(str, spread[:12])), " ".join(map(str, spread[12:])))

    def ask(self, *arguments, **environment):
        return self.advise(
            "--lengths_file",
            self.path,
            "--embed_dim",
            32,
            "--heads",
            2,
            "--device",
            "cpu",
            "--dtype",
            "fp32",
            "--rounds",
            2,
            *arguments,
            **environment,
        )

    def test_measures_both_paths_on_the_lengths(self):
        done = self.ask("--no_python")
        assert done.returncode == 0, done.stderr
        assert re.search(r"\n +1 +12 .*\n +2 +12 ", done.stdout)
        assert re.search(
            r"By the clock of the batch, a loop of C\+\+ calls: (take|nothing is decided)",
            done.stdout,
        )
        assert (
            "Python was not measured (--no_python). Of Python this claims nothing." in done.stdout
        )
        assert "Python: " not in done.stdout

    @pytest.mark.skipif(not TORCH_PYTHON, reason="no interpreter with this torch")
    def test_what_it_says_of_python_is_measured_there(self):
        done = self.ask()
        assert done.returncode == 0, done.stderr
        assert "slow python us" in done.stdout
        assert re.search(
            r"Python: (slow|padded_sdpa|fast) \(by the clock of a loop of calls in Python\)",
            done.stdout,
        )

    def test_without_torch_in_python_it_says_so(self):
        done = self.ask(MHABENCH_TORCH_PYTHON=sys.executable)
        if "Python was not measured" not in done.stdout:
            pytest.skip("this interpreter has torch")
        assert "No module named 'torch'" in done.stdout

    def test_a_flag_that_the_program_refuses_is_status_2(self):
        done = self.advise(
            "--lengths_file", self.path, "--embed_dim", 32, "--heads", 2, "--dtype", "fp99"
        )
        assert done.returncode == 2
        assert "unknown dtype 'fp99'" in done.stderr
