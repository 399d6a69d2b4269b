"""What may be wrong with a results file, each in one line that names it."""

import gzip
import json

import pytest

from mhabench.results.load import InputError, read_file
from support import documents
from support.case import Case


class TestLoad(Case):
    def read(self, content):
        return read_file(documents.write(self.folder, "out.json", content))

    def one(self, **fields):
        return self.read(documents.document([documents.row("slow", **fields)])).rows[0]

    def assert_refused(self, content, part):
        with pytest.raises(InputError) as caught:
            if isinstance(content, bytes):
                (self.folder / "out.json").write_bytes(content)
                read_file(self.folder / "out.json")
            else:
                self.read(content)
        text = str(caught.value)
        assert part in text
        assert "out.json: " in text
        assert "\n" not in text

    def test_reads_plain_and_gzipped_alike(self):
        data = gzip.decompress(documents.H200.read_bytes())
        (self.folder / "plain.json").write_bytes(data)
        plain, zipped = read_file(self.folder / "plain.json"), read_file(documents.H200)
        assert len(plain.rows) == 5120
        assert plain.rows == zipped.rows

    def test_what_is_no_results_file_is_refused(self):
        whole = json.dumps(documents.document([documents.row("slow")]))
        for content, part in (
            ("", "empty"),
            ("hello", "not JSON: line 1, column 1"),
            (whole[: len(whole) // 2], "not JSON"),
            (whole[:-1], "truncated"),
            (gzip.compress(whole.encode())[:-20], "truncated or damaged"),
            (gzip.compress(whole.encode())[:10] + b"junk", "truncated or damaged"),
            (b"\xff\xfe{}", "not UTF-8"),
            (b"[" * 200_000, "nested too deeply"),
            ("[]", 'no list "benchmarks"'),
            ("{}", 'no list "benchmarks"'),
            ({"benchmarks": {}}, 'no list "benchmarks"'),
            ({"benchmarks": []}, "no rows of this suite"),
            ({"benchmarks": [{"name": "BM_Other/8"}]}, "'BM_Other/8', does not begin with MHA/"),
            ({"benchmarks": [{"name": "MHA/fast"}]}, "'MHA/fast', has no dtype as MHA/<path>/"),
            ({"benchmarks": [{"name": "MHA/fast/fp16/x"}]}, "has no axis as MHA/<path>/<dtype>/"),
            ({"benchmarks": [{"name": "a\nb\x1b" + 999 * "x"}]}, "'a\\nb\\x1bxxx"),
            (
                {"benchmarks": [{**documents.row("slow"), "run_type": "aggregate"}]},
                "aggregates alone",
            ),
            ({"context": 3, "benchmarks": []}, '"context" is not an object'),
            ({"benchmarks": [3]}, "benchmarks[0]: is not an object"),
            ({"benchmarks": [{}]}, 'benchmarks[0]: has no string "name"'),
        ):
            self.assert_refused(content, part)

    def test_a_field_of_the_wrong_type_is_named(self):
        for fields, part in (
            ({"real_time": "fast"}, 'benchmarks[0]: "real_time" is not a number'),
            ({"busy_us": [1]}, '"busy_us" is not a number'),
            ({"padding": True}, '"padding" is not a number'),
            ({"dtype": 16}, '"dtype" is not a string'),
            ({"time_unit": "fortnight"}, "\"time_unit\" is 'fortnight'"),
        ):
            row = {**documents.row("slow"), **fields}
            self.assert_refused(documents.document([row]), part)

    def test_a_value_that_none_can_have_is_named(self):
        for fields, part in (
            ({"batch": -2}, '"batch" is -2, not 1 or more'),
            ({"seq_len": 0}, '"seq_len" is 0, not 1 or more'),
            ({"padding": 1.5}, '"padding" is 1.5, not a share'),
            ({"real_time": 1e-300}, '"real_time" is 1e-300 us, not from 1e-06 to 1e+12'),
            ({"busy_us": 1.7e308}, '"busy_us" is 1.7e+308 us, not from'),
            ({"real_time": 1.7e308, "time_unit": "s"}, '"real_time" is inf us, not from'),
            ({"event_us_rounds": [1, 1e-300]}, '"event_us_rounds" is 1e-300 us, not from'),
            ({"useful_flops": 1e300}, '"useful_flops" is 1e+300, beyond 1e+30'),
        ):
            self.assert_refused(
                documents.document([{**documents.row("slow"), **fields}]), "[0]: " + part
            )
        named = documents.row("slow", batch=-2)
        del named["batch"]
        self.assert_refused(documents.document([named]), '"batch" is -2, not 1 or more')

    def test_half_a_surrogate_pair_is_refused(self):
        named = documents.row("slow", backend="\ud800")
        self.assert_refused(documents.document([named]), "holds '\\ud800', half a surrogate pair")
        whole = documents.row("slow", backend="\U0001f600")
        assert self.read(documents.document([whole])).rows[0].status == "ok"

    def test_a_missing_file_and_a_folder_are_refused(self):
        for path in (self.folder / "none", self.folder):
            with pytest.raises(InputError, match="cannot be read"):
                read_file(path)

    def test_fields_of_later_versions_do_no_harm(self):
        row = self.one(
            verdict="fast", clock_limit="host", nested={"a": [1]}, new_number=3, flag=True
        )
        assert (row.status, row.get("new_number")) == ("ok", 3.0)

    def test_rounds_and_pairs_are_read(self):
        pair = {
            "base": "slow",
            "path": "fast",
            "configuration": "fp16/x",
            "clock": "busy",
            "ratio": 2.0,
            "interval": [1.5, 2.5],
            "rounds": 6,
            "verdict": "fast",
        }
        row = documents.row("slow", event_us_rounds=[1.0, 2], busy_us_rounds=None)
        file = self.read({**documents.document([row]), "pairs": [pair]})
        assert file.rows[0].rounds == {"event": [1.0, 2]}
        assert (file.pairs[0].low, file.pairs[0].high, file.pairs[0].verdict) == (1.5, 2.5, "fast")
        for bad, part in (
            (3, '"pairs" is not a list'),
            ([{}], "pairs[0]: a part is missing"),
            ([{**pair, "interval": [1]}], "a part is missing"),
            ([{**pair, "ratio": 0}], "a part has the wrong type"),
            ([{**pair, "path": 1}], "a part has the wrong type"),
        ):
            self.assert_refused({**documents.document([row]), "pairs": bad}, part)
        self.assert_refused(
            documents.document([{**row, "event_us_rounds": ["x"]}]), "list of positive numbers"
        )

    def test_older_files_get_the_names_of_today(self):
        row = documents.row("slow", lengths="beta")
        pair = {
            **{"base": "slow", "path": "fast", "clock": "busy", "ratio": 2.0, "rounds": 6},
            **{"interval": [1.5, 2.5], "verdict": "fast"},
            "configuration": row["name"].removeprefix("MHA/slow/").removesuffix("/manual_time"),
        }
        file = self.read({**documents.document([row], lengths="beta"), "pairs": [pair]})
        assert file.rows[0].name.endswith("/beta:0.85/lengths:beta/manual_time")
        assert file.pairs[0].configuration.endswith("/beta:0.85/lengths:beta")
        row = documents.row("slow", lengths="numpy")
        row["name"] = row["name"].replace("/manual_time", "/lengths:numpy/manual_time")
        file = self.read(documents.document([row], lengths="numpy"))
        assert file.rows[0].name.endswith("/beta:0.85/manual_time")

    def test_what_is_not_finite_is_absent(self):
        row = self.one(busy_us=float("nan"), event_ci=float("inf"))
        assert row.get("busy_us") is None
        assert row.get("event_ci") is None
        text = json.dumps(documents.document([documents.row("slow", host_us=7)])).replace(
            ": 7}", ": 1e999}"
        )
        assert self.read(text).rows[0].get("host_us") is None

    def test_times_come_in_us(self):
        assert self.one(time_unit="ns", real_time=1500).get("real_time") == 1.5
        assert self.one(time_unit="ms", real_time=2).get("real_time") == 2000.0

    def test_status(self):
        assert self.one().status == "ok"
        assert self.one(errors=1).status == "wrong"
        failed = self.one(error_occurred=True, error_message="out of memory")
        assert (failed.status, failed.reason) == ("failed", "out of memory")
        skipped = self.one(error_occurred=True, error_message="skipped", skip_reason="head_dim 65")
        assert (skipped.status, skipped.reason) == ("skipped", "head_dim 65")

    def test_axes_come_from_the_name_where_fields_lack(self):
        entry = documents.row("slow")
        for key in ("batch", "seq_len", "dtype", "path", "beta"):
            del entry[key]
        row = self.read(documents.document([entry])).rows[0]
        assert [row.get(k) for k in ("batch", "seq_len", "beta")] == [16, 64, 0.85]
        assert (row.path, row.dtype) == ("slow", "fp16")

    def test_aggregates_and_other_programs_rows_are_left_out(self):
        rows = [
            documents.row("slow"),
            {**documents.row("slow"), "run_type": "aggregate"},
            {"name": "BM_Other", "real_time": 1.0},
        ]
        file = self.read(documents.document(rows))
        assert (len(file.rows), file.foreign) == (1, 1)

    def test_a_mode_keeps_rows_apart(self):
        warm = documents.row("slow")
        rotated = {**warm, "name": warm["name"].replace("/manual_time", "/l2:rotate/manual_time")}
        rows = self.read(documents.document([warm, rotated])).rows
        assert [row.mode for row in rows] == ["", "l2:rotate"]
        assert rows[0].config != rows[1].config
