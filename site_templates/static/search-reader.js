/**
 * A position in what was typed, for the query language: the characters that mean something.
 *
 * Here: what begins and ends where. Not here: what is made of it (search-query.js).
 */
(function () {
  'use strict';

  const { SYNONYMS } = window.LaionSearchParts.language;

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

  /** Parentheses within parentheses, at most; a deeper one is no parenthesis. */
  const MOST_DEPTH = 50;

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
      this.depth = 0; // parentheses that are open here
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
      const before = this.text[this.at - 1];
      const fresh = this.at === 0 || isSpace(before) || (before === '(' && this.depth > 0);
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

    /** Take a parenthesis that opens a group. */
    takeOpening() {
      const found = this.next === '(' && this.depth < MOST_DEPTH;
      this.at += found ? 1 : 0;
      this.depth += found ? 1 : 0;
      return found;
    }

    /** Whether a parenthesis closes the group here. */
    get isClosing() {
      return this.next === ')' && this.depth > 0;
    }

    /** Take a parenthesis that closes the group. */
    takeClosing() {
      this.at += 1;
      this.depth -= 1;
    }

    /** Whether the operator OR stands here, apart from what is around it. */
    get isOr() {
      const { at, text } = this;
      const apart = (/** @type {string | undefined} */ character) =>
        character === undefined || isSpace(character) || '()'.includes(character);
      return text.startsWith('OR', at) && apart(text[at - 1]) && apart(text[at + 2]);
    }

    /** Take the operator OR. */
    takeOr() {
      const found = this.isOr;
      this.at += found ? 2 : 0;
      return found;
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
      return SYNONYMS[name] ?? name;
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
     * Take everything up to whitespace or the end of the group, or up to a quote unless quotes
     * belong to it.
     *
     * @param {boolean} withQuotes
     */
    takePlain(withQuotes) {
      const start = this.at;
      let open = 0; // parentheses of the word itself
      for (; this.next !== undefined && !isSpace(this.next); this.at++) {
        if ((!withQuotes && isQuote(this.next)) || (open === 0 && this.isClosing)) {
          break;
        }
        open += this.next === '(' ? 1 : 0;
        open -= this.next === ')' && open > 0 ? 1 : 0;
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
      const isOther = this.isMinus || this.isPastedUrl || this.isOr || this.isClosing;
      return field !== null || isOther || isQuote(this.next);
    }

    /** Whether a quote stands here. */
    get isQuote() {
      return isQuote(this.next);
    }

    /** Take a star right here. */
    takeStar() {
      const found = this.next === '*';
      this.at += found ? 1 : 0;
      return found;
    }
  }

  window.LaionSearchParts.reader = { Reader };
})();
