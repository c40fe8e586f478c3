/**
 * Marking the words of a query in a caption.
 *
 * Here: which parts of a text are among the words searched for. Not here: tiles (search-tile.js).
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;
  const { LaionSearch } = window;

  /** Runs of what may be in a word; the tokeniser says what is. */
  const RUN = /[\p{L}\p{N}\p{M}\p{Co}]+/gu;

  /**
   * Pieces of a text in order, those with a word of the query marked.
   *
   * @param {string} text
   * @param {string} query
   * @returns {(HTMLElement | string)[]}
   */
  function marked(text, query) {
    const asked = LaionSearch.parse(query).clauses.filter(({ negated }) => !negated);
    const words = new Set(
      asked.flatMap(({ tokens, prefix }) => tokens.slice(0, prefix ? -1 : undefined)),
    );
    const starts = asked.flatMap(({ tokens, prefix }) => (prefix ? tokens.slice(-1) : []));
    /** @type {(HTMLElement | string)[]} */
    const pieces = [];
    let end = 0;
    for (const { 0: run, index = 0 } of words.size + starts.length > 0 ? text.matchAll(RUN) : []) {
      const isAsked = (/** @type {string} */ token) =>
        words.has(token) || starts.some((start) => token.startsWith(start));
      if (LaionSearch.tokenise(run).some(isAsked)) {
        pieces.push(text.slice(end, index), parts.tile.element('mark', {}, run));
        end = index + run.length;
      }
    }
    pieces.push(text.slice(end));
    return pieces.filter((piece) => piece !== '');
  }

  parts.marking = { marked };
})();
