"use strict";
// Curves by each axis.
// Each function takes the choice and returns what Plotly draws; nothing here touches the page.

const kAxes = [
  ["seq_len", "seq_len", (row) => row.seq_len],
  ["batch", "batch", (row) => row.batch],
  ["padding", "padding", null],
  ["embed_dim", "embed_dim", (row) => row.embed_dim],
  ["heads", "heads", (row) => row.heads],
];

/** A path against the baseline where both have a time, or its own times. */
function axisFigures(choice, what) {
  const paths = timedPaths(choice.rows, choice.paths, choice.clock, choice.layers);
  const bases = basesOf(choice);
  const others = paths.filter((path) => !bases.includes(path));
  const speedup = what === "speedup" && others.length > 0 && others.length < paths.length;
  const drawn = speedup ? others : paths;
  const timed =
      timedConfigs(
          choice.rows, paths, choice.clock, choice.layers, speedup ? bases : paths)
          .filter((t) => drawn.some((path) => path in t.us));
  const columns = paddingColumns(timed.map((t) => t.row));
  const figures = [];
  for (const [name, label, valueOf] of kAxes) {
    const groups = groupBy(timed, (t) => (valueOf ?? columns.keyOf)(t.row));
    if (groups.size < 2) continue;
    const values = valueOf ? [...groups.keys()].sort((a, b) => a - b) : columns.keys;
    const xs = valueOf ? values : values.map((key) => columns.at.get(key));
    const traces = drawn.flatMap(
        (path) => axisTraces(
            choice, path, values.map((value, i) => ({x: xs[i], timed: groups.get(value)})),
            {label, speedup, band: speedup && drawn.length === 1}));
    const all = traces.flatMap((t) => t.y);
    const doubling = ["seq_len", "batch"].includes(name) && Math.max(...xs) / Math.min(...xs) >= 4;
    const few = xs.length <= 8 && name !== "padding";
    const unit = speedup ? "speed-up" : "us a call";
    figures.push({
      name,
      rows: timed.length,
      traces,
      layout: layout({
        title: title(label),
        margin: {t: 52},
        showlegend: drawn.length > 1 && drawn.length <= 4,
        xaxis: {
          title: axisTitle(name === "padding" ? "padding (share)" : label),
          type: doubling ? "log" : "linear",
          ...(few ? {tickmode: "array", tickvals: xs, ticktext: xs.map(String)} : {})
        },
        yaxis:
            {title: axisTitle(unit), type: "log", ...logTicks(Math.min(...all), Math.max(...all))},
        shapes: speedup ? [{
          type: "line",
          xref: "paper",
          x0: 0,
          x1: 1,
          y0: 1,
          y1: 1,
          line: {color: "#000", width: 1.5, dash: "dash"}
        }] :
                          [],
      })
    });
  }
  return {figures, speedup, drawn, timed};
}

function axisTraces(choice, path, groups, {label, speedup, band}) {
  const known =
      groups
          .map(
              ({x, timed}) => ({
                x,
                ratios: timed.filter((t) => path in t.us)
                            .map((t) => (speedup ? baseUs(t.us, basesOf(choice)) / t.us[path] :
                                            t.us[path]))
              }))
          .filter((g) => g.ratios.length);
  const {color, symbol, dash} = look(choice, path);
  const xs = known.map((g) => g.x);
  const at = (share) => known.map((g) => quantile(g.ratios, share));
  const line = {
    type: "scatter",
    mode: "lines+markers",
    name: plain(path),
    x: xs,
    y: known.map((g) => geomean(g.ratios)),
    line: {color, dash, width: 2},
    marker: {color, symbol, size: 7},
    hoverinfo: "text",
    hovertext: known.map(
        (g) => `${plain(path)}, ${label} ${digits(g.x)}<br>` +
            `${digits(geomean(g.ratios))}${speedup ? " times" : " us"} in the mean of ${
                   g.ratios.length}<br>` +
            `10th to 90th percentile ${digits(quantile(g.ratios, 0.1))} to ${
                   digits(quantile(g.ratios, 0.9))}`)
  };
  if (!band) return [line];
  return [
    {
      type: "scatter",
      mode: "lines",
      showlegend: false,
      hoverinfo: "skip",
      fill: "toself",
      fillcolor: color + "22",
      line: {width: 0},
      x: [...xs, ...[...xs].reverse()],
      y: [...at(0.9), ...at(0.1).reverse()]
    },
    line
  ];
}
