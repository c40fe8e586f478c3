/**
 * Rows of the search index from the codes of strings in which its files hold them.
 *
 * `core/index/FORMAT.md` describes them under "Rows". Not here: where rows lie (search-terms.js,
 * search-documents.js), what a column means (search.js).
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;
  const { frontDecode } = parts.units;

  /** Bits that the longest code takes, and places that so many bits tell apart. */
  const LONGEST = 15;
  const PLACES = 1 << LONGEST;

  /** Symbols that are single bytes; the strings of a column come after them. */
  const BYTES = 256;

  /** What ends the text of a column, as a byte and in text. */
  const TAB = 9;
  const ENDS = '\t';

  /** Bytes before the ids: how many rows there are. */
  const HEAD = 2;
  const ID = 8;

  /** Bytes of a row at first; longer ones make more room. */
  const ROOM = 4096;

  /**
   * The code of a column. `symbols` and `bits` say by the next 15 bits which symbol they begin with
   * and how many of them it takes; 0: none begins so. A symbol stands for `bytes` from `starts` of it
   * to that of the next.
   *
   * @typedef {{symbols: Uint16Array, bits: Uint8Array, bytes: Uint8Array, starts: Uint32Array}} ColumnCode
   */

  /** @param {string} what @returns {never} */
  function refuse(what) {
    throw new Error(`the search index has ${what}: its files do not fit together`);
  }

  /**
   * Expand the code of a column. Codes counted up, a bit appended where the next is longer, are
   * spans of all that 15 bits may be, side by side.
   *
   * @param {CodedColumn} coded
   * @returns {ColumnCode}
   */
  function codeOf([sames, rests, lengths]) {
    const encoder = new TextEncoder();
    const strings = frontDecode(sames, rests).map((string) => encoder.encode(string));
    const single = Array.from({ length: BYTES }, (_, byte) => Uint8Array.of(byte));
    const texts = single.concat(strings);
    const starts = new Uint32Array(texts.length + 1);
    texts.forEach((text, i) => (starts[i + 1] = starts[i] + text.length));
    const bytes = new Uint8Array(starts[texts.length]);
    texts.forEach((text, i) => bytes.set(text, starts[i]));
    const symbols = new Uint16Array(PLACES);
    const bits = new Uint8Array(PLACES);
    const widths = Array.from(lengths, (digit) => parseInt(digit, 16));
    let place = 0;
    for (let width = 1; width <= LONGEST; width++) {
      const span = 1 << (LONGEST - width);
      for (let symbol = widths.indexOf(width); symbol >= 0;) {
        symbols.fill(symbol, place, place + span);
        bits.fill(width, place, place + span);
        place += span;
        symbol = widths.indexOf(width, symbol + 1);
      }
    }
    if (place > PLACES || widths.length !== texts.length) {
      refuse('codes of rows that cannot be');
    }
    return { symbols, bits, bytes, starts };
  }

  class RowCodes {
    /** @param {DirectoryFile} directory */
    constructor(directory) {
      this.directory = directory;
      this.url = directory.columns.indexOf('url');
      this.domain = directory.columns.indexOf('domain');
      /** @type {ColumnCode[] | null} made when the first row is read */
      this.made = null;
      this.text = new TextDecoder();
      /** Bytes of the row that is being read. */
      this.out = new Uint8Array(ROOM);
    }

    /** The codes of the columns, in their order. */
    get codes() {
      this.made ??= this.directory.rows.map(codeOf);
      return this.made;
    }

    /**
     * Rows with their number and ids before them; what follows them is left alone.
     *
     * @param {Uint8Array} bytes
     * @returns {Row[]}
     */
    rows(bytes) {
      const count = (bytes[0] << 8) | bytes[1];
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const rows = [];
      let at = HEAD + ID * count;
      if (at > bytes.length) {
        refuse('rows that end too early');
      }
      for (let i = 0; i < count; i++) {
        const { size, after } = this.read(bytes, at);
        const row = this.rowOf(this.text.decode(this.out.subarray(0, size)));
        row.push(view.getBigInt64(HEAD + ID * i, true).toString());
        rows.push(row);
        at = after;
      }
      return rows;
    }

    /**
     * Read the bytes of the texts of a row into `out`.
     *
     * @param {Uint8Array} data
     * @param {number} from the row's first byte
     * @returns {{size: number, after: number}} bytes in `out`, and where the next row begins
     */
    read(data, from) {
      let { out } = this;
      let bit = 8 * from;
      let size = 0;
      for (const { symbols, bits, bytes, starts } of this.codes) {
        do {
          // The next 15 bits lie in three bytes; beyond the last byte there are zeros.
          const i = bit >>> 3;
          const window = (data[i] << 16) | (data[i + 1] << 8) | data[i + 2];
          const next = (window >>> (24 - LONGEST - (bit & 7))) & (PLACES - 1);
          const symbol = symbols[next];
          bit += bits[next];
          if (bits[next] === 0 || bit > 8 * data.length) {
            refuse(bits[next] ? 'a row that ends too early' : 'a row that its codes do not know');
          }
          const end = starts[symbol + 1];
          if (size + end - starts[symbol] > out.length) {
            out = this.grow(size + end - starts[symbol]);
          }
          for (let byte = starts[symbol]; byte < end; byte++) {
            out[size++] = bytes[byte];
          }
        } while (out[size - 1] !== TAB);
      }
      return { size, after: (bit + 7) >>> 3 };
    }

    /** Make room for a longer row. @param {number} least */
    grow(least) {
      const larger = new Uint8Array(Math.max(least, 2 * this.out.length));
      larger.set(this.out);
      this.out = larger;
      return larger;
    }

    /** A row without its id. @param {string} text */
    rowOf(text) {
      /** @type {Row} */
      const row = text
        .split(ENDS)
        .slice(0, -1)
        .map((json) => JSON.parse(json));
      const labels = row[this.domain];
      if (typeof labels === 'number') {
        row[this.domain] = lastLabels(String(row[this.url]), labels);
      }
      return row;
    }
  }

  /** The last labels of a URL's host: of what lies after its second slash. @param {string} url @param {number} count */
  function lastLabels(url, count) {
    const host = url.split('/', 3)[2] ?? '';
    return host.split('.').slice(-count).join('.');
  }

  parts.rows = { RowCodes };
})();
