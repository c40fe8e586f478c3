/**
 * The search page: reads the query from the address, shows results, pages, details.
 *
 * Here: what happens on search.html. Not here: finding (search.js), single results
 * (search-tile.js); what only some searches need and is loaded then: what else to try
 * (search-hints.js), a result in full (search-detail.js), files of hits (search-export.js), other
 * orders and filters (hits-in-hand.js), drawings (search-drawing.js).
 *
 * The template search.html provides:
 *   <body data-pictures="ask|none" data-links="yes|no">
 *   <form action="search.html" method="get" role="search">
 *     with <input id="q" name="q" type="search" list="suggestions">, a submit button and
 *     <datalist id="suggestions">
 *   <p id="search-status" role="status" aria-live="polite">   how many images; empty at first
 *   <div id="answer">                 what was understood, and what is known of it
 *   <div id="search-message">         hints when nothing was found; errors
 *   <div id="search-tools">           the button "Count exactly", files of all hits
 *   <div id="view-tools" hidden>      buttons with data-view "list" and "grid"; <details id="in-hand">
 *     with a <summary> and a <div> for other orders and filters
 *   the offer of _picture_ask.html, for pictures.js
 *   <ol id="results" class="tiles" tabindex="-1">   the tiles, in the markup of _tiles.html
 *   <nav id="pager" class="pager" aria-label="Pages of results">
 *   <dialog id="detail" aria-labelledby="detail-title">   one result in full
 *   help on the query language, as it likes
 *   and, deferred, the scripts of scripts.json in its order
 *
 * Classes made here for style.css: #results.as-list; .pager ul; in the dialog .detail-close; p.error.
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;
  const { address, later, pictures } = parts;
  const { understand, withNear } = parts.answers;
  const { answerCard } = parts.card;
  const { marked } = parts.marking;
  const { clipCaption, wordFound, wordImages, wordNumber } = parts.words;
  const { hasStrayStar } = parts.query;
  const { element, searchLink, tile } = parts.tile;
  const { attend, followFragment } = parts.dialog;
  const { suggestWhileTyping } = parts.typing;
  const { LaionSearch } = window;

  const NOTHING = 'Nothing to search for';

  /** What may be understood otherwise than it was meant. */
  const LOGIC = /[()]|\bOR\b/;

  /** Pages of results that are loaded at a time, for whoever sorts or filters. */
  const MORE_PAGES = 5;

  /** Rows of a file, at most. */
  const MOST_ROWS = 10_000;

  /** A search that takes longer says how far it is. */
  const PATIENCE_MS = 300;

  /** An element that search.html provides. @param {string} id */
  const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
  const field = /** @type {HTMLInputElement} */ (byId('q'));
  const inHand = /** @type {HTMLDetailsElement} */ (byId('in-hand'));
  const kept = /** @type {HTMLInputElement} */ (document.querySelector('input[name="view"]'));
  /** @type {NodeListOf<HTMLElement>} */
  const viewButtons = document.querySelectorAll('[data-view]');

  const state = {
    query: '', // as typed
    searched: '', // what finds what was meant by it
    page: 1,
    perPage: 20, // what comes with a term, as the index says
    hits: /** @type {Hit[]} */ ([]),
    tiles: /** @type {HTMLElement[]} */ ([]), // of the hits, in their order
    found: /** @type {Found | null} */ (null), // once there are results
    limit: 0, // hits that were asked for
  };

  /** Read query and page number from the page's address. */
  function readAddress() {
    const { query, page } = address.read();
    state.query = query;
    state.page = page;
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
    const choice = address.read();
    const understood = await understand(state.query);
    state.searched = understood.query;
    if (understood.kind === 'impossible') {
      byId('search-status').textContent = NOTHING;
      byId('answer').replaceChildren(...answerCard(understood, null, 0));
      return;
    }
    const range = rangeOf(choice.shown);
    const found = await patiently((onProgress) =>
      LaionSearch.search(state.searched, { ...range, onProgress }),
    );
    state.limit = range.limit;
    const answer = await answerTo(understood, found);
    const said = await messages(found);
    if (isSorted(choice)) {
      inHand.open = true;
      await later('inHand', 'hits-in-hand.js');
    }
    byId('answer').replaceChildren(...answer);
    byId('search-message').replaceChildren(...said);
    byId('search-tools').replaceChildren(...tools(found));
    await take(found); // below all that, so that nothing moves it
  }

  /** What to search for, to have so many of the page's results at least. @param {number} shown */
  function rangeOf(shown) {
    const { page, perPage } = state;
    return {
      limit: Math.max(1, Math.ceil(shown / perPage)) * perPage,
      offset: (page - 1) * perPage,
    };
  }

  /** Show what was found; tiles that are there stay. @param {Found} found */
  async function take(found) {
    const list = byId('results');
    state.found = found;
    state.hits = found.hits;
    state.tiles = found.hits.map(
      (hit, i) =>
        state.tiles[i] ??
        tile(hit, anchorOf(hit), marked(clipCaption(hit.caption), state.searched)),
    );
    list.setAttribute('start', String((state.page - 1) * state.perPage + 1));
    list.replaceChildren(...state.tiles);
    pictures.attend(list);
    showCount(found);
    await arrange();
  }

  /** Whether the results are in another order than the index's, or only some of them. @param {Choice} choice */
  const isSorted = ({ order, wide, year, from }) => [order, wide, year, from].some(Boolean);

  /** Show the results as the address says: as a list or a grid, in which order, which of them. */
  async function arrange() {
    const { hits, tiles, found } = state;
    if (found === null) {
      return;
    }
    const choice = address.read();
    const isGrid = (choice.view || (pictures.areShown() ? 'grid' : 'list')) === 'grid';
    byId('results').classList.toggle('as-list', !isGrid);
    viewButtons.forEach((button) => {
      button.setAttribute('aria-pressed', String((button.dataset.view === 'grid') === isGrid));
    });
    kept.value = choice.view;
    kept.disabled = choice.view === '';
    showPager(found);
    byId('view-tools').hidden = hits.length === 0;
    inHand.hidden = hits.length < 2 && !isSorted(choice);
    const [summary, place] = /** @type {HTMLCollectionOf<HTMLElement>} */ (inHand.children);
    const these = `these ${wordNumber(hits.length, 0)} results`;
    summary.textContent = `Sort or filter ${these}${isSorted(choice) ? ' (now on)' : ''}`;
    if (inHand.open || isSorted(choice) || parts.inHand) {
      const { show } = await later('inHand', 'hits-in-hand.js');
      show(place, { hits, tiles, found, next: nextOf(found) }, choice, { change, more });
    }
    if (isGrid) {
      const { draw } = await later('drawing', 'search-detail.js');
      tiles.forEach((each, i) => {
        draw(/** @type {HTMLElement} */ (each.querySelector('.frame')), hits[i]);
      });
    }
  }

  /** How many results there are when more have been loaded. @param {Found} found */
  function nextOf({ total, hits }) {
    const step = MORE_PAGES * state.perPage;
    const next = (Math.floor(hits.length / step) + 1) * step;
    const left = total - (state.page - 1) * state.perPage;
    return Math.min(next, left, address.MOST_SHOWN);
  }

  /** Show the results otherwise, and say so in the address. @param {Partial<Choice>} changes */
  function change(changes) {
    address.write(changes);
    attempt(arrange);
  }

  /** Load more results, or fewer: as many as the address says. */
  async function load() {
    const range = rangeOf(address.read().shown);
    if (state.found === null || range.limit === state.limit) {
      await arrange();
      return;
    }
    const found = await patiently((onProgress) =>
      LaionSearch.search(state.searched, { ...range, onProgress }),
    );
    state.limit = range.limit;
    await take(found);
  }

  /** Load more results to sort and filter. */
  async function more() {
    const { found } = state;
    const next = found ? nextOf(found) : 0;
    address.write({ shown: next });
    await attempt(load);
    if (byId('load-more').hidden) {
      byId('in-hand-order').focus(); // the button that had it is gone
    }
  }

  /** What there is to say beside the results. @param {Answer} found @returns {Promise<HTMLElement[]>} */
  async function messages(found) {
    const { clauses } = LaionSearch.parse(state.searched);
    const isPlain = clauses.every((clause) => clause.kind !== 'ignored' && !hasStrayStar(clause));
    if (found.hits.length > 0 && found.inside === null && isPlain && !LOGIC.test(state.searched)) {
      return [];
    }
    const hints = await later('hints', 'search-hints.js');
    return hints.messages(found, state.searched, state.page);
  }

  /** The card above the captions. @param {Understood} understood @param {Found} found */
  async function answerTo(understood, found) {
    const images = found.totalIsExact ? found.total : null;
    const { documents } = (await LaionSearch.ready).directory;
    const isAsked = state.query !== '' && state.page === 1;
    return isAsked ? answerCard(await withNear(understood, images), images, documents) : [];
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
    const last = lastPage();
    const here =
      last > state.page
        ? `pages ${wordNumber(state.page, 0)} to ${wordNumber(last, 0)}`
        : `page ${wordNumber(state.page, 0)}`;
    const place = pages > 1 && found.hits.length > 0 ? `, ${here}` : '';
    const of = place && found.totalIsExact ? ` of ${wordNumber(pages, 0)}` : '';
    byId('search-status').textContent = `${wordFound(found)}${place}${of}`;
  }

  /** The last page that is shown as a whole. */
  const lastPage = () => state.page + Math.max(1, Math.ceil(state.hits.length / state.perPage)) - 1;

  /** Links to the neighbouring pages. @param {Found} found */
  function showPager(found) {
    const items = [];
    const last = lastPage();
    const { view } = address.read();
    /** @type {(page: number, rel: string, words: string) => HTMLElement} */
    const link = (page, rel, words) => {
      const kept = view ? `&${new URLSearchParams({ view })}` : '';
      return element('a', { href: `${searchLink(state.query, page)}${kept}`, rel }, words);
    };
    if (state.page > 1) {
      items.push(link(state.page - 1, 'prev', 'Previous page'));
    }
    if (state.page > 1 || found.total > state.perPage) {
      const [first, end] = [state.page, last].map((page) => wordNumber(page, 0));
      const here = last > state.page ? `Pages ${first} to ${end}` : `Page ${first}`;
      items.push(element('span', { 'aria-current': 'page' }, here));
    }
    if (found.hits.length > 0 && found.total > last * state.perPage) {
      items.push(link(last + 1, 'next', 'Next page'));
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
      made.push(exportTools(found.total));
    }
    return made;
  }

  /** Buttons that make files of all hits. @param {number} total */
  function exportTools(total) {
    const rows = Math.min(total, MOST_ROWS);
    const all = total <= MOST_ROWS ? 'all' : 'the first';
    const what = rows === 1 ? 'this image' : `${all} ${wordImages(rows)}`;
    const place = element('p', { class: 'export' });
    /** @type {(words: string, ending: 'csv' | 'txt') => HTMLElement} */
    const make = (words, ending) => {
      const button = element('button', { type: 'button' }, words);
      const asked = { typed: state.query, searched: state.searched, rows };
      button.addEventListener('click', () =>
        attempt(async () => {
          const exporting = await later('exporting', 'hits-in-hand.js');
          await exporting.saveAll(place, asked, ending);
        }),
      );
      return button;
    };
    place.append(make(`Download ${what} as CSV`, 'csv'), ' ', make('as a list of URLs', 'txt'));
    return place;
  }

  /** Make the total exact, telling how far the reading is. @param {HTMLButtonElement} button */
  async function countExactly(button) {
    button.disabled = true;
    /** @type {OnProgress} */
    const onProgress = (progress) => {
      button.textContent = `Counting… ${amount(progress)}`;
    };
    try {
      const options = { ...rangeOf(state.limit), exact: true, onProgress };
      const found = await LaionSearch.search(state.searched, options);
      await take(found);
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
    attend((anchor) => state.hits.find((hit) => anchorOf(hit) === anchor), attempt);
    window.addEventListener('popstate', () => attempt(load));
    document.addEventListener('pictures', () => {
      if (pictures.areShown() && address.read().view === 'list') {
        address.write({ view: '' }); // who asks for pictures wants to see them
      }
      attempt(arrange);
    });
    viewButtons.forEach((button) => {
      button.addEventListener('click', () => change({ view: button.dataset.view }));
    });
    inHand.addEventListener('toggle', () => attempt(arrange));
    suggestWhileTyping(field, byId('suggestions'));
    byId('results').setAttribute('aria-busy', 'true');
    await attempt(showResults);
    byId('results').removeAttribute('aria-busy');
    await attempt(followFragment);
  }

  if (document.getElementById('search-form')) {
    start();
  }
})();
