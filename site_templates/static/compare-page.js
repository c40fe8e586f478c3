/**
 * Two names, two domains, or one of each, side by side.
 *
 * Here: what happens on compare.html. Not here: finding out what is compared (comparison.js).
 *
 * The template compare.html provides: <form id="compare-form"> with <input id="a" list="a-words">
 * and <input id="b" list="b-words">, <p id="compare-status">, <section id="comparison">, and hidden
 * <div id="compare-cite"> with <span id="cited"> and <span id="cited-address"> in it.
 * Classes made here for style.css: .side-by-side.
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;
  const { queryOf } = parts.answers;
  const { KINDS, PLURALS } = parts.card;
  const { sideOf, withBoth } = parts.comparison;
  const { percent } = parts.listWords;
  const { suggestWhileTyping } = parts.typing;
  const { clipCaption, wordImages, wordNumber } = parts.words;
  const { element, searchLink } = parts.tile;
  const { LaionSearch } = window;

  const SVG = 'http://www.w3.org/2000/svg';
  const NONE = '–';

  /** Fields of what images are hosted on. @type {Record<string, true>} */
  const PLACES = { domain: true, host: true, platform: true };

  /** Rows of a table of domains or words, at most. */
  const MOST_ROWS = 12;

  /** @param {string} id */
  const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
  const names = /** @type {const} */ (['a', 'b']);
  const fields = names.map((id) => /** @type {HTMLInputElement} */ (byId(id)));

  /** @param {string} text */
  const quote = (text) => element('bdi', {}, clipCaption(text));

  /** @param {string} text */
  function say(text) {
    byId('compare-status').textContent = text;
  }

  /** The page's address with another side. @param {number} place @param {string} query */
  function addressWith(place, query) {
    const said = new URLSearchParams();
    fields.forEach(({ value }, i) => said.set(names[i], i === place ? query : value.trim()));
    return `compare.html?${said}`;
  }

  /** A box with a table in it. @param {string} caption @param {Side[]} sides @param {string} first @param {HTMLElement[]} rows */
  function table(caption, sides, first, rows) {
    const heads = sides.map(({ text }) => element('th', { scope: 'col' }, quote(text)));
    const box = {
      class: 'scroll side-by-side',
      tabindex: 0,
      role: 'region',
      'aria-label': caption,
    };
    return element(
      'div',
      box,
      element(
        'table',
        {},
        element('caption', {}, caption),
        element('thead', {}, element('tr', {}, element('th', { scope: 'col' }, first), ...heads)),
        element('tbody', {}, ...rows),
      ),
    );
  }

  /** @param {Node | string} head @param {(Node | string)[][]} cells */
  function row(head, cells) {
    const filled = cells.map((cell) => element('td', {}, ...cell));
    return element('tr', {}, element('th', { scope: 'row' }, head), ...filled);
  }

  /** What a side is, to a reader. @param {Side} side */
  function kindOf({ kind, listed, query }) {
    if (listed !== null) {
      return KINDS[listed.field] ?? listed.field;
    }
    /** @type {Record<string, string>} */
    const kinds = { url: 'a URL', words: 'words in captions', impossible: 'nothing that can be' };
    const host = query.startsWith('host:') ? 'a host' : 'a domain';
    return kind === 'host' ? host : (kinds[kind] ?? 'a query');
  }

  /** The counts of both. @param {Side[]} sides @param {number} documents */
  function counts(sides, documents) {
    /** @type {(cell: (listed: Listed) => (Node | string)[]) => (Node | string)[][]} */
    const known = (cell) => sides.map(({ listed }) => (listed ? cell(listed) : [NONE]));
    const share = (/** @type {Side} */ { images }) => percent(documents ? images / documents : 0);
    const rows = [
      row(
        'What it is',
        sides.map((side) => [kindOf(side)]),
      ),
      row(
        'Images',
        sides.map(({ images }) => [element('strong', {}, wordNumber(images, 0))]),
      ),
      row(
        'Probably this one',
        known(({ likely, images, field }) => [
          field in PLACES ? NONE : wordNumber(likely ?? images, 0),
        ]),
      ),
      row(
        `Share of ${wordNumber(documents, 0)}`,
        sides.map((side) => [share(side)]),
      ),
      row(
        'Rank',
        known(({ rank, field }) => [
          rank === null ? NONE : `${wordNumber(rank, 0)} among ${PLURALS[field] ?? `${field}s`}`,
        ]),
      ),
      row(
        'Different URLs',
        known(({ urls }) => [wordNumber(urls, 0)]),
      ),
      row(
        'Different captions',
        known(({ captions }) => [wordNumber(captions, 0)]),
      ),
      row(
        'More of it',
        sides.map(({ query, listed, images }) => [
          ...(listed?.page ? [element('a', { href: listed.page }, 'its page'), ' · '] : []),
          images > 0 ? element('a', { href: searchLink(query) }, 'its images') : 'no image',
        ]),
      ),
    ];
    const isNamed = sides.some(({ listed }) => typeof listed?.likely === 'number');
    return table('Counts', sides, 'Count', isNamed ? rows : rows.filter((_, i) => i !== 2));
  }

  /** A share of a side's images as text and bar. @param {number} part @param {number} whole @param {number} most */
  function shareCell(part, whole, most) {
    const share = whole > 0 ? part / whole : 0;
    const bar = document.createElementNS(SVG, 'svg');
    const shape = document.createElementNS(SVG, 'path');
    const length = most > 0 ? Math.round((1000 * share) / most) / 10 : 0;
    for (const [name, value] of Object.entries({
      class: 'bar',
      'aria-hidden': 'true',
      viewBox: '0 0 100 6',
      preserveAspectRatio: 'none',
      width: '100',
      height: '6',
    })) {
      bar.setAttribute(name, value);
    }
    shape.setAttribute('d', `M0 0h${length}v6H0z`);
    bar.append(shape);
    return [`${percent(share)} (${wordNumber(part, 0)})`, bar];
  }

  /**
   * A table of what stands beside both: labels of either, with a cell for each.
   *
   * @param {string} caption
   * @param {string} first
   * @param {Side[]} sides
   * @param {'years' | 'domains' | 'words'} what
   * @param {(label: string) => string} within the part of a query that says the label
   */
  function besideTable(caption, first, sides, what, within) {
    const lists = sides.map(
      ({ beside }) => new Map((beside?.[what] ?? []).map((each) => [each[0], each])),
    );
    const isOrdered = what === 'years';
    /** @type {string[][]} */
    const own = lists.map((list) => Array.from(list.keys()));
    const longest = Math.max(...own.map((labels) => labels.length));
    const turns = Array.from({ length: longest }, (_, i) =>
      own.flatMap((labels) => labels[i] ?? []),
    );
    const labels = Array.from(new Set(turns.flat()));
    if (labels.length === 0) {
      return [];
    }
    const shown = isOrdered ? labels.sort() : labels.slice(0, MOST_ROWS);
    const share = (/** @type {string} */ label) =>
      lists.map((list, i) => (list.get(label)?.[1] ?? 0) / (sides[i].images || 1));
    const most = Math.max(...shown.flatMap(share));
    const rows = shown.map((label) =>
      row(
        quote(label),
        sides.map((side, i) => {
          const found = lists[i].get(label);
          if (!found) {
            return [isOrdered ? NONE : 'not among its first'];
          }
          const query = `${side.query} ${within(label)}`;
          const [text, bar] = shareCell(found[1], side.images, most);
          const link =
            isOrdered && label === 'unknown'
              ? text
              : element('a', { href: searchLink(query) }, text);
          return [link, bar];
        }),
      ),
    );
    return [table(caption, sides, first, rows)];
  }

  /** What stands beside the names. @param {Side[]} all */
  function beside(all) {
    const sides = all.filter((side) => side.beside !== null);
    if (sides.length === 0) {
      return [];
    }
    const tables = [
      ...besideTable('The year in the URL', 'Year', sides, 'years', (year) => `year:${year}`),
      ...besideTable(
        'Where the images are hosted',
        'Domain',
        sides,
        'domains',
        (domain) => `domain:${domain}`,
      ),
      ...besideTable('Words beside the name', 'Word', sides, 'words', (word) => word),
    ];
    if (tables.length === 0) {
      return [];
    }
    const hint =
      'Each share is of the images of its own column. The site has the eight largest domains of a ' +
      'name, and the twelve words that stand beside it most unlike anywhere else.';
    return [
      element('h2', {}, 'Years, domains and words'),
      element('p', { class: 'hint' }, hint),
      element('div', { class: 'tops' }, ...tables),
    ];
  }

  /** What else may be meant by a side. @param {Side} side @param {number} place */
  function otherwise({ others, near, text }, place) {
    const meant = [...others, ...near];
    if (meant.length === 0) {
      return [];
    }
    const items = meant.flatMap((each, i) => [
      i > 0 ? ', ' : '',
      element('a', { href: addressWith(place, queryOf(each)) }, each.value),
      ` (${KINDS[each.field] ?? each.field})`,
    ]);
    return [element('p', { class: 'hint' }, quote(text), ' may also be ', ...items, '.')];
  }

  /** The images that have both, counted once the rest is shown. @param {Side[]} sides */
  async function showBoth([a, b]) {
    const place = byId('both');
    if (a.listed?.field === 'domain' && b.listed?.field === 'domain' && a.query !== b.query) {
      place.textContent = 'An image is on one domain: none is on both.';
      return;
    }
    place.textContent = 'Counting the images that have both…';
    const { query, images } = await withBoth(a, b);
    const link = element('a', { href: searchLink(query) }, wordImages(images));
    place.replaceChildren(
      images === 0 ? 'No image' : link,
      images === 1 ? ' has both.' : ' have both.',
    );
    if (images === 0) {
      place.replaceChildren('No image has both.');
    }
  }

  /** A count as a part of a sentence. @param {Side} side @param {number} documents */
  function sentence({ text, images, listed, query }, documents) {
    const isHosted = query.split(':')[0] in PLACES;
    const what = isHosted ? 'hosted on' : listed ? 'with the name' : 'found for';
    const likely =
      typeof listed?.likely === 'number'
        ? ` (${wordNumber(listed.likely, 0)} with a word that makes it probable that this one is meant)`
        : '';
    const share = percent(documents ? images / documents : 0);
    return `${wordNumber(images, 0)} (${share}) ${what} “${clipCaption(text)}”${likely}`;
  }

  /** @param {Side[]} sides @param {number} documents */
  function cite(sides, documents) {
    const said = sides.map((side) => sentence(side, documents)).join('; ');
    byId('cited').textContent = `Of ${wordNumber(documents, 0)} published images: ${said}.`;
    const address = document.getElementById('cited-address');
    if (address) {
      address.textContent = `${address.dataset.page}${window.location.search}`;
    }
    byId('compare-cite').hidden = false;
  }

  /** Compare what the address names. */
  async function compare() {
    const said = new URLSearchParams(window.location.search);
    fields.forEach((field, i) => {
      field.value = (said.get(names[i]) ?? '').trim();
    });
    const typed = fields.map(({ value }) => value).filter(Boolean);
    const missing = fields.find(({ value }) => value === '');
    if (missing) {
      missing.focus();
    }
    if (typed.length === 0) {
      return;
    }
    say('Looking…');
    const { documents } = (await LaionSearch.ready).directory;
    const sides = await Promise.all(typed.map(sideOf));
    const places = fields.flatMap(({ value }, i) => (value ? [i] : []));
    byId('comparison').replaceChildren(
      ...sides.flatMap((side, i) => otherwise(side, places[i])),
      counts(sides, documents),
      element('p', { id: 'both' }),
      ...beside(sides),
    );
    say(missing ? 'Write what to compare it with.' : '');
    document.title = `${sides.map(({ text }) => clipCaption(text)).join(' and ')} – ${document.title}`;
    cite(sides, documents);
    if (sides.length > 1) {
      await showBoth(sides);
    }
  }

  if (document.getElementById('compare-form')) {
    fields.forEach((field, i) => suggestWhileTyping(field, byId(`${names[i]}-words`)));
    compare().catch((error) => {
      const reason = error instanceof Error ? error.message : String(error);
      say(`That failed: ${reason}. Reload the page to try again.`);
    });
  }
})();
