"use strict";
// Distributions: samples, intervals, runs, rounds.
// Each function takes the choice and returns what Plotly draws; nothing here touches the page.

function spreadFigure(choice) {
  const known = choice.rows.filter(
      (row) => choice.paths.includes(row.path) && row.event_us_p05 !== undefined &&
          row.event_us_p95 !== undefined && clockUs(row, "event") !== undefined);
  const spread = (row) => 100 * (row.event_us_p95 - row.event_us_p05) / clockUs(row, "event");
  const traces =
      choice.paths
          .map((path) => {
            const rows =
                thin(known.filter((row) => row.path === path && spread(row) > 0), known.length);
            return points(choice, path, rows, (row) => clockUs(row, "event"), spread);
          })
          .filter((trace) => trace.x.length > 0);
  if (!traces.length) return null;
  const xs = traces.flatMap((t) => t.x), ys = traces.flatMap((t) => t.y);
  return {
    name: "spread",
    rows: known.length,
    traces,
    layout: layout({
      title: title("Scatter of a row's samples"),
      margin: {t: 60},
      hovermode: "closest",
      xaxis: {
        title: axisTitle("median of the event clock, us"),
        type: "log",
        ...logTicks(Math.min(...xs), Math.max(...xs))
      },
      yaxis: {
        title: axisTitle("p05 to p95, % of the median"),
        type: "log",
        ...logTicks(Math.min(...ys), Math.max(...ys))
      },
    })
  };
}

function intervalFigure(choice) {
  const traces = [];
  let count = 0;
  for (const path of choice.paths) {
    const all =
        choice.rows.filter((row) => row.path === path && clockUs(row, "event") !== undefined);
    const known = all.map((row) => row.event_ci).filter((ci) => ci > 0).sort((a, b) => a - b);
    if (!known.length) continue;
    count += known.length;
    const {color, dash} = look(choice, path);
    const xs = known.map((ci) => 100 * ci), ys = known.map((_, i) => 100 * (i + 1) / all.length);
    traces.push({
      type: "scatter",
      mode: "lines",
      name: `${plain(path)} (${known.length})`,
      x: xs,
      y: ys,
      line: {color, dash, width: 2, shape: "hv"},
      hoverinfo: "text",
      hovertext:
          xs.map((x, i) => `${plain(path)}: ${digits(ys[i])} % of rows within ${digits(x)} %`)
    });
  }
  if (!traces.length) return null;
  const xs = traces.flatMap((t) => t.x);
  return {
    name: "interval",
    rows: count,
    traces,
    layout: layout({
      title: title("95 % interval of the median"),
      margin: {t: 74},
      xaxis: {
        title: axisTitle("half width, % of the median"),
        type: "log",
        ...logTicks(Math.min(...xs), Math.max(...xs))
      },
      yaxis: {title: axisTitle("rows with a narrower one, %"), range: [0, 101]},
    })
  };
}

function runsFigure(choice) {
  const files = [...new Set(choice.set.runs.map((run) => run.file))];
  const traces = choice.paths
                     .map((path) => {
                       const runs = choice.set.runs.filter(
                           (run) => run.path === path && run.clock === choice.clock && run.us);
                       const {color, symbol} = look(choice, path);
                       return {
                         type: "scatter",
                         mode: "lines+markers",
                         name: plain(path),
                         x: runs.map((run) => files.indexOf(run.file) + 1),
                         y: runs.map((run) => run.us),
                         line: {color, width: 1},
                         marker: {color, symbol, size: 9},
                         hoverinfo: "text",
                         hovertext: runs.map(
                             (run) => `${plain(run.file)}<br>${plain(path)}: ${
                                 digits(run.us)} us in the mean of ${run.rows} rows`)
                       };
                     })
                     .filter((trace) => trace.x.length > 0);
  if (files.length < 2 || !traces.length) return null;
  const ys = traces.flatMap((t) => t.y);
  return {
    name: "runs",
    rows: traces.length,
    traces,
    layout: layout({
      title: title(`Between runs, ${clockWords[choice.clock]} clock`),
      margin: {t: 60},
      xaxis: {
        title: axisTitle("file"),
        tickmode: "array",
        tickvals: files.map((_, i) => i + 1),
        range: [0.5, files.length + 0.5],
        ticktext: files.map((file) => plain(file.length > 24 ? file.slice(0, 23) + "…" : file))
      },
      yaxis: {
        title: axisTitle("geometric mean, us"),
        type: "log",
        ...logTicks(Math.min(...ys), Math.max(...ys))
      },
    })
  };
}

/** Ratios of rounds, from the smallest: the interval tells whether a path is ahead. */
function roundsFigures(choice) {
  const chosen = new Set(choice.rows.map((row) => row.config.split(" (")[0]));
  const known = choice.set.pairs.filter(
      (pair) => pair.clock === choice.clock && chosen.has(pair.configuration) &&
          choice.paths.includes(pair.path) && choice.paths.includes(pair.base));
  return [...groupBy(known, (pair) => pair.path)].map(([path, pairs]) => {
    const ordered = [...pairs].sort((a, b) => a.ratio - b.ratio);
    const base = ordered[0].base;
    const traces =
        [path, base, "undecided"]
            .map((verdict) => {
              const places = ordered.map((pair, i) => [pair, i + 1])
                                 .filter(([pair]) => pair.verdict === verdict);
              const color = verdict === "undecided" ? "#8c959f" : look(choice, verdict).color;
              const far = (end) => places.map(([pair]) => Math.abs(pair[end] - pair.ratio));
              return {
                type: "scatter",
                mode: "markers",
                name: `${plain(verdict)} (${places.length})`,
                x: places.map(([, x]) => x),
                y: places.map(([pair]) => pair.ratio),
                marker: {
                  color,
                  size: 5,
                  symbol: verdict === "undecided" ? "circle-open" : look(choice, verdict).symbol
                },
                hoverinfo: "text",
                error_y: {
                  type: "data",
                  array: far("high"),
                  arrayminus: far("low"),
                  color,
                  thickness: 1,
                  width: 0
                },
                hovertext: places.map(
                    ([pair]) => `${plain(pair.configuration)}<br>${digits(pair.ratio)} (${
                                    digits(pair.low)} to ` +
                        `${digits(pair.high)}) over ${pair.rounds} rounds<br>${
                                    plain(pair.verdict)}`)
              };
            })
            .filter((trace) => trace.x.length > 0);
    const ratios = ordered.map((pair) => pair.ratio);
    const low = Math.min(1, ...ratios) / 1.5, high = Math.max(1, ...ratios) * 1.5;
    return {
      name: "rounds " + path,
      rows: ordered.length,
      traces,
      layout: layout({
        title:
            title(`Rounds: ${plain(base)} over ${plain(path)}, ${clockWords[choice.clock]} clock`),
        margin: {t: 60},
        hovermode: "closest",
        xaxis: {title: axisTitle("configurations, by their ratio")},
        yaxis: {
          title: axisTitle("ratio of times, 95 % interval"),
          type: "log",
          range: [Math.log10(low), Math.log10(high)],
          ...logTicks(low, high)
        },
        shapes: [{
          type: "line",
          xref: "paper",
          x0: 0,
          x1: 1,
          y0: 1,
          y1: 1,
          line: {color: "#000", width: 1.5, dash: "dash"}
        }],
      })
    };
  });
}
