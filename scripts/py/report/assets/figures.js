"use strict";
// Traces and layouts of the figures. Each function takes the choice and returns what Plotly draws;
// nothing here touches the page.

// Okabe and Ito's palette: told apart by colour-blind readers. Marks and names say the same again.
const kPalette = ["#d55e00", "#0072b2", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#8a7f00"];
const kGlyphs = ["●", "■", "◆", "▲", "✚", "✖", "★", "⬟"];  // as kMarks, for text
const kMarks = ["circle", "square", "diamond", "triangle-up", "cross", "x", "star", "pentagon"];
const kClockLook = {
  event: {name: "event", color: "#0072b2", dash: "solid", symbol: "circle"},
  host: {name: "host", color: "#e69f00", dash: "dash", symbol: "diamond"},
  busy: {name: "busy", color: "#009e73", dash: "dot", symbol: "square"},
};
// Orange where the path held against is ahead, blue where another is: the colours of slow and fast.
const kDiverging = [[0, "#b34f00"], [0.25, "#f0a868"], [0.5, "#f7f7f7"], [0.75, "#6faed6"], [1, "#005a8f"]];
const kMostPoints = 6000;  // drawn of one figure; a browser is slow beyond

const look = (choice, path) => {
  const place = choice.set.paths.indexOf(path);
  const mark = place % kMarks.length;
  return {color: kPalette[place % kPalette.length], symbol: kMarks[mark], glyph: kGlyphs[mark]};
};

/** Text from a file, for Plotly, which takes some of HTML as its own. */
const plain = (text) =>
  String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

const digits = (value, count = 3) =>
  value === undefined ? "unknown"
    : value >= 10 ** count ? Math.round(value).toString() : Number(value.toPrecision(count)).toString();

const times = (ratio) => (ratio >= 9.95 ? ratio.toFixed(0) : ratio.toFixed(ratio >= 0.095 ? 1 : 2));
const clockWords = {event: "event", busy: "busy", host: "host"};

function layout(changes) {
  const axis = {gridcolor: "#e6e9ec", zeroline: false, linecolor: "#8c959f", ticks: "outside",
    ticklen: 4, tickcolor: "#8c959f", automargin: true, fixedrange: false};
  const base = {
    font: {family: "system-ui, 'DejaVu Sans', sans-serif", size: 12, color: "#1b1f24"},
    paper_bgcolor: "#fff", plot_bgcolor: "#fff", margin: {l: 56, r: 16, t: 34, b: 46},
    hoverlabel: {align: "left", bgcolor: "#fff", bordercolor: "#57606a", font: {color: "#1b1f24"}},
    legend: {orientation: "h", x: 0, y: 1.02, yanchor: "bottom", font: {size: 12}},
    xaxis: axis, yaxis: axis,
  };
  const merged = {...base, ...changes};
  for (const key of Object.keys(changes)) {
    if (/^[xy]axis/.test(key)) merged[key] = {...axis, ...changes[key]};
  }
  if (changes.margin) merged.margin = {...base.margin, ...changes.margin};
  return merged;
}

const title = (text) => ({text, font: {size: 13}, x: 0.01, xanchor: "left", y: 0.99, yanchor: "top", yref: "container"});
const axisTitle = (text) => ({text, font: {size: 12}, standoff: 6});

/** Ticks at 1, 2, 5 of each decade; fewer where the range is wide, more where it is narrow. */
function logTicks(low, high) {
  const span = high / low;
  const steps = span > 100 ? [1] : span > 4 ? [1, 2, 5] : [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8];
  const ticks = [];
  for (let e = Math.floor(Math.log10(low)) - 1; e <= Math.log10(high) + 1; ++e) {
    for (const s of steps) ticks.push(s * 10 ** e);
  }
  return {tickmode: "array", tickvals: ticks, ticktext: ticks.map((t) => Number(t.toPrecision(3)).toString())};
}

/** A row's numbers, as lines for hovering. */
function describe(row) {
  const lines = [plain(row.path) + (row.backend ? " (" + plain(row.backend) + ")" : ""),
    plain(row.config)];
  const say = (name, value, unit = "") => {
    if (value !== undefined) lines.push(name + " " + digits(value) + unit);
  };
  say("padding", row.padding);
  if (row.event_us_median !== undefined) {
    lines.push(`event ${digits(row.event_us_median)} us` + (row.event_us_p05 === undefined ? "" :
      ` (p05 ${digits(row.event_us_p05)}, p95 ${digits(row.event_us_p95)})`));
  } else {
    say("time", row.real_time, " us");
  }
  say("host", row.host_us, " us");
  say("busy", row.busy_us, " us");
  say("kernels", row.kernels);
  say("floor", row.floor_us, " us");
  say("over floor", row.over_floor);
  say("pack", row.pack_us, " us");
  say("unpack", row.unpack_us, " us");
  say("relative error", row.rel_err);
  say("throttled share", row.throttled);
  return lines.join("<br>");
}

// --- by padding and size -----------------------------------------------------------------------

/** The cells of the choice, for any count of layers: columns of padding, rows of size. */
function cellGrid(choice, layers) {
  const paths = timedPaths(choice.rows, choice.paths, choice.clock, layers);
  const timed = timedConfigs(choice.rows, paths, choice.clock, layers, [choice.baseline])
    .filter((t) => t.row.padding !== undefined && sizeBin(t.row) !== undefined);
  const columns = paddingColumns(timed.map((t) => t.row));
  const cells = new Map();
  for (const [key, group] of groupBy(timed, (t) => columns.keyOf(t.row) + "," + sizeBin(t.row))) {
    cells.set(key, cellOf(group, paths, choice.baseline));
  }
  const ys = unique(timed.map((t) => sizeBin(t.row))).sort((a, b) => a - b);
  // Columns stand side by side, so that those close in padding stay legible.
  const paddings = columns.keys.map((key) => columns.at.get(key));
  return {xs: paddings.map((_, i) => i), paddings, ys, paths, timed,
    cell: (column, size) => cells.get(columns.keys[column] + "," + size)};
}

function cellHover(cell, choice) {
  const paddings = cell.timed.map((t) => t.row.padding);
  const sizes = cell.timed.map((t) => sizeOf(t.row));
  const span = (values, digitsOf) => {
    const low = digitsOf(Math.min(...values)), high = digitsOf(Math.max(...values));
    return low === high ? low : `${low} to ${high}`;
  };
  const lines = [`padding ${span(paddings, (p) => p.toFixed(2))}`,
    `size ${span(sizes, String)} positions, ${cell.timed.length} configuration${cell.timed.length > 1 ? "s" : ""}`];
  const ranked = Object.entries(cell.means).sort((a, b) => a[1] - b[1]);
  for (const [path, us] of ranked.slice(0, 8)) {
    lines.push(`${plain(path)}: ${digits(us)} us, fastest in ${cell.wins[path]}`);
  }
  if (cell.speedup !== undefined) lines.push(`speed-up over ${plain(choice.baseline)}: ${digits(cell.speedup)}`);
  return lines.join("<br>");
}

function mapOf(grid, valueOf, missing = null) {
  return grid.ys.map((y) => grid.xs.map((_, i) => {
    const cell = grid.cell(i, y);
    return cell ? valueOf(cell) : missing;
  }));
}

/** The largest size in each column at which the speed-up crosses 1; solid for what is shown. */
function crossover(grid, name, dash) {
  const xs = [], ys = [];
  grid.xs.forEach((x, i) => {
    const curve = grid.ys.map((y) => [y, grid.cell(i, y)])
      .filter(([, cell]) => cell && cell.speedup !== undefined)
      .map(([y, cell]) => [y, Math.log2(cell.speedup)]);
    let at = null;
    for (let k = 1; k < curve.length; ++k) {
      const [[x0, y0], [x1, y1]] = [curve[k - 1], curve[k]];
      if (y0 > 0 !== y1 > 0) at = x0 + (x1 - x0) * y0 / (y0 - y1);
    }
    xs.push(x);
    ys.push(at);
  });
  if (ys.every((y) => y === null)) return null;
  return {type: "scatter", mode: "lines+markers", x: xs, y: ys, name, showlegend: true, connectgaps: false,
    line: {color: "#000", width: 2, dash}, marker: {color: "#000", size: 4}, hoverinfo: "skip"};
}

function crossovers(choice) {
  const kinds = [[0, "crossover, one call", "solid"]];
  if (choice.knowsPacking) {
    kinds.push([1, "1 layer and packing", "dot"], [12, "12 layers and packing", "dash"]);
  }
  return kinds
    .map(([layers, name, dash]) => crossover(cellGrid(choice, layers), name, dash)).filter(Boolean);
}

function mapLayout(grid, text) {
  const step = Math.max(1, Math.ceil(grid.ys.length / 14));
  const ys = grid.ys.filter((_, i) => i % step === 0);
  const stepX = Math.max(1, Math.ceil(grid.xs.length / 20));
  const xs = grid.xs.filter((_, i) => i % stepX === 0);
  return layout({
    title: title(text), margin: {t: 64, l: 70}, hovermode: "closest",
    legend: {orientation: "h", x: 0, y: 1.01, yanchor: "bottom", font: {size: 11}},
    xaxis: {title: axisTitle("padding (share of positions without a token), not to scale"), showgrid: false,
      range: [-0.5, grid.xs.length - 0.5], tickmode: "array", tickvals: xs, ticktext: xs.map((x) => grid.paddings[x].toFixed(2)), tickangle: xs.length > 8 ? -60 : 0},
    yaxis: {title: axisTitle("size: batch x seq_len, positions"), showgrid: false, tickmode: "array",
      range: [grid.ys[0] - 0.5, grid.ys[grid.ys.length - 1] + 0.5], tickvals: ys, ticktext: ys.map((y) => String(2 ** y))},
  });
}

/** Short names for cells: a path's own where it fits, else a letter that the legend explains. */
function shortNames(paths) {
  const fits = paths.every((path) => path.length <= 5);
  return Object.fromEntries(paths.map((path, i) => [path, fits ? path : String.fromCharCode(65 + (i % 26))]));
}

function winnerFigure(choice) {
  const grid = cellGrid(choice, choice.layers);
  const names = shortNames(choice.set.paths);
  const places = grid.paths;
  const count = Math.max(places.length, 1);
  const scale = places.flatMap((path, i) => {
    const color = look(choice, path).color;
    return [[i / count, color], [(i + 1) / count, color]];
  });
  const map = {
    type: "heatmap", x: grid.xs, y: grid.ys,
    z: mapOf(grid, (cell) => places.indexOf(cell.winner)), zmin: -0.5, zmax: count - 0.5,
    colorscale: scale.length ? scale : undefined, showscale: false, xgap: 2, ygap: 2,
    text: mapOf(grid, (cell) => plain(names[cell.winner]), ""), texttemplate: "%{text}",
    textfont: {size: grid.xs.length > 10 ? 10 : 12}, hoverinfo: "text",
    hovertext: mapOf(grid, (cell) => cellHover(cell, choice), ""),
  };
  // An empty trace each, for a legend that names colours.
  const winners = new Set(mapOf(grid, (cell) => cell.winner).flat());
  const keys = places.filter((path) => winners.has(path)).map((path) => ({
    type: "scatter", x: [null], y: [null], mode: "markers", showlegend: true,
    name: plain(names[path] === path ? path : names[path] + "  " + path),
    marker: {symbol: "square", size: 12, color: look(choice, path).color}, hoverinfo: "skip",
  }));
  return {traces: [map, ...keys, ...crossovers(choice)], layout: mapLayout(grid, "Fastest path"),
    rows: grid.timed.length, grid};
}

function speedupFigure(choice) {
  const grid = cellGrid(choice, choice.layers);
  const z = mapOf(grid, (cell) => (cell.speedup === undefined ? null : Math.log2(cell.speedup)));
  const most = Math.max(1, ...z.flat().filter((v) => v !== null).map(Math.abs));
  const ticks = Array.from({length: 2 * Math.floor(most) + 1}, (_, i) => i - Math.floor(most));
  const map = {
    type: "heatmap", x: grid.xs, y: grid.ys, z, zmin: -most, zmax: most,
    colorscale: kDiverging, xgap: 2, ygap: 2, texttemplate: "%{text}", textfont: {size: grid.xs.length > 10 ? 10 : 12},
    text: mapOf(grid, (cell) => (cell.speedup === undefined ? "" : times(cell.speedup)), ""),
    hoverinfo: "text", hovertext: mapOf(grid, (cell) => cellHover(cell, choice), ""),
    colorbar: {thickness: 12, tickvals: ticks, outlinewidth: 0,
      ticktext: ticks.map((t) => (t < 0 ? "1/" + 2 ** -t : String(2 ** t)))},
  };
  const others = choice.paths.filter((path) => path !== choice.baseline);
  const what = others.length === 1 ? plain(others[0]) : "the best other path";
  return {traces: [map, ...crossovers(choice)],
    layout: mapLayout(grid, `Speed-up of ${what} over ${plain(choice.baseline)}`), rows: grid.timed.length, grid};
}

// --- by each axis ------------------------------------------------------------------------------

const kAxes = [
  ["seq_len", "seq_len", (row) => row.seq_len], ["batch", "batch", (row) => row.batch],
  ["padding", "padding", null], ["embed_dim", "embed_dim", (row) => row.embed_dim],
  ["heads", "heads", (row) => row.heads],
];

/** A path against the baseline where both have a time, or its own times. */
function axisFigures(choice, what) {
  const paths = timedPaths(choice.rows, choice.paths, choice.clock, choice.layers);
  const speedup = what === "speedup" && paths.includes(choice.baseline) && paths.length > 1;
  const drawn = paths.filter((path) => !speedup || path !== choice.baseline);
  const timed = timedConfigs(choice.rows, paths, choice.clock, choice.layers, speedup ? [choice.baseline] : [])
    .filter((t) => !speedup || Object.keys(t.us).length > 1);
  for (const t of timed) t.row ??= choice.rows.find((row) => row.path in t.us);
  const columns = paddingColumns(timed.map((t) => t.row));
  const figures = [];
  for (const [name, label, valueOf] of kAxes) {
    const groups = groupBy(timed, (t) => (valueOf ?? columns.keyOf)(t.row));
    if (groups.size < 2) continue;
    const values = valueOf ? [...groups.keys()].sort((a, b) => a - b) : columns.keys;
    const xs = valueOf ? values : values.map((key) => columns.at.get(key));
    const traces = drawn.flatMap((path) =>
      axisTraces(choice, path, values.map((value, i) => ({x: xs[i], timed: groups.get(value)})),
        {label, speedup, band: speedup && drawn.length === 1}));
    const all = traces.flatMap((t) => t.y);
    const doubling = ["seq_len", "batch"].includes(name) && Math.max(...xs) / Math.min(...xs) >= 4;
    const few = xs.length <= 8 && name !== "padding";
    const unit = speedup ? "speed-up" : "us a call";
    figures.push({name, rows: timed.length, traces, layout: layout({
      title: title(label), margin: {t: 52}, showlegend: drawn.length > 1 && drawn.length <= 4,
      xaxis: {title: axisTitle(name === "padding" ? "padding (share)" : label), type: doubling ? "log" : "linear",
        ...(few ? {tickmode: "array", tickvals: xs, ticktext: xs.map(String)} : {})},
      yaxis: {title: axisTitle(unit), type: "log", ...logTicks(Math.min(...all), Math.max(...all))},
      shapes: speedup ? [{type: "line", xref: "paper", x0: 0, x1: 1, y0: 1, y1: 1,
        line: {color: "#000", width: 1.5, dash: "dash"}}] : [],
    })});
  }
  return {figures, speedup, drawn, timed};
}

function axisTraces(choice, path, groups, {label, speedup, band}) {
  const known = groups.map(({x, timed}) => ({x, ratios: timed.filter((t) => path in t.us)
    .map((t) => (speedup ? t.us[choice.baseline] / t.us[path] : t.us[path]))})).filter((g) => g.ratios.length);
  const {color, symbol} = look(choice, path);
  const xs = known.map((g) => g.x);
  const at = (share) => known.map((g) => quantile(g.ratios, share));
  const line = {type: "scatter", mode: "lines+markers", name: plain(path), x: xs, y: known.map((g) => geomean(g.ratios)),
    line: {color, width: 2}, marker: {color, symbol, size: 7}, hoverinfo: "text",
    hovertext: known.map((g) => `${plain(path)}, ${label} ${digits(g.x)}<br>` +
      `${digits(geomean(g.ratios))}${speedup ? " times" : " us"} in the mean of ${g.ratios.length}<br>` +
      `10th to 90th percentile ${digits(quantile(g.ratios, 0.1))} to ${digits(quantile(g.ratios, 0.9))}`)};
  if (!band) return [line];
  return [{type: "scatter", mode: "lines", showlegend: false, hoverinfo: "skip", fill: "toself",
    fillcolor: color + "22", line: {width: 0}, x: [...xs, ...[...xs].reverse()],
    y: [...at(0.9), ...at(0.1).reverse()]}, line];
}

// --- the floor ---------------------------------------------------------------------------------

/** Every so many of a path's points, so that a figure of so many in all holds kMostPoints. */
function thin(rows, all) {
  const step = Math.ceil(all / kMostPoints) || 1;
  return step === 1 ? rows : rows.filter((_, i) => i % step === 0);
}

function points(choice, path, rows, xOf, yOf) {
  const {color, symbol} = look(choice, path);
  return {type: "scatter", mode: "markers", name: plain(path), x: rows.map(xOf), y: rows.map(yOf),
    marker: {color, symbol, size: 5, opacity: 0.55}, hoverinfo: "text", hovertext: rows.map(describe)};
}

function rooflineFigure(choice) {
  const known = choice.rows.filter((row) =>
    choice.paths.includes(row.path) && row.floor_us > 0 && clockUs(row, choice.clock) !== undefined);
  const traces = choice.paths.map((path) => {
    const rows = thin(known.filter((row) => row.path === path), known.length);
    return points(choice, path, rows, (row) => row.floor_us, (row) => clockUs(row, choice.clock));
  }).filter((trace) => trace.x.length > 0);
  if (!traces.length) return {traces: [], rows: 0, known};
  const xs = known.map((row) => row.floor_us);
  const low = Math.min(...xs), high = Math.max(...xs);
  for (const [factor, dash] of [[1, "solid"], [2, "dash"], [5, "dot"], [10, "dashdot"]]) {
    traces.push({type: "scatter", mode: "lines+text", x: [low, high], y: [low * factor, high * factor],
      line: {color: "#57606a", width: factor === 1 ? 2 : 1, dash}, text: ["", factor + "x"],
      textposition: "middle right", cliponaxis: false, showlegend: false, hoverinfo: "skip"});
  }
  const all = traces.flatMap((t) => t.y);
  return {traces, rows: known.length, known, layout: layout({
    margin: {r: 40}, hovermode: "closest",
    xaxis: {title: axisTitle("floor, us"), type: "log", ...logTicks(low, high)},
    yaxis: {title: axisTitle(`${clockWords[choice.clock]} time of a call, us`), type: "log",
      ...logTicks(Math.min(...all), Math.max(...all))},
  })};
}

// --- clocks ------------------------------------------------------------------------------------

function clockFigures(choice) {
  const figures = [];
  const ranges = [];
  for (const path of choice.paths) {
    const rows = choice.rows.filter((row) => row.path === path && clockUs(row, "event") !== undefined);
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
      traces.push({type: "scatter", mode: "lines+markers", name: style.name, x: bins.map((b) => 2 ** b),
        y: mean, line: {color: style.color, dash: style.dash, width: 2},
        marker: {color: style.color, symbol: style.symbol, size: 7}, hoverinfo: "text",
        hovertext: bins.map((bin, i) => `${plain(path)}, ${clock}<br>${2 ** bin} positions<br>` +
          `${digits(mean[i])} us in the mean of ${columns[i].length}<br>from ${digits(Math.min(...columns[i]))}` +
          ` to ${digits(Math.max(...columns[i]))}`)});
    }
    if (traces.length) figures.push({name: path, rows: rows.length, traces});
  }
  const low = Math.min(...ranges), high = Math.max(...ranges);
  for (const figure of figures) {
    const xs = figure.traces[0].x;
    const every = Math.ceil(xs.length / 5);
    const ticks = xs.filter((_, i) => i % every === 0);
    figure.layout = layout({
      title: title(plain(figure.name)), margin: {t: 56}, showlegend: true,
      xaxis: {title: axisTitle("size: batch x seq_len, positions"), type: "log", tickmode: "array",
        tickvals: ticks, ticktext: ticks.map(String)},
      yaxis: {title: axisTitle("us a call"), type: "log", range: [Math.log10(low) - 0.1, Math.log10(high) + 0.1],
        ...logTicks(low, high)},
    });
  }
  return figures;
}

// --- distributions -----------------------------------------------------------------------------

function spreadFigure(choice) {
  const known = choice.rows.filter((row) => choice.paths.includes(row.path) &&
    row.event_us_p05 !== undefined && row.event_us_p95 !== undefined && clockUs(row, "event") !== undefined);
  const spread = (row) => 100 * (row.event_us_p95 - row.event_us_p05) / clockUs(row, "event");
  const traces = choice.paths.map((path) => {
    const rows = thin(known.filter((row) => row.path === path && spread(row) > 0), known.length);
    return points(choice, path, rows, (row) => clockUs(row, "event"), spread);
  }).filter((trace) => trace.x.length > 0);
  if (!traces.length) return null;
  const xs = traces.flatMap((t) => t.x), ys = traces.flatMap((t) => t.y);
  return {name: "spread", rows: known.length, traces, layout: layout({
    title: title("Scatter of a row's samples"), margin: {t: 60}, hovermode: "closest",
    xaxis: {title: axisTitle("median of the event clock, us"), type: "log", ...logTicks(Math.min(...xs), Math.max(...xs))},
    yaxis: {title: axisTitle("p05 to p95, % of the median"), type: "log", ...logTicks(Math.min(...ys), Math.max(...ys))},
  })};
}

function intervalFigure(choice) {
  const traces = [];
  let count = 0;
  for (const path of choice.paths) {
    const all = choice.rows.filter((row) => row.path === path && clockUs(row, "event") !== undefined);
    const known = all.map((row) => row.event_ci).filter((ci) => ci > 0).sort((a, b) => a - b);
    if (!known.length) continue;
    count += known.length;
    const color = look(choice, path).color;
    const xs = known.map((ci) => 100 * ci), ys = known.map((_, i) => 100 * (i + 1) / all.length);
    traces.push({type: "scatter", mode: "lines", name: `${plain(path)} (${known.length} of ${all.length})`,
      x: xs, y: ys, line: {color, width: 2, shape: "hv", dash: choice.paths.indexOf(path) % 2 ? "dash" : "solid"},
      hoverinfo: "text", hovertext: xs.map((x, i) => `${plain(path)}: ${digits(ys[i])} % of rows within ${digits(x)} %`)});
  }
  if (!traces.length) return null;
  const xs = traces.flatMap((t) => t.x);
  return {name: "interval", rows: count, traces, layout: layout({
    title: title("95 % interval of the median"), margin: {t: 74},
    xaxis: {title: axisTitle("half width, % of the median"), type: "log", ...logTicks(Math.min(...xs), Math.max(...xs))},
    yaxis: {title: axisTitle("rows with a narrower one, %"), range: [0, 101]},
  })};
}

function runsFigure(choice) {
  const files = [...new Set(choice.set.runs.map((run) => run.file))];
  const traces = choice.paths.map((path) => {
    const runs = choice.set.runs.filter((run) => run.path === path && run.clock === choice.clock && run.us);
    const {color, symbol} = look(choice, path);
    return {type: "scatter", mode: "lines+markers", name: plain(path), x: runs.map((run) => files.indexOf(run.file) + 1),
      y: runs.map((run) => run.us), line: {color, width: 1}, marker: {color, symbol, size: 9}, hoverinfo: "text",
      hovertext: runs.map((run) => `${plain(run.file)}<br>${plain(path)}: ${digits(run.us)} us in the mean of ${run.rows} rows`)};
  }).filter((trace) => trace.x.length > 0);
  if (files.length < 2 || !traces.length) return null;
  const ys = traces.flatMap((t) => t.y);
  return {name: "runs", rows: traces.length, traces, layout: layout({
    title: title(`Between runs, ${clockWords[choice.clock]} clock`), margin: {t: 60},
    xaxis: {title: axisTitle("file"), tickmode: "array", tickvals: files.map((_, i) => i + 1),
      range: [0.5, files.length + 0.5], ticktext: files.map((file) => plain(file.length > 24 ? file.slice(0, 23) + "…" : file))},
    yaxis: {title: axisTitle("geometric mean, us"), type: "log", ...logTicks(Math.min(...ys), Math.max(...ys))},
  })};
}

/** Ratios of rounds, from the smallest: the interval tells whether a path is ahead. */
function roundsFigures(choice) {
  const chosen = new Set(choice.rows.map((row) => row.config.replace(/\/seed:[^/]*$/, "")));
  const known = choice.set.pairs.filter((pair) => pair.clock === choice.clock && chosen.has(pair.configuration) &&
    choice.paths.includes(pair.path) && choice.paths.includes(pair.base));
  return [...groupBy(known, (pair) => pair.path)].map(([path, pairs]) => {
    const ordered = [...pairs].sort((a, b) => a.ratio - b.ratio);
    const base = ordered[0].base;
    const traces = [path, base, "undecided"].map((verdict) => {
      const places = ordered.map((pair, i) => [pair, i + 1]).filter(([pair]) => pair.verdict === verdict);
      const color = verdict === "undecided" ? "#8c959f" : look(choice, verdict).color;
      const far = (end) => places.map(([pair]) => Math.abs(pair[end] - pair.ratio));
      return {type: "scatter", mode: "markers", name: `${plain(verdict)} (${places.length})`, x: places.map(([, x]) => x),
        y: places.map(([pair]) => pair.ratio), marker: {color, size: 5,
          symbol: verdict === "undecided" ? "circle-open" : look(choice, verdict).symbol}, hoverinfo: "text",
        error_y: {type: "data", array: far("high"), arrayminus: far("low"), color, thickness: 1, width: 0},
        hovertext: places.map(([pair]) => `${plain(pair.configuration)}<br>${digits(pair.ratio)} (${digits(pair.low)} to ` +
          `${digits(pair.high)}) over ${pair.rounds} rounds<br>${plain(pair.verdict)}`)};
    }).filter((trace) => trace.x.length > 0);
    const ratios = ordered.map((pair) => pair.ratio);
    const low = Math.min(1, ...ratios) / 1.5, high = Math.max(1, ...ratios) * 1.5;
    return {name: "rounds " + path, rows: ordered.length, traces, layout: layout({
      title: title(`Rounds: ${plain(base)} over ${plain(path)}, ${clockWords[choice.clock]} clock`), margin: {t: 60}, hovermode: "closest",
      xaxis: {title: axisTitle("configurations, by their ratio")},
      yaxis: {title: axisTitle("ratio of times, 95 % interval"), type: "log", range: [Math.log10(low), Math.log10(high)], ...logTicks(low, high)},
      shapes: [{type: "line", xref: "paper", x0: 0, x1: 1, y0: 1, y1: 1, line: {color: "#000", width: 1.5, dash: "dash"}}],
    })};
  });
}
