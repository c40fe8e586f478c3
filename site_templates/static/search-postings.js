/**
 * Posting lists of the search index: ascending document numbers, decoded as far as they are needed.
 *
 * Here: one term's list, pair counts. Not here: their bits (search-codes.js), where terms are found
 * (search-terms.js), what a query makes of lists (the planning scripts).
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;
  const { CHECK, openSlice } = parts.units;
  const { Decoder } = parts.codes;
  const { keyOf } = parts.files;

  /** One term's documents. */
  class Posting {
    /**
     * @param {TermEntry} entry
     * @param {DirectoryFile} directory
     * @param {ReadSlice} read
     */
    constructor(entry, directory, read) {
      this.series = entry.series;
      this.term = entry.term;
      this.df = entry.df;
      this.common = entry.list ? entry.list.common : -1;
      this.entry = entry;
      this.directory = directory;
      this.read = read;
      this.decoder = new Decoder(this.df, entry.list?.k ?? 0, entry.least);
      this.chunks = 0; // read, from the start on
      /** @type {Promise<void>} */
      this.reading = Promise.resolve();
    }

    /** Rows of the first documents, in series that have them; made when asked for. */
    get rows() {
      return this.entry.rows();
    }

    get numbers() {
      const { count, numbers } = this.decoder;
      const { named } = this.entry;
      return count > named.length ? numbers.subarray(0, count) : named;
    }

    get horizon() {
      const { numbers, df } = this;
      if (numbers.length === df) {
        return Infinity;
      }
      return numbers.length > 0 ? numbers[numbers.length - 1] + 1 : 0;
    }

    get unread() {
      const { list } = this.entry;
      return list === null ? 0 : Math.max(0, list.units - this.chunks * this.directory.chunk);
    }

    /**
     * Make at least the first documents known. Of series `x` only what its block named ever is.
     *
     * @param {number} count
     */
    reach(count) {
      const next = this.reading.then(() => this.advance(Math.min(count, this.df)));
      this.reading = next.catch(() => undefined); // the next one tries again
      return next;
    }

    /** @param {number} wanted */
    async advance(wanted) {
      const { list } = this.entry;
      const { chunk } = this.directory;
      while (list !== null && this.numbers.length < wanted) {
        const { count } = this.decoder;
        // As dense as on the whole, or as what was read, whichever takes more.
        const each = Math.max(list.units / this.df, count > 0 ? (this.chunks * chunk) / count : 0);
        const all = Math.ceil(list.units / chunk);
        const enough = wanted === this.df ? all : Math.ceil((each * wanted * 1.05) / chunk);
        if (this.chunks === all) {
          throw new Error(
            `the search index lists fewer documents of "${this.term}" than it counts`,
          );
        }
        await this.load(list, Math.min(all, Math.max(enough, this.chunks + 1)));
      }
    }

    /** Read up to a chunk. @param {ListPlace} list @param {number} end */
    async load(list, end) {
      const wanted = [];
      for (let i = this.chunks; i < end; i++) {
        wanted.push(this.read(this.chunkAt(list, i)));
      }
      for (const payload of await Promise.all(wanted)) {
        this.decoder.push(payload);
      }
      this.chunks = end;
    }

    /** Where chunk i is. @param {ListPlace} list @param {number} i @returns {Wanted} */
    chunkAt(list, i) {
      const { chunk, local, spans } = this.directory;
      const units = Math.min(chunk, list.units - i * chunk);
      if (i >= local) {
        return tailSlice(list.tail + (i - local) * chunk, units, spans);
      }
      const { kind, number, body } = list;
      const place = list.place + i * chunk;
      return fixedSlice(kind, number, body + place, units, place);
    }

    /**
     * Places of the i-th known document.
     *
     * @param {number} i
     * @returns {ArrayLike<number>}
     */
    placesOf(i) {
      const { entry, decoder } = this;
      return entry.places ? entry.places[i] : decoder.itemsOf(i);
    }

    /** @param {number} i */
    hotOf(i) {
      const { entry, decoder } = this;
      const isThere = entry.least === 0 && i < decoder.count;
      return isThere ? Array.from(decoder.itemsOf(i)) : null;
    }
  }

  /**
   * A slice whose size and place are known.
   *
   * @param {string} kind
   * @param {number} number of the file
   * @param {number} start unit of the file's text
   * @param {number} units
   * @param {number} place for its checksum
   * @returns {Wanted}
   */
  function fixedSlice(kind, number, start, units, place) {
    const key = keyOf(kind, number);
    /** @type {Wanted['check']} */
    const check = (found, seal) =>
      found.length === units ? openSlice(found, key, place ^ seal) : null;
    return { kind, number, start, units, check };
  }

  /** A chunk at a place of series `h`. @type {(place: number, units: number, spans: number) => Wanted} */
  function tailSlice(place, units, spans) {
    const start = place % spans;
    return fixedSlice('h', Math.floor(place / spans), start, units, start);
  }

  /** The pair counts of one common term, read as far as they are needed. */
  class Pairs {
    /**
     * @param {number} common number of the term
     * @param {{pairs: number, pairsK: number}} list
     * @param {DirectoryFile} directory
     */
    constructor(common, { pairs, pairsK }, directory) {
      this.common = common;
      this.place = pairs;
      this.k = pairsK;
      this.directory = directory;
      this.decoder = new Decoder(common + 1, pairsK, -1);
      /** @type {Promise<unknown>} */
      this.reading = Promise.resolve();
    }

    /**
     * How many documents it shares with a term that is as common or more so.
     *
     * @param {number} other number of that term
     * @param {ReadSlice} read
     * @returns {Promise<number>}
     */
    shared(other, read) {
      const next = this.reading.then(() => this.advance(other, read));
      this.reading = next.catch(() => undefined);
      return next;
    }

    /** @param {number} other @param {ReadSlice} read */
    async advance(other, read) {
      const { chunk, spans } = this.directory;
      const { decoder } = this;
      const payload = chunk - CHECK;
      while (decoder.count <= other) {
        const done = decoder.size / payload; // whole chunks, until the last
        const bits = (other + 1) * (this.k + 2.5);
        const enough = Math.max(1, Math.ceil(bits / 15 / payload) - done);
        const place = this.place + done * chunk;
        const start = place % spans;
        const units = Math.min(enough * chunk, spans - start);
        const found = await read(this.run(Math.floor(place / spans), start, units));
        if (found.length === 0) {
          throw new Error('the search index has no such pair counts');
        }
        decoder.push(found);
      }
      const { numbers } = decoder;
      return numbers[other] - (other > 0 ? numbers[other - 1] : -1) - 1;
    }

    /**
     * Some chunks of one file. The last chunk is as long as the numbers that it ends with: nothing
     * else says how long.
     *
     * @param {number} number
     * @param {number} start
     * @param {number} units
     * @returns {Wanted}
     */
    run(number, start, units) {
      const { chunk } = this.directory;
      const key = keyOf('h', number);
      const before = this.decoder.units.slice(0, this.decoder.size);
      /** @type {Wanted['check']} */
      const check = (found, seal) => {
        const trial = new Decoder(this.decoder.total, this.k, -1);
        trial.push(before);
        const kept = [];
        for (let at = 0; at < found.length && trial.count < trial.total; at += chunk) {
          const whole = found.subarray(at, at + chunk);
          const { size } = trial;
          trial.push(whole.subarray(CHECK));
          const isLast = trial.count === trial.total;
          const used = isLast ? Math.ceil(trial.bit / 15) - size + CHECK : chunk;
          const own =
            openSlice(whole.subarray(0, used), key, (start + at) ^ seal) ??
            (isLast ? null : openSlice(whole, key, (start + at) ^ seal));
          if (own === null) {
            return null;
          }
          kept.push(own);
        }
        return joined(kept);
      };
      return { kind: 'h', number, start, units, check };
    }
  }

  /** @param {Uint16Array[]} pieces */
  function joined(pieces) {
    const whole = new Uint16Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
    let at = 0;
    for (const piece of pieces) {
      whole.set(piece, at);
      at += piece.length;
    }
    return whole;
  }

  parts.postings = { Pairs, Posting, fixedSlice };
})();
