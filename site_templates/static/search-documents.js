/**
 * The rows of the search index by document number and by rank: slots of documents.
 *
 * Not here: how rows are coded (search-rows.js), rows that come with terms (search-terms.js), what a
 * hit looks like (search.js).
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;
  const { Recent, bytesOf, numberAt, sizeAt } = parts.units;
  const { fixedSlice } = parts.postings;

  /** Bytes of a slot before its rows: the rank of the first. */
  const RANK = 4;

  /** Where a slot says instead where its row is, which was too long for it. */
  const ELSEWHERE = RANK + 2;

  /** Bytes of such a row that say how many it takes. */
  const SIZE = 3;

  /** Slots kept decoded. */
  const KEPT = 512;

  /** Slots beside a guessed one that are read with it. */
  const BESIDE = 1;

  /** @typedef {{rank: number, rows: Row[]}} Slot `rank` is that of the first row */

  class Slots {
    /** @param {DirectoryFile} directory @param {RowCodes} codes */
    constructor(directory, codes) {
      this.directory = directory;
      this.codes = codes;
      /** @type {Recent<Slot>} */
      this.kept = new Recent(KEPT);
      /** @type {Map<number, {rank: number, size: number}>} of the slots that were read */
      this.ranks = new Map();
    }

    /** The slot of a document. @param {number} number */
    slotOf(number) {
      return Math.floor(number / this.directory.places);
    }

    /** First slot of a file: every `run` files have `more` slots more. @param {number} file */
    begin(file) {
      const { first, more, run } = this.directory.slots;
      const turns = Math.floor(file / run);
      const whole = run * (first * turns + (more * turns * (turns - 1)) / 2);
      return whole + (file - run * turns) * (first + more * turns);
    }

    /** The file of a slot. @param {number} slot */
    fileOf(slot) {
      let [low, high] = [0, 1];
      while (this.begin(high) <= slot) {
        [low, high] = [high, high * 2];
      }
      while (high - low > 1) {
        const middle = (low + high) >>> 1;
        [low, high] = this.begin(middle) <= slot ? [middle, high] : [low, middle];
      }
      return low;
    }

    /** The rank of a document, if its slot was read. @param {number} number */
    rankOf(number) {
      const slot = this.slotOf(number);
      const known = this.ranks.get(slot);
      return known && known.rank + (number - slot * this.directory.places);
    }

    /**
     * Read a slot.
     *
     * @param {number} slot
     * @param {ReadSlice} read
     * @returns {Promise<Slot>}
     */
    async slot(slot, read) {
      const known = this.kept.get(slot);
      if (known) {
        return known;
      }
      const { units } = this.directory.slots;
      const file = this.fileOf(slot);
      const start = (slot - this.begin(file)) * units;
      const bytes = bytesOf(await read(fixedSlice('d', file, start, units, start)));
      const rank = numberAt(bytes, 0);
      let rows = this.codes.rows(bytes.subarray(RANK));
      if (rows.length === 0) {
        rows = this.codes.rows(await this.longCell(bytes, read));
      }
      const found = { rank, rows };
      this.kept.set(slot, found);
      this.ranks.set(slot, { rank, size: rows.length });
      return found;
    }

    /** The row that was too long for its slot. @param {Uint8Array} slot @param {ReadSlice} read */
    async longCell(slot, read) {
      const [file, place, units] = [0, 4, 8].map((at) => numberAt(slot, ELSEWHERE + at));
      const bytes = bytesOf(await read(fixedSlice('o', file, place, units, place)));
      return bytes.subarray(SIZE, SIZE + sizeAt(bytes, 0));
    }

    /**
     * Rows of document numbers, in the same order.
     *
     * @param {ArrayLike<number>} numbers
     * @param {ReadSlice} read
     * @returns {Promise<Row[]>}
     */
    async rows(numbers, read) {
      const wanted = Array.from(numbers, (number) => this.slotOf(number));
      /** @type {Map<number, Slot>} */
      const slots = new Map();
      const load = async (/** @type {number} */ slot) =>
        slots.set(slot, await this.slot(slot, read));
      await Promise.all(Array.from(new Set(wanted), load));
      return Array.from(numbers, (number, i) => {
        const row = slots.get(wanted[i])?.rows[number - wanted[i] * this.directory.places];
        if (!row) {
          throw new Error(`the search index has no row ${number}: its files do not fit together`);
        }
        return row;
      });
    }

    /**
     * Documents of consecutive ranks: those that there are of `count` from rank `from` on.
     *
     * @param {number} from
     * @param {number} count
     * @param {ReadSlice} read
     * @returns {Promise<{numbers: number[], rows: Row[]}>}
     */
    async ofRanks(from, count, read) {
      const { documents, places } = this.directory;
      const total = this.directory.slots.count;
      const end = Math.min(from + count, documents);
      /** @type {number[]} */
      const numbers = [];
      /** @type {Row[]} */
      const rows = [];
      if (from >= end) {
        return { numbers, rows };
      }
      const likely = Math.ceil(((end - from) * total) / documents) + BESIDE;
      let at = await this.find(from, likely, read);
      for (let rank = from; rank < end;) {
        const ahead = Math.min(total - at, 1 + Math.ceil(((end - rank) * total) / documents));
        const batch = Array.from({ length: ahead }, (_, i) => this.slot(at + i, read));
        for (const slot of await Promise.all(batch)) {
          for (let i = rank - slot.rank; i < slot.rows.length && rank < end; i++, rank++) {
            numbers.push(at * places + i);
            rows.push(slot.rows[i]);
          }
          at++;
        }
        if (ahead <= 0) {
          throw new Error(`the search index has no rank ${rank}: its files do not fit together`);
        }
      }
      return { numbers, rows };
    }

    /**
     * The slot of a rank: ranks are nearly even among slots, so guesses between those known come
     * near soon.
     *
     * @param {number} rank
     * @param {number} likely slots after it that will be wanted too
     * @param {ReadSlice} read
     * @returns {Promise<number>}
     */
    async find(rank, likely, read) {
      let low = { slot: 0, rank: 0 };
      let high = { slot: this.directory.slots.count, rank: this.directory.documents };
      for (const [slot, known] of this.ranks) {
        if (rank >= known.rank && rank < known.rank + known.size) {
          return slot;
        }
        if (known.rank <= rank && slot >= low.slot) {
          low = { slot: slot + 1, rank: known.rank + known.size };
        } else if (known.rank > rank && slot < high.slot) {
          high = { slot, rank: known.rank };
        }
      }
      while (low.slot < high.slot) {
        const share = (rank - low.rank) / (high.rank - low.rank);
        const guess = low.slot + Math.floor(share * (high.slot - low.slot));
        const first = Math.max(low.slot, guess - BESIDE);
        const last = Math.min(high.slot - 1, guess + Math.max(BESIDE, likely));
        const batch = [];
        for (let slot = first; slot <= last; slot++) {
          batch.push(this.slot(slot, read));
        }
        const slots = await Promise.all(batch);
        for (let i = 0; i < slots.length; i++) {
          const after = slots[i].rank + slots[i].rows.length;
          if (rank >= slots[i].rank && rank < after) {
            return first + i;
          }
          if (after <= rank) {
            low = { slot: first + i + 1, rank: after };
          } else {
            high = { slot: first + i, rank: slots[i].rank };
            break;
          }
        }
      }
      throw new Error(`the search index has no rank ${rank}: its files do not fit together`);
    }
  }

  parts.documents = { Slots };
})();
