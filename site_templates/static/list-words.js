/**
 * How the values of a list are worded on a page.
 *
 * The same words as the pages' (core/site/formats.py): a test compares them. Not here: rows
 * (list-rows.js), elements (list-view.js).
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;

  /**
   * A share (0 to 1) as per cent, with enough digits that nothing rounds to 0 or to all.
   *
   * @param {number} share
   */
  function percent(share) {
    if (share === 0 || share === 1) {
      return `${share * 100}%`;
    }
    if (share >= 0.9995) {
      return '>99.9%';
    }
    const value = share * 100;
    if (value >= 0.1) {
      return `${fixed(value, value >= 10 ? 1 : 2)}%`;
    }
    const digits = Math.min(100, 1 - Math.floor(Math.log10(value)));
    return `${fixed(value, digits).replace(/0+$/, '')}%`;
  }

  /**
   * A number with so many decimals; what lies exactly half-way goes to the even digit, as in Python.
   *
   * @param {number} value
   * @param {number} digits
   */
  function fixed(value, digits) {
    const scaled = value * 10 ** digits;
    const isTie = scaled % 1 === 0.5 && Number.isInteger(value * 2 ** (digits + 1));
    return (isTie ? (2 * Math.round(scaled / 2)) / 10 ** digits : value).toFixed(digits);
  }

  /**
   * A value of a column as a reader sees it.
   *
   * @param {ListColumn} column
   * @param {ListValue} value
   */
  function word(column, value) {
    if (value === '') {
      return column.missing;
    }
    if (typeof value === 'boolean') {
      return value ? 'yes' : 'no';
    }
    if (typeof value === 'number') {
      if (column.kind === 'percent') {
        return percent(value);
      }
      if (column.kind === 'year') {
        return value < 0 ? `${-value} BC` : String(value);
      }
      return value.toLocaleString('en-GB');
    }
    return column.kind === 'list' ? valuesOf(value).join(', ') : value;
  }

  /** The values of a cell that separates them by `|`. @param {string} text */
  function valuesOf(text) {
    return text.split('|').flatMap((part) => part.trim() || []);
  }

  parts.listWords = { fixed, percent, valuesOf, word };
})();
