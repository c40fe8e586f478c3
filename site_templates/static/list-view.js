/**
 * The view of a long list: the rows that were asked for in the place of the page's own.
 *
 * Here: elements, the address, the CSV file. Everything is put in as text. Not here: which rows
 * (list-rows.js), when this is loaded (list.js).
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;
  const { fixed, word } = parts.listWords;

  /** Rows at a time, as on the pages. */
  const ROWS = 100;

  /** A value that needs no quotes in a query. */
  const PLAIN = /^[A-Za-z0-9.]+(?:[-_.]+[A-Za-z0-9]+)*$/;

  /** @param {string} character */
  const escaped = (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;

  const SVG = 'http://www.w3.org/2000/svg';

  /**
   * @param {string} tag
   * @param {Record<string, string>} [attributes]
   * @param {(string | Node)[]} inside
   */
  function element(tag, attributes = {}, ...inside) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      made.setAttribute(name, value);
    }
    made.append(...inside);
    return made;
  }

  /** @param {number} count */
  function number(count) {
    return count.toLocaleString('en-GB');
  }

  /**
   * Take over the form and the table of a page.
   *
   * @param {{ form: HTMLFormElement, table: HTMLTableElement }} page
   * @param {ListFile} file
   * @param {Tokenise} tokenise
   * @returns {ListView}
   */
  function open({ form, table }, file, tokenise) {
    const all = new parts.listRows.ListRows(file, tokenise);
    const input = /** @type {HTMLInputElement} */ (form.querySelector('input'));
    const facets = /** @type {HTMLElement} */ (form.querySelector('.list-facets'));
    const status = /** @type {HTMLElement} */ (form.querySelector('[role="status"]'));
    const box = /** @type {HTMLElement} */ (table.parentElement);
    const headings = Array.from(table.tHead?.rows[0].cells ?? []);
    const own = table.tBodies[0];
    const ownParts = document.querySelectorAll('nav.pager, [data-own]');
    const pager = element('nav', { class: 'pager', 'aria-label': 'Pages of this view' });
    const largest = all.columns.get(file.figure)?.values?.[0] ?? 0;
    const sorts = makeSorts(headings);
    /** @type {Map<string, HTMLSelectElement>} */
    const selects = new Map();
    /** @type {ListState} */
    const state = { words: '', sort: '', page: 1, chosen: {} };
    /** @type {number[]} */
    let rows = [];

    box.after(pager);
    addChoice('sort', 'Sort by', sorts);
    sorts.addEventListener('change', () => show({ sort: sorts.value, page: 1 }));
    for (const { key, label } of all.facets) {
      const select = document.createElement('select');
      select.addEventListener('change', () => {
        show({ chosen: { ...state.chosen, [key]: select.value }, page: 1 });
      });
      selects.set(key, select);
      addChoice(key, label, select);
    }
    let typed = 0;
    input.addEventListener('input', () => {
      clearTimeout(typed);
      typed = setTimeout(() => show({ words: input.value, page: 1 }), 120);
    });
    form.querySelector('[data-csv]')?.addEventListener('click', save);

    /**
     * @param {string} key
     * @param {string} label
     * @param {HTMLSelectElement} select
     */
    function addChoice(key, label, select) {
      select.id = `list-${key}`;
      facets.append(element('p', {}, element('label', { for: select.id }, label), select));
    }

    /**
     * Show what is chosen now.
     *
     * @param {Partial<ListState>} changes
     */
    function show(changes) {
      clearTimeout(typed); // what was typed a moment ago counts now
      Object.assign(state, { words: input.value }, changes);
      sorts.value = state.sort;
      state.sort = sorts.value; // an address may name what there is not
      state.chosen = Object.fromEntries(
        Object.entries(state.chosen).filter(([key]) => selects.has(key)),
      );
      const found = all.select(state);
      rows = found.rows;
      const pages = Math.max(1, Math.ceil(rows.length / ROWS));
      state.page = Math.min(state.page, pages);
      const isWhole =
        !state.words.trim() && !state.sort && !Object.values(state.chosen).some(Boolean);
      if (input.value !== state.words) {
        input.value = state.words;
      }
      found.facets.forEach(fillFacet);
      markHeadings();
      const isOwn = isWhole && state.page === 1;
      ownParts.forEach((part) => part.toggleAttribute('hidden', !isOwn));
      table.tBodies[0].replaceWith(isOwn ? own : makeBody());
      fillPager(isOwn ? 1 : pages);
      status.replaceChildren(...(isOwn ? [] : said()));
      remember(isOwn);
    }

    /** @param {{ key: string, values: { value: string, rows: number }[] }} facet */
    function fillFacet({ key, values }) {
      const options = values.map(({ value, rows }) =>
        element('option', { value }, `${value} (${number(rows)})`),
      );
      const select = /** @type {HTMLSelectElement} */ (selects.get(key));
      select.replaceChildren(element('option', { value: '' }, 'all'), ...options);
      select.value = state.chosen[key] ?? '';
    }

    function markHeadings() {
      const key = state.sort.replace(/^-/, '');
      for (const heading of headings) {
        heading.removeAttribute('aria-sort');
        if (key && heading.dataset.sort && heading.dataset.key === key) {
          const descending = state.sort.startsWith('-');
          heading.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
        }
      }
    }

    function makeBody() {
      const first = (state.page - 1) * ROWS;
      const body = document.createElement('tbody');
      body.append(...rows.slice(first, first + ROWS).map(makeRow));
      if (rows.length === 0) {
        const none = element('td', { colspan: String(headings.length) }, 'None.');
        body.append(element('tr', {}, none));
      }
      return body;
    }

    /** @param {number} row */
    function makeRow(row) {
      return element('tr', {}, ...headings.map((heading) => makeCell(heading, row)));
    }

    /**
     * @param {HTMLTableCellElement} heading
     * @param {number} row
     */
    function makeCell(heading, row) {
      const column = /** @type {ListColumn} */ (all.columns.get(heading.dataset.key ?? ''));
      const isHead = heading.hasAttribute('data-head');
      const cell = element(isHead ? 'th' : 'td', isHead ? { scope: 'row' } : {});
      if (heading.className) {
        cell.className = heading.className;
      }
      const value = all.value(column, row);
      if (heading.classList.contains('bar-cell')) {
        cell.append(makeBar(row, Number(value), word(column, value)));
        return cell;
      }
      const text = word(column, value);
      if (isHead) {
        fillName(cell, text, row);
      } else {
        cell.dataset.label = column.label;
        const shown = text === 'unknown' ? element('span', { class: 'muted' }, text) : text;
        // As core/site/domains.py writes it: a category leads to its domains.
        const leads = file.list === 'domains' && heading.dataset.key === 'category' && value;
        const href = leads ? `domains.html#${new URLSearchParams({ category: text })}` : '';
        cell.append(href ? element('a', { href }, shown) : shown);
      }
      return cell;
    }

    /**
     * @param {HTMLElement} cell
     * @param {string} name
     * @param {number} row
     */
    function fillName(cell, name, row) {
      const href = target(name, row);
      cell.append(href ? element('a', { href }, name) : name);
      const ambiguous = all.columns.get('ambiguous');
      if (ambiguous && all.value(ambiguous, row) === true) {
        cell.append(' ', element('span', { class: 'flag' }, 'ambiguous'));
      }
    }

    /**
     * The page of a row, else its search where that finds something.
     *
     * @param {string} name
     * @param {number} row
     */
    function target(name, row) {
      if (file.slugs[row]) {
        return `${file.list}/${file.slugs[row]}.html`;
      }
      return found(name, row);
    }

    /**
     * The search of a row, where that finds something.
     *
     * @param {string} name
     * @param {number} row
     */
    function found(name, row) {
      const images = all.columns.get(file.found || file.figure);
      return file.search && images && all.value(images, row) ? search(name) : null;
    }

    /**
     * As core/site/safety.py writes it; what somebody typed is always one phrase.
     *
     * @param {string} value
     */
    function search(value, isTyped = false) {
      const plain = value
        .split(/["\s]+/)
        .filter(Boolean)
        .join(' ');
      const said = PLAIN.test(plain) && !isTyped ? plain : `"${plain}"`;
      const query = encodeURIComponent(`${file.field}:${said}`).replace(/[!'()*]/g, escaped);
      return `search.html?q=${query}`;
    }

    /**
     * @param {number} row
     * @param {number} value
     * @param {string} text
     */
    function makeBar(row, value, text) {
      const bar = document.createElementNS(SVG, 'svg');
      const title = document.createElementNS(SVG, 'title');
      const path = document.createElementNS(SVG, 'path');
      const length = value > 0 ? fixed(Math.max(0.8, 100 * (value / Number(largest))), 1) : '0';
      const attributes = {
        class: 'bar',
        role: 'img',
        viewBox: '0 0 100 6',
        preserveAspectRatio: 'none',
        width: 100,
        height: 6,
      };
      for (const [name, said] of Object.entries(attributes)) {
        bar.setAttribute(name, String(said));
      }
      title.textContent = text;
      path.setAttribute('fill', '#b4532a');
      path.setAttribute('d', `M0 0h${length}v6H0z`);
      bar.append(title, path);
      const href = length === '0' ? null : found(nameOf(row), row);
      if (!href) {
        return bar;
      }
      const label = `${text}, show these images`;
      return element('a', { class: 'bar-link', tabindex: '-1', href, 'aria-label': label }, bar);
    }

    /** The name of a row. @param {number} row */
    function nameOf(row) {
      const heading = headings.find((each) => each.hasAttribute('data-head'));
      return String(
        all.value(/** @type {ListColumn} */ (all.columns.get(heading?.dataset.key ?? '')), row),
      );
    }

    /** @returns {(string | Node)[]} */
    function said() {
      const first = (state.page - 1) * ROWS;
      const last = Math.min(first + ROWS, rows.length);
      const shown =
        rows.length > ROWS ? `, ${number(first + 1)} to ${number(last)} of them here` : '';
      const whole =
        file.total > all.count
          ? `the ${number(all.count)} largest ${file.called}`
          : `${number(all.count)} ${file.called}`;
      const words = state.words.trim();
      const picked = all.facets
        .filter(({ key }) => state.chosen[key])
        .map(({ key, label }) => `; ${label.toLowerCase()}: ${state.chosen[key]}`);
      const found =
        rows.length || !words
          ? `${number(rows.length)} of ${whole}${shown}${picked.join('')}.`
          : '';
      const nothing = found ? '' : `Nothing found for “${words}” among ${whole}.`;
      if (file.total <= all.count) {
        return [found || nothing];
      }
      const more = `The filter does not have the other ${number(file.total - all.count)}. `;
      const link =
        words && file.search
          ? element('a', { href: search(words, true) }, `Search ${file.field}:${words}`)
          : '';
      return [`${found || nothing} ${more}`, link];
    }

    /** @param {number} pages */
    function fillPager(pages) {
      pager.hidden = pages < 2;
      const back = step('Previous', state.page - 1, pages);
      const on = step('Next', state.page + 1, pages);
      pager.replaceChildren(back, ` Page ${number(state.page)} of ${number(pages)} `, on);
    }

    /**
     * @param {string} text
     * @param {number} page
     * @param {number} pages
     */
    function step(text, page, pages) {
      const button = /** @type {HTMLButtonElement} */ (element('button', { type: 'button' }, text));
      button.disabled = page < 1 || page > pages;
      button.addEventListener('click', () => {
        show({ page });
        box.scrollTop = 0;
        box.focus({ preventScroll: true });
        form.scrollIntoView();
      });
      return button;
    }

    /** Put what is chosen into the address. @param {boolean} isOwn */
    function remember(isOwn) {
      const said = new URLSearchParams();
      for (const [key, value] of [
        ['q', state.words.trim()],
        ...Object.entries(state.chosen),
        ['sort', state.sort],
        ['page', state.page > 1 ? String(state.page) : ''],
      ]) {
        if (value) {
          said.set(key, value);
        }
      }
      const place = location.hash.includes('=') ? '' : location.hash;
      const hash = isOwn ? place : `#${said}`;
      if (hash !== location.hash) {
        history.replaceState(null, '', hash || location.pathname + location.search);
      }
    }

    function save() {
      parts.csvFiles.save(`${file.file}-view.csv`, all.csv(rows));
    }

    return { show };
  }

  /**
   * What one can sort by, for screens on which the headings do not show.
   *
   * @param {HTMLTableCellElement[]} headings
   */
  function makeSorts(headings) {
    const select = document.createElement('select');
    select.append(element('option', { value: '' }, 'the ranking'));
    for (const heading of headings.filter((each) => each.dataset.sort)) {
      const isNumber = heading.dataset.sort === 'number';
      const [up, down] = isNumber ? ['smallest first', 'largest first'] : ['A to Z', 'Z to A'];
      const key = heading.dataset.key ?? '';
      const label = heading.textContent.trim();
      select.append(element('option', { value: key }, `${label}, ${up}`));
      select.append(element('option', { value: `-${key}` }, `${label}, ${down}`));
    }
    return select;
  }

  parts.listView = { open };
})();
