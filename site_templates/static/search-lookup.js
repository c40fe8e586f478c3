/**
 * Looking terms up for one search, each once.
 *
 * Not here: reading them (the session's), which terms a query needs (search-plan.js).
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;
  const { Subject } = parts.tests;

  /** Blocks of terms that are read for a beginning without being asked for an exact total. */
  const MOST_BLOCKS = 3;

  /** Documents of a beginning's words whose lists are all read for an exact total. */
  const MOST_UNITED = 200_000;

  /** @type {{postings: Posting[], complete: boolean}} */
  const NOT_READ = { postings: [], complete: false };

  /** The terms of one search. */
  class Lookup {
    /**
     * @param {Session} session
     * @param {TextRules} text
     * @param {{count: number, exact: boolean}} need
     */
    constructor(session, text, { count, exact }) {
      const { columns, documents, slots, places } = session.directory;
      this.session = session;
      this.tokenise = text.tokenise;
      this.isUnspaced = text.isUnspaced;
      /** @type {Columns} */
      this.columns = {
        caption: columns.indexOf('caption'),
        url: columns.indexOf('url'),
        domain: columns.indexOf('domain'),
        count: columns.length,
      };
      this.count = count; // hits wanted, from the best on
      this.exact = exact;
      this.documents = documents;
      this.span = slots.count * places; // one past the largest number
      /** @type {Map<string, Promise<any>>} */
      this.asked = new Map();
    }

    /** A row that tests can ask. @param {number} number @param {Row} row */
    subject(number, row) {
      return new Subject(number, row, this.columns, this.tokenise);
    }

    /**
     * Do this once per key.
     *
     * @template Found
     * @param {string} key
     * @param {() => Promise<Found>} work
     * @returns {Promise<Found>}
     */
    once(key, work) {
      const found = this.asked.get(key) ?? work();
      this.asked.set(key, found);
      return found;
    }

    /**
     * A term, null when there is none such.
     *
     * @param {Series} series
     * @param {string} term
     */
    term(series, term) {
      return this.once(`=${series}${term}`, () => this.session.term(series, term));
    }

    /**
     * The rarest of some words; null when one of them is not there.
     *
     * @param {string[]} words
     * @returns {Promise<Posting | null>}
     */
    async rarest(words) {
      const found = await Promise.all(words.map((word) => this.term('w', word)));
      return found.reduce((a, b) => (a === null || b === null || a.df <= b.df ? a && b && a : b));
    }

    /**
     * Terms that begin so.
     *
     * @param {'w' | 'b'} series
     * @param {string} text
     * @param {number} [most] blocks
     */
    beginning(series, text, most = this.exact ? Infinity : MOST_BLOCKS) {
      const key = `*${series}${most} ${text}`;
      return this.once(key, () => this.session.termsFrom(series, text, most));
    }

    /**
     * The words that begin so, or what the index knows of all of them together.
     *
     * @param {string} text
     * @returns {Promise<{words: Posting[] | null, whole: Posting | null}>}
     */
    async prefix(text) {
      const isMany = (await this.session.filesOfPrefix('w', text)) > 2;
      const { postings, complete } = isMany
        ? NOT_READ
        : await this.beginning('w', text, MOST_BLOCKS);
      if (complete) {
        return { words: postings, whole: null };
      }
      const whole = await this.term('x', text);
      const isSmall = whole === null || whole.df <= MOST_UNITED;
      if (whole && !(this.exact && isSmall)) {
        return { words: null, whole };
      }
      const all = await this.beginning('w', text, Infinity); // few words at the edge of two files
      return { words: all.postings, whole };
    }
  }

  parts.lookup = { Lookup };
})();
