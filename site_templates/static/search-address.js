/**
 * What the address of the search page says, so that it survives a reload, the way back and a link.
 *
 * Here: reading it, and changing it without another page. Not here: what is done with it
 * (search-page.js); the fragment, which names a result.
 */
(function () {
  'use strict';

  /** The largest page number that is read, and results that are loaded for one page. */
  const MOST_PAGES = 1e9;
  const MOST_SHOWN = 1000;

  /** @type {Parts['address']['read']} */
  function read() {
    const said = new URLSearchParams(window.location.search);
    const text = (/** @type {string} */ name) => (said.get(name) ?? '').trim();
    /** @type {(name: string, least: number, most: number) => number} */
    const whole = (name, least, most) => {
      const number = Number(text(name) || least);
      return Number.isInteger(number) && number >= least && number <= most ? number : least;
    };
    return {
      query: text('q'),
      page: whole('page', 1, MOST_PAGES),
      shown: whole('shown', 0, MOST_SHOWN),
      view: text('view'),
      order: text('order'),
      wide: text('wide'),
      year: text('year'),
      from: text('from'),
    };
  }

  /** @type {Parts['address']['write']} */
  function write(changes) {
    const said = new URLSearchParams(window.location.search);
    for (const [name, value] of Object.entries(changes)) {
      if (value) {
        said.set(name, String(value));
      } else {
        said.delete(name);
      }
    }
    try {
      window.history.pushState(null, '', `?${said}`);
    } catch {
      window.location.assign(`?${said}`); // a browser that minds this on a disk opens it instead
    }
  }

  window.LaionSearchParts.address = { MOST_SHOWN, read, write };
})();
