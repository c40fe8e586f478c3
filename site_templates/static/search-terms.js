/**
 * The terms of the search index: from a term, or the beginning of some, to what its block says.
 *
 * What parts the files tells the file, the file's head the block. Not here: what an entry says (search-entries.js), lists (search-postings.js),
 * which terms a query needs.
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;
  const { compareCodePoints } = parts.text;
  const { CHECK, HEAD_PLACE, Recent, bytesOf, frontDecode, openSlice, unpack } = parts.units;
  const { keyOf } = parts.files;
  const { fixedSlice } = parts.postings;
  const { entryOf } = parts.entries;
  const { documentsOf } = parts.hashes;

  /** Series of hashes, without blocks of terms. */
  const HASHED = ['u', 'i'];

  /** Heads and blocks kept unpacked. */
  const KEPT_HEADS = 256;
  const KEPT_BLOCKS = 64;

  /** Aliases lead to terms; one that leads to an alias in turn is followed so far. */
  const MOST_ALIASES = 4;

  /** @typedef {{file: number, block: number}} Spot a block of a series */

  /**
   * The last index of a sorted list whose item is not after `term`; -1 when all are.
   *
   * @param {string[]} terms
   * @param {string} term
   */
  function lastNotAfter(terms, term) {
    let low = 0;
    let high = terms.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareCodePoints(terms[middle], term) <= 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low - 1;
  }

  class Terms {
    /** @param {DirectoryFile} directory @param {RowCodes} codes */
    constructor(directory, codes) {
      this.directory = directory;
      this.codes = codes;
      /** @type {Record<string, FrontCoded> | null} what parts the files of each series, once it is there */
      this.parted = null;
      /** @type {Map<string, string[]>} the same, of a series */
      this.firsts = new Map();
      /** @type {Recent<TermHead>} */
      this.heads = new Recent(KEPT_HEADS);
      /** @type {Recent<TermBlock>} */
      this.blocks = new Recent(KEPT_BLOCKS);
    }

    /** For each file a text after all terms of the one before and not after its first. @param {string} series */
    firstsOf(series) {
      let found = this.firsts.get(series);
      if (found === undefined) {
        const coded = this.parted?.[series];
        found = coded ? frontDecode(...coded) : [];
        this.firsts.set(series, found);
      }
      return found;
    }

    /** The file that holds a term if any does; -1 when none can. @param {string} series @param {string} term */
    fileOf(series, term) {
      const { files } = this.directory.series[series] ?? { files: 0 };
      if (HASHED.includes(series)) {
        const hash = /^[0-9a-f]{8}$/.test(term) ? parseInt(term, 16) : -1;
        return files > 0 && hash >= 0 ? Math.floor((hash * files) / 2 ** 32) : -1;
      }
      return lastNotAfter(this.firstsOf(series), term);
    }

    /** Files that may hold terms that begin so, in order. @param {string} series @param {string} prefix */
    filesOf(series, prefix) {
      const firsts = this.firstsOf(series);
      const files = [];
      const start = Math.max(0, this.fileOf(series, prefix));
      for (let i = start; i < firsts.length; i++) {
        if (i > start && !firsts[i].startsWith(prefix)) {
          break;
        }
        files.push(i);
      }
      return files;
    }

    /**
     * The head of a file.
     *
     * @param {string} series
     * @param {number} number
     * @param {ReadSlice} read
     * @returns {Promise<TermHead>}
     */
    async head(series, number, read) {
      const key = keyOf(series, number);
      const known = this.heads.get(key);
      if (known) {
        return known;
      }
      const payload = await wholeHead(series, number, this.directory.series[series].head, read);
      const size = payload.length + CHECK;
      const { content } = await unpack(bytesOf(payload.subarray(2)));
      const [[sames, rests], sizes] = /** @type {HeadFile} */ (content);
      const starts = [0];
      for (const units of sizes) {
        starts.push(starts[starts.length - 1] + units);
      }
      /** @type {TermHead} */
      const head = { firsts: frontDecode(sames, rests), starts, size };
      this.heads.set(key, head);
      return head;
    }

    /**
     * The payload of a block of a file.
     *
     * @param {string} series
     * @param {Spot} spot
     * @param {TermHead} head
     * @param {ReadSlice} read
     */
    payload(series, { file, block }, head, read) {
      const start = head.starts[block];
      const units = head.starts[block + 1] - start;
      return read(fixedSlice(series, file, head.size + start, units, start));
    }

    /**
     * A block of a file.
     *
     * @param {string} series
     * @param {Spot} spot
     * @param {TermHead} head
     * @param {ReadSlice} read
     * @returns {Promise<TermBlock>}
     */
    async block(series, spot, head, read) {
      const name = `${keyOf(series, spot.file)}:${spot.block}`;
      const known = this.blocks.get(name);
      if (known) {
        return known;
      }
      const payload = await this.payload(series, spot, head, read);
      const { content, rest } = await unpack(bytesOf(payload));
      const [sames, rests, counts, entries] = /** @type {BlockFile} */ (content);
      let total = 0;
      const rowStarts = counts.map((count) => {
        const at = total;
        total += Math.min(count, this.directory.page);
        return at;
      });
      const terms = frontDecode(sames, rests);
      /** @type {Row[] | null} */
      let made = null;
      const rows = () => (made ??= this.codes.rows(rest));
      const found = { terms, counts, entries, rows, rowStarts };
      this.blocks.set(name, found);
      return found;
    }

    /**
     * A term; aliases are followed.
     *
     * @param {string} series
     * @param {string} term
     * @param {ReadSlice} read
     * @returns {Promise<TermEntry | null>} null when there is none
     */
    async find(series, term, read) {
      let sought = term;
      for (let i = 0; i < MOST_ALIASES; i++) {
        const file = this.fileOf(series, sought);
        if (file < 0) {
          return null;
        }
        const head = await this.head(series, file, read);
        const spot = { file, block: lastNotAfter(head.firsts, sought) };
        if (spot.block < 0) {
          return null;
        }
        if (HASHED.includes(series)) {
          const payload = await this.payload(series, spot, head, read);
          const named = documentsOf(this.directory, payload, head.firsts[spot.block], sought);
          return named.length > 0 ? hashed(series, term, named) : null;
        }
        const block = await this.block(series, spot, head, read);
        const at = block.terms.indexOf(sought);
        if (at < 0) {
          return null;
        }
        const entry = block.entries[at];
        if (typeof entry !== 'string') {
          return entryOf(this.directory, { series, file, head, block }, at);
        }
        sought = entry;
      }
      return null;
    }

    /**
     * The terms that begin so, in order, unless they take more blocks; aliases are left out.
     *
     * @param {string} series
     * @param {string} prefix
     * @param {number} mostBlocks
     * @param {ReadSlice} read
     * @returns {Promise<{entries: TermEntry[], complete: boolean}>}
     */
    async beginning(series, prefix, mostBlocks, read) {
      /** @type {{spot: Spot, head: TermHead}[]} */
      const spots = [];
      let complete = true;
      for (const file of this.filesOf(series, prefix)) {
        if (spots.length >= mostBlocks) {
          complete = false;
          break;
        }
        const head = await this.head(series, file, read);
        const start = Math.max(0, lastNotAfter(head.firsts, prefix));
        for (let block = start; block < head.firsts.length; block++) {
          if (block > start && !head.firsts[block].startsWith(prefix)) {
            break;
          }
          spots.push({ spot: { file, block }, head });
        }
      }
      complete = complete && spots.length <= mostBlocks;
      const pick = async (/** @type {{spot: Spot, head: TermHead}} */ { spot, head }) => {
        const block = await this.block(series, spot, head, read);
        const found = [];
        for (let i = 0; i < block.terms.length; i++) {
          if (block.terms[i].startsWith(prefix) && typeof block.entries[i] !== 'string') {
            found.push(entryOf(this.directory, { series, file: spot.file, head, block }, i));
          }
        }
        return found;
      };
      const found = complete ? await Promise.all(spots.map(pick)) : []; // some are of no use
      return { entries: found.flat(), complete };
    }
  }

  /** What is known of a hash. @param {string} series @param {string} term @param {Uint32Array} named @returns {TermEntry} */
  function hashed(series, term, named) {
    const rows = () => [];
    return { series, term, df: named.length, list: null, places: null, least: -1, named, rows };
  }

  /** Units of a head, as it says. @param {Uint16Array} payload */
  const sizeOfHead = (payload) => (payload[0] << 15) | payload[1];

  /**
   * Read a head. What says how long it is cannot be checked before all of it is there.
   *
   * @param {string} series
   * @param {number} number of the file
   * @param {number} likely units that most heads have at most
   * @param {ReadSlice} read
   */
  async function wholeHead(series, number, likely, read) {
    const key = keyOf(series, number);
    let units = likely;
    for (let attempt = 0; attempt < 3; attempt++) {
      const wanted = units;
      /** @type {Wanted['check']} */
      const check = (found, seal) => {
        const payload = found.subarray(CHECK);
        const size = sizeOfHead(payload);
        const isLonger = size > wanted && found.length === wanted;
        return isLonger ? payload : openSlice(found.subarray(0, size), key, HEAD_PLACE ^ seal);
      };
      const payload = await read({ kind: series, number, start: 0, units, check });
      units = sizeOfHead(payload);
      if (payload.length === units - CHECK) {
        return payload;
      }
    }
    throw new Error(`the search index file ${series}/${number}.js is damaged; reload the page`);
  }

  parts.terms = { HASHED, Terms };
})();
