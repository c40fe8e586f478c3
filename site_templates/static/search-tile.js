/**
 * Results, as elements: a drawn tile for every row, its picture when asked for, its links.
 *
 * Here: the drawing (from caption, id and size alone, so nothing is requested), which addresses
 * may become links, and how values are worded. Not here: the page around them (search-page.js).
 * Everything in a row is hostile text: it reaches the page only as text nodes and attributes
 * whose values are checked here.
 */
(function () {
  'use strict';

  const parts = (window.LaionSearchParts = window.LaionSearchParts || {});

  const SVG = 'http://www.w3.org/2000/svg';

  /** Longer side of a drawing, and longest to shortest side, as in core/site/tiles.py. */
  const LONG_SIDE = 240;
  const MAX_RATIO = 2.4;

  /** Height in a drawing of the strip that names domain and size, and width of a letter there. */
  const STRIP = 22;
  const LETTER = 6.5;

  /** Ground, second tone, form, accent; the same as PALETTES of core/site/tiles.py. */
  const PALETTES = [
    ['#e8dcc4', '#cdb88f', '#7a4b2a', '#d9622b'],
    ['#d7e3e4', '#9fbcc0', '#2f5d62', '#e2a13b'],
    ['#f0d9cf', '#dba58f', '#8c3b2e', '#27374d'],
    ['#dfe2ee', '#a9b1d1', '#3d4373', '#e8c15a'],
    ['#e3ead9', '#b3c597', '#4c6a3a', '#cf5c45'],
    ['#f1e6ea', '#d3a9b8', '#7c3a55', '#3f7d78'],
    ['#233044', '#3a5069', '#d8b26a', '#e9e3d3'],
    ['#e9e4dc', '#bdb3a4', '#4a443c', '#a8452f'],
    ['#f4e3b5', '#e5b95c', '#b4532a', '#2f4b5c'],
    ['#d5e6ef', '#8fb9d3', '#215273', '#f3ead2'],
    ['#332a3a', '#5d4664', '#e08d6d', '#f2dcc4'],
    ['#e4efe9', '#9cc9b4', '#1f6a57', '#e7b04b'],
    ['#f3ded6', '#eeb4a2', '#b5495b', '#3b3a5a'],
    ['#ded9c9', '#a9a283', '#5d6b3f', '#c98a3a'],
    ['#1b3a43', '#2c5d66', '#e6c88b', '#d96c4a'],
    ['#ece9f2', '#bcb0d6', '#5a4b8a', '#e59a5c'],
  ];

  /** What the visibilities mean to a reader. */
  const VISIBILITIES = {
    shown: 'picture can be shown',
    blurred: 'picture is blurred at first',
    no_image: 'never shown as a picture',
  };

  /** Longest address that is linked, in characters, as in core/site/safety.py. */
  const MAX_LINK = 8192;

  /** Longest query in a link, in characters: servers refuse much longer addresses. */
  const MAX_QUERY = 1500;

  /** Characters of a caption that a tile shows. */
  const TITLE = 300;

  const encoder = new TextEncoder();

  /** 32-bit FNV-1a of a text's first 512 characters, mixed once (as core/site/tiles.py). */
  function hash(text) {
    let value = 0x811c9dc5;
    for (const byte of encoder.encode(cut(text, 512))) {
      value = Math.imul(value ^ byte, 0x01000193) >>> 0;
    }
    return (value ^ (value >>> 15)) >>> 0;
  }

  /** A generator of numbers in [low, high) (mulberry32): the same seed, the same numbers. */
  function dice(seed) {
    let state = seed;
    return function between(low, high) {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return low + ((high - low) * ((mixed ^ (mixed >>> 14)) >>> 0)) / 4294967296;
    };
  }

  /** An element with attributes and children (elements or texts). */
  function element(name, attributes = {}, ...children) {
    return fill(document.createElement(name), attributes, children);
  }

  /** The same for SVG. */
  function shape(name, attributes = {}, ...children) {
    return fill(document.createElementNS(SVG, name), attributes, children);
  }

  function fill(node, attributes, children) {
    for (const [key, value] of Object.entries(attributes)) {
      node.setAttribute(key, value);
    }
    node.append(...children);
    return node;
  }

  /** Width and height of the drawing for an image's size; a square when that is unknown. */
  function boxOf(width, height) {
    if (!(width > 0) || !(height > 0)) {
      return [180, 180];
    }
    const ratio = Math.min(Math.max(width / height, 1 / MAX_RATIO), MAX_RATIO);
    return ratio >= 1
      ? [LONG_SIDE, Math.round(LONG_SIDE / ratio)]
      : [Math.round(LONG_SIDE * ratio), LONG_SIDE];
  }

  /** Draw a row: colours from its caption, forms from caption and id, outline from its size. */
  function drawing(hit) {
    const [width, height] = boxOf(hit.width, hit.height);
    const palette = PALETTES[hash(hit.caption) % PALETTES.length];
    const between = dice(hash(`${hit.caption}\0${hit.id}`));
    const forms = [shape('rect', { width, height, fill: palette[0] })];
    for (const tone of [palette[1], palette[2], palette[1], palette[3]]) {
      forms.push(form(width, height, tone, between));
    }
    const box = { viewBox: `0 0 ${width} ${height}`, width, height };
    const hidden = { 'aria-hidden': 'true', focusable: 'false' };
    return shape('svg', { ...box, ...hidden }, ...forms, ...strip(hit, width, height));
  }

  /** One form of a drawing: a disc, a band or a hill. */
  function form(width, height, tone, between) {
    const kind = Math.floor(between(0, 3));
    const x = Math.round(between(0.1, 0.9) * width);
    const y = Math.round(between(0.2, 0.8) * height);
    const size = Math.round(between(0.12, 0.3) * Math.min(width, height));
    if (kind === 0) {
      return shape('circle', { cx: x, cy: y, r: size, fill: tone });
    }
    if (kind === 1) {
      const lean = Math.round(between(-0.4, 0.4) * width);
      const d = `M${x} ${height}h${size}L${x + size + lean} 0h${-size}z`;
      return shape('path', { d, fill: tone });
    }
    const d = `M0 ${height}V${y}Q${x} ${y - 2 * size} ${width} ${y}V${height}z`;
    return shape('path', { d, fill: tone });
  }

  /** The strip along a drawing's lower edge: the domain and, if there is room, the size. */
  function strip(hit, width, height) {
    const room = Math.floor((width - 12) / LETTER);
    const size = hit.width && hit.height ? `${hit.width}×${hit.height}` : 'size unknown';
    const both = `${hit.domain}  ${size}`;
    const long = hit.domain.length > room ? `${hit.domain.slice(0, room - 1)}…` : hit.domain;
    const box = { y: height - STRIP, width, height: STRIP, fill: '#16181d', opacity: 0.82 };
    const font = { fill: '#fff', 'font-size': 12, 'font-family': 'sans-serif' };
    const text = { x: 6, y: height - 7, ...font };
    return [shape('rect', box), shape('text', text, both.length > room ? long : both)];
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

  /** A number for people, "unknown" for null. */
  function wordNumber(value, digits) {
    if (value === null || value === undefined) {
      return 'unknown';
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

  /** The place of a result's picture: its drawing, until `showPicture`. */
  function frame(hit) {
    return element('div', { class: 'frame' }, drawing(hit));
  }

  /**
   * Request a result's picture from its host and show it in place of the drawing; not for rows
   * without picture or with an unsafe address. On an error the drawing stays.
   */
  function showPicture(place, hit) {
    if (hit.visibility === 'no_image' || !isSafeLink(hit.url)) {
      return;
    }
    const image = element('img', { alt: '', referrerpolicy: 'no-referrer', loading: 'lazy' });
    const added = hit.visibility === 'shown' ? [image] : blurred(place, image);
    image.addEventListener('load', () => place.classList.add('has-picture'));
    image.addEventListener('error', () => {
      place.classList.remove('has-picture', 'is-blurred');
      added.forEach((node) => node.remove());
    });
    image.src = hit.url;
    place.append(...added);
  }

  /** Blur a picture, with a button that takes the blur away. */
  function blurred(place, image) {
    const label = { type: 'button', class: 'reveal', 'aria-label': 'Show this picture unblurred' };
    const button = element('button', label, 'Show');
    image.classList.add('blurred');
    place.classList.add('is-blurred');
    const reveal = () => {
      image.classList.remove('blurred');
      place.classList.remove('is-blurred');
      button.remove();
    };
    button.addEventListener('click', reveal);
    image.addEventListener('click', reveal);
    return [button, image];
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
      line('actions', visibility(hit)),
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
      fact('Picture', visibility(hit)),
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
    drawing,
    element,
    facts,
    frame,
    isSafeLink,
    searchLink,
    showPicture,
    tile,
    wordNumber,
  };
})();
