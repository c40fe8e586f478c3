/**
 * The bits of the search index's lists: Rice codes of ascending numbers, and what comes with each.
 *
 * Not here: where lists are and how far they are read (search-postings.js).
 */
(function () {
  'use strict';

  const ESCAPE = 24; // ones that stand for a number given in full
  const FULL = 30; // its bits
  const ITEM_K = 3;
  const NONE = new Uint32Array(0);

  /** An array twice as large, with the same beginning. @template {Uint16Array | Uint32Array} T @param {T} array @param {number} least @returns {T} */
  function grown(array, least) {
    const Kind = /** @type {new (length: number) => T} */ (array.constructor);
    const larger = new Kind(Math.max(64, 2 * array.length, least));
    larger.set(array);
    return larger;
  }

  /** Decodes a stream of bits as its units arrive. */
  class Decoder {
    /**
     * @param {number} count documents in all
     * @param {number} k Rice parameter of their numbers
     * @param {number} least items that each has at least: 1 place, 0 hot terms; -1 for no items
     */
    constructor(count, k, least) {
      this.total = count;
      this.k = k;
      this.least = least;
      this.units = new Uint16Array(64);
      this.size = 0; // units
      this.bit = 0; // next to be decoded
      this.count = 0; // documents decoded
      this.numbers = NONE;
      this.items = NONE;
      /** Of each document: where its items end. */
      this.ends = NONE;
    }

    /** @param {Uint16Array} payload */
    push(payload) {
      const size = this.size + payload.length;
      if (size + 8 > this.units.length) {
        this.units = grown(this.units, size + 8); // zeros at its end stop every code
      }
      this.units.set(payload, this.size);
      this.size = size;
      this.decode();
    }

    /** Decode whole documents as far as there are units. */
    decode() {
      const available = this.size * 15;
      while (this.count < this.total) {
        const start = this.bit;
        const { count } = this;
        if (count === this.numbers.length) {
          this.numbers = grown(this.numbers, Math.min(this.total, 4096));
        }
        const before = count > 0 ? this.numbers[count - 1] : -1;
        const number = before + 1 + this.code(this.k);
        const isWhole = this.least < 0 || this.readItems(available);
        if (!isWhole || this.bit > available) {
          this.bit = start; // the rest of it is not here yet
          return;
        }
        this.numbers[count] = number;
        this.count++;
      }
    }

    /** Decode a document's items; false when they go beyond the bits there are. @param {number} available */
    readItems(available) {
      const { count } = this;
      if (count === this.ends.length) {
        this.ends = grown(this.ends, Math.min(this.total, 4096));
      }
      let left = this.least;
      for (let ones = this.ones(64); ones > 0; ones = ones < 64 ? 0 : this.ones(64)) {
        left += ones;
        if (this.bit > available) {
          return false;
        }
      }
      this.bit++; // the zero after them
      let end = count > 0 ? this.ends[count - 1] : 0;
      for (let item = -1; left > 0; left--) {
        if (this.bit > available) {
          return false;
        }
        item += 1 + this.code(ITEM_K);
        if (end === this.items.length) {
          this.items = grown(this.items, 4096);
        }
        this.items[end++] = item;
      }
      this.ends[count] = end;
      return true;
    }

    /** A Rice code. @param {number} k */
    code(k) {
      const quotient = this.ones(ESCAPE);
      if (quotient === ESCAPE) {
        return this.take(FULL);
      }
      this.bit++;
      return quotient * 2 ** k + this.take(k);
    }

    /** How many ones come next, at most `most`; the zero after them stays. @param {number} most */
    ones(most) {
      const { units } = this;
      let found = 0;
      for (;;) {
        const at = (this.bit / 15) | 0;
        const offset = this.bit - at * 15;
        const window = ((units[at] << 15) | units[at + 1]) << (offset + 2);
        const run = Math.min(Math.clz32(~window), 30 - offset);
        if (found + run >= most) {
          this.bit += most - found;
          return most;
        }
        found += run;
        this.bit += run;
        if (run < 30 - offset) {
          return found;
        }
      }
    }

    /** The next bits as a number. @param {number} width at most 30 */
    take(width) {
      const { units } = this;
      let at = (this.bit / 15) | 0;
      let room = 15 - (this.bit - at * 15);
      let value = 0;
      this.bit += width;
      while (width > 0) {
        const part = Math.min(room, width);
        value = (value << part) | ((units[at] >> (room - part)) & ((1 << part) - 1));
        width -= part;
        room = 15;
        at++;
      }
      return value;
    }

    /** Items of the i-th document. @param {number} i */
    itemsOf(i) {
      return this.items.subarray(i > 0 ? this.ends[i - 1] : 0, this.ends[i]);
    }
  }

  window.LaionSearchParts.codes = { Decoder };
})();
