"""Figures as files: which there are, and that they show the cells."""

import tempfile
from importlib.util import find_spec

import pytest

from mhabench.report.cells import CellMap
from mhabench.results.load import read_file, read_files
from mhabench.results.rows import by_config
from mhabench.results.sets import sets_of
from support import documents
from support.case import Case


class TestCells:
    def setup_method(self):
        self.rows = read_file(documents.H200).rows

    def test_each_configuration_is_in_one_cell(self):
        cells = CellMap(by_config(self.rows), ["slow", "fast"], "slow", "event")
        assert sum(cell.count for cell in cells.cells.values()) == 1280
        assert (len(cells.columns.keys()), cells.sizes()) == (16, list(range(10, 18)))

    def test_a_path_that_lacks_a_time_in_a_cell_does_not_win_it(self):
        with tempfile.TemporaryDirectory() as folder:
            rows = read_file(documents.write(folder, "m.json", documents.many_paths())).rows
        paths = ["slow", "fast", "packed_cudnn"]
        cells = CellMap(by_config(rows), paths, "slow", "event")
        assert sum(cell.count for cell in cells.cells.values()) == 36
        # 64 x 64 is wrong for packed_cudnn, so that 4096 positions cannot be told of it.
        assert set(cells.cells[0.85, 12].means) == {"slow", "fast"}
        assert set(cells.cells[0.85, 13].means) == set(paths)

    def test_packing_counts_once_for_all_layers(self):
        with tempfile.TemporaryDirectory() as folder:
            rows = read_file(documents.write(folder, "m.json", documents.many_paths())).rows
        configs = by_config(rows)
        one, twelve = (
            CellMap(configs, ["slow", "fast"], "slow", "event", layers).cells[0.85, 14]
            for layers in (1, 12)
        )
        call = CellMap(configs, ["slow", "fast"], "slow", "event").cells[0.85, 14].means
        assert one.means["fast"] == pytest.approx(call["fast"] + 60)
        assert twelve.means["fast"] == pytest.approx(12 * call["fast"] + 60)
        assert twelve.means["slow"] == pytest.approx(12 * call["slow"] + 16.5)

    def test_what_was_not_packed_is_not_counted_with_packing(self):
        content = documents.many_paths()
        for entry in content["benchmarks"]:
            if entry["path"] == "slow":
                entry.pop("pack_us")
        with tempfile.TemporaryDirectory() as folder:
            rows = read_file(documents.write(folder, "m.json", content)).rows
        assert CellMap(by_config(rows), ["slow", "fast"], "slow", "event", 1).cells == {}


@pytest.mark.skipif(
    find_spec("matplotlib") is None, reason="no matplotlib: scripts/report brings it"
)
class TestFigures(Case):
    def choice_of_all_paths(self):
        from mhabench.report.figures import Choice

        results = documents.ALL_PATHS
        return Choice(read_file(results).rows)

    def test_no_two_paths_look_alike(self):
        choice = self.choice_of_all_paths()
        choice.paths = [*choice.paths, *(f"new{i}" for i in range(9))]
        looks = {str((choice.look(path), choice.dash(path))) for path in choice.paths}
        assert len(looks) == len(choice.paths)

    def test_legends_of_many_paths_stay_inside_and_off_the_plots(self):
        from matplotlib import rc_context
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        from mhabench.report.figures import STYLE, figures

        below = set()
        with rc_context(STYLE):
            for name, figure in figures(self.choice_of_all_paths()):
                FigureCanvasAgg(figure).draw()
                for legend in figure.legends:
                    below.add(name)
                    box = legend.get_window_extent()
                    assert min(box.x0, box.y0) >= 0, name
                    assert box.x1 <= figure.bbox.width, name
                    labels = [axes.xaxis.get_tightbbox() for axes in figure.axes]
                    assert box.y1 < min(label.y0 for label in labels), name
        assert {"map-busy", "axes-busy", "roofline", "spread"} <= below, below

    def written(self, content):
        from mhabench.report.figures import write_figures

        sets = sets_of(read_files([documents.write(self.folder, "m.json", content)]))
        return {
            file.stem: file.read_text()
            for file in write_figures(sets, self.folder / "deep/figures", "svg")
        }

    def test_one_file_a_figure(self):
        files = self.written(documents.many_paths())
        maps = [
            f"fp16-map-{c}{n}" for c in ("event", "busy") for n in ("", "-1-layers", "-12-layers")
        ]
        others = [
            "fp16-axes-event",
            "fp16-axes-busy",
            "fp16-clocks",
            "fp16-roofline",
            "fp16-rounds",
            "fp16-spread",
        ]
        assert sorted(files) == sorted(maps + others)
        for text in files.values():
            assert text.startswith("<?xml")

    def test_the_same_rows_give_the_same_bytes(self):
        content = documents.document(
            documents.row(path, beta=beta, padding=beta / 2)
            for path in ("slow", "fast")
            for beta in (0.5, 1.0)
        )
        assert self.written(content) == self.written(content)

    def test_what_the_rows_lack_is_not_drawn(self):
        rows = [documents.row(path, padding=None) for path in ("slow", "fast")]
        assert list(self.written(documents.document(rows))) == ["fp16-clocks"]

    def test_names_of_paths_are_text(self):
        paths = ("slow", r"$\frac$</svg><script>", "../up")
        rows = [
            {
                **documents.row(str(i), beta=beta, padding=beta / 2),
                "path": path,
                "dtype": "../../fp16",
            }
            for i, path in enumerate(paths)
            for beta in (0.5, 1.0)
        ]
        files = self.written(documents.document(rows))
        assert "_fp16-map-event" in files
        assert not any("<script" in text for text in files.values())
