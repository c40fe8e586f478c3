/**
 * The drawing of a row: a small abstract picture from its caption, id and size alone.
 *
 * Here: colours and paths, the same as laion_assets/core/site/tiles.py makes for the pages; a test
 * compares the two path by path, so change both or neither. Not here: elements, captions, pictures.
 *
 * `LaionSearchParts.drawTile(caption, id, width, height)` returns `{width, height, paths}` with
 * paths as [fill, path data] from back to front, in a box whose longer side is 240. `id` is the
 * decimal text of the image's id; width and height are null when unknown.
 */
(function () {
  'use strict';

  const parts = (window.LaionSearchParts = window.LaionSearchParts || {});

  const LONG_SIDE = 240;
  const MAX_RATIO = 2.4;
  const NEARLY_SQUARE = 1.15;

  /** Ground, second tone, form, accent. */
  const PALETTES = [
    ['#e8dcc4', '#cdb88f', '#7a4b2a', '#d9622b'],
    ['#d7e3e4', '#9fbcc0', '#2f5d62', '#e2a13b'],
    ['#f0d9cf', '#dba58f', '#8c3b2e', '#27374d'],
    ['#dfe2ee', '#a9b1d1', '#3d4373', '#e8c15a'],
    ['#e3ead9', '#b3c597', '#4c6a3a', '#cf5c45'],
    ['#f1e6ea', '#d3a9b8', '#7c3a55', '#3f7d78'],
    ['#233044', '#3a5069', '#d8b26a', '#e9e3d3'],
    ['#e9e4dc', '#bdb3a4', '#4a443c', '#a8452f'],
    ['#f4e3b5', '#e5b95c', '#b4532a', '#2f4b5c'],
    ['#d5e6ef', '#8fb9d3', '#215273', '#f3ead2'],
    ['#332a3a', '#5d4664', '#e08d6d', '#f2dcc4'],
    ['#e4efe9', '#9cc9b4', '#1f6a57', '#e7b04b'],
    ['#f3ded6', '#eeb4a2', '#b5495b', '#3b3a5a'],
    ['#ded9c9', '#a9a283', '#5d6b3f', '#c98a3a'],
    ['#1b3a43', '#2c5d66', '#e6c88b', '#d96c4a'],
    ['#ece9f2', '#bcb0d6', '#5a4b8a', '#e59a5c'],
  ];

  const encoder = new TextEncoder();

  /** 32-bit FNV-1a of the UTF-8 bytes of a text's first 512 characters, mixed once. */
  function hash(text) {
    let value = 0x811c9dc5;
    for (const byte of encoder.encode(Array.from(text.slice(0, 1024)).slice(0, 512).join(''))) {
      value = Math.imul(value ^ byte, 0x01000193) >>> 0;
    }
    return (value ^ (value >>> 15)) >>> 0;
  }

  /** Deterministic numbers in [low, high) (mulberry32). */
  function makeDice(seed) {
    let state = seed;
    return function between(low, high) {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return low + (high - low) * (((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296);
    };
  }

  /** The nearest whole number, halves up. */
  const n = (value) => Math.floor(value + 0.5);

  const heads = (dice) => Math.floor(dice(0, 2)) === 0;

  const box = (x, y, width, height) =>
    `M${n(x)} ${n(y)}h${n(width)}v${n(height)}h${-n(width)}z`;

  function circle(x, y, radius) {
    const r = n(radius);
    return `M${n(x) - r} ${n(y)}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`;
  }

  /** A quarter disc whose right angle sits at (x, y); corner 0..3 turns it clockwise. */
  function quarter(x, y, radius, corner) {
    const r = n(radius);
    const [across, down] = [[r, r], [-r, r], [-r, -r], [r, -r]][corner];
    const sweep = corner % 2 === 0 ? 1 : 0;
    return `M${n(x)} ${n(y)}h${across}a${r} ${r} 0 0 ${sweep} ${-across} ${down}z`;
  }

  function horizon(w, h, p, dice) {
    const line = h * dice(0.5, 0.68);
    const sun = Math.min(w, h) * dice(0.12, 0.2);
    const sunX = w * dice(0.2, 0.8);
    const rise = h * dice(0.16, 0.34);
    const crest = w * dice(0.2, 0.8);
    const start = h * dice(0.74, 0.9);
    const hill = `M0 ${h}V${n(start)}Q${n(crest)} ${n(start - rise)} ${w} ${n(h * 0.86)}V${h}z`;
    return [
      [p[3], circle(sunX, line - sun * dice(0.1, 1.1), sun)],
      [p[1], box(0, line, w, h - line)],
      [p[2], hill],
    ];
  }

  function peaks(w, h, p, dice) {
    const far = w * dice(0.5, 0.78);
    const near = w * dice(0.2, 0.45);
    const base = n(h * 0.88);
    const top = h * dice(0.28, 0.42);
    const disc = Math.min(w, h) * dice(0.08, 0.13);
    return [
      [p[3], circle(w * dice(0.15, 0.85), h * 0.24, disc)],
      [p[1], `M${n(far - w * 0.42)} ${base}L${n(far)} ${n(top)}L${n(far + w * 0.42)} ${base}z`],
      [
        p[2],
        `M${n(near - w * 0.4)} ${base}L${n(near)} ${n(top + h * 0.18)}` +
          `L${n(near + w * 0.4)} ${base}z`,
      ],
      [p[2], box(0, base, w, h - base)],
    ];
  }

  function arcs(w, h, p, dice) {
    const corner = Math.floor(dice(0, 4));
    const [x, y] = [[0, 0], [w, 0], [w, h], [0, h]][corner];
    const reach = Math.max(w, h) * dice(0.8, 0.98);
    const scales = [1, 0.74, 0.5, 0.3];
    return [p[1], p[2], p[0], p[3]].map((tone, i) => [
      tone,
      quarter(x, y, reach * scales[i], corner),
    ]);
  }

  function mosaic(w, h, p, dice) {
    const side = Math.min(w, h) / 2;
    const columns = Math.max(2, n(w / side));
    const rows = Math.max(2, n(h / side));
    const cellW = w / columns;
    const cellH = h / rows;
    const radius = Math.min(cellW, cellH);
    const paths = [];
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const x = column * cellW;
        const y = row * cellH;
        if ((row + column) % 2) {
          paths.push([p[1], box(x, y, cellW, cellH)]);
        }
        const form = Math.floor(dice(0, 4));
        if (form === 0) {
          const tone = heads(dice) ? p[3] : p[2];
          paths.push([tone, circle(x + cellW / 2, y + cellH / 2, radius * 0.32)]);
        } else if (form === 1 || form === 2) {
          const corner = Math.floor(dice(0, 4));
          const [dx, dy] = [[0, 0], [cellW, 0], [cellW, cellH], [0, cellH]][corner];
          paths.push([p[2], quarter(x + dx, y + dy, radius, corner)]);
        }
      }
    }
    return paths;
  }

  function bands(w, h, p, dice) {
    const slant = h * dice(0.4, 1.0);
    const start = w * dice(0.05, 0.3);
    const thick = w * dice(0.1, 0.17);
    const band = (x, width) =>
      `M${n(x)} ${h}l${n(slant)} ${-h}h${n(width)}l${n(-slant)} ${h}z`;
    return [
      [p[1], `M0 ${h}V${n(h * 0.4)}L${w} ${n(h * dice(0.5, 0.8))}V${h}z`],
      [p[2], band(start - slant * 0.3, thick)],
      [p[3], band(start + thick * 1.7 - slant * 0.3, thick * 0.45)],
      [p[2], band(start + thick * 2.7 - slant * 0.3, thick * 1.5)],
    ];
  }

  function bust(w, h, p, dice) {
    const middle = w * dice(0.42, 0.58);
    const shoulders = w * dice(0.34, 0.42);
    const head = shoulders * dice(0.46, 0.54);
    const top = h - shoulders * dice(1.05, 1.35);
    const dome =
      `M${n(middle - shoulders)} ${h}V${n(top + shoulders * 0.75)}` +
      `C${n(middle - shoulders)} ${n(top + shoulders * 0.2)} ` +
      `${n(middle - shoulders * 0.5)} ${n(top)} ${n(middle)} ${n(top)}` +
      `S${n(middle + shoulders)} ${n(top + shoulders * 0.2)} ` +
      `${n(middle + shoulders)} ${n(top + shoulders * 0.75)}V${h}z`;
    const side = heads(dice) ? 0 : w / 2;
    return [
      [p[1], box(side, 0, w / 2, h)],
      [p[2], dome],
      [p[3], circle(middle, top - head * 0.8, head)],
    ];
  }

  function stillLife(w, h, p, dice) {
    const table = h * dice(0.66, 0.76);
    const unit = Math.min(w, h);
    const vaseW = unit * dice(0.2, 0.28);
    const vaseH = unit * dice(0.42, 0.54);
    const x = w * dice(0.28, 0.42);
    const foot = table + unit * 0.08;
    const fruit = unit * dice(0.1, 0.14);
    const vase =
      `M${n(x - vaseW * 0.3)} ${n(foot - vaseH)}h${n(vaseW * 0.6)}` +
      `Q${n(x + vaseW * 0.2)} ${n(foot - vaseH * 0.7)} ` +
      `${n(x + vaseW * 0.75)} ${n(foot - vaseH * 0.38)}` +
      `T${n(x + vaseW * 0.4)} ${n(foot)}h${n(-vaseW * 0.8)}` +
      `Q${n(x - vaseW * 1.1)} ${n(foot - vaseH * 0.3)} ` +
      `${n(x - vaseW * 0.5)} ${n(foot - vaseH * 0.55)}z`;
    return [
      [p[1], box(0, table, w, h - table)],
      [p[2], vase],
      [p[3], circle(x + vaseW + fruit * 1.3, foot - fruit * 0.7, fruit)],
    ];
  }

  function frames(w, h, p, dice) {
    const edge = Math.min(w, h) * dice(0.1, 0.14);
    const inner = edge * 2.1;
    const pane = w - 2 * inner;
    return [
      [p[1], box(edge, edge, w - 2 * edge, h - 2 * edge)],
      [p[2], box(inner, inner, pane, h - 2 * inner)],
      [p[3], box(inner, inner, pane * dice(0.25, 0.7), (h - 2 * inner) * 0.4)],
    ];
  }

  function waves(w, h, p, dice) {
    const paths = [
      [p[3], circle(w * dice(0.2, 0.8), h * 0.26, Math.min(w, h) * dice(0.1, 0.14))],
    ];
    for (const [tone, level] of [[p[1], 0.48], [p[2], 0.68]]) {
      const swell = h * dice(0.07, 0.14);
      const half = w * dice(0.4, 0.6);
      const y = h * level;
      paths.push([
        tone,
        `M0 ${h}V${n(y)}q${n(half / 2)} ${n(-swell * 2)} ${n(half)} 0T${w} ${n(y)}V${h}z`,
      ]);
    }
    paths.push([p[0], box(0, h * 0.9, w, h * 0.025)]);
    return paths;
  }

  function discs(w, h, p, dice) {
    const radius = Math.min(w, h) * dice(0.27, 0.33);
    const x = w * dice(0.36, 0.46);
    const y = h * dice(0.42, 0.52);
    const split = w >= h ? box(w * 0.5, 0, w * 0.5, h) : box(0, h * 0.5, w, h * 0.5);
    const small = radius * dice(0.45, 0.65);
    return [
      [p[1], split],
      [p[2], circle(x, y, radius)],
      [p[3], circle(x + radius, y + radius * dice(-0.5, 0.6), small)],
    ];
  }

  const WIDE = [horizon, peaks, waves, bands, arcs, mosaic, discs];
  const TALL = [bust, stillLife, arcs, mosaic, peaks, discs, frames];
  const SQUARE = [horizon, stillLife, arcs, mosaic, bands, discs, frames, waves];

  /** Width and height of the drawn box for an image's size in pixels; square when unknown. */
  function boxOf(width, height) {
    if (!(width > 0) || !(height > 0)) {
      return [180, 180];
    }
    const ratio = Math.min(Math.max(width / height, 1 / MAX_RATIO), MAX_RATIO);
    return ratio >= 1 ? [LONG_SIDE, n(LONG_SIDE / ratio)] : [n(LONG_SIDE * ratio), LONG_SIDE];
  }

  parts.drawTile = function drawTile(caption, id, width, height) {
    const [w, h] = boxOf(width, height);
    const palette = PALETTES[hash(caption) % PALETTES.length];
    const dice = makeDice(hash(`${caption}\0${id}`));
    const ratio = w / h;
    const known = width !== null && height !== null;
    const compositions = ratio > NEARLY_SQUARE ? WIDE : ratio < 1 / NEARLY_SQUARE ? TALL : SQUARE;
    const draw = known ? compositions[Math.floor(dice(0, compositions.length))] : frames;
    const paths = [[palette[0], box(0, 0, w, h)], ...draw(w, h, palette, dice)];
    return { width: w, height: h, paths };
  };
})();
