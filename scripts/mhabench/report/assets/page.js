"use strict";
// The controls and what they redraw.

const sets = JSON.parse(document.getElementById("data").textContent);
const rowsOfSet = sets.map(decodeRows);
const byId = (id) => document.getElementById(id);
const kConfig = {
  responsive: true,
  displaylogo: false,
  modeBarButtons: [["toImage", "zoom2d", "pan2d", "resetScale2d"]],
  toImageButtonOptions: {format: "svg"}
};
const kMostListed = 500;  // rows of a table; the file holds the others

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function options(select, values, chosen) {
  select.replaceChildren(...values.map(([value, text, disabled]) => {
    const option = element("option", text);
    option.value = value;
    option.disabled = Boolean(disabled);
    return option;
  }));
  if (values.some(([value, , disabled]) => value === chosen && !disabled)) select.value = chosen;
}

function table(head, lines, numeric = []) {
  const made = element("table");
  const cells = (line, name) => {
    const row = element("tr");
    line.forEach((text, i) => row.append(element(name, text, numeric.includes(i) ? "number" : "")));
    return row;
  };
  const thead = element("thead"), tbody = element("tbody");
  thead.append(cells(head, "th"));
  for (const line of lines) tbody.append(cells(line, "td"));
  made.append(thead, tbody);
  return made;
}

// --- controls ----------------------------------------------------------------------------------

function fillSet() {
  options(byId("set"), sets.map((set, i) => [String(i), set.label]), "0");
  byId("set-label").hidden = sets.length < 2;
}

/** What the chosen results offer. Keeps what was chosen where it is still there. */
function fillControls() {
  const place = Number(byId("set").value);
  const set = sets[place], rows = rowsOfSet[place];
  const axis = (name, all) => {
    const values = unique(rows.map((row) => row[name]).filter((v) => v !== undefined));
    values.sort((a, b) => (typeof a === "number" ? a - b : String(a).localeCompare(String(b))));
    const items = values.map((v) => [String(v), v === "" ? "none" : String(v)]);
    options(
        byId(name), all && values.length > 1 ? [["all", "all"], ...items] : items,
        byId(name).value);
  };
  axis("dtype", false);
  axis("embed_dim", true);
  axis("heads", true);
  axis("mode", false);
  byId("mode-label").hidden = byId("mode").options.length < 2;
  const has = (clock) => rows.some((row) => clockUs(row, clock) !== undefined);
  options(
      byId("clock"),
      [
        ["event", "event: a loop of calls", !has("event")],
        ["busy", "busy: the GPU's work" + (has("busy") ? "" : " (not in the file)"), !has("busy")],
        ["host", "host: enqueuing" + (has("host") ? "" : " (not in the file)"), !has("host")]
      ],
      byId("clock").value);
  const packing = rows.some((row) => row.pack_us !== undefined && row.unpack_us !== undefined);
  const lacks = packing ? "" : " (not in the file)";
  options(
      byId("layers"),
      [
        ["0", "one call"], ["1", "1 layer + packing" + lacks, !packing],
        ["12", "12 layers + packing" + lacks, !packing]
      ],
      byId("layers").value);
  options(
      byId("baseline"), set.baselines.map((name) => [name, name]),
      byId("baseline").value || set.baseline);
  if (!set.baselines.includes(byId("baseline").value)) byId("baseline").value = set.baseline;
  fillPaths(set);
}

function fillPaths(set) {
  const off =
      new Set([...byId("paths").querySelectorAll("input:not(:checked)")].map((box) => box.value));
  byId("paths").querySelectorAll("label").forEach((label) => label.remove());
  for (const path of set.paths) {
    const label = element("label");
    const box = element("input");
    box.type = "checkbox";
    box.value = path;
    box.checked = !off.has(path);
    const {color, glyph} = look({set}, path);
    const swatch = element("span", glyph, "swatch");
    swatch.style.color = color;
    label.append(box, swatch, path);
    byId("paths").append(label);
  }
}

function choose() {
  const place = Number(byId("set").value);
  const set = sets[place];
  const value = (name) => byId(name).value;
  const keeps = (name) => (row) =>
      value(name) === "all" || value(name) === "" || String(row[name]) === value(name);
  const all = rowsOfSet[place]
                  .filter((row) => row.dtype === value("dtype") && row.mode === value("mode"))
                  .filter(keeps("embed_dim"))
                  .filter(keeps("heads"));
  const baseline = value("baseline");
  const ticked = [...byId("paths").querySelectorAll("input:checked")].map((box) => box.value);
  const bases = basesOf({set, baseline});
  const paths = set.paths.filter((path) => ticked.includes(path) || bases.includes(path))
                    .filter((path) => all.some((row) => row.path === path));
  return {
    set,
    paths,
    baseline,
    clock: value("clock"),
    layers: Number(value("layers")),
    knowsPacking: all.some((row) => row.pack_us !== undefined && row.unpack_us !== undefined),
    all,
    rows: all.filter((row) => paths.includes(row.path))
  };
}

function sayChosen(choice) {
  const {paths, baseline} = choice;
  const bases = basesOf(choice);
  const others = paths.filter((path) => !bases.includes(path));
  const parts = others.map((path) => {
    const timed =
        timedConfigs(choice.rows, [...bases, path], choice.clock, choice.layers, bases)
            .filter((t) => path in t.us);
    if (!timed.length) return `${path}: no time beside ${baseline}`;
    const ratios = timed.map((t) => baseUs(t.us, bases) / t.us[path]);
    const wins = ratios.filter((r) => r > 1).length;
    return {path, count: timed.length, wins, mean: geomean(ratios)};
  });
  const known = parts.filter((part) => typeof part !== "string").sort((a, b) => b.mean - a.mean);
  const told = known.slice(0, 3).map(
      (p) => `${p.path} ${p.mean.toFixed(2)}x, ahead in ${p.wins} of ${p.count}`);
  const more = known.length > 3 ? ` (and ${known.length - 3} more)` : "";
  byId("chosen").textContent = told.length ?
      `Chosen, against ${baseline}: ${told.join("; ")}${more}` :
      parts.find((part) => typeof part === "string") ||
          `Only ${baseline} is chosen: nothing to compare.`;
  return known;
}

// --- figures -----------------------------------------------------------------------------------

function draw(id, figure, room = legendRoom(figure, byId(id).clientWidth)) {
  const place = byId(id);
  place.hidden = !figure || !figure.traces.length;
  place.dataset.rows = figure ? figure.rows : 0;
  place.style.height = "";
  if (place.hidden) return Plotly.purge(place);
  if (room) place.style.height = `${place.clientHeight + room}px`;
  Plotly.react(place, figure.traces, figure.layout, kConfig);
}

/** As many plots as there are figures, each in a place that stays its own. */
function drawAll(id, figures) {
  const grid = byId(id);
  while (grid.children.length > figures.length) {
    Plotly.purge(grid.lastChild);
    grid.lastChild.remove();
  }
  while (grid.children.length < figures.length) grid.append(element("div", undefined, "plot"));
  const widths = [...grid.children].map((child) => child.clientWidth);
  const room = Math.max(0, ...figures.map((figure, i) => legendRoom(figure, widths[i])));
  figures.forEach((figure, i) => {
    grid.children[i].id = `${id}-${i}`;
    grid.children[i].dataset.name = figure.name;
    draw(`${id}-${i}`, figure, room);
  });
}

function note(id, ...parts) {
  byId("n-" + id).textContent = parts.filter(Boolean).join(" ");
}

function drawMaps(choice) {
  const winner = winnerFigure(choice);
  draw("fig-winner", winner);
  draw("fig-speedup", speedupFigure(choice));
  byId("cell").hidden = true;
  const untimed = choice.paths.filter((path) => !winner.grid.paths.includes(path));
  const placed = winner.grid.timed;
  const crossed = crossovers(choice).length > 0;
  note(
      "winner", untimed.length && `Without such a time: ${untimed.join(", ")}.`,
      !placed.length &&
          `No configuration has a time of this kind for ${
              choice.baseline}, with its padding and size.`,
      placed.length && choice.paths.length > 1 && !crossed &&
          "There is no crossover among the cells shown.",
      !choice.knowsPacking &&
          "With packing around one or twelve layers: not shown, for these rows hold no pack_us and unpack_us.");
  const listen = (id) => {
    byId(id).removeAllListeners?.("plotly_click");
    byId(id).on?.("plotly_click", (event) => listCell(choice, winner.grid, event.points[0]));
  };
  listen("fig-winner");
  listen("fig-speedup");
}

function listCell(choice, grid, point) {
  const cell = grid.cell(point.x, point.y);
  if (!cell) return;
  const number = (value) => (value === undefined ? "" : digits(value, 4));
  const lines = cell.timed.slice(0, kMostListed)
                    .map(
                        (t) =>
                            [t.row.config, number(t.row.padding),
                             ...grid.paths.map((path) => number(t.us[path]))]);
  const head = ["configuration", "padding", ...grid.paths.map((path) => path + " us")];
  byId("cell").replaceChildren(table(head, lines, head.map((_, i) => i).slice(1)));
  byId("cell").hidden = false;
}

function drawAxes(choice) {
  const {figures, speedup, drawn, timed} = axisFigures(choice, byId("axes-what").value);
  const partly = drawn.map((path) => [path, timed.filter((t) => path in t.us).length])
                     .filter(([, count]) => count < timed.length)
                     .map(([path, count]) => `${path} ${count}`);
  drawAll("fig-axes", figures);
  note(
      "axes", !figures.length && "No axis has two values among the chosen rows.",
      figures.length && speedup &&
          `Speed-up over ${choice.baseline}, which is the dashed line at 1` +
              (drawn.length === 1 ?
                   "; the band holds the configurations from the 10th to the 90th percentile." :
                   "."),
      figures.length && partly.length &&
          `Over some of the ${timed.length} configurations, so that a line may` +
              ` turn where they do: ${partly.join(", ")}.`,
      figures.length && drawn.length > 4 &&
          "Colours and marks are those beside the names of the paths above.",
      figures.length && !speedup && byId("axes-what").value === "speedup" &&
          "One path alone has times: its time is shown.");
}

function drawRoofline(choice) {
  const figure = rooflineFigure(choice);
  draw("fig-roofline", figure);
  note(
      "roofline",
      !figure.rows &&
          (choice.rows.some((row) => row.floor_us > 0) ?
               "No row with a floor has a time on this clock." :
               "Not shown: no row holds floor_us. The run measured no peaks of its device, or its program did not know floors yet."),
      figure.rows > kMostPoints && "Some of the rows are drawn, evenly taken.");
}

function drawClocks(choice) {
  const figures = clockFigures(choice);
  drawAll("fig-clocks", figures);
  const lacks = ["host", "busy"].filter(
      (clock) => !choice.rows.some((row) => clockUs(row, clock) !== undefined));
  const rows = choice.rows.filter((row) => clockUs(row, "busy") && clockUs(row, "event"));
  const bound = rows.filter((row) => clockUs(row, "event") > 1.5 * clockUs(row, "busy")).length;
  note(
      "clocks",
      figures.length ? "Geometric means over the configurations of a size." : "No row has a time.",
      rows.length &&
          `In ${bound} of ${
              rows.length} rows the event clock reads more than 1.5 times the GPU's work.`,
      lacks.length &&
          `No row holds ${
              lacks.map((clock) => clock + "_us").join(" or ")}: on a CPU there is one clock, ` +
              "and on a GPU a run with --trace=false has no busy time.");
}

function drawSpread(choice) {
  const figures = [
    spreadFigure(choice), intervalFigure(choice), runsFigure(choice), ...roundsFigures(choice)
  ].filter(Boolean);
  drawAll("fig-spread", figures);
  const names = figures.map((figure) => figure.name);
  note(
      "spread", !names.includes("spread") && "No row holds event_us_p05 and event_us_p95.",
      names.includes("interval") && "In brackets: how many rows have such an interval.",
      !names.includes("interval") &&
          "No row holds event_ci: a batch needs enough samples to carry one.",
      names.includes("spread") && figures[0].rows > kMostPoints &&
          "Some of the rows are drawn, evenly taken.",
      !choice.set.pairs.length &&
          "The paths did not take turns in rounds, so no ratio has an interval.",
      choice.set.files.length < 2 && "One file: what differs from run to run, it cannot say.");
}

// --- tables ------------------------------------------------------------------------------------

function listProblems(choice) {
  const bad = choice.all.filter((row) => row.status !== "ok");
  const count = (status) => bad.filter((row) => row.status === status).length;
  const checked = choice.all.filter((row) => row.worst_bound > 0);
  const largest = checked.reduce((most, row) => Math.max(most, row.worst_err / row.worst_bound), 0);
  note(
      "problems",
      `Of ${choice.all.length} rows of this choice ${count("wrong")} are wrong, ${
          count("failed")} failed, ` +
          `${count("skipped")} were skipped. None of these takes part in the figures of winners.`,
      checked.length ?
          `The largest error of a checked row is ${digits(largest)} of what is allowed.` :
          "No row tells of its error.",
      count("wrong") + count("failed") > kMostListed && `The first ${kMostListed} are listed.`);
  const listed =
      ["wrong", "failed"].flatMap((status) => bad.filter((row) => row.status === status))
          .slice(0, kMostListed)
          .map((row) => [row.status, row.path, row.config, row.reason || errorWords(row)]);
  const lines = [...listed, ...skippedLines(bad)];
  byId("problems")
      .replaceChildren(
          ...(lines.length ? [table(["status", "path", "configuration", "why"], lines)] : []));
}

function errorWords(row) {
  if (row.nonfinite > 0) return `${row.nonfinite} elements are not finite`;
  return row.max_abs_err === undefined ?
      "" :
      `an element is off by ${digits(row.worst_err)}, allowed ${digits(row.worst_bound)}`;
}

/** One line for all configurations that a path skips for one reason. */
function skippedLines(rows) {
  const skipped = rows.filter((row) => row.status === "skipped");
  return [...groupBy(skipped, (row) => row.path + "\n" + row.reason).values()].map((same) => [
    "skipped", same[0].path, same.length > 1 ? `${same.length} configurations` : same[0].config,
    same[0].reason
  ]);
}

function listMachine(choice) {
  const {files} = choice.set;
  const keys = unique(files.flatMap((file) => Object.keys(file.context)));
  const lines = [
    ["rows", ...files.map((file) => String(file.rows))],
    ...keys.map((key) => [key, ...files.map((file) => file.context[key] ?? "")])
  ];
  const made = table(["", ...files.map((file) => file.name)], lines);
  let differing = 0;
  [...made.tBodies[0].rows].forEach((row, i) => {
    if (unique(lines[i].slice(1)).length < 2) return;
    ++differing;
    [...row.cells].forEach((cell) => cell.classList.add("differs"));
  });
  const foreign = files.reduce((sum, file) => sum + file.foreign, 0);
  const held = choice.all.filter((row) => row.throttled > 0).length;
  note(
      "machine", "The context of the results, as it stands in the files.",
      differing && `${differing} entries differ between the files (bold).`,
      held &&
          `In ${
              held} of the chosen rows power or heat held the clock back for a share of the time.`,
      foreign && `${foreign} rows of other programs were left out.`);
  byId("machine").replaceChildren(made);
}

function redraw() {
  const choice = choose();
  sayChosen(choice);
  drawMaps(choice);
  drawAxes(choice);
  drawRoofline(choice);
  drawClocks(choice);
  drawSpread(choice);
  listProblems(choice);
  listMachine(choice);
  document.body.dataset.ready = String(Number(document.body.dataset.ready || 0) + 1);
}

fillSet();
fillControls();
byId("controls").addEventListener("submit", (event) => event.preventDefault());
byId("controls").addEventListener("change", (event) => {
  if (event.target.id === "set") fillControls();
  redraw();
});
byId("axes-what").addEventListener("change", () => drawAxes(choose()));
redraw();
