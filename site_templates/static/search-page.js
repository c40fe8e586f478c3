/**
 * The search page: reads the query from the address, shows results, pages, details.
 *
 * Here: what happens on search.html. Not here: finding (search.js) and single results
 * (search-tile.js).
 *
 * The template search.html provides:
 *   <body data-pictures="ask|none" data-links="yes|no">
 *   <form action="search.html" method="get" role="search">
 *     with <input id="q" name="q" type="search"> and a submit button
 *   <p id="search-status" role="status" aria-live="polite">   how many images; empty at first
 *   <div id="search-message">         hints when nothing was found; errors
 *   <div id="search-tools">           the button "Count exactly"
 *   the offer of _picture_ask.html, for pictures.js
 *   <ol id="results" class="tiles" tabindex="-1">   the tiles, in the markup of _tiles.html
 *   <nav id="pager" class="pager" aria-label="Pages of results">
 *   <dialog id="detail" aria-labelledby="detail-title">   one result in full
 *   help on the query language, as it likes
 *   and, deferred, the scripts of scripts.json in its order
 *
 * Classes made here for style.css: .pager ul; in the dialog .detail-close; p.error.
 */
(function () {
  'use strict';

  const { pictures } = window.LaionSearchParts;
  const { hasStrayStar, isNothing } = window.LaionSearchParts.query;
  const { hostName } = window.LaionSearchParts.urls;
  const { wordNumber } = window.LaionSearchParts.words;
  const { element, facts, frame, searchLink, tile } = window.LaionSearchParts.tile;
  const { LaionSearch } = window;

  /** Results on a page; a term's first 24 rows come with the term. */
  const PER_PAGE = 24;

  /** Suggestions made when nothing was found, at most. */
  const MOST_HINTS = 8;

  /** Double quotes, which would end a quoted URL; and what ends a sentence rather than a URL. */
  const QUOTE = /["\u201c-\u201f]/;
  const STOPS = /[.,;:!?)\]}>'"\xbb\u2019\u2026]+$/;

  /** The largest page number that is read from the address. */
  const MOST_PAGES = 1e9;

  const NOTHING =
    'Captions are searched by their letters and digits, and there are none in this. ' +
    'Leave the field empty to see every image.';

  /** An element that search.html provides. @param {string} id */
  const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
  const field = /** @type {HTMLInputElement} */ (byId('q'));
  const dialog = /** @type {HTMLDialogElement} */ (byId('detail'));

  const state = {
    query: '',
    page: 1,
    hits: /** @type {Hit[]} */ ([]),
    cameFromList: false, // whether "back" leads from the detail to the list
    closing: false, // whether the detail was closed because the address changed
  };

  /** Read query and page number from the page's address. */
  function readAddress() {
    const address = new URLSearchParams(window.location.search);
    const page = Number(address.get('page') || 1);
    state.query = (address.get('q') || '').trim();
    state.page = Number.isInteger(page) && page >= 1 && page <= MOST_PAGES ? page : 1;
    field.value = state.query;
    if (state.query) {
      document.title = `${state.query} – ${document.title}`;
    }
  }

  /**
   * The anchor of a result: by its number, or by its place when the number is unknown.
   *
   * @param {Hit} hit
   * @param {number} i
   */
  function anchorOf(hit, i) {
    return hit.number === undefined
      ? `#result-${(state.page - 1) * PER_PAGE + i + 1}`
      : `#image-${hit.number}`;
  }

  /** Search and show the page's results. */
  async function showResults() {
    const offset = (state.page - 1) * PER_PAGE;
    byId('search-status').textContent = 'Searching…';
    const found = await LaionSearch.search(state.query, { limit: PER_PAGE, offset });
    state.hits = found.hits;
    byId('results').setAttribute('start', String(offset + 1));
    byId('results').replaceChildren(...found.hits.map((hit, i) => tile(hit, anchorOf(hit, i))));
    pictures.attend(byId('results'));
    showCount(found);
    showPager(found);
    byId('search-tools').replaceChildren(...tools(found));
    const clauses = LaionSearch.parse(state.query);
    if (isNothing(clauses)) {
      byId('search-status').textContent = 'Nothing to search for';
      byId('search-message').replaceChildren(element('p', {}, NOTHING));
    } else {
      const explained = explain(clauses);
      byId('search-message').replaceChildren(...explained, ...(await hints(found, clauses)));
    }
  }

  /** Say which stars mean nothing. @param {Clause[]} clauses */
  function explain(clauses) {
    return clauses.filter(hasStrayStar).map(({ text }) => {
      const here = element('code', {}, text);
      return element(
        'p',
        {},
        'A star is for the end of a word, so the one in ',
        here,
        ' says nothing.',
      );
    });
  }

  /** Say how many images there are. @param {Found} found */
  function showCount(found) {
    const pages = Math.ceil(found.total / PER_PAGE);
    const place = pages > 1 && found.hits.length > 0 ? `, page ${wordNumber(state.page, 0)}` : '';
    const of = place && found.totalIsExact ? ` of ${wordNumber(pages, 0)}` : '';
    byId('search-status').textContent = `${count(found)}${place}${of}`;
  }

  /** A total in words. @param {Found} found */
  function count({ total, totalIsExact, atLeast }) {
    const images = (/** @type {number} */ number) =>
      `${wordNumber(number, 0)} ${number === 1 ? 'image' : 'images'}`;
    if (totalIsExact) {
      return total === 0 ? 'No images' : images(total);
    }
    return `At least ${images(atLeast)}, at most ${wordNumber(total, 0)}`;
  }

  /** Links to the neighbouring pages. @param {Found} found */
  function showPager(found) {
    const items = [];
    if (state.page > 1) {
      const previous = { href: searchLink(state.query, state.page - 1), rel: 'prev' };
      items.push(element('a', previous, 'Previous page'));
    }
    if (state.page > 1 || found.total > PER_PAGE) {
      const here = `Page ${wordNumber(state.page, 0)}`;
      items.push(element('span', { 'aria-current': 'page' }, here));
    }
    if (found.hits.length > 0 && found.total > state.page * PER_PAGE) {
      const next = { href: searchLink(state.query, state.page + 1), rel: 'next' };
      items.push(element('a', next, 'Next page'));
    }
    const list = items.map((item) => element('li', {}, item));
    byId('pager').replaceChildren(...(list.length > 0 ? [element('ul', {}, ...list)] : []));
  }

  /** @typedef {{text: string, query: string}} Idea another query, and what it changes */

  /**
   * What to try when a page has nothing to show.
   *
   * @param {Found} found
   * @param {Clause[]} all
   */
  async function hints(found, all) {
    if (found.hits.length > 0) {
      return [];
    }
    if (found.total > 0) {
      const first = element('a', { href: searchLink(state.query) }, 'Go to the first page');
      return [element('p', {}, 'The results end before this page. ', first, '.')];
    }
    const clauses = all.filter((clause) => clause.kind !== 'ignored');
    const ideas =
      clauses.length > 1 ? [...asOneUrl(clauses), ...withoutEach(clauses)] : clauses.flatMap(widen);
    const items = (await Promise.all(ideas.slice(0, MOST_HINTS).map(hintItem))).flat();
    const nothing = element('p', {}, 'No image has all of this.', items.length ? ' Try:' : '');
    return items.length > 0 ? [nothing, element('ul', {}, ...items)] : [nothing];
  }

  /**
   * An idea as a list item with its count; nothing when it finds nothing either.
   *
   * @param {Idea} idea
   */
  async function hintItem({ text, query }) {
    const found = await LaionSearch.search(query, { limit: 0 });
    const link = element('a', { href: searchLink(query) }, query);
    const total = found.totalIsExact ? count(found) : `up to ${wordNumber(found.total, 0)} images`;
    return found.total > 0 ? [element('li', {}, `${text}: `, link, ` (${total})`)] : [];
  }

  /**
   * All of a query that begins with a URL as that URL: it may hold ` -` or what looks like a field.
   *
   * @param {Clause[]} clauses
   * @returns {Idea[]}
   */
  function asOneUrl([first]) {
    const whole = state.query.trim().replace(/^url:/i, '');
    return first.field === 'url' && !first.negated && !QUOTE.test(whole)
      ? [{ text: 'all of it as one URL', query: `url:"${whole}"` }]
      : [];
  }

  /**
   * The query without one of its clauses each.
   *
   * @param {Clause[]} clauses
   * @returns {Idea[]}
   */
  function withoutEach(clauses) {
    return clauses.map((left) => {
      const rest = clauses.filter((clause) => clause !== left).map((clause) => clause.text);
      return { text: `without ${left.text}`, query: rest.join(' ') };
    });
  }

  /**
   * Wider queries than a single clause.
   *
   * @param {Clause} clause
   * @returns {Idea[]}
   */
  function widen(clause) {
    if (clause.field === 'domain' && clause.term) {
      const host = clause.term.slice(':domain:'.length);
      return [{ text: 'domains have no sub-domains; as a host name', query: `host:${host}` }];
    }
    if (clause.field === 'url') {
      const value = clause.value ?? '';
      const host = hostName(value);
      const short = value.replace(STOPS, '');
      return [
        ...(short === value ? [] : [{ text: 'without its end', query: `url:"${short}"` }]),
        ...(host ? [{ text: 'everything on its host', query: `host:${host}` }] : []),
      ];
    }
    if (clause.kind === 'field') {
      return [{ text: 'in captions', query: `"${clause.value}"` }];
    }
    if (clause.kind === 'phrase') {
      const address = { text: 'as a URL', query: `url:${clause.text}` };
      return [address, { text: 'the same words in any order', query: clause.tokens.join(' ') }];
    }
    const longer = `${clause.tokens[0]}*`;
    return clause.kind === 'word' ? [{ text: 'all words that begin so', query: longer }] : [];
  }

  /** Buttons for what is not done unasked. @param {Found} found */
  function tools(found) {
    const made = [];
    if (!found.totalIsExact) {
      const button = element('button', { type: 'button', id: 'count-exactly' }, 'Count exactly');
      button.addEventListener('click', () => countExactly(button));
      made.push(element('p', {}, button));
    }
    return made;
  }

  /** Make the total exact, telling how far the reading is. @param {HTMLButtonElement} button */
  async function countExactly(button) {
    button.disabled = true;
    /** @type {OnProgress} */
    const onProgress = ({ requests, bytes }) => {
      const size = wordNumber(bytes / 1e6, 1);
      button.textContent = `Counting… ${wordNumber(requests, 0)} files, ${size} MB`;
    };
    try {
      const page = { limit: PER_PAGE, offset: (state.page - 1) * PER_PAGE };
      const options = { ...page, exact: true, onProgress };
      const found = await LaionSearch.search(state.query, options);
      showCount(found);
      showPager(found);
      button.parentElement?.remove();
      byId('results').focus();
    } catch (error) {
      button.textContent = 'Count exactly';
      button.disabled = false;
      showError(error);
    }
  }

  /** Say what went wrong. @param {unknown} error */
  function showError(error) {
    if (byId('results').children.length === 0) {
      byId('search-status').textContent = '';
    }
    const reason = error instanceof Error ? error.message : String(error);
    const text = `The search failed: ${reason}. Reload the page to try again.`;
    const message = element('p', { class: 'error', role: 'alert' }, text);
    byId('search-message').replaceChildren(message);
  }

  /** The result that the address's fragment asks for, or null. @returns {Promise<Hit | null>} */
  async function wantedResult() {
    const [, kind, digits] = /^#(image|result)-(\d{1,10})$/.exec(window.location.hash) || [];
    if (kind === undefined) {
      return null;
    }
    const here = state.hits.find((hit, i) => anchorOf(hit, i) === window.location.hash);
    return here || (kind === 'image' ? LaionSearch.document(Number(digits)) : null);
  }

  /** Show or close the detail, as the address says. */
  async function followFragment() {
    const hash = window.location.hash;
    const hit = await wantedResult();
    if (hash !== window.location.hash) {
      return; // the reader has gone on
    }
    if (hit) {
      openDetail(hit);
    } else {
      closeDetail();
    }
  }

  /** Show a result in full, with the focus in it. @param {Hit} hit */
  function openDetail(hit) {
    const close = element('a', { href: '#results', class: 'detail-close' }, 'Back to the results');
    close.addEventListener('click', (event) => {
      event.preventDefault();
      leaveDetail();
    });
    dialog.replaceChildren(
      element('h2', { id: 'detail-title', tabindex: '-1' }, 'One image'),
      element('p', {}, close),
      frame(hit),
      facts(hit),
    );
    pictures.attend(dialog);
    dialog.dataset.anchor = window.location.hash.slice(1);
    if (!dialog.open) {
      dialog.showModal();
    }
    byId('detail-title').focus();
  }

  /** Close the detail; the focus returns to its tile. */
  function closeDetail() {
    if (!dialog.open) {
      return;
    }
    state.closing = true; // its event comes later, when the address may be another one
    dialog.close();
    /** @type {HTMLElement | null | undefined} */
    const from = document.getElementById(`tile-${dialog.dataset.anchor}`)?.querySelector('a');
    from?.focus();
  }

  /** Go from the detail to the list, by the history where the list is the entry before. */
  function leaveDetail() {
    if (state.cameFromList) {
      window.history.back();
    } else {
      window.location.replace('#results');
    }
  }

  /** Run something; tell the reader when it fails. @param {() => Promise<void>} work */
  async function attempt(work) {
    try {
      await work();
    } catch (error) {
      showError(error);
    }
  }

  /** Start the page. */
  async function start() {
    readAddress();
    dialog.addEventListener('close', () => {
      if (state.closing) {
        state.closing = false;
      } else if (window.location.hash === `#${dialog.dataset.anchor}`) {
        leaveDetail(); // closed by Escape
      }
    });
    window.addEventListener('hashchange', () => {
      state.cameFromList = true;
      attempt(followFragment);
    });
    byId('results').setAttribute('aria-busy', 'true');
    await attempt(showResults);
    byId('results').removeAttribute('aria-busy');
    await attempt(followFragment);
  }

  start();
})();
