/**
 * Text, for the search: what a token is, what order terms have, which hash a text has.
 *
 * Here: the tokeniser (FTS5's `unicode61 remove_diacritics 2`, whose character table arrives as
 * the index file "tokens"), comparison by code point, SHA-256. Not here: URLs (search-urls.js), the
 * query language (search-query.js), files and posting lists (search-files.js).
 * The order in which the search's scripts are loaded stands in site_templates/scripts.json.
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;

  /** FTS5 cuts a token at this many UTF-8 bytes (FTS5_MAX_TOKEN_SIZE in fts5Int.h). */
  const MAX_TOKEN_BYTES = 32768;

  /** Classes of code points in the token table; every other code point separates tokens. */
  const TOKEN = 1;
  const JOINS = 2;

  /** One past the last code point. */
  const CODE_POINTS = 0x110000;

  const encoder = new TextEncoder();
  const decoder = new TextDecoder();

  /**
   * Build a tokeniser from the table of bench/derive_token_table.py, whose docstring gives the
   * format and the loop.
   *
   * @param {TokenTable} table
   * @returns {Tokenise} from a text to its tokens, in order
   */
  function makeTokeniser(table) {
    const classes = new Uint8Array(CODE_POINTS);
    fillRanges(classes, table.token, TOKEN);
    fillRanges(classes, table.join, JOINS);
    const folds = foldMap(table.fold);

    return function tokenise(text) {
      /** @type {string[]} */
      const tokens = [];
      let token = '';
      let open = false;
      for (const character of text) {
        const code = /** @type {number} */ (character.codePointAt(0));
        const kind = classes[code];
        if (kind === TOKEN) {
          const folded = folds.get(code);
          token += folded === undefined ? character : folded;
          open = true;
        } else if (kind !== JOINS && open) {
          tokens.push(cutToken(token));
          token = '';
          open = false;
        }
      }
      if (open) {
        tokens.push(cutToken(token));
      }
      return tokens;
    };
  }

  /**
   * Set `kind` for every code point in flat inclusive ranges [first, last, …].
   *
   * @param {Uint8Array} classes
   * @param {number[]} ranges
   * @param {number} kind
   */
  function fillRanges(classes, ranges, kind) {
    for (let i = 0; i < ranges.length; i += 2) {
      classes.fill(kind, ranges[i], ranges[i + 1] + 1);
    }
  }

  /**
   * Expand runs [first, count, step, target, targetStep, …] to a map of code point to string.
   *
   * @param {number[]} runs
   */
  function foldMap(runs) {
    const folds = new Map();
    for (let i = 0; i < runs.length; i += 5) {
      const [first, count, step, target, targetStep] = runs.slice(i, i + 5);
      for (let k = 0; k < count; k++) {
        folds.set(first + k * step, String.fromCodePoint(target + k * targetStep));
      }
    }
    return folds;
  }

  /**
   * Cut a token where FTS5 does; a character that the cut would split is dropped.
   *
   * @param {string} token
   */
  function cutToken(token) {
    if (token.length * 3 <= MAX_TOKEN_BYTES) {
      return token;
    }
    const bytes = encoder.encode(token);
    if (bytes.length <= MAX_TOKEN_BYTES) {
      return token;
    }
    let end = MAX_TOKEN_BYTES;
    while ((bytes[end] & 0xc0) === 0x80) {
      end--;
    }
    return decoder.decode(bytes.subarray(0, end));
  }

  /**
   * Compare two strings by code point (the order of UTF-8 bytes), as terms are sorted.
   *
   * JavaScript's own `<` compares UTF-16 units and puts U+10000 before U+E000.
   *
   * @returns {number} negative, 0 or positive
   * @param {string} a
   * @param {string} b
   */
  function compareCodePoints(a, b) {
    const length = Math.min(a.length, b.length);
    for (let i = 0; i < length; i++) {
      const x = a.charCodeAt(i);
      const y = b.charCodeAt(i);
      if (x !== y) {
        return unitRank(x) - unitRank(y);
      }
    }
    return a.length - b.length;
  }

  /**
   * Rank of a UTF-16 unit in code point order: surrogates stand for U+10000 and above.
   *
   * @param {number} unit
   */
  function unitRank(unit) {
    return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
  }

  /** Round constants of SHA-256 (FIPS 180-4, section 4.2.2). */
  // prettier-ignore
  const ROUNDS = new Uint32Array([
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
  ]);

  /**
   * SHA-256 of a text's UTF-8 bytes, in lower-case hexadecimal.
   *
   * Written out because `crypto.subtle` exists neither on plain http nor, everywhere, on file://.
   *
   * @param {string} text
   * @returns {string} 64 hexadecimal digits
   */
  function sha256(text) {
    const bytes = encoder.encode(text);
    const padded = new Uint8Array(((bytes.length + 8) >> 6) * 64 + 64);
    padded.set(bytes);
    padded[bytes.length] = 0x80;
    const view = new DataView(padded.buffer);
    view.setUint32(padded.length - 8, Math.floor(bytes.length / 0x20000000));
    view.setUint32(padded.length - 4, bytes.length << 3);
    const state = new Uint32Array([
      0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab,
      0x5be0cd19,
    ]);
    for (let offset = 0; offset < padded.length; offset += 64) {
      compress(state, view, offset);
    }
    return Array.from(state, (word) => word.toString(16).padStart(8, '0')).join('');
  }

  /**
   * Mix one block of 64 bytes into the state (FIPS 180-4, section 6.2.2).
   *
   * @param {Uint32Array} state
   * @param {DataView} view
   * @param {number} offset
   */
  function compress(state, view, offset) {
    /** @type {(word: number, by: number) => number} */
    const rotate = (word, by) => (word >>> by) | (word << (32 - by));
    const w = new Uint32Array(64);
    for (let t = 0; t < 16; t++) {
      w[t] = view.getUint32(offset + 4 * t);
    }
    for (let t = 16; t < 64; t++) {
      const s0 = rotate(w[t - 15], 7) ^ rotate(w[t - 15], 18) ^ (w[t - 15] >>> 3);
      const s1 = rotate(w[t - 2], 17) ^ rotate(w[t - 2], 19) ^ (w[t - 2] >>> 10);
      w[t] = w[t - 16] + s0 + w[t - 7] + s1;
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let t = 0; t < 64; t++) {
      const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + ROUNDS[t] + w[t]) | 0;
      const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((word, i) => {
      state[i] += word;
    });
  }

  parts.text = { makeTokeniser, compareCodePoints, sha256 };
})();
