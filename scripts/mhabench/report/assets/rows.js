"use strict";
// The rows and the arithmetic on them. cells.py does the same for the figures on paper.

const kPaddingStep = 0.05;

/** The rows of a set as objects; a number that is absent is undefined. */
function decodeRows(set) {
  const rows = [];
  for (let i = 0; i < set.count; ++i) {
    const row = {};
    for (const [name, column] of Object.entries(set.strings))
      row[name] = column.values[column.codes[i]];
    for (const [name, column] of Object.entries(set.numbers)) {
      if (column[i] !== null) row[name] = column[i];
    }
    rows.push(row);
  }
  return rows;
}

function clockUs(row, clock) {
  const us = clock === "event" ? row.real_time : row[clock + "_us"];
  return us > 0 && (row.status === "ok" || row.status === "wrong") ? us : undefined;
}

const packingUs = (row) => (row.pack_us === undefined || row.unpack_us === undefined ?
                                undefined :
                                row.pack_us + row.unpack_us);

/** For so many layers with one packing around them; 0 layers is one call alone. */
function totalUs(row, clock, layers) {
  const call = clockUs(row, clock);
  if (call === undefined || layers === 0) return call;
  const packing = packingUs(row);
  return packing === undefined ? undefined : layers * call + packing;
}

const sizeOf = (row) => (row.batch && row.seq_len ? row.batch * row.seq_len : undefined);
const sizeBin = (row) => (sizeOf(row) ? Math.floor(Math.log2(sizeOf(row)) + 0.5) : undefined);
const paddingBin = (row) => row.padding === undefined ?
    undefined :
    Math.min(Math.floor(row.padding / kPaddingStep + 1e-9), 19);

/** The paths that a choice's baseline stands for: one, or all padded ones. */
const basesOf = ({set, baseline}) => (set.paths.includes(baseline) ? [baseline] : set.padded);

/** The least time of the bases; undefined where none has one. */
function baseUs(us, bases) {
  const known = bases.filter((path) => path in us).map((path) => us[path]);
  return known.length ? Math.min(...known) : undefined;
}

/**
 * Configurations in which one of the bases has a time: {row, us: {path: time}}, with the times of
 * all given paths that have one.
 */
function timedConfigs(rows, paths, clock, layers, bases = paths) {
  const configs = new Map();
  for (const row of rows) {
    if (row.status !== "ok" || !paths.includes(row.path)) continue;
    if (!configs.has(row.config)) configs.set(row.config, {});
    configs.get(row.config)[row.path] = row;
  }
  const timed = [];
  for (const known of configs.values()) {
    const us = {};
    for (const path of paths) {
      const total = known[path] && totalUs(known[path], clock, layers);
      if (total !== undefined) us[path] = total;
    }
    if (baseUs(us, bases) !== undefined) timed.push({row: Object.values(known)[0], us});
  }
  return timed;
}

/** The chosen paths that have a time of this kind in some configuration. */
const timedPaths = (rows, paths, clock, layers) =>
    paths.filter((path) => timedConfigs(rows, [path], clock, layers).length > 0);

/**
 * Where configurations stand on the axis of padding: those of one beta share a column at their
 * mean padding, so that each column of a grid holds the same sizes; without beta, bands of padding.
 */
function paddingColumns(rows) {
  const betas = new Set(rows.map((row) => row.beta));
  const byBeta = betas.size > 1 && !betas.has(undefined);
  const keyOf = (row) =>
      (row.padding === undefined ? undefined :
           byBeta                ? row.beta :
                                   paddingBin(row));
  const at = new Map();
  for (const [key, group] of groupBy(rows, keyOf)) {
    const sum = group.reduce((total, row) => total + row.padding, 0);
    at.set(key, byBeta ? sum / group.length : (key + 0.5) * kPaddingStep);
  }
  return {keyOf, at, keys: [...at.keys()].sort((a, b) => at.get(a) - at.get(b)), byBeta};
}

const unique = (values) => [...new Set(values)];

function groupBy(items, keyOf) {
  const groups = new Map();
  for (const item of items) {
    const key = keyOf(item);
    if (key === undefined) continue;
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(item);
  }
  return groups;
}

function geomean(values) {
  let sum = 0;
  for (const value of values) sum += Math.log(value);
  return values.length ? Math.exp(sum / values.length) : undefined;
}

function quantile(values, share) {
  const ordered = [...values].sort((a, b) => a - b);
  const place = share * (ordered.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, ordered.length - 1);
  return ordered[below] + (place - below) * (ordered[above] - ordered[below]);
}

/**
 * Configurations that fall together: the mean of each path that has a time in all of them, the
 * fastest of these, how often each path is the fastest.
 */
function cellOf(timed, paths, bases) {
  const means = {};
  const wins = {};
  const fastest = (us) =>
      Object.keys(us).reduce((best, path) => (us[path] < us[best] ? path : best));
  for (const path of paths) {
    wins[path] = timed.filter((t) => fastest(t.us) === path).length;
    if (timed.every((t) => path in t.us)) means[path] = geomean(timed.map((t) => t.us[path]));
  }
  const others = Object.keys(means).filter((path) => !bases.includes(path));
  const best = Math.min(...others.map((path) => means[path]));
  return {
    timed,
    means,
    wins,
    winner: fastest(means),
    speedup: others.length ? geomean(timed.map((t) => baseUs(t.us, bases))) / best : undefined
  };
}
