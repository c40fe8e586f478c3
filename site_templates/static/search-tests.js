/**
 * What a row itself says to a clause: whether its caption, address or id has what is asked for.
 *
 * Here: tests of single rows. Not here: which rows to look at (search-plan.js).
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;
  const { canonicalUrl, hostName } = parts.urls;

  /** Stands between the tokens of a joined caption; in no token. */
  const BETWEEN = '\0';

  /** A row that is asked; its caption's tokens are made once, when they are needed. */
  class Subject {
    /**
     * @param {number} number
     * @param {Row} row
     * @param {Columns} columns
     * @param {Tokenise} tokenise
     */
    constructor(number, row, columns, tokenise) {
      this.number = number;
      this.row = row;
      this.columns = columns;
      this.tokenise = tokenise;
      /** @type {string[] | null} */
      this.made = null;
    }

    get tokens() {
      this.made ??= this.tokenise(String(this.row[this.columns.caption]));
      return this.made;
    }

    get url() {
      return String(this.row[this.columns.url]);
    }

    get domain() {
      return this.row[this.columns.domain];
    }

    /** The id, which stands behind the columns. */
    get id() {
      return this.row[this.columns.count];
    }
  }

  /**
   * Whether the caption has a run of tokens; with `prefix` its last may be only the beginning of
   * one.
   *
   * @param {string[]} run
   * @param {boolean} prefix
   * @returns {RowTest}
   */
  function hasRun(run, prefix) {
    const last = run.length - 1;
    return ({ tokens }) => {
      for (let start = 0; start + last < tokens.length; start++) {
        const end = tokens[start + last];
        if (prefix ? end.startsWith(run[last]) : end === run[last]) {
          let i = 0;
          while (i < last && tokens[start + i] === run[i]) {
            i++;
          }
          if (i === last) {
            return true;
          }
        }
      }
      return false;
    };
  }

  /** Whether the caption has these characters, wherever tokens begin and end. @param {string[]} pieces @returns {RowTest} */
  function hasInside(pieces) {
    const run = pieces.join(BETWEEN);
    return ({ tokens }) => tokens.join(BETWEEN).includes(run);
  }

  /**
   * Tests of the fields that a row shows, by the value in its one spelling.
   *
   * @type {Record<string, (value: string) => RowTest>}
   */
  const FIELD_TESTS = {
    domain: (value) => (subject) => subject.domain === value,
    host: (value) => (subject) => hostName(subject.url) === value,
    url: (value) => (subject) => canonicalUrl(subject.url) === value,
    id: (value) => (subject) => subject.id === value,
  };

  /**
   * The test of a clause; null for what a row does not show.
   *
   * @param {Clause} clause
   * @returns {RowTest | null}
   */
  function testOf({ kind, tokens, prefix, field, meant }) {
    if (kind === 'inside') {
      return hasInside(tokens);
    }
    if (kind !== 'field') {
      return hasRun(tokens, prefix);
    }
    return meant && field !== null && field in FIELD_TESTS ? FIELD_TESTS[field](meant.value) : null;
  }

  parts.tests = { Subject, hasRun, testOf };
})();
