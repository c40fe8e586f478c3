/**
 * The query language: from what someone typed to a tree of clauses.
 *
 * Here: reading words, "phrases", prefix*, -exclusions, field:values, OR and parentheses; whatever
 * was typed reads as something. Not here: what a clause stands for (search-language.js), finding
 * anything (search-plan.js).
 *
 * What stands side by side must all hold, and binds more tightly than OR, as in FTS5.
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;
  const { OWN_FIELDS, combine, fieldTerm, negate, write } = parts.language;
  const { Reader } = parts.reader;

  /** A star before the end of a word. */
  const STRAY_STAR = /\*[^\s*"\u201c-\u201f]/;

  /** @typedef {Omit<Clause, 'text' | 'negated'>} Read what a clause is made of */

  /** Reads one query. */
  class Parser {
    /**
     * @param {string} query
     * @param {Tokenise} tokenise
     * @param {string[]} fields
     */
    constructor(query, tokenise, fields) {
      this.reader = new Reader(query, fields);
      this.tokenise = tokenise;
      /** @type {Clause[]} */
      this.clauses = []; // in the order typed
    }

    /**
     * Read alternatives up to the end of the group.
     *
     * @returns {QueryNode | null} null when nothing in them can be searched for
     */
    readGroup() {
      const { reader } = this;
      /** @type {(QueryNode | null)[][]} */
      const alternatives = [[]];
      for (reader.skipSpace(); reader.next !== undefined; reader.skipSpace()) {
        if (reader.isClosing) {
          reader.takeClosing();
          break;
        }
        if (reader.takeOr()) {
          alternatives.push([]);
        } else {
          alternatives[alternatives.length - 1].push(this.readPart());
        }
      }
      return combine(
        'or',
        alternatives.map((nodes) => combine('and', nodes)),
      );
    }

    /** The operator OR as a word. @returns {QueryNode | null} */
    wordOr() {
      return new Parser('or', this.tokenise, []).readGroup();
    }

    /** Read a group or a clause, perhaps excluded. */
    readPart() {
      const { reader } = this;
      const start = reader.at;
      const negated = reader.takeMinus();
      const node = reader.takeOpening() ? this.readGroup() : this.readClause(start, negated);
      return node && negated ? negate(node) : node;
    }

    /**
     * Read a clause.
     *
     * @param {number} start where its text begins, with its sign
     * @param {boolean} negated
     * @returns {QueryNode | null}
     */
    readClause(start, negated) {
      const { reader, tokenise } = this;
      const field = reader.takeField() ?? (reader.isPastedUrl ? 'url' : null);
      const read = field ? readField(reader, field, tokenise) : readText(reader, tokenise);
      const clause = { ...read, negated, text: reader.text.slice(start, reader.at) };
      this.clauses.push(clause);
      return clause.kind === 'ignored' ? null : { kind: 'clause', clause };
    }
  }

  /**
   * Parse a query; never throws.
   *
   * @param {string} query
   * @param {Tokenise} tokenise
   * @param {string[]} fields those of the index
   * @returns {ParsedQuery}
   */
  function parse(query, tokenise, fields) {
    const text = String(query);
    const parser = new Parser(text, tokenise, [...fields, ...OWN_FIELDS]);
    let tree = parser.readGroup();
    if (tree === null && parser.clauses.length === 0 && /\bOR\b/.test(text)) {
      tree = parser.wordOr(); // nothing but the operator: it is meant as a word
    }
    const nothing = tree === null && text.trim() !== '';
    return { tree, clauses: parser.clauses, understood: write(tree), nothing };
  }

  /**
   * Read a field's value; only a URL may hold quotes and spaces without being quoted.
   *
   * @param {QueryReader} reader
   * @param {string} field
   * @param {Tokenise} tokenise
   * @returns {Read}
   */
  function readField(reader, field, tokenise) {
    const value = readValue(reader, field);
    if (field === 'inside') {
      const tokens = tokenise(value);
      const kind = tokens.length > 0 ? 'inside' : 'ignored';
      return { kind, tokens, prefix: false, field, value, meant: null };
    }
    const meant = fieldTerm(field, value, tokenise);
    return { kind: 'field', tokens: [], prefix: false, field, value, meant };
  }

  /**
   * @param {QueryReader} reader
   * @param {string} field
   */
  function readValue(reader, field) {
    if (reader.isQuote) {
      return reader.takeQuoted();
    }
    return field === 'url' ? reader.takeUrl() : reader.takePlain(false);
  }

  /**
   * Read a word or a quoted phrase, either with a star for a prefix.
   *
   * @param {QueryReader} reader
   * @param {Tokenise} tokenise
   * @returns {Read}
   */
  function readText(reader, tokenise) {
    const quoted = reader.isQuote;
    const text = quoted ? reader.takeQuoted() : reader.takePlain(false);
    const prefix = quoted ? reader.takeStar() : text.endsWith('*');
    const tokens = tokenise(text);
    const kind = textKind(tokens, prefix);
    return {
      kind,
      tokens,
      prefix: prefix && tokens.length > 0,
      field: null,
      value: null,
      meant: null,
    };
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
   * Whether a star stands where it means nothing.
   *
   * @param {Clause} clause
   */
  function hasStrayStar(clause) {
    return clause.field === null && STRAY_STAR.test(clause.text);
  }

  parts.query = { hasStrayStar, parse };
})();
