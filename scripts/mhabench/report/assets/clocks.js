"use strict";
// Times against the floor, and the clocks side by side.
// Each function takes the choice and returns what Plotly draws; nothing here touches the page.

/** Every so many of a path's points, so that a figure of so many in all holds kMostPoints. */
function thin(rows, all) {
  const step = Math.ceil(all / kMostPoints) || 1;
  return step === 1 ? rows : rows.filter((_, i) => i % step === 0);
}

function points(choice, path, rows, xOf, yOf) {
  const {color, symbol} = look(choice, path);
  return {
    type: "scatter",
    mode: "markers",
    name: plain(path),
    x: rows.map(xOf),
    y: rows.map(yOf),
    marker: {color, symbol, size: 5, opacity: 0.55},
    hoverinfo: "text",
    hovertext: rows.map(describe)
  };
}

function rooflineFigure(choice) {
  const known = choice.rows.filter(
      (row) => choice.paths.includes(row.path) && row.floor_us > 0 &&
          clockUs(row, choice.clock) !== undefined);
  const traces =
      choice.paths
          .map((path) => {
            const rows = thin(known.filter((row) => row.path === path), known.length);
            return points(
                choice, path, rows, (row) => row.floor_us, (row) => clockUs(row, choice.clock));
          })
          .filter((trace) => trace.x.length > 0);
  if (!traces.length) return {traces: [], rows: 0, known};
  const xs = known.map((row) => row.floor_us);
  const low = Math.min(...xs), high = Math.max(...xs);
  for (const [factor, dash] of [[1, "solid"], [2, "dash"], [5, "dot"], [10, "dashdot"]]) {
    traces.push({
      type: "scatter",
      mode: "lines+text",
      x: [low, high],
      y: [low * factor, high * factor],
      line: {color: "#57606a", width: factor === 1 ? 2 : 1, dash},
      text: ["", factor + "x"],
      textposition: "middle right",
      cliponaxis: false,
      showlegend: false,
      hoverinfo: "skip"
    });
  }
  const all = traces.flatMap((t) => t.y);
  return {
    traces,
    rows: known.length,
    known,
    layout: layout({
      margin: {r: 40},
      hovermode: "closest",
      xaxis: {title: axisTitle("floor, us"), type: "log", ...logTicks(low, high)},
      yaxis: {
        title: axisTitle(`${clockWords[choice.clock]} time of a call, us`),
        type: "log",
        ...logTicks(Math.min(...all), Math.max(...all))
      },
    })
  };
}

function clockFigures(choice) {
  const figures = [];
  const ranges = [];
  for (const path of choice.paths) {
    const rows =
        choice.rows.filter((row) => row.path === path && clockUs(row, "event") !== undefined);
    const traces = [];
    for (const clock of ["event", "host", "busy"]) {
      const known = rows.filter((row) => clockUs(row, clock) !== undefined);
      const groups = groupBy(known, sizeBin);
      if (!groups.size) continue;
      const bins = [...groups.keys()].sort((a, b) => a - b);
      const columns = bins.map((bin) => groups.get(bin).map((row) => clockUs(row, clock)));
      const style = kClockLook[clock];
      const mean = columns.map(geomean);
      ranges.push(...mean);
      traces.push({
        type: "scatter",
        mode: "lines+markers",
        name: style.name,
        x: bins.map((b) => 2 ** b),
        y: mean,
        line: {color: style.color, dash: style.dash, width: 2},
        marker: {color: style.color, symbol: style.symbol, size: 7},
        hoverinfo: "text",
        hovertext: bins.map(
            (bin, i) => `${plain(path)}, ${clock}<br>${2 ** bin} positions<br>` +
                `${digits(mean[i])} us in the mean of ${columns[i].length}<br>from ${
                            digits(Math.min(...columns[i]))}` +
                ` to ${digits(Math.max(...columns[i]))}`)
      });
    }
    if (traces.length) figures.push({name: path, rows: rows.length, traces});
  }
  const low = Math.min(...ranges), high = Math.max(...ranges);
  for (const figure of figures) {
    const xs = figure.traces[0].x;
    const every = Math.ceil(xs.length / 5);
    const ticks = xs.filter((_, i) => i % every === 0);
    figure.layout = layout({
      title: title(plain(figure.name)),
      margin: {t: 56},
      showlegend: true,
      xaxis: {
        title: axisTitle("size: batch x seq_len, positions"),
        type: "log",
        tickmode: "array",
        tickvals: ticks,
        ticktext: ticks.map(String)
      },
      yaxis: {
        title: axisTitle("us a call"),
        type: "log",
        range: [Math.log10(low) - 0.1, Math.log10(high) + 0.1],
        ...logTicks(low, high)
      },
    });
  }
  return figures;
}
