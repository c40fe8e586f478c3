/**
 * The drawing of a row: a small ornament from its caption, id and size alone.
 *
 * Here: colours and paths, the same as laion_assets/core/site/tiles.py makes for the pages; a test
 * compares the two path by path, so change both or neither. Not here: elements, captions, pictures.
 *
 * Numbers are whole ones in a box whose longer side is 240; 180 by 180 for an unknown size.
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;

  const LONG_SIDE = 240;
  const UNKNOWN_SIDE = 180;
  const MAX_RATIO = 2.4;
  const HASHED_CHARACTERS = 512;

  /** Ground, second tone, form, accent. */
  const PALETTES = [
    ['#e8dcc4', '#cdb88f', '#7a4b2a', '#d9622b'],
    ['#d7e3e4', '#9fbcc0', '#2f5d62', '#e2a13b'],
    ['#f0d9cf', '#dba58f', '#8c3b2e', '#27374d'],
    ['#dfe2ee', '#a9b1d1', '#3d4373', '#e8c15a'],
    ['#e3ead9', '#b3c597', '#4c6a3a', '#cf5c45'],
    ['#f1e6ea', '#d3a9b8', '#7c3a55', '#3f7d78'],
    ['#233044', '#3a5069', '#d8b26a', '#e9e3d3'],
    ['#ece9f2', '#bcb0d6', '#5a4b8a', '#e59a5c'],
  ];

  /** @typedef {[tone: number, path: string]} Form a path in a tone of the palette */
  /** @typedef {(w: number, h: number, a: number, b: number, c: number) => Form[]} Composition */

  const encoder = new TextEncoder();

  /**
   * The drawing of one row; of unknown size, a square with a frame left empty.
   *
   * @type {Parts['drawTile']}
   */
  function drawTile(caption, id, width, height) {
    const byCaption = hash(caption);
    const palette = PALETTES[byCaption % PALETTES.length];
    // Knuth's multiplier spreads ids that differ little.
    const seed = Math.imul(byCaption ^ Number(BigInt.asUintN(32, BigInt(id))), 0x9e3779b1) >>> 0;
    let w = UNKNOWN_SIDE;
    let h = UNKNOWN_SIDE;
    let forms = frame(UNKNOWN_SIDE);
    if (width !== null && height !== null && width > 0 && height > 0) {
      const ratio = Math.min(Math.max(width / height, 1 / MAX_RATIO), MAX_RATIO);
      w = Math.min(LONG_SIDE, n(LONG_SIDE * ratio));
      h = Math.min(LONG_SIDE, n(LONG_SIDE / ratio));
      const composition = [landscape, arcs, discs][seed % 3];
      const [a, b, c] = [24, 16, 8].map((shift) => ((seed >>> shift) & 0xff) / 256);
      forms = composition(w, h, a, b, c);
    }
    forms.unshift([0, box(0, 0, w, h)]);
    return { width: w, height: h, paths: forms.map(([tone, path]) => [palette[tone], path]) };
  }

  /** 32-bit FNV-1a of the UTF-8 of a text's beginning, mixed once. @param {string} text */
  function hash(text) {
    const head = Array.from(text.slice(0, 2 * HASHED_CHARACTERS)).slice(0, HASHED_CHARACTERS);
    let value = 0x811c9dc5;
    for (const byte of encoder.encode(head.join(''))) {
      value = Math.imul(value ^ byte, 0x01000193) >>> 0;
    }
    return (value ^ (value >>> 15)) >>> 0;
  }

  // Halves up: the rule that JavaScript and Python can share.
  const n = (/** @type {number} */ value) => Math.floor(value + 0.5);

  /** @type {(x: number, y: number, width: number, height: number) => string} */
  const box = (x, y, width, height) => `M${n(x)} ${n(y)}h${n(width)}v${n(height)}h${-n(width)}z`;

  /** @type {(x: number, y: number, radius: number) => string} */
  const circle = (x, y, radius) => {
    const r = n(radius);
    return `M${n(x) - r} ${n(y)}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`;
  };

  /** A sun on the line of a far plain, and a near hill. @type {Composition} */
  function landscape(w, h, a, b, c) {
    const [line, sun] = [h * (0.5 + 0.18 * a), Math.min(w, h) * (0.12 + 0.08 * b)];
    const [crest, foot] = [n(w * (0.2 + 0.6 * c)), n(h * 0.86)];
    return [
      [3, circle(w * (0.8 - 0.6 * c), line - sun * a, sun)],
      [1, box(0, line, w, h - line)],
      [2, `M0 ${h}V${foot}Q${crest} ${n(h * (0.5 + 0.2 * b))} ${w} ${foot}V${h}z`],
    ];
  }

  /** Discs inside one another, around a corner. @type {Composition} */
  function arcs(w, h, a, b) {
    const corner = Math.floor(a * 4);
    const [x, y] = [[0, w, w, 0][corner], [0, 0, h, h][corner]];
    const reach = Math.max(w, h) * (0.8 + 0.18 * b);
    return [
      [1, circle(x, y, reach)],
      [2, circle(x, y, reach * 0.74)],
      [0, circle(x, y, reach * 0.5)],
      [3, circle(x, y, reach * 0.3)],
    ];
  }

  /** Two discs across a divided ground. @type {Composition} */
  function discs(w, h, a, b, c) {
    const [x, y] = [w * (0.36 + 0.1 * a), h * (0.42 + 0.1 * b)];
    const radius = Math.min(w, h) * (0.27 + 0.06 * c);
    return [
      [1, w >= h ? box(w / 2, 0, w / 2, h) : box(0, h / 2, w, h / 2)],
      [2, circle(x, y, radius)],
      [3, circle(x + radius, y + radius * (b - 0.5), radius * (0.45 + 0.2 * a))],
    ];
  }

  /** A frame with its mat, around nothing. @type {(side: number) => Form[]} */
  function frame(side) {
    const square = (/** @type {number} */ inset) =>
      box(side * inset, side * inset, side * (1 - 2 * inset), side * (1 - 2 * inset));
    return [
      [2, square(0.1)],
      [1, square(0.15)],
      [0, square(0.26)],
    ];
  }

  parts.drawTile = drawTile;
})();
