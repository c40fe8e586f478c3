/**
 * What pages can do beyond being read: sort and filter a ranking.
 *
 * Every page reads fully without this file. Nothing here builds markup from text. Not here: the
 * hosts' pictures (pictures.js), the search.
 */
(function () {
  'use strict';

  // First of all scripts: what they have for one another, each adds its own part.
  window.LaionSearchParts = /** @type {Parts} */ ({});

  /**
   * The value by which a cell sorts: a number where the cell holds one, else its text.
   *
   * @param {HTMLTableCellElement} cell
   */
  function sortValue(cell) {
    const text = cell.textContent.trim();
    if (cell.classList.contains('number')) {
      const value = parseFloat(text.replace(/[,%>]/g, ''));
      return Number.isNaN(value) ? -Infinity : value;
    }
    return text.toLocaleLowerCase('en');
  }

  /**
   * @param {string | number} a
   * @param {string | number} b
   */
  function compare(a, b) {
    if (typeof a === 'number' && typeof b === 'number') {
      return a - b;
    }
    return String(a).localeCompare(String(b), 'en');
  }

  /**
   * Sort the rows of a table by one column; rows that tie keep their order.
   *
   * @param {HTMLTableElement} table
   * @param {number} column
   * @param {boolean} descending
   */
  function sortTable(table, column, descending) {
    const body = table.tBodies[0];
    const rows = Array.from(body.rows, (row) => ({ row, value: sortValue(row.cells[column]) }));
    rows.sort((a, b) => (descending ? compare(b.value, a.value) : compare(a.value, b.value)));
    body.append(...rows.map((entry) => entry.row));
  }

  /**
   * Give a ranking's headings buttons that sort by their column.
   *
   * @param {HTMLTableElement} table
   */
  function makeSortable(table) {
    const headings = Array.from(table.tHead?.rows[0].cells ?? []);
    headings.forEach((heading, column) => {
      if (heading.hasAttribute('data-unsortable')) {
        return;
      }
      const button = document.createElement('button');
      button.type = 'button';
      button.className = 'sort';
      button.append(...heading.childNodes);
      heading.append(button);
      button.addEventListener('click', () => {
        const number = heading.classList.contains('number');
        const before = heading.getAttribute('aria-sort');
        const descending = before ? before === 'ascending' : number && column > 0;
        headings.forEach((other) => other.removeAttribute('aria-sort'));
        heading.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
        sortTable(table, column, descending);
      });
    });
  }

  /**
   * Put a field above a ranking that hides the rows without what is typed.
   *
   * @param {HTMLTableElement} table
   */
  function makeFilterable(table) {
    const rows = Array.from(table.tBodies[0].rows);
    if (rows.length < 30) {
      return;
    }
    const label = document.createElement('label');
    const input = document.createElement('input');
    const status = document.createElement('span');
    input.type = 'search';
    input.autocomplete = 'off';
    status.setAttribute('role', 'status');
    label.append('Filter the rows of this page ', input);
    const line = document.createElement('p');
    line.className = 'filter';
    line.append(label, ' ', status);
    table.parentElement?.before(line);
    const texts = rows.map((row) => row.textContent.toLocaleLowerCase('en'));
    input.addEventListener('input', () => {
      const wanted = input.value.trim().toLocaleLowerCase('en');
      let shown = 0;
      rows.forEach((row, position) => {
        row.hidden = !texts[position].includes(wanted);
        shown += row.hidden ? 0 : 1;
      });
      status.textContent = wanted ? shown + ' of ' + rows.length + ' rows' : '';
    });
  }

  /** @type {NodeListOf<HTMLTableElement>} */
  const tables = document.querySelectorAll('table[data-sortable]');
  tables.forEach((table) => {
    makeSortable(table);
    makeFilterable(table);
  });
})();
