/**
 * One result in full: its picture's place and every field of its row.
 *
 * Here: what stands in the dialog of the search page; loaded with search-drawing.js when the first
 * one is opened. Not here: opening and closing it (search-dialog.js), the tile (search-tile.js).
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;
  const { wordNumber, yearOf } = parts.words;
  const { NEVER_SHOWN, behind, domainLink, element, frame, hostLink, searchLink } = parts.tile;

  /** What the visibilities mean to a reader. @type {Record<string, string>} */
  const VISIBILITIES = {
    shown: 'shown',
    blurred: 'blurred at first',
    no_image: NEVER_SHOWN,
  };

  /** Longest query in a link, in characters: servers refuse much longer addresses. */
  const MAX_QUERY = 1500;

  /**
   * A query for a caption's own words as a phrase: the first ones when they are very many.
   *
   * @param {string} caption
   */
  function captionQuery(caption) {
    const text = caption.replace(/["\u201c\u201d\u201e\u201f]/g, ' ').trim();
    const words = [];
    let room = MAX_QUERY;
    for (const word of text.split(/\s+/)) {
      room -= String(new URLSearchParams({ q: word })).length;
      if (room < 0) {
        break;
      }
      words.push(word);
    }
    return words.length > 0 ? `"${words.join(' ')}"` : `"${cut(text, MAX_QUERY / 10)}"*`;
  }

  /**
   * The first so many characters of a text.
   *
   * @param {string} text
   * @param {number} length
   */
  function cut(text, length) {
    return Array.from(text.slice(0, 2 * length))
      .slice(0, length)
      .join('');
  }

  /** Width and height, either of which may be unknown. @param {Hit} hit */
  function pixels({ width, height }) {
    const isKnown = width !== null || height !== null;
    return isKnown ? `${wordNumber(width, 0)} × ${wordNumber(height, 0)} pixels` : 'unknown';
  }

  /** Every field of a row, in full. @param {Hit} hit */
  function facts(hit) {
    /** @type {(name: string, value: Node | string) => HTMLElement} */
    const fact = (name, value) =>
      element('div', {}, element('dt', {}, name), element('dd', {}, value));
    const list = [
      fact('Caption', behind(hit, element('span', { dir: 'auto' }, hit.caption))),
      fact('URL', hostLink(hit, hit.url) ?? hit.url),
      fact('Domain', domainLink(hit.domain)),
      fact('Size', pixels(hit)),
      fact('Year in the URL', String(yearOf(hit.url) ?? 'unknown')),
      fact('Aesthetic score', wordNumber(hit.aesthetic, 6)),
      fact('Unsafe score', wordNumber(hit.punsafe, 6)),
      fact('Visibility', VISIBILITIES[hit.visibility] ?? hit.visibility),
      fact('Image id', hit.id),
    ];
    if (hit.rank !== undefined) {
      list.push(fact('Rank', wordNumber(hit.rank + 1, 0)));
    }
    if (window.LaionSearch.tokenise(hit.caption).length > 0) {
      const same = { href: searchLink(captionQuery(hit.caption)) };
      list.push(fact('Others', element('a', same, 'same caption')));
    }
    return element('dl', { class: 'facts' }, ...list);
  }

  /**
   * What the dialog shows.
   *
   * @param {Hit} hit
   * @param {() => void} leave goes back to the results
   */
  function detailOf(hit, leave) {
    const close = element('a', { href: '#results', class: 'detail-close' }, 'Back to the results');
    close.addEventListener('click', (event) => {
      event.preventDefault();
      leave();
    });
    const picture = frame(hit);
    parts.drawing.draw(picture, hit);
    return [
      element('h2', { id: 'detail-title', tabindex: '-1' }, 'One image'),
      element('p', {}, close),
      picture,
      facts(hit),
    ];
  }

  parts.detail = { detailOf };
})();
