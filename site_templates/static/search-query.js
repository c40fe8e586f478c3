/**
 * The query language: from what someone typed to clauses.
 *
 * Here: reading words, "phrases", prefix*, -exclusions and field:values, and turning them into
 * the tokens and pseudo-terms that the index knows. Not here: finding anything (search-plan.js).
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;
  const { sha256 } = parts.text;
  const { canonicalUrl, hostName } = parts.urls;

  /** Straight and curly double quotes; any of them opens or closes a phrase. */
  const QUOTES = '"\u201c\u201d\u201e\u201f';

  /** What excludes before a word: the hyphen, and all that keyboards and texts make of it. */
  const DASHES = '-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d';

  /** A URL as it is pasted, perhaps in quotes, brackets or Markdown, or without its scheme. */
  const PASTED_URL = new RegExp(
    `(?:[${QUOTES}]?[<>()'\`\xab\xbb\u2018-\u201b\u2039\u203a\u3008-\u300f\u200b-\u200f\u2060]*` +
      '|!?\\[[^\\]]*\\]\\()(?:https?:[/\\\\]{2}|//(?=[^\\s/]+\\.[^\\s/]))',
    'iy',
  );

  /** A star before the end of a word. */
  const STRAY_STAR = /\*[^\s*"\u201c-\u201f]/;

  /**
   * What a field makes of its value, null when the value can match nothing; the values of all other
   * fields, which the index names, are names.
   *
   * @type {Record<string, (value: string) => string | null>}
   */
  const VALUES = {
    domain: hostName,
    host: hostName,
    url: (value) => sha256(canonicalUrl(value)).slice(0, 16),
    year: (value) => value.trim(),
  };

  /**
   * A name as its tokens joined by single spaces.
   *
   * @param {string} value
   * @param {Tokenise} tokenise
   */
  function joinTokens(value, tokenise) {
    return tokenise(value).join(' ');
  }

  /** @type {(character: string | undefined) => boolean} */
  const isSpace = (character) => character !== undefined && /\s/.test(character);
  /** @type {(character: string | undefined) => boolean} */
  const isQuote = (character) => character !== undefined && QUOTES.includes(character);
  /** @type {(character: string | undefined) => boolean} */
  const isDash = (character) => character !== undefined && DASHES.includes(character);

  /** A position in a query; each `take…` method returns what it read and moves on. */
  class Reader {
    /**
     * @param {string} text
     * @param {string[]} fields
     */
    constructor(text, fields) {
      this.text = text;
      this.fields = fields;
      this.at = 0;
    }

    /** The character at the position, undefined at the end. @returns {string | undefined} */
    get next() {
      return this.text[this.at];
    }

    /** Skip whitespace. */
    skipSpace() {
      while (isSpace(this.next)) {
        this.at++;
      }
    }

    /** Whether a dash excludes here: at the start or after a space, and right before something. */
    get isMinus() {
      const fresh = this.at === 0 || isSpace(this.text[this.at - 1]);
      const after = this.text[this.at + 1];
      return fresh && isDash(this.next) && after !== undefined && !isSpace(after);
    }

    /** Take a dash that excludes. */
    takeMinus() {
      const found = this.isMinus;
      this.at += found ? 1 : 0;
      return found;
    }

    /** Whether a URL stands here that nothing says is one. */
    get isPastedUrl() {
      PASTED_URL.lastIndex = this.at;
      return this.fields.includes('url') && PASTED_URL.test(this.text);
    }

    /** Take the name of a known field, its colon included, if a value follows directly. */
    takeField() {
      const colon = this.text.indexOf(':', this.at);
      const name = this.text.slice(this.at, Math.max(colon, this.at)).toLowerCase();
      const after = this.text[colon + 1];
      if (!this.fields.includes(name) || after === undefined || isSpace(after)) {
        return null;
      }
      this.at = colon + 1;
      return name;
    }

    /** Take a quoted text, from the opening quote to the next quote or the end. */
    takeQuoted() {
      const start = ++this.at;
      while (this.next !== undefined && !isQuote(this.next)) {
        this.at++;
      }
      return this.text.slice(start, this.at++);
    }

    /**
     * Take everything up to whitespace, or up to a quote unless quotes belong to it.
     *
     * @param {boolean} withQuotes
     */
    takePlain(withQuotes) {
      const start = this.at;
      const ends = (/** @type {string | undefined} */ next) =>
        next === undefined || isSpace(next) || (!withQuotes && isQuote(next));
      while (!ends(this.next)) {
        this.at++;
      }
      return this.text.slice(start, this.at);
    }

    /** Take a URL, with its spaces: up to the next exclusion, phrase, field or URL, or the end. */
    takeUrl() {
      const start = this.at;
      let end = start;
      do {
        this.takePlain(true);
        end = this.at;
        this.skipSpace();
      } while (this.next !== undefined && !this.startsClause());
      this.at = end;
      return this.text.slice(start, end);
    }

    /** Whether something begins here that cannot be the rest of a URL. */
    startsClause() {
      const { at } = this;
      const field = this.takeField();
      this.at = at;
      return field !== null || this.isMinus || this.isPastedUrl || isQuote(this.next);
    }

    /** Take a star right here. */
    takeStar() {
      const found = this.next === '*';
      this.at += found ? 1 : 0;
      return found;
    }
  }

  /** @typedef {Omit<Clause, 'text' | 'negated'>} Read what a clause is made of */

  /**
   * Parse a query.
   *
   * @param {string} query
   * @param {Tokenise} tokenise
   * @param {string[]} fields those of the index
   * @returns {Clause[]} in the order typed
   */
  function parse(query, tokenise, fields) {
    const reader = new Reader(String(query), fields);
    /** @type {Clause[]} */
    const clauses = [];
    for (reader.skipSpace(); reader.next !== undefined; reader.skipSpace()) {
      const start = reader.at;
      const negated = reader.takeMinus();
      const field = reader.takeField() ?? (reader.isPastedUrl ? 'url' : null);
      const clause = field ? readField(reader, field, tokenise) : readText(reader, tokenise);
      clauses.push({ ...clause, negated, text: reader.text.slice(start, reader.at) });
    }
    return clauses;
  }

  /**
   * Read a field's value; only a URL may hold quotes and spaces without being quoted.
   *
   * @param {Reader} reader
   * @param {string} field
   * @param {Tokenise} tokenise
   * @returns {Read}
   */
  function readField(reader, field, tokenise) {
    const value = readValue(reader, field);
    const read = VALUES[field] ?? ((/** @type {string} */ name) => joinTokens(name, tokenise));
    const wanted = value.trim() ? read(value) : '';
    const term = wanted ? `:${field}:${wanted}` : null;
    return { kind: 'field', tokens: [], prefix: false, field, value, term };
  }

  /**
   * @param {Reader} reader
   * @param {string} field
   */
  function readValue(reader, field) {
    if (isQuote(reader.next)) {
      return reader.takeQuoted();
    }
    return field === 'url' ? reader.takeUrl() : reader.takePlain(false);
  }

  /**
   * Read a word or a quoted phrase, either with a star for a prefix.
   *
   * @param {Reader} reader
   * @param {Tokenise} tokenise
   * @returns {Read}
   */
  function readText(reader, tokenise) {
    const quoted = isQuote(reader.next);
    const text = quoted ? reader.takeQuoted() : reader.takePlain(false);
    const prefix = quoted ? reader.takeStar() : text.endsWith('*');
    const tokens = tokenise(text);
    return { kind: textKind(tokens, prefix), tokens, prefix, field: null, value: null, term: null };
  }

  /**
   * A word of several tokens is a phrase and a phrase of one token is a word, as in FTS5.
   *
   * @param {string[]} tokens
   * @param {boolean} prefix
   * @returns {Clause['kind']}
   */
  function textKind(tokens, prefix) {
    if (tokens.length > 1) {
      return 'phrase';
    }
    if (tokens.length === 0) {
      return 'ignored';
    }
    return prefix ? 'prefix' : 'word';
  }

  /**
   * Whether something was typed and none of it can be searched for.
   *
   * @param {Clause[]} clauses
   */
  function isNothing(clauses) {
    return clauses.length > 0 && clauses.every((clause) => clause.kind === 'ignored');
  }

  /**
   * Whether a star stands where it means nothing.
   *
   * @param {Clause} clause
   */
  function hasStrayStar(clause) {
    return clause.field === null && STRAY_STAR.test(clause.text);
  }

  parts.query = { hasStrayStar, isNothing, parse };
})();
