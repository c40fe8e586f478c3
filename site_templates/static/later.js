/**
 * What scripts have for one another, and those that only some visits need: loaded on first use.
 *
 * Here: loading one and handing out what it has. Not here: what is in them, and which they are
 * (scripts.json).
 */
(function () {
  'use strict';

  // First of all scripts: what they have for one another, each adds its own part.
  const parts = /** @type {Parts} */ ({});
  window.LaionSearchParts = parts;

  const { src } = /** @type {HTMLScriptElement} */ (document.currentScript);

  /** @type {Map<string, Promise<void>>} */
  const asked = new Map();

  /** Load a script; what failed is asked for again the next time. @param {string} file */
  function load(file) {
    return new Promise((/** @type {(nothing: void) => void} */ resolve, reject) => {
      const script = document.createElement('script');
      script.src = String(new URL(file, src)); // its neighbour, however deep the page is
      script.addEventListener('load', () => resolve());
      script.addEventListener('error', () => {
        asked.delete(file);
        reject(new Error(`a part of this page, static/${file}, could not be loaded`));
      });
      document.head.append(script);
    });
  }

  /** @type {Parts['later']} */
  async function later(name, file) {
    if (!(name in parts)) {
      const loading = asked.get(file) ?? load(file);
      asked.set(file, loading);
      await loading;
    }
    return parts[name];
  }

  parts.later = later;
})();
