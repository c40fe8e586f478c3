/**
 * The drawing of a row: a hatched sheet from its caption, id and size alone; a picture of nothing.
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

  /** Ground, stripes, frame. */
  const PALETTES = [
    ['#e8dcc4', '#d9c7a2', '#b39a6c'],
    ['#d7e3e4', '#b9d0d3', '#85a7ab'],
    ['#f0d9cf', '#e3bfae', '#c08f7b'],
    ['#dfe2ee', '#c3c8de', '#9098bb'],
    ['#e3ead9', '#c8d5b3', '#97ab7a'],
    ['#f1e6ea', '#dfc4ce', '#b592a0'],
    ['#dcdedb', '#c2c6c0', '#949b91'],
    ['#ece9f2', '#d0c8e2', '#a096bf'],
  ];

  /** @typedef {[tone: number, path: string]} Form a path in a tone of the palette */

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
      forms = stripes(w, h, seed);
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

  /** Parallel stripes, which the box cuts off. @type {(w: number, h: number, seed: number) => Form[]} */
  function stripes(w, h, seed) {
    const apart = 26 + ((seed >>> 24) % 24);
    const wide = Math.floor((apart * (3 + ((seed >>> 16) % 4))) / 10);
    const slope = seed & 1 ? h : -h;
    const first = slope > 0 ? -h : 0;
    let path = '';
    for (let x = first + ((seed >>> 8) % apart); x < first + w + h; x += apart) {
      path += `M${x} 0h${wide}l${slope} ${h}h${-wide}z`;
    }
    return [[1, path]];
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
