"use strict";
// The winner and the speed-up by padding and size.
// Each function takes the choice and returns what Plotly draws; nothing here touches the page.

/** The cells of the choice, for any count of layers: columns of padding, rows of size. */
function cellGrid(choice, layers) {
  const paths = timedPaths(choice.rows, choice.paths, choice.clock, layers);
  const timed = timedConfigs(choice.rows, paths, choice.clock, layers, [
                  ...basesOf(choice)
                ]).filter((t) => t.row.padding !== undefined && sizeBin(t.row) !== undefined);
  const columns = paddingColumns(timed.map((t) => t.row));
  const cells = new Map();
  for (const [key, group] of groupBy(timed, (t) => columns.keyOf(t.row) + "," + sizeBin(t.row))) {
    cells.set(key, cellOf(group, paths, basesOf(choice)));
  }
  const ys = unique(timed.map((t) => sizeBin(t.row))).sort((a, b) => a - b);
  // Columns stand side by side, so that those close in padding stay legible.
  const paddings = columns.keys.map((key) => columns.at.get(key));
  return {
    xs: paddings.map((_, i) => i),
    paddings,
    ys,
    paths,
    timed,
    cell: (column, size) => cells.get(columns.keys[column] + "," + size)
  };
}

function cellHover(cell, choice) {
  const paddings = cell.timed.map((t) => t.row.padding);
  const sizes = cell.timed.map((t) => sizeOf(t.row));
  const span = (values, digitsOf) => {
    const low = digitsOf(Math.min(...values)), high = digitsOf(Math.max(...values));
    return low === high ? low : `${low} to ${high}`;
  };
  const lines = [
    `padding ${span(paddings, (p) => p.toFixed(2))}`,
    `size ${span(sizes, String)} positions, ${cell.timed.length} configuration${
        cell.timed.length > 1 ? "s" : ""}`
  ];
  const ranked = Object.entries(cell.means).sort((a, b) => a[1] - b[1]);
  for (const [path, us] of ranked.slice(0, 8)) {
    lines.push(`${plain(path)}: ${digits(us)} us, fastest in ${cell.wins[path]}`);
  }
  if (cell.speedup !== undefined)
    lines.push(`speed-up over ${plain(choice.baseline)}: ${digits(cell.speedup)}`);
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
  return {
    type: "scatter",
    mode: "lines+markers",
    x: xs,
    y: ys,
    name,
    showlegend: true,
    connectgaps: false,
    line: {color: "#000", width: 2, dash},
    marker: {color: "#000", size: 4},
    hoverinfo: "skip"
  };
}

function crossovers(choice) {
  const kinds = [[0, "crossover, one call", "solid"]];
  if (choice.knowsPacking) {
    kinds.push([1, "1 layer and packing", "dot"], [12, "12 layers and packing", "dash"]);
  }
  return kinds.map(([layers, name, dash]) => crossover(cellGrid(choice, layers), name, dash))
      .filter(Boolean);
}

function mapLayout(grid, text) {
  const step = Math.max(1, Math.ceil(grid.ys.length / 14));
  const ys = grid.ys.filter((_, i) => i % step === 0);
  const stepX = Math.max(1, Math.ceil(grid.xs.length / 20));
  const xs = grid.xs.filter((_, i) => i % stepX === 0);
  return layout({
    title: title(text),
    margin: {t: 64, l: 70},
    hovermode: "closest",
    legend: {orientation: "h", x: 0, y: 1.01, yanchor: "bottom", font: {size: 11}},
    xaxis: {
      title: axisTitle("padding (share of positions without a token), not to scale"),
      showgrid: false,
      range: [-0.5, grid.xs.length - 0.5],
      tickmode: "array",
      tickvals: xs,
      ticktext: xs.map((x) => grid.paddings[x].toFixed(2)),
      tickangle: xs.length > 8 ? -60 : 0
    },
    yaxis: {
      title: axisTitle("size: batch x seq_len, positions"),
      showgrid: false,
      tickmode: "array",
      range: [grid.ys[0] - 0.5, grid.ys[grid.ys.length - 1] + 0.5],
      tickvals: ys,
      ticktext: ys.map((y) => String(2 ** y))
    },
  });
}

/** Short names for cells: a path's own where it fits, else a letter that the legend explains. */
function shortNames(paths) {
  const fits = paths.every((path) => path.length <= 5);
  return Object.fromEntries(
      paths.map((path, i) => [path, fits ? path : String.fromCharCode(65 + (i % 26))]));
}

function winnerFigure(choice) {
  const grid = cellGrid(choice, choice.layers);
  const names = shortNames(choice.set.paths);
  const places = grid.paths;
  const count = Math.max(places.length, 1);
  const scale = places.flatMap((path, i) => {
    const {fill} = look(choice, path);
    return [[i / count, fill], [(i + 1) / count, fill]];
  });
  const map = {
    type: "heatmap",
    x: grid.xs,
    y: grid.ys,
    z: mapOf(grid, (cell) => places.indexOf(cell.winner)),
    zmin: -0.5,
    zmax: count - 0.5,
    colorscale: scale.length ? scale : undefined,
    showscale: false,
    xgap: 2,
    ygap: 2,
    text: mapOf(grid, (cell) => plain(names[cell.winner]), ""),
    texttemplate: "%{text}",
    textfont: {size: grid.xs.length > 10 ? 10 : 12},
    hoverinfo: "text",
    hovertext: mapOf(grid, (cell) => cellHover(cell, choice), ""),
  };
  // An empty trace each, for a legend that names colours.
  const winners = new Set(mapOf(grid, (cell) => cell.winner).flat());
  const keys = places.filter((path) => winners.has(path))
                   .map((path) => ({
                          type: "scatter",
                          x: [null],
                          y: [null],
                          mode: "markers",
                          showlegend: true,
                          name: plain(names[path] === path ? path : names[path] + "  " + path),
                          marker: {symbol: "square", size: 12, color: look(choice, path).fill},
                          hoverinfo: "skip",
                        }));
  return {
    traces: [map, ...keys, ...crossovers(choice)],
    layout: mapLayout(grid, "Fastest path"),
    rows: grid.timed.length,
    grid
  };
}

function speedupFigure(choice) {
  const grid = cellGrid(choice, choice.layers);
  const z = mapOf(grid, (cell) => (cell.speedup === undefined ? null : Math.log2(cell.speedup)));
  const most = Math.max(1, ...z.flat().filter((v) => v !== null).map(Math.abs));
  const ticks = Array.from({length: 2 * Math.floor(most) + 1}, (_, i) => i - Math.floor(most));
  const map = {
    type: "heatmap",
    x: grid.xs,
    y: grid.ys,
    z,
    zmin: -most,
    zmax: most,
    colorscale: kDiverging,
    xgap: 2,
    ygap: 2,
    texttemplate: "%{text}",
    textfont: {size: grid.xs.length > 10 ? 10 : 12},
    text: mapOf(grid, (cell) => (cell.speedup === undefined ? "" : times(cell.speedup)), ""),
    hoverinfo: "text",
    hovertext: mapOf(grid, (cell) => cellHover(cell, choice), ""),
    colorbar: {
      thickness: 12,
      tickvals: ticks,
      outlinewidth: 0,
      ticktext: ticks.map((t) => (t < 0 ? "1/" + 2 ** -t : String(2 ** t)))
    },
  };
  const bases = basesOf(choice);
  const others = choice.paths.filter((path) => !bases.includes(path));
  const what = others.length === 1 ? plain(others[0]) : "the best other path";
  return {
    traces: [map, ...crossovers(choice)],
    layout: mapLayout(grid, `Speed-up of ${what} over ${plain(choice.baseline)}`),
    rows: grid.timed.length,
    grid
  };
}
