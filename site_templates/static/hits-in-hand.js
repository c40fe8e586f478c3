/**
 * The results that are loaded: in another order, or only some of them.
 *
 * Here: the orders and filters, and what they are chosen with; loaded when somebody does. They know
 * nothing of images that are not loaded, and say so. Not here: loading more (search-page.js), the
 * order of all images, which the index has.
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;
  const { clipCaption, wordImages, wordNumber, yearOf } = parts.words;
  const { element } = parts.tile;

  /** What is chosen for hits of which it is not known. */
  const UNKNOWN = 'unknown';

  /** Pixels across that can be asked for at least. */
  const WIDTHS = [256, 512, 1024, 2048];

  /** @type {(hit: Hit) => number | null} */
  const sizeOf = ({ width, height }) => (width === null || height === null ? null : width * height);
  /** @type {(hit: Hit) => number | null} */
  const yearIn = ({ url }) => yearOf(url);

  /**
   * Orders by their names in the address: in words, what they are by, and the sign.
   *
   * @type {Record<string, [words: string, by: (hit: Hit) => number | null, sign: number]>}
   */
  const ORDERS = {
    large: ['Largest first', sizeOf, -1],
    small: ['Smallest first', sizeOf, 1],
    new: ['Newest year first', yearIn, -1],
    old: ['Oldest year first', yearIn, 1],
  };

  /** Whether a hit is one of those chosen. @param {Hit} hit @param {Choice} choice */
  function isChosen(hit, { wide, year, from }) {
    const { width } = hit;
    const isWide = wide === UNKNOWN ? width === null : width !== null && width >= Number(wide);
    return (
      (wide === '' || isWide) &&
      (year === '' || year === String(yearOf(hit.url) ?? UNKNOWN)) &&
      (from === '' || from === hit.domain)
    );
  }

  /** Numbers of the hits in the order chosen, ties as they were. @param {Hit[]} hits @param {string} name */
  function ordered(hits, name) {
    const numbers = hits.map((_, i) => i);
    if (!Object.prototype.hasOwnProperty.call(ORDERS, name)) {
      return numbers;
    }
    const [, by, sign] = ORDERS[name];
    const values = hits.map(by);
    const last = Number.POSITIVE_INFINITY;
    const key = (/** @type {number} */ i) => (values[i] === null ? last : sign * values[i]);
    return numbers.sort((a, b) => (key(a) === key(b) ? a - b : key(a) - key(b)));
  }

  /** @typedef {[value: string, words: string]} Option */

  /** Values with how many hits have them. @param {string[]} values @returns {Map<string, number>} */
  function counted(values) {
    /** @type {Map<string, number>} */
    const counts = new Map();
    for (const value of values) {
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    return counts;
  }

  /**
   * Options of values and their counts; what is chosen is among them even where no hit has it.
   *
   * @param {[value: string, count: number][]} counts
   * @param {string} chosen
   * @param {(value: string) => string} word
   * @returns {Option[]}
   */
  function options(counts, chosen, word) {
    const has = chosen === '' || counts.some(([value]) => value === chosen);
    /** @type {[string, number][]} */
    const all = has ? counts : [...counts, [chosen, 0]];
    return all.map(([value, count]) => [value, `${word(value)} (${wordNumber(count, 0)})`]);
  }

  /** What can be chosen. @param {Hit[]} hits @param {Choice} choice @returns {Record<string, Option[]>} */
  function optionsOf(hits, choice) {
    const years = counted(hits.map(({ url }) => String(yearOf(url) ?? UNKNOWN)));
    const domains = counted(hits.map(({ domain }) => domain));
    const bounds = [...WIDTHS.map(String), UNKNOWN];
    /** @type {[string, number][]} */
    const widths = bounds.map((wide) => {
      const only = { ...choice, wide, year: '', from: '' };
      return [wide, hits.filter((hit) => isChosen(hit, only)).length];
    });
    const across = (/** @type {string} */ wide) =>
      wide === UNKNOWN ? UNKNOWN : `${wordNumber(Number(wide), 0)} px or more`;
    const byYear = Array.from(years).sort(([a], [b]) => (a < b ? -1 : 1));
    const byCount = Array.from(domains).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
    return {
      order: [
        ['', 'Highest score first'],
        ...Object.entries(ORDERS).map(([name, [words]]) => /** @type {Option} */ ([name, words])),
      ],
      wide: [['', 'Any'], ...options(widths, choice.wide, across)],
      year: [['', 'Any'], ...options(byYear, choice.year, (year) => year)],
      from: [['', 'Any'], ...options(byCount, choice.from, clipCaption)],
    };
  }

  /** What is chosen with a list each, and its label. @type {[name: keyof Choice, label: string][]} */
  const LISTS = [
    ['order', 'Order'],
    ['wide', 'Width'],
    ['year', 'Year in the URL'],
    ['from', 'Domain'],
  ];

  /** @param {HTMLElement} place @param {(changes: Partial<Choice>) => void} change */
  function makeLists(place, change) {
    const lists = LISTS.map(([name, label]) => {
      const select = element('select', { id: `in-hand-${name}` });
      select.addEventListener('change', () => change({ [name]: select.value }));
      return element('p', {}, element('label', { for: select.id }, label), select);
    });
    const more = element('button', { type: 'button', id: 'load-more' });
    const all = element('button', { type: 'button', id: 'show-all' }, 'Reset');
    all.addEventListener('click', () => {
      change({ order: '', wide: '', year: '', from: '' });
      document.getElementById('in-hand-order')?.focus();
    });
    place.replaceChildren(
      element('p', { id: 'in-hand-what' }),
      element('div', { class: 'list-facets' }, ...lists),
      element('p', { id: 'in-hand-status', role: 'status' }),
      element('p', {}, more, ' ', all),
    );
    return more;
  }

  /** An element made here. @param {string} id */
  const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

  /** @type {Parts['inHand']['show']} */
  function show(place, { hits, tiles, found, next }, choice, { change, more }) {
    if (place.children.length === 0) {
      makeLists(place, change).addEventListener('click', more);
    }
    const possible = optionsOf(hits, choice);
    for (const [name] of LISTS) {
      const select = /** @type {HTMLSelectElement} */ (byId(`in-hand-${name}`));
      const made = possible[name].map(([value, words]) => element('option', { value }, words));
      select.replaceChildren(...made);
      select.value = String(choice[name]);
      if (select.selectedIndex < 0) {
        select.value = ''; // an order that there is not
      }
    }
    const isShown = hits.map((hit) => isChosen(hit, choice));
    tiles.forEach((tile, i) => tile.toggleAttribute('hidden', !isShown[i]));
    const sorted = ordered(hits, choice.order).map((i) => tiles[i]);
    if (sorted.some((tile, i) => tile !== tile.parentElement?.children[i])) {
      tiles[0]?.parentElement?.append(...sorted);
    }
    const count = isShown.filter(Boolean).length;
    const loaded = wordNumber(hits.length, 0);
    const others =
      found.totalIsExact && found.total === hits.length
        ? 'These are all the images that were found.'
        : `Only the ${loaded} results loaded here are sorted and filtered, not all that were found: ` +
          `${found.totalIsExact ? wordImages(found.total) : `at least ${wordImages(found.atLeast)}`}.`;
    byId('in-hand-what').textContent = others;
    byId('in-hand-status').textContent =
      count === 0
        ? `None of the ${loaded} results loaded here has all of this.`
        : `${wordNumber(count, 0)} of the ${loaded} results loaded here ${count === 1 ? 'is' : 'are'} shown.`;
    byId('load-more').hidden = next <= hits.length;
    byId('load-more').textContent = `Load ${wordNumber(next - hits.length, 0)} more`;
    byId('show-all').hidden = LISTS.every(([name]) => choice[name] === '');
  }

  parts.inHand = { show };
})();
