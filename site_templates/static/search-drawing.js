/**
 * The drawings of results, as elements; loaded when the first one is to be seen.
 *
 * Not here: colours and paths (tile-drawing.js), the tile around a drawing (search-tile.js).
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;

  const SVG = 'http://www.w3.org/2000/svg';

  /** An element with attributes. @param {string} name @param {Attributes} attributes */
  function shape(name, attributes) {
    const made = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) {
      made.setAttribute(key, String(value));
    }
    return made;
  }

  /** @type {Parts['drawing']['draw']} */
  function draw(frame, hit) {
    if (frame.querySelector('svg')) {
      return;
    }
    const { width, height, paths } = parts.drawTile(hit.caption, hit.id, hit.width, hit.height);
    const size = { viewBox: `0 0 ${width} ${height}`, width, height };
    const drawing = shape('svg', { 'aria-hidden': 'true', focusable: 'false', ...size });
    drawing.append(...paths.map(([fill, d]) => shape('path', { fill, d })));
    frame.prepend(drawing);
  }

  parts.drawing = { draw };
})();
