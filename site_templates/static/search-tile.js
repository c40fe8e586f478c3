/**
 * Results, as elements: a tile for every row, and all of its fields.
 *
 * Here: which URLs may become links, the markup of a row. Not here: the words for values
 * (search-words.js), the drawing itself (tile-drawing.js), the hosts' pictures (pictures.js), the
 * page around the tiles (search-page.js). Everything in a row is hostile text: it reaches the page
 * only as text nodes and attributes whose values are checked here.
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;

  const { clipCaption, wordNumber, wordScore, wordSize } = parts.words;

  const SVG = 'http://www.w3.org/2000/svg';

  /** What the visibilities mean to a reader. @type {Record<string, string>} */
  const VISIBILITIES = {
    shown: 'shown',
    blurred: 'blurred at first',
    no_image: 'never shown as a picture',
  };

  /** Longest URL that is linked, in characters, as in core/site/safety.py. */
  const MAX_LINK = 8192;

  /** Longest query in a link, in characters: servers refuse much longer addresses. */
  const MAX_QUERY = 1500;

  /** Whether the site links to hosts. */
  const LINKS = document.body.dataset.links === 'yes';

  /** An element with attributes and children. @type {MakeElement} */
  function element(name, attributes = {}, ...children) {
    return furnish(document.createElement(name), attributes, children);
  }

  /**
   * The same for SVG.
   *
   * @param {string} name
   * @param {Attributes} attributes
   * @param {Element[]} children
   */
  function shape(name, attributes, ...children) {
    return furnish(document.createElementNS(SVG, name), attributes, children);
  }

  /**
   * @template {Element} Made
   * @param {Made} node
   * @param {Attributes} attributes
   * @param {(Node | string)[]} children
   */
  function furnish(node, attributes, children) {
    for (const [key, value] of Object.entries(attributes)) {
      node.setAttribute(key, String(value));
    }
    node.append(...children);
    return node;
  }

  /** Draw a row, as the other pages do. @param {Hit} hit */
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
   * Whether a page may link to a URL or show a picture from it: absolute, http or https,
   * a plain host, no user information, nothing hidden, no backslash.
   *
   * @param {string} url
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
    } catch {
      return false; // a port or an address that no browser takes
    }
  }

  /** Address of a search, relative to the page; pages count from 1. @param {string} query */
  function searchLink(query, page = 1) {
    const state = new URLSearchParams({ q: query });
    if (page > 1) {
      state.set('page', String(page));
    }
    return `search.html?${state}`;
  }

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

  /** Link to everything from a domain. @param {string} domain */
  function domainLink(domain) {
    return element('a', { href: searchLink(`domain:${domain}`) }, domain);
  }

  /** The place of a result's picture, with its drawing, as in _tiles.html. @param {Hit} hit */
  function frame(hit) {
    const seen = hit.visibility !== 'no_image' && isSafeLink(hit.url);
    const asks = document.body.dataset.pictures === 'ask' && seen;
    /** @type {Attributes} */
    const picture = asks ? { 'data-picture': hit.url, 'data-visibility': hit.visibility } : {};
    if (asks && hit.visibility === 'blurred') {
      picture['data-unsafe'] = wordScore(hit.punsafe);
    }
    return element('div', { class: 'frame', ...picture }, drawing(hit));
  }

  /**
   * A row's caption: behind a click where its unsafe score is high, as _kept_back.html.
   *
   * @param {Hit} hit
   * @param {HTMLElement} caption
   */
  function behind({ visibility, punsafe }, caption) {
    if (visibility !== 'no_image' && (visibility !== 'blurred' || punsafe === null)) {
      return caption;
    }
    const why = punsafe === null ? 'marked as unsafe' : `unsafe score ${wordScore(punsafe)}`;
    const summary = element('summary', {}, `Show the caption (${why})`);
    return element('details', { class: 'kept-back' }, summary, caption);
  }

  /**
   * A row's URL as a link, where the site has links and this one is safe; else null.
   *
   * @param {Hit} hit
   * @param {string} text
   */
  function hostLink(hit, text) {
    if (!LINKS || !isSafeLink(hit.url)) {
      return null;
    }
    return element('a', { href: hit.url, rel: 'noopener noreferrer nofollow' }, text);
  }

  /**
   * A result as a tile: the words and markup of _tiles.html, a test compares the two. Its caption
   * leads to its detail.
   *
   * @param {Hit} hit
   * @param {string} anchor where its detail is, e.g. `#id-5`
   * @param {(Node | string)[]} [words] of its caption
   */
  function tile(hit, anchor, words = [clipCaption(hit.caption)]) {
    const caption = element('a', { href: anchor }, ...words);
    const scores = `aesthetic ${wordScore(hit.aesthetic)} · unsafe ${wordScore(hit.punsafe)}`;
    const link = hostLink(hit, 'URL');
    /** @type {(Node | string)[]} */
    const actions = link ? [link] : [];
    if (hit.visibility === 'no_image') {
      const note = element('span', { class: 'note' }, VISIBILITIES.no_image);
      actions.push(...(link ? [' '] : []), note);
    }
    return element(
      'li',
      { class: 'tile', id: `tile-${anchor.slice(1)}` },
      frame(hit),
      behind(hit, element('p', { class: 'caption', dir: 'auto' }, caption)),
      element(
        'p',
        { class: 'meta' },
        domainLink(hit.domain),
        element('br'),
        wordSize(hit.width, hit.height),
      ),
      element('p', { class: 'scores' }, scores),
      ...(actions.length > 0 ? [element('p', { class: 'actions' }, ...actions)] : []),
    );
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

  parts.tile = { behind, element, facts, frame, isSafeLink, searchLink, tile };
})();
