/**
 * The search page: reads the query from the address, shows results, pages, details.
 *
 * Here: what happens on search.html. Not here: finding (search.js), single results
 * (search-tile.js), what is said beside them (search-hints.js).
 *
 * The template search.html provides:
 *   <body data-pictures="ask|none" data-links="yes|no">
 *   <form action="search.html" method="get" role="search">
 *     with <input id="q" name="q" type="search" list="suggestions">, a submit button and
 *     <datalist id="suggestions">
 *   <p id="search-status" role="status" aria-live="polite">   how many images; empty at first
 *   <div id="answer">                 what was understood, and what is known of it
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
  const { understand, withNear } = window.LaionSearchParts.answers;
  const { answerCard } = window.LaionSearchParts.card;
  const { count, messages } = window.LaionSearchParts.hints;
  const { exportTools } = window.LaionSearchParts.exporting;
  const { marked } = window.LaionSearchParts.marking;
  const { clipCaption, wordNumber } = window.LaionSearchParts.words;
  const { element, facts, frame, searchLink, tile } = window.LaionSearchParts.tile;
  const { LaionSearch } = window;

  const NOTHING = 'Nothing to search for';

  /** The largest page number that is read from the address. */
  const MOST_PAGES = 1e9;

  /** A search that takes longer says how far it is; typing rests so long before words are suggested. */
  const PATIENCE_MS = 300;
  const TYPING_MS = 150;

  /** An element that search.html provides. @param {string} id */
  const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
  const field = /** @type {HTMLInputElement} */ (byId('q'));
  const dialog = /** @type {HTMLDialogElement} */ (byId('detail'));

  const state = {
    query: '', // as typed
    searched: '', // what finds what was meant by it
    page: 1,
    perPage: 20, // what comes with a term, as the index says
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
   * The address of a result within the page: by its id, which lasts; by its number where another
   * result before it has the same id.
   *
   * @param {Hit} hit
   */
  function anchorOf(hit) {
    const first = state.hits.find(({ id }) => id === hit.id) ?? hit;
    return first.number === hit.number ? `#id-${hit.id}` : `#image-${hit.number}`;
  }

  /** Search and show the page's results. */
  async function showResults() {
    byId('search-status').textContent = 'Searching…';
    state.perPage = (await LaionSearch.ready).directory.page;
    const offset = (state.page - 1) * state.perPage;
    const understood = await understand(state.query);
    state.searched = understood.query;
    if (understood.kind === 'impossible') {
      byId('search-status').textContent = NOTHING;
      byId('answer').replaceChildren(...answerCard(understood, null, 0));
      return;
    }
    const found = await patiently((onProgress) =>
      LaionSearch.search(state.searched, { limit: state.perPage, offset, onProgress }),
    );
    state.hits = found.hits;
    await showAnswer(understood, found);
    byId('results').setAttribute('start', String(offset + 1));
    byId('results').replaceChildren(
      ...found.hits.map((hit) =>
        tile(hit, anchorOf(hit), marked(clipCaption(hit.caption), state.searched)),
      ),
    );
    pictures.attend(byId('results'));
    showCount(found);
    showPager(found);
    byId('search-tools').replaceChildren(...tools(found));
    byId('search-message').replaceChildren(...(await messages(found, state.searched, state.page)));
  }

  /** Show the card above the captions. @param {Understood} understood @param {Found} found */
  async function showAnswer(understood, found) {
    const images = found.totalIsExact ? found.total : null;
    const { documents } = (await LaionSearch.ready).directory;
    const isAsked = state.query !== '' && state.page === 1;
    byId('answer').replaceChildren(
      ...(isAsked ? answerCard(await withNear(understood, images), images, documents) : []),
    );
  }

  /**
   * Do something that may take long, and say how far it is when it does.
   *
   * @template Found
   * @param {(onProgress: OnProgress) => Promise<Found>} work
   */
  function patiently(work) {
    const start = performance.now();
    return work((progress) => {
      if (performance.now() - start > PATIENCE_MS) {
        byId('search-status').textContent = `Searching… ${amount(progress)}`;
      }
    });
  }

  /** What has been read so far, in words. @type {(progress: {requests: number, bytes: number}) => string} */
  const amount = ({ requests, bytes }) =>
    `${wordNumber(requests, 0)} requests, ${wordNumber(bytes / 1e6, 1)} MB`;

  /** Say how many images there are. @param {Found} found */
  function showCount(found) {
    if (LaionSearch.parse(state.searched).nothing) {
      byId('search-status').textContent = NOTHING;
      return;
    }
    const pages = Math.ceil(found.total / state.perPage);
    const place = pages > 1 && found.hits.length > 0 ? `, page ${wordNumber(state.page, 0)}` : '';
    const of = place && found.totalIsExact ? ` of ${wordNumber(pages, 0)}` : '';
    byId('search-status').textContent = `${count(found)}${place}${of}`;
  }

  /** Links to the neighbouring pages. @param {Found} found */
  function showPager(found) {
    const items = [];
    if (state.page > 1) {
      const previous = { href: searchLink(state.query, state.page - 1), rel: 'prev' };
      items.push(element('a', previous, 'Previous page'));
    }
    if (state.page > 1 || found.total > state.perPage) {
      const here = `Page ${wordNumber(state.page, 0)}`;
      items.push(element('span', { 'aria-current': 'page' }, here));
    }
    if (found.hits.length > 0 && found.total > state.page * state.perPage) {
      const next = { href: searchLink(state.query, state.page + 1), rel: 'next' };
      items.push(element('a', next, 'Next page'));
    }
    const list = items.map((item) => element('li', {}, item));
    byId('pager').replaceChildren(...(list.length > 0 ? [element('ul', {}, ...list)] : []));
  }

  /** Buttons for what is not done unasked. @param {Found} found */
  function tools(found) {
    const made = [];
    if (!found.totalIsExact) {
      const button = element('button', { type: 'button', id: 'count-exactly' }, 'Count exactly');
      button.addEventListener('click', () => countExactly(button));
      made.push(element('p', {}, button));
    }
    if (found.total > 0) {
      const asked = { typed: state.query, searched: state.searched, total: found.total };
      made.push(exportTools(asked, showError));
    }
    return made;
  }

  /** Make the total exact, telling how far the reading is. @param {HTMLButtonElement} button */
  async function countExactly(button) {
    button.disabled = true;
    /** @type {OnProgress} */
    const onProgress = (progress) => {
      button.textContent = `Counting… ${amount(progress)}`;
    };
    try {
      const page = { limit: state.perPage, offset: (state.page - 1) * state.perPage };
      const options = { ...page, exact: true, onProgress };
      const found = await LaionSearch.search(state.searched, options);
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
    const { hash } = window.location;
    const shown = state.hits.find((hit) => anchorOf(hit) === hash);
    if (shown) {
      return shown;
    }
    const [, id] = /^#id-(-?\d{1,19})$/.exec(hash) ?? [];
    if (id !== undefined) {
      return (await LaionSearch.search(`id:${id}`, { limit: 1 })).hits[0] ?? null;
    }
    const [, number] = /^#image-(\d{1,10})$/.exec(hash) ?? [];
    if (number === undefined) {
      return null;
    }
    return LaionSearch.document(Number(number));
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

  /** Suggest words and names while the field is typed in. */
  function suggestWhileTyping() {
    const list = byId('suggestions');
    let asking = new AbortController();
    let timer = 0;
    field.addEventListener('input', (event) => {
      window.clearTimeout(timer);
      asking.abort();
      if (event instanceof InputEvent && event.inputType !== 'insertReplacementText') {
        asking = new AbortController();
        const { signal } = asking;
        timer = window.setTimeout(() => fillSuggestions(list, signal), TYPING_MS);
      }
    });
  }

  /**
   * @param {HTMLElement} list
   * @param {AbortSignal} signal
   */
  async function fillSuggestions(list, signal) {
    try {
      const found = await LaionSearch.suggest(field.value, { signal });
      const options = found.map(({ query, kind, count }) => {
        const label = [kind, `${wordNumber(count, 0)} images`].filter(Boolean).join(', ');
        return element('option', { value: query }, label);
      });
      if (!signal.aborted) {
        list.replaceChildren(...options);
      }
    } catch {
      list.replaceChildren(); // typing goes on without suggestions
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
    suggestWhileTyping();
    byId('results').setAttribute('aria-busy', 'true');
    await attempt(showResults);
    byId('results').removeAttribute('aria-busy');
    await attempt(followFragment);
  }

  if (document.getElementById('search-form')) {
    start();
  }
})();
