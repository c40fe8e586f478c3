/**
 * Sorting and filtering the rows of a ranking that stands whole on its page.
 *
 * Every page reads fully without this file. Nothing here builds markup from text. Not here: lists of
 * many pages (list.js).
 */
(function () {
  'use strict';

  /** Rows from which on a ranking has a filter: fewer can be looked through. */
  const FILTERED = 100;

  /**
   * The value by which a cell sorts: what it says itself (`data-value`, empty for none), else its
   * text. Null is no value: unknown, or not applicable.
   *
   * @param {HTMLTableCellElement} cell
   * @param {boolean} isNumber
   */
  function sortValue(cell, isNumber) {
    const value = cell.dataset.value ?? cell.textContent.trim();
    if (isNumber) {
      return value === '' || Number.isNaN(Number(value)) ? null : Number(value);
    }
    return value === '' ? null : value.toLocaleLowerCase('en');
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
   * Sort the rows of a table by one column; rows that tie keep their order, those without a value
   * come last whichever way round.
   *
   * @param {HTMLTableElement} table
   * @param {number} column
   * @param {boolean} isNumber
   * @param {boolean} descending
   */
  function sortTable(table, column, isNumber, descending) {
    const body = table.tBodies[0];
    const rows = Array.from(body.rows, (row) => ({
      row,
      value: sortValue(row.cells[column], isNumber),
    }));
    rows.sort((a, b) => {
      if (a.value === null || b.value === null) {
        return Number(a.value === null) - Number(b.value === null);
      }
      return descending ? compare(b.value, a.value) : compare(a.value, b.value);
    });
    body.append(...rows.map((entry) => entry.row));
  }

  /**
   * Give a ranking's headings buttons that sort by their column.
   *
   * @param {HTMLTableElement} table
   */
  function makeSortable(table) {
    if (table.tBodies[0].rows.length < 2) {
      return; // one row, or the one that says there is none
    }
    const headings = Array.from(table.tHead?.rows[0].cells ?? []);
    headings.forEach((heading, column) => {
      if (!heading.dataset.sort) {
        return; // a bar, a list of links
      }
      const button = document.createElement('button');
      button.type = 'button';
      button.className = 'sort';
      button.append(...heading.childNodes);
      heading.append(button);
      button.addEventListener('click', () => {
        const isNumber = heading.dataset.sort === 'number';
        const before = heading.getAttribute('aria-sort');
        const descending = before ? before === 'ascending' : isNumber && column > 0;
        headings.forEach((other) => other.removeAttribute('aria-sort'));
        heading.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
        sortTable(table, column, isNumber, descending);
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
    if (rows.length < FILTERED) {
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
