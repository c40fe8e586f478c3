/**
 * Results, as elements: a tile for every row.
 *
 * Here: which URLs may become links, the markup of a row. Not here: the words for values
 * (search-words.js), the drawing (search-drawing.js), the hosts' pictures (pictures.js), all
 * fields of a row (search-detail.js), the page around the tiles (search-page.js). Everything in a row is hostile text: it reaches the page
 * only as text nodes and attributes whose values are checked here.
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;

  const { clipCaption, wordScore, wordSize, yearOf } = parts.words;

  /** What is said of a row whose picture is not shown. */
  const NEVER_SHOWN = 'never shown as a picture';

  /** Longest URL that is linked, in characters, as in core/site/safety.py. */
  const MAX_LINK = 8192;

  /** Whether the site links to hosts. */
  const LINKS = document.body.dataset.links === 'yes';

  /** An element with attributes and children. @type {MakeElement} */
  function element(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      made.setAttribute(key, String(value));
    }
    made.append(...children);
    return made;
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

  /** Link to everything from a domain. @param {string} domain */
  function domainLink(domain) {
    return element('a', { href: searchLink(`domain:${domain}`) }, domain);
  }

  /** The place of a result's picture, as in _tiles.html, without its drawing. @param {Hit} hit */
  function frame(hit) {
    const seen = hit.visibility !== 'no_image' && isSafeLink(hit.url);
    const asks = document.body.dataset.pictures === 'ask' && seen;
    /** @type {Attributes} */
    const picture = asks ? { 'data-picture': hit.url, 'data-visibility': hit.visibility } : {};
    if (asks && hit.visibility === 'blurred') {
      picture['data-unsafe'] = wordScore(hit.punsafe);
    }
    return element('div', { class: 'frame', ...picture });
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
   * leads to its detail; its drawing is added when it is to be seen (search-drawing.js).
   *
   * @param {Hit} hit
   * @param {string} anchor where its detail is, e.g. `#id-5`
   * @param {(Node | string)[]} [words] of its caption
   */
  function tile(hit, anchor, words = [clipCaption(hit.caption)]) {
    const caption = element('a', { href: anchor }, ...words);
    const scores = `aesthetic ${wordScore(hit.aesthetic)} · unsafe ${wordScore(hit.punsafe)}`;
    const link = hostLink(hit, 'URL');
    const year = yearOf(hit.url);
    /** @type {(Node | string)[]} */
    const actions = link ? [link] : [];
    if (hit.visibility === 'no_image') {
      const note = element('span', { class: 'note' }, NEVER_SHOWN);
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
        ...(year === null ? [] : [` · URL of ${year}`]),
      ),
      element('p', { class: 'scores' }, scores),
      ...(actions.length > 0 ? [element('p', { class: 'actions' }, ...actions)] : []),
    );
  }

  parts.tile = {
    NEVER_SHOWN,
    behind,
    domainLink,
    element,
    frame,
    hostLink,
    isSafeLink,
    searchLink,
    tile,
  };
})();
