/**
 * How the values of a list are worded on a page, and written to a CSV file.
 *
 * The same words as the pages' (core/site/formats.py) and the same guard as the downloads'
 * (core/site/safety.py): tests compare them. Not here: rows (list-rows.js), elements (list-view.js).
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;

  /** What a spreadsheet may take for the beginning of a formula; the last is U+2212. */
  const FORMULA = /^[=+\-@\u2212]/u;
  /** Spaces, controls, format characters and lone surrogates, which some programs drop. */
  const HIDDEN = /^[\s\p{Cc}\p{Cf}\p{Cs}\p{Zs}\p{Zl}\p{Zp}]+/u;

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
      return `${value.toFixed(value >= 10 ? 1 : 2)}%`;
    }
    const digits = Math.min(100, 1 - Math.floor(Math.log10(value)));
    return `${value.toFixed(digits).replace(/0+$/, '')}%`;
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

  /**
   * A cell that a spreadsheet will not run, quoted where the format asks for it.
   *
   * @param {ListValue} value
   */
  function csvCell(value) {
    const text = typeof value === 'boolean' ? String(value) : guarded(String(value));
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }

  /** @param {string} text */
  function guarded(text) {
    const seen = Array.from(text.replace(HIDDEN, ''))[0] ?? '';
    return /^[\t\r\n]/.test(text) || FORMULA.test(seen.normalize('NFKC')) ? `'${text}` : text;
  }

  parts.listWords = { csvCell, percent, valuesOf, word };
})();
