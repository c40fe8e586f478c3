/**
 * Pages of a long list: fetches what filters and sorts the whole of it, once somebody does.
 *
 * Here: the buttons in the headings, the first use, and the address, which keeps what was chosen.
 * Not here: the rows and the view of them (list-rows.js, list-view.js), which are loaded then, with
 * the list itself (`<list>/list.js`) and the token table. A page reads fully without any of it.
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;

  /** @type {HTMLFormElement | null} */
  const form = document.querySelector('form[data-list]');
  /** @type {HTMLTableElement | null} */
  const table = document.querySelector('table[data-listing]');
  if (!form || !table) {
    return;
  }
  const view = { form, table };
  const status = /** @type {HTMLElement} */ (form.querySelector('[role="status"]'));

  /** @type {TokenTable | null} */
  let tokens = null;
  /** @type {ListFile | null} */
  let list = null;
  /** @type {ListView | null} */
  let opened = null;
  let isAsked = false;

  /** What is to be sorted by as soon as the list is there. */
  let sort = '';

  window.LaionIndex = (_key, data) => {
    tokens = /** @type {TokenTable} */ (data);
  };
  window.LaionList = (data) => {
    list = data;
  };

  /** Load everything, in order, at the first call. */
  function use() {
    if (isAsked) {
      return;
    }
    isAsked = true;
    const sources = ['static/list-view.js', 'static/tokens.js', view.form.dataset.list ?? ''];
    const scripts = sources.map((source) => {
      const script = document.createElement('script');
      script.src = source;
      script.async = false;
      script.addEventListener('error', fail);
      return script;
    });
    scripts[scripts.length - 1].addEventListener('load', begin);
    document.head.append(...scripts);
  }

  /**
   * What is only true of the page's own rows; gone before it is seen when others are asked for.
   *
   * @param {boolean} isHidden
   */
  function hideOwn(isHidden) {
    const own = document.querySelectorAll('nav.pager, [data-own]');
    own.forEach((part) => part.toggleAttribute('hidden', isHidden));
  }

  function fail() {
    hideOwn(false);
    status.textContent = 'The list could not be loaded, so it can be neither filtered nor sorted.';
  }

  function begin() {
    if (!tokens || !list) {
      fail();
      return;
    }
    const words = /** @type {HTMLInputElement} */ (view.form.querySelector('input')).value;
    opened = parts.listView.open(view, list, parts.text.makeTokeniser(tokens));
    opened.show({ words, sort, ...stated() });
  }

  /**
   * What the address says was chosen; nothing when it names a place of the page.
   *
   * @returns {Partial<ListState>}
   */
  function stated() {
    const said = new URLSearchParams(location.hash.slice(1));
    if (!location.hash.includes('=')) {
      return {};
    }
    const { q = '', sort = '', page = '1', ...chosen } = Object.fromEntries(said);
    return { words: q, sort, page: Math.max(1, Math.trunc(Number(page)) || 1), chosen };
  }

  /**
   * Give a heading a button that sorts by its column.
   *
   * @param {HTMLTableCellElement} heading
   */
  function makeSortable(heading) {
    const key = heading.dataset.key ?? '';
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'sort';
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener('click', () => {
      const before = heading.getAttribute('aria-sort');
      const isNumber = heading.dataset.sort === 'number' && key !== 'rank';
      const descending = before ? before === 'ascending' : isNumber;
      sort = (descending ? '-' : '') + key;
      if (opened) {
        opened.show({ sort, page: 1 });
      } else {
        use();
      }
    });
  }

  view.table.querySelectorAll('th[data-sort]').forEach((heading) => {
    makeSortable(/** @type {HTMLTableCellElement} */ (heading));
  });
  view.form.addEventListener('submit', (event) => event.preventDefault());
  for (const event of ['focusin', 'pointerdown', 'input']) {
    view.form.addEventListener(event, use);
  }
  window.addEventListener('hashchange', () => {
    if (location.hash.includes('=')) {
      use();
      opened?.show({ words: '', sort: '', chosen: {}, ...stated() });
    }
  });
  if (location.hash.includes('=')) {
    hideOwn(true);
    use();
  }
})();
