/**
 * Other words than those typed: what a word may go on to be, and what was perhaps meant by it.
 *
 * Loaded when somebody types, or finds nothing. Not here: reading the index's suggestions (the session's), showing them (search-page.js).
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;

  const MOST_SUGGESTIONS = 10;

  /** Words before the one being typed that may belong to a name with it. */
  const MOST_BEFORE = 2;

  /** Letters that may be wrong, and words so short that only one may be. */
  const MOST_WRONG = 2;
  const SHORT = 4;

  /** One wrong letter is as likely as two in a word that is so many times as frequent. */
  const WRONG_WEIGHT = 50;

  const MOST_CORRECTIONS = 3;

  /** What begins the last word of a query: a sign, a parenthesis, a field, a quote. */
  const LAST = /^([^]*?(?:^|[\s(]))(-?)(?:([a-z]+):)?(["\u201c-\u201f]?)([^\s"\u201c-\u201f()]*)$/i;

  /**
   * What may be meant by a query whose last word is being typed.
   *
   * @param {string} typed
   * @param {Session} session
   * @param {Tokenise} tokenise
   * @returns {Promise<Completion[]>} the most frequent first
   */
  async function suggest(typed, session, tokenise) {
    const [, head, sign, name, , word] = LAST.exec(typed) ?? [];
    if (word === undefined || word === '') {
      return [];
    }
    const field = name ? (parts.language.SYNONYMS[name.toLowerCase()] ?? name.toLowerCase()) : null;
    const starts = field || sign ? [{ head, text: word }] : startsOf(head, word);
    const lists = await Promise.all(
      starts.map((start) => suggestionsFor(start, field, sign, session, tokenise)),
    );
    /** @type {Map<string, Completion>} */
    const best = new Map();
    for (const suggestion of lists.flat()) {
      best.set(suggestion.query, suggestion);
    }
    return Array.from(best.values())
      .sort((a, b) => b.count - a.count)
      .slice(0, MOST_SUGGESTIONS);
  }

  /** @typedef {{head: string, text: string}} Start what stays of a query, and what is completed */

  /**
   * The last word, and it with words before it, which may be a name.
   *
   * @param {string} head
   * @param {string} word
   */
  function startsOf(head, word) {
    /** @type {Start[]} */
    const starts = [{ head, text: word }];
    for (let i = 0, rest = head; i < MOST_BEFORE; i++) {
      const [, before, plain] = /^([^]*?)([^\s"()*:\-]+)\s+$/.exec(rest) ?? [];
      if (plain === undefined) {
        break;
      }
      starts.push({ head: before, text: `${plain} ${starts[starts.length - 1].text}` });
      rest = before;
    }
    return starts;
  }

  /**
   * @param {Start} start
   * @param {string | null} field
   * @param {string} sign
   * @param {Session} session
   * @param {Tokenise} tokenise
   * @returns {Promise<Completion[]>}
   */
  async function suggestionsFor({ head, text }, field, sign, session, tokenise) {
    const folded = tokenise(text).join(' ');
    if (folded === '') {
      return [];
    }
    const isOneWord = !folded.includes(' ');
    const found = await session.suggestions(/[.:/]/.test(text) ? text.toLowerCase() : folded);
    return found
      .filter(({ text, kind }) => tokenise(text).join(' ').startsWith(folded) && fits(kind, field))
      .filter(({ kind }) => kind !== '' || isOneWord)
      .map(({ text, kind, count }) => {
        const value = /^[^\s"()*]+$/.test(text) ? text : `"${text}"`;
        return { query: `${head}${sign}${kind && `${kind}:`}${value}`, text, kind, count };
      });
  }

  /** @type {(kind: string, field: string | null) => boolean} */
  const fits = (kind, field) => field === null || kind === field;

  /**
   * Words that a word which is not there may be misspelled for.
   *
   * @param {string} word a token
   * @param {Session} session
   * @returns {Promise<Correction[]>} the likeliest first
   */
  async function corrections(word, session) {
    const letters = Array.from(word);
    const most = letters.length <= SHORT ? 1 : MOST_WRONG;
    const swapped = [letters[1], letters[0], ...letters.slice(2)].join('');
    const starts = new Set([word, letters.slice(1).join(''), swapped].filter(Boolean));
    const lists = await Promise.all(Array.from(starts, (start) => session.suggestions(start)));
    /** @type {Map<string, {text: string, count: number, weight: number}>} */
    const found = new Map();
    for (const { text, kind, count } of lists.flat()) {
      const wrong =
        kind === '' && text !== word ? distance(letters, Array.from(text), most) : Infinity;
      if (wrong <= most) {
        found.set(text, { text, count, weight: count / WRONG_WEIGHT ** wrong });
      }
    }
    return Array.from(found.values())
      .sort((a, b) => b.weight - a.weight)
      .slice(0, MOST_CORRECTIONS)
      .map(({ text, count }) => ({ text, count }));
  }

  /**
   * How many letters are wrong, missing, too many or swapped with the next (optimal string
   * alignment); more than `most` is Infinity.
   *
   * @param {string[]} a
   * @param {string[]} b
   * @param {number} most
   */
  function distance(a, b, most) {
    if (Math.abs(a.length - b.length) > most) {
      return Infinity;
    }
    /** @type {number[][]} */
    const rows = [Array.from({ length: b.length + 1 }, (_, j) => j)];
    for (let i = 1; i <= a.length; i++) {
      const row = [i];
      for (let j = 1; j <= b.length; j++) {
        const same = a[i - 1] === b[j - 1] ? 0 : 1;
        row[j] = Math.min(rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + same);
        if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
          row[j] = Math.min(row[j], rows[i - 2][j - 2] + 1);
        }
      }
      if (Math.min(...row) > most) {
        return Infinity;
      }
      rows.push(row);
    }
    const wrong = rows[a.length][b.length];
    return wrong <= most ? wrong : Infinity;
  }

  parts.suggest = { corrections, distance, suggest };
})();
