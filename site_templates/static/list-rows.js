/**
 * The rows of a long list: which of them have what was typed and chosen, in which order.
 *
 * Here: folding as the search does it, facets with counts, sorting. Not here: elements, the address
 * (list-view.js), how the file of a list is made (core/site/list_scripts.py).
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;
  const { cell } = parts.csvFiles;
  const { fixed, valuesOf, word } = parts.listWords;

  /** Values that one facet offers at most: the most frequent ones. */
  const MOST_VALUES = 60;

  /** What a page says where a column does not apply to a row. */
  const NOT_APPLICABLE = '–';

  /** The facet of lists that have names of which nothing is found. */
  const FOUND = 'found';

  const collator = new Intl.Collator('en');

  /** The rows of one list. */
  class ListRows {
    /**
     * @param {ListFile} file
     * @param {Tokenise} tokenise
     */
    constructor(file, tokenise) {
      this.file = file;
      this.count = file.slugs.length;
      this.columns = new Map(file.columns.map((column) => [column.key, column]));
      this.tokenise = tokenise;
      this.facets = [
        ...(file.found ? [{ key: FOUND, label: 'Found' }] : []),
        ...file.facets.filter((facet) => this.columns.has(facet.key)),
      ];
      /** @type {string[][]} */
      this.texts = [];
      for (let row = 0; row < this.count; row++) {
        this.texts.push(tokenise(this.searched(row)));
      }
    }

    /** What a row is found by: its texts, other names included. @param {number} row */
    searched(row) {
      return this.file.columns
        .filter((column) => column.kind === 'text' || column.kind === 'list')
        .map((column) => this.value(column, row))
        .join('\n');
    }

    /**
     * @param {ListColumn} column
     * @param {number} row
     * @returns {ListValue}
     */
    value(column, row) {
      const { texts, codes, values } = column;
      return texts && codes ? texts[codes[row]] : (values ?? [])[row];
    }

    /**
     * The values that a row has of a facet.
     *
     * @param {string} key
     * @param {number} row
     * @returns {string[]}
     */
    valuesOf(key, row) {
      if (key === FOUND) {
        const images = this.columns.get(this.file.found);
        return [images && this.value(images, row) ? 'found' : this.file.zeros];
      }
      const column = this.columns.get(key);
      if (!column) {
        return [];
      }
      const value = this.value(column, row);
      if (column.kind === 'list' && typeof value === 'string' && value !== '') {
        return valuesOf(value);
      }
      const said = word(column, value);
      return [said === NOT_APPLICABLE ? 'none' : said];
    }

    /**
     * The rows to show, in order, and how many each value of a facet would leave.
     *
     * @param {ListState} state
     */
    select(state) {
      const wanted = this.tokenise(state.words);
      const chosen = this.facets.filter((facet) => state.chosen[facet.key]);
      /** @type {Map<string, Map<string, number>>} */
      const counts = new Map(this.facets.map((facet) => [facet.key, new Map()]));
      /** @type {number[]} */
      const rows = [];
      for (let row = 0; row < this.count; row++) {
        if (!this.hasWords(row, wanted)) {
          continue;
        }
        const against = chosen.filter(
          ({ key }) => !this.valuesOf(key, row).includes(state.chosen[key]),
        );
        if (against.length === 0) {
          rows.push(row);
        }
        // A row that only one facet speaks against counts for the other values of that facet.
        const open = against.length === 0 ? this.facets : against.length === 1 ? against : [];
        for (const { key } of open) {
          const of = /** @type {Map<string, number>} */ (counts.get(key));
          for (const value of this.valuesOf(key, row)) {
            of.set(value, (of.get(value) ?? 0) + 1);
          }
        }
      }
      const facets = this.facets.map((facet) => ({
        ...facet,
        values: offered(counts.get(facet.key) ?? new Map(), state.chosen[facet.key] ?? ''),
      }));
      return { rows: this.sorted(rows, state.sort), facets };
    }

    /**
     * Whether each word begins one of the row's, or all of them together do so without a space;
     * for domains, whether they stand anywhere in it.
     *
     * @param {number} row
     * @param {string[]} wanted
     */
    hasWords(row, wanted) {
      if (wanted.length === 0) {
        return true;
      }
      const tokens = this.texts[row];
      if (wanted.every((start) => tokens.some((token) => token.startsWith(start)))) {
        return true;
      }
      const joined = wanted.join('');
      if (this.file.inside) {
        return tokens.join('').includes(joined);
      }
      return tokens.some((token, at) => {
        let text = token;
        for (let next = at + 1; text.length < joined.length && next < tokens.length; next++) {
          text += tokens[next];
        }
        return text.startsWith(joined);
      });
    }

    /**
     * The rows by a column; those that tie keep the order of the ranking, those without a value
     * come last whichever way round.
     *
     * @param {number[]} rows
     * @param {string} sort a column's key, after `-` for descending; empty for the ranking
     */
    sorted(rows, sort) {
      const sign = sort.startsWith('-') ? -1 : 1;
      const column = this.columns.get(sort.replace(/^-/, ''));
      if (!column) {
        return rows;
      }
      const isNumber = ['number', 'percent', 'year'].includes(column.kind);
      const keyed = rows.map((row) => {
        const value = this.value(column, row);
        const none = isNumber ? typeof value !== 'number' : value === '';
        return { row, value: none ? null : isNumber ? value : String(value) };
      });
      keyed.sort((a, b) => {
        if (a.value === null || b.value === null) {
          return Number(a.value === null) - Number(b.value === null);
        }
        if (typeof a.value === 'number' && typeof b.value === 'number') {
          return sign * (a.value - b.value);
        }
        return sign * collator.compare(String(a.value), String(b.value));
      });
      return keyed.map((each) => each.row);
    }

    /** Rows as a CSV file, with every column of the list. @param {number[]} rows */
    csv(rows) {
      const columns = this.file.columns;
      const lines = [columns.map((column) => cell(column.key))];
      for (const row of rows) {
        const values = columns.map((column) => said(column, this.value(column, row)));
        lines.push(values.map((value) => cell(value === NOT_APPLICABLE ? '' : value)));
      }
      return lines.map((cells) => `${cells.join(',')}\n`).join('');
    }
  }

  /**
   * A value as files of the list have it: shares with four significant digits, as the downloads.
   *
   * @param {ListColumn} column
   * @param {ListValue} value
   */
  function said({ kind }, value) {
    if (kind !== 'percent' || typeof value !== 'number' || value <= 0 || value >= 1) {
      return value;
    }
    const beyond = value < 0.99995 ? value : 1 - value;
    return fixed(value, 3 - Math.floor(Math.log10(beyond))).replace(/0+$/, '');
  }

  /**
   * The values of a facet by how many rows they would leave, the one that is chosen among them.
   *
   * @param {Map<string, number>} counts
   * @param {string} chosen
   */
  function offered(counts, chosen) {
    const all = Array.from(counts, ([value, rows]) => ({ value, rows }));
    all.sort((a, b) => b.rows - a.rows || collator.compare(a.value, b.value));
    const kept = all.filter(({ value }, i) => i < MOST_VALUES || value === chosen);
    if (chosen && !counts.has(chosen)) {
      kept.push({ value: chosen, rows: 0 });
    }
    return kept;
  }

  parts.listRows = { ListRows };
})();
