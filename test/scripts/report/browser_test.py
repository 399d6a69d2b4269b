"""The page in headless Chromium: what it loads, draws and does with hostile strings."""

import importlib.util
import json
import math
import pathlib

import pytest

from mhabench.report.page import page
from mhabench.results.load import read_files
from mhabench.results.sets import sets_of
from support import chromium, documents
from support.case import Case

HOSTILE = (
    "</script><script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"
)
LINK = "<a href=\"javascript:document.title='taken'\">x</a>"


def _missing():
    if chromium.find() is None:
        return "no Chromium here"
    return (
        None if importlib.util.find_spec("plotly") else "no plotly here: scripts/report brings it"
    )


@pytest.mark.skipif(bool(_missing()), reason=_missing() or "")
class TestBrowser(Case):
    def open(self, *files, width=1280, height=800):
        from plotly.offline import get_plotlyjs

        path = self.folder / "report.html"
        path.write_text(page(sets_of(read_files(files)), get_plotlyjs()))
        browser = self.stack.enter_context(chromium.Page(width, height))
        browser.open(path)
        browser.wait_for("document.body?.dataset.ready")
        return browser

    def open_document(self, content, **options):
        return self.open(documents.write(self.folder, "results.json", content), **options)

    def choose(self, browser, control, value):
        ready = browser.evaluate("document.body.dataset.ready")
        browser.evaluate(
            f"(() => {{ const c = document.getElementById({json.dumps(control)});"
            f" c.value = {json.dumps(value)};"
            " c.dispatchEvent(new Event('change', {bubbles: true})); })()"
        )
        browser.wait_for(f"document.body.dataset.ready !== {json.dumps(ready)}")

    def assert_quiet(self, browser):
        assert browser.errors == []
        assert browser.requests
        # A blob or data address names what the page itself holds.
        outside = [
            u
            for u in browser.requests
            if not u.startswith((f"file://{self.folder}", "data:", "blob:"))
        ]
        assert outside == []

    def test_the_h200_page_loads_without_an_error_or_a_request(self):
        browser = self.open(str(documents.H200))
        for clock in ("busy", "host", "event"):
            self.choose(browser, "clock", clock)
        self.assert_quiet(browser)

    def test_figures_hold_the_rows_they_should(self):
        two = documents.slow_and_fast(self.folder)
        browser = self.open(two)
        rows = json.loads(pathlib.Path(two).read_text())["benchmarks"]
        pairs = {}
        for row in rows:
            key = tuple(row[k] for k in ("batch", "seq_len", "embed_dim", "heads", "beta"))
            pairs.setdefault(key, {})[row["path"]] = row
        assert browser.evaluate("document.getElementById('fig-speedup').dataset.rows") == str(
            len(pairs)
        )

        for clock, field in (("event", "real_time"), ("busy", "busy_us")):
            self.choose(browser, "clock", clock)
            expected = {}
            for (batch, seq_len, _, _, beta), pair in pairs.items():
                lead = math.log2(pair["slow"][field] / pair["fast"][field])
                expected.setdefault((beta, math.log2(batch * seq_len)), []).append(lead)
            drawn = browser.evaluate(
                "(({y, z}) => ({y, z}))(document.getElementById('fig-speedup').data[0])"
            )
            betas = sorted({beta for beta, _ in expected}, key=lambda b: self.mean_padding(rows, b))
            for size, line in zip(drawn["y"], drawn["z"], strict=True):
                for beta, value in zip(betas, line, strict=True):
                    leads = expected.pop((beta, size))
                    assert value == pytest.approx(sum(leads) / len(leads), abs=1e-4)
            assert expected == {}

        curves = browser.evaluate(
            "[...document.querySelectorAll('#fig-clocks > .plot')].map((p) =>"
            " [p.dataset.name, p.dataset.rows, p.data.map((t) => [t.name, t.y.length])])"
        )
        points = [["event", 8], ["host", 8], ["busy", 8]]
        assert curves == [["slow", "1280", points], ["fast", "1280", points]]

    def mean_padding(self, rows, beta):
        paddings = [row["padding"] for row in rows if row["beta"] == beta]
        return sum(paddings) / len(paddings)

    def test_what_is_chosen_is_what_is_drawn(self):
        browser = self.open(documents.slow_and_fast(self.folder))
        self.choose(browser, "embed_dim", "512")
        self.choose(browser, "heads", "16")
        assert browser.evaluate("document.getElementById('fig-winner').dataset.rows") == "320"
        names = "[...document.querySelectorAll('#fig-axes > .plot')].map((p) => p.dataset.name)"
        assert browser.evaluate(names) == ["seq_len", "batch", "padding"]
        browser.evaluate("document.querySelector('#paths input[value=fast]').click()")
        assert "Only slow is chosen" in browser.evaluate(
            "document.getElementById('chosen').textContent"
        )
        self.assert_quiet(browser)

    def test_many_paths_with_floor_and_packing(self):
        browser = self.open_document(documents.many_paths())
        assert browser.evaluate("document.getElementById('fig-winner').dataset.rows") == "36"
        assert browser.evaluate("document.getElementById('fig-roofline').dataset.rows") != "0"
        lines = (
            "document.getElementById('fig-speedup').data"
            ".filter((t) => t.type === 'scatter').map((t) => t.name)"
        )
        assert browser.evaluate(lines) == [
            "crossover, one call",
            "1 layer and packing",
            "12 layers and packing",
        ]
        rounds = "document.querySelector('#fig-spread > .plot[data-name=\"rounds fast\"]')"
        assert browser.evaluate(f"{rounds}.dataset.rows") == "36"
        looks = "sets[0].paths.map((path) => JSON.stringify(look({set: sets[0]}, path)))"
        assert browser.evaluate(f"new Set({looks}).size") == 7
        self.choose(browser, "layers", "1")
        text = browser.evaluate("document.getElementById('problems').textContent")
        for part in (
            "out of memory",
            "packed_cpu runs on the CPU alone",
            "an element is off by 0.5, allowed 0.001",
        ):
            assert part in text
        self.assert_quiet(browser)

    def test_the_h100_page_of_all_paths_is_readable(self):
        browser = self.open(str(documents.ALL_PATHS))
        assert browser.evaluate("sets[0].paths.length") == 17
        looks = "sets[0].paths.map((path) => JSON.stringify(look({set: sets[0]}, path)))"
        assert browser.evaluate(f"new Set({looks}).size") == 17
        # A legend that outgrows its place scrolls, and presses its plot flat.
        shares = (
            "[...document.querySelectorAll('.plot')].filter((p) => p.querySelector('.legend'))"
            ".map((p) => p.querySelector('.nsewdrag').getBBox().height / p.clientHeight)"
        )
        assert min(browser.evaluate(shares)) > 0.4
        bars = "[...document.querySelectorAll('.legend .scrollbar')].map((b) => b.getBBox().height)"
        assert [height for height in browser.evaluate(bars) if height > 0] == []
        skipped = browser.evaluate(
            "[...document.querySelectorAll('#problems tbody tr')].map((tr) =>"
            " [...tr.cells].slice(0, 3).map((td) => td.textContent))"
        )
        assert len(skipped) == 8
        assert ["skipped", "frontend", "144 configurations"] in skipped
        self.assert_quiet(browser)

    def test_a_cell_lists_its_configurations(self):
        # 4096 positions: batch 16 x seq_len 256 and 64 x 64, at two widths.
        browser = self.open_document(documents.many_paths())
        browser.evaluate(
            "document.getElementById('fig-winner').emit('plotly_click', {points: [{x: 1, y: 12}]})"
        )
        assert browser.evaluate("document.querySelectorAll('#cell tbody tr').length") == 4

    def test_sections_without_their_fields_say_what_is_missing(self):
        rows = [documents.row(path, padding=None) for path in ("slow", "fast")]
        browser = self.open_document(documents.document(rows))
        for section, part in (
            ("roofline", "no row holds floor_us"),
            ("clocks", "No row holds host_us or busy_us"),
            ("spread", "No row holds event_us_p05"),
            ("winner", "with its padding and size"),
            ("axes", "No axis has two values"),
        ):
            note = browser.evaluate(f"document.getElementById('n-{section}').textContent")
            assert part in note
        self.assert_quiet(browser)

    def test_hostile_strings_stay_text(self):
        rows = []
        for beta, padding in ((0.05, 0.1), (0.85, 0.5)):
            for i, path in enumerate(("slow", LINK, "%{x}<b>bold")):
                row = documents.row(
                    str(i), beta=beta, padding=padding, backend=HOSTILE, busy_us=10.0
                )
                rows.append({**row, "path": path})
        rows.append(documents.row("slow", batch=32, error_occurred=True, error_message=HOSTILE))
        rows[-1]["path"] = HOSTILE
        browser = self.open_document(
            documents.document(rows, gpu_name=HOSTILE, **{HOSTILE: HOSTILE})
        )
        for clock in ("busy", "event"):
            self.choose(browser, "clock", clock)
        assert browser.evaluate("document.title") != "taken"
        assert browser.evaluate("document.querySelectorAll('img, svg a, b').length") == 0
        assert browser.evaluate("document.scripts.length") == 3
        shown = browser.evaluate(
            "[...document.querySelectorAll('#fig-clocks text')].map((t) => t.textContent)"
        )
        for path in (LINK, "%{x}<b>bold"):
            assert path in shown
        assert HOSTILE in browser.evaluate("document.getElementById('machine').textContent")
        assert HOSTILE in browser.evaluate("document.getElementById('problems').textContent")
        self.assert_quiet(browser)

    def test_nothing_is_wider_than_a_narrow_window(self):
        browser = self.open(str(documents.H200), width=380, height=800)
        assert browser.evaluate("document.documentElement.scrollWidth") <= 380
        self.assert_quiet(browser)
