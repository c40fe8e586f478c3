/**
 * Results, as elements: a tile for every row, and all of its fields.
 *
 * Here: which addresses may become links, how values are worded. Not here: the drawing itself
 * (tile-drawing.js), the hosts' pictures (pictures.js), the page around the tiles
 * (search-page.js). Everything in a row is hostile text: it reaches the page only as text nodes and
 * attributes whose values are checked here.
 */
(function () {
  'use strict';

  const parts = (window.LaionSearchParts = window.LaionSearchParts || {});

  const SVG = 'http://www.w3.org/2000/svg';

  /** What the visibilities mean to a reader. */
  const VISIBILITIES = {
    shown: 'shown',
    blurred: 'blurred at first',
    no_image: 'never shown as a picture',
  };

  /** Longest address that is linked, in characters, as in core/site/safety.py. */
  const MAX_LINK = 8192;

  /** Longest query in a link, in characters: servers refuse much longer addresses. */
  const MAX_QUERY = 1500;

  /** Characters of a caption that a tile shows. */
  const TITLE = 300;

  /** An element with attributes and children (elements or texts). */
  function element(name, attributes = {}, ...children) {
    return furnish(document.createElement(name), attributes, children);
  }

  /** The same for SVG. */
  function shape(name, attributes = {}, ...children) {
    return furnish(document.createElementNS(SVG, name), attributes, children);
  }

  function furnish(node, attributes, children) {
    for (const [key, value] of Object.entries(attributes)) {
      node.setAttribute(key, value);
    }
    node.append(...children);
    return node;
  }

  /** Draw a row, as the other pages do. */
  function drawing(hit) {
    const { width, height, paths } = parts.drawTile(hit.caption, hit.id, hit.width, hit.height);
    const size = { viewBox: `0 0 ${width} ${height}`, width, height };
    const shapes = paths.map(([fill, d]) => shape('path', { fill, d }));
    return shape('svg', { 'aria-hidden': 'true', focusable: 'false', ...size }, ...shapes);
  }

  /** Whitespace, controls, format characters (bidi, zero-width), surrogates, separators. */
  const HIDDEN = /[\s\p{Cc}\p{Cf}\p{Cs}\p{Zs}\p{Zl}\p{Zp}]/u;

  /** Host or IP with an optional port and nothing else; in particular no "@". */
  const AUTHORITY = /^(?:\[[0-9a-f:.]+\]|[^\0-\x20\x7f-\xa0/?#@\\:[\]<>"'`{}|^%]+)(?::\d{0,5})?$/i;

  /**
   * Whether a page may link to an address or show a picture from it: absolute, http or https,
   * a plain host, no user information, nothing hidden, no backslash.
   */
  function isSafeLink(url) {
    if (url.length > MAX_LINK || url.includes('\\') || HIDDEN.test(url)) {
      return false;
    }
    const match = /^https?:\/\/([^/?#]*)/i.exec(url);
    if (!match || !AUTHORITY.test(match[1])) {
      return false;
    }
    try {
      const { protocol, username, password } = new URL(url);
      return /^https?:$/.test(protocol) && username === '' && password === '';
    } catch (error) {
      return false; // a port or an address that no browser takes
    }
  }

  /** Address of a search, relative to the page; pages count from 1. */
  function searchLink(query, page = 1) {
    const state = new URLSearchParams({ q: query });
    if (page > 1) {
      state.set('page', page);
    }
    return `search.html?${state}`;
  }

  /** A query for a caption's own words as a phrase: the first ones when they are very many. */
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

  /** The first so many characters of a text. */
  function cut(text, length) {
    return Array.from(text.slice(0, 2 * length)).slice(0, length).join('');
  }

  /** A number for people: "unknown" for null, and never 0 for what is only very small. */
  function wordNumber(value, digits) {
    if (value === null || value === undefined) {
      return 'unknown';
    }
    const least = 10 ** -digits;
    if (value > 0 && value < least / 2) {
      return `< ${wordNumber(least, digits)}`;
    }
    return value.toLocaleString('en-GB', { maximumFractionDigits: digits });
  }

  /** Width and height in pixels; either may be unknown. */
  function wordSize(hit) {
    if (hit.width === null && hit.height === null) {
      return 'unknown';
    }
    return `${wordNumber(hit.width, 0)} × ${wordNumber(hit.height, 0)} pixels`;
  }

  /** Link to everything from a domain. */
  function domainLink(domain) {
    return element('a', { href: searchLink(`domain:${domain}`) }, domain);
  }

  /** The place of a result's picture, with its drawing, as in _tiles.html. */
  function frame(hit) {
    const seen = hit.visibility !== 'no_image' && isSafeLink(hit.url);
    const asks = document.body.dataset.pictures === 'ask' && seen;
    const picture = asks ? { 'data-picture': hit.url, 'data-visibility': hit.visibility } : {};
    return element('div', { class: 'frame', ...picture }, drawing(hit));
  }

  /**
   * A result as a tile, in the markup of the other pages' tiles.
   *
   * @param {object} hit
   * @param {string} anchor where its detail is, e.g. `#image-5`
   */
  function tile(hit, anchor) {
    const caption = cut(hit.caption, TITLE) + (hit.caption.length > TITLE ? '…' : '');
    const aesthetic = wordNumber(hit.aesthetic, 2);
    const punsafe = wordNumber(hit.punsafe, 4);
    const line = (name, ...children) => element('p', { class: name }, ...children);
    return element(
      'li',
      { class: 'tile', id: `tile-${anchor.slice(1)}` },
      frame(hit),
      line('caption', element('a', { href: anchor, dir: 'auto' }, caption)),
      line('meta', domainLink(hit.domain), element('br'), wordSize(hit)),
      line('scores', `aesthetic ${aesthetic} · punsafe ${punsafe}`),
      line('actions', 'visibility: ', visibility(hit)),
    );
  }

  /** What may be seen of a row. */
  function visibility(hit) {
    const name = `note visibility-${hit.visibility}`;
    return element('span', { class: name }, VISIBILITIES[hit.visibility] || hit.visibility);
  }

  /** An address: a link when that is allowed and safe, else text. */
  function address(url, links) {
    if (!links || !isSafeLink(url)) {
      return element('span', { class: 'breakable' }, url);
    }
    const rel = { rel: 'noopener noreferrer nofollow', referrerpolicy: 'no-referrer' };
    return element('a', { class: 'breakable', href: url, ...rel }, url);
  }

  /** Every field of a row, in full. */
  function facts(hit, links) {
    const fact = (name, value) =>
      element('div', {}, element('dt', {}, name), element('dd', {}, value));
    const list = [
      fact('Caption', element('span', { dir: 'auto' }, hit.caption)),
      fact('Address', address(hit.url, links)),
      fact('Domain', domainLink(hit.domain)),
      fact('Size', wordSize(hit)),
      fact('Aesthetic score', wordNumber(hit.aesthetic, 6)),
      fact('punsafe', wordNumber(hit.punsafe, 6)),
      fact('Visibility', visibility(hit)),
      fact('Image id', hit.id),
    ];
    if (hit.number !== undefined) {
      list.push(fact('Rank', wordNumber(hit.number + 1, 0)));
    }
    if (window.LaionSearch.tokenise(hit.caption).length > 0) {
      const same = { href: searchLink(captionQuery(hit.caption)) };
      list.push(fact('Others', element('a', same, 'same caption')));
    }
    return element('dl', { class: 'facts' }, ...list);
  }

  parts.tile = {
    element,
    facts,
    frame,
    isSafeLink,
    searchLink,
    tile,
    wordNumber,
  };
})();
