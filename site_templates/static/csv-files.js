/**
 * Files that are made in the browser: cells of CSV that no spreadsheet runs, handing a file over.
 *
 * The same guard as the downloads' (core/site/safety.py): a test compares them. Not here: which rows
 * stand in a file (search-export.js, list-rows.js, dossier-page.js).
 */
(function () {
  'use strict';

  /** What a spreadsheet may take for the beginning of a formula; the last is U+2212. */
  const FORMULA = /^[=+\-@\u2212]/u;
  /** Spaces, controls, format characters and lone surrogates, which some programs drop. */
  const HIDDEN = /^[\s\p{Cc}\p{Cf}\p{Cs}\p{Zs}\p{Zl}\p{Zp}]+/u;

  /** How long a file's address is kept for the browser to read it, in milliseconds. */
  const KEPT_MS = 60_000;

  /**
   * A cell that a spreadsheet will not run, quoted where the format asks for it.
   *
   * @param {string | number | boolean} value
   */
  function cell(value) {
    const text = typeof value === 'boolean' ? String(value) : guarded(String(value));
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }

  /** A line of CSV. @param {(string | number | null | undefined)[]} values */
  const line = (values) => `${values.map((value) => cell(value ?? '')).join(',')}\r\n`;

  /** @param {string} text */
  function guarded(text) {
    const seen = Array.from(text.replace(HIDDEN, ''))[0] ?? '';
    return /^[\t\r\n]/.test(text) || FORMULA.test(seen.normalize('NFKC')) ? `'${text}` : text;
  }

  /**
   * Hand a text over as a file; before CSV stands the mark by which Excel knows UTF-8.
   *
   * @param {string} name
   * @param {string} text
   */
  function save(name, text) {
    const mark = name.endsWith('.csv') ? '\ufeff' : '';
    const blob = new Blob([mark, text], { type: 'text/csv;charset=utf-8' });
    const link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    window.setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MS);
  }

  window.LaionSearchParts.csvFiles = { cell, line, save };
})();
