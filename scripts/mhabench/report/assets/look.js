"use strict";
// How figures look: colours, marks, axes, and a row in words.

// Okabe and Ito's palette: told apart by colour-blind readers. Marks and names say the same again.
const kPalette =
    ["#d55e00", "#0072b2", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#8a7f00"];
const kGlyphs = ["●", "■", "◆", "▲", "✚", "✖", "★", "⬟"];  // as kMarks, for text
const kOpenGlyphs = ["○", "□", "◇", "△", "✛", "✕", "☆", "⬠"];
const kMarks = ["circle", "square", "diamond", "triangle-up", "cross", "x", "star", "pentagon"];
const kClockLook = {
  event: {name: "event", color: "#0072b2", dash: "solid", symbol: "circle"},
  host: {name: "host", color: "#e69f00", dash: "dash", symbol: "diamond"},
  busy: {name: "busy", color: "#009e73", dash: "dot", symbol: "square"},
};
// Orange where the path held against is ahead, blue where another is: the colours of slow and fast.
const kDiverging =
    [[0, "#b34f00"], [0.25, "#f0a868"], [0.5, "#f7f7f7"], [0.75, "#6faed6"], [1, "#005a8f"]];
const kMostPoints = 6000;  // drawn of one figure; a browser is slow beyond

const eagerOf = (path) => path.replace(/_graph$/, "");

/**
 * A path's colour and mark, no two alike; its graph has the same colour, an open mark and a broken
 * line. Marks move on by one each time that the colours are used up.
 */
function look(choice, path) {
  const place = unique(choice.set.paths.map(eagerOf)).indexOf(eagerOf(path));
  const round = Math.floor(place / kPalette.length);
  const mark = (place + round) % kMarks.length;
  const color = kPalette[place % kPalette.length];
  const graph = path !== eagerOf(path);
  return {
    color,
    fill: graph ? tint(color) : color,
    symbol: kMarks[mark] + (graph ? "-open" : ""),
    glyph: (graph ? kOpenGlyphs : kGlyphs)[mark],
    dash: (round % 2 ? ["dot", "dashdot"] : ["solid", "dash"])[Number(graph)]
  };
}

/** Half way from a colour to white. */
const tint = (color) =>
    "#" + color.match(/[0-9a-f]{2}/g).map((c) => ((parseInt(c, 16) + 255) >> 1).toString(16)).join("");

/** Pixels that a legend over a plot of this width needs beyond its first two lines. */
function legendRoom(figure, width) {
  if (!figure?.traces.length || figure.layout.showlegend === false) return 0;
  const names = figure.traces.filter((trace) => trace.name && trace.showlegend !== false)
                    .map((trace) => trace.name);
  if (names.length < 2) return 0;
  const entry = 40 + 6.3 * Math.max(...names.map((name) => name.length));
  const columns = Math.max(1, Math.floor((width - 72) / entry));
  return 19 * Math.max(0, Math.ceil(names.length / columns) - 2);
}

/** Text from a file, for Plotly, which takes some of HTML as its own. */
const plain = (text) =>
    String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

const digits = (value, count = 3) => value === undefined ? "unknown" :
    value >= 10 ** count ? Math.round(value).toString() :
                           Number(value.toPrecision(count)).toString();

const times = (ratio) => (ratio >= 9.95 ? ratio.toFixed(0) : ratio.toFixed(ratio >= 0.095 ? 1 : 2));
const clockWords = {
  event: "event",
  busy: "busy",
  host: "host"
};

function layout(changes) {
  const axis = {
    gridcolor: "#e6e9ec",
    zeroline: false,
    linecolor: "#8c959f",
    ticks: "outside",
    ticklen: 4,
    tickcolor: "#8c959f",
    automargin: true,
    fixedrange: false
  };
  const base = {
    font: {family: "system-ui, 'DejaVu Sans', sans-serif", size: 12, color: "#1b1f24"},
    paper_bgcolor: "#fff",
    plot_bgcolor: "#fff",
    margin: {l: 56, r: 16, t: 34, b: 46},
    hoverlabel: {align: "left", bgcolor: "#fff", bordercolor: "#57606a", font: {color: "#1b1f24"}},
    legend: {orientation: "h", x: 0, y: 1.02, yanchor: "bottom", font: {size: 12}},
    xaxis: axis,
    yaxis: axis,
  };
  const merged = {...base, ...changes};
  for (const key of Object.keys(changes)) {
    if (/^[xy]axis/.test(key)) merged[key] = {...axis, ...changes[key]};
  }
  if (changes.margin) merged.margin = {...base.margin, ...changes.margin};
  return merged;
}

const title = (text) => (
    {text, font: {size: 13}, x: 0.01, xanchor: "left", y: 0.99, yanchor: "top", yref: "container"});
const axisTitle = (text) => ({text, font: {size: 12}, standoff: 6});

/** Ticks at 1, 2, 5 of each decade; fewer where the range is wide, more where it is narrow. */
function logTicks(low, high) {
  const span = high / low;
  const steps = span > 100 ? [1] : span > 4 ? [1, 2, 5] : [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8];
  const ticks = [];
  for (let e = Math.floor(Math.log10(low)) - 1; e <= Math.log10(high) + 1; ++e) {
    for (const s of steps) ticks.push(s * 10 ** e);
  }
  return {
    tickmode: "array",
    tickvals: ticks,
    ticktext: ticks.map((t) => Number(t.toPrecision(3)).toString())
  };
}

/** A row's numbers, as lines for hovering. */
function describe(row) {
  const lines =
      [plain(row.path) + (row.backend ? " (" + plain(row.backend) + ")" : ""), plain(row.config)];
  const say = (name, value, unit = "") => {
    if (value !== undefined) lines.push(name + " " + digits(value) + unit);
  };
  say("padding", row.padding);
  say("event", row.real_time, " us");
  if (row.event_us_p05 !== undefined) {
    lines.push(`of samples: median ${digits(row.event_us_median)}, p05 ${
        digits(row.event_us_p05)}, p95 ${digits(row.event_us_p95)} us`);
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
