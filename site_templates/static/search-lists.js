/**
 * Posting lists: ascending document numbers, decoded as far as they are needed.
 *
 * Here: one entry of the dictionary (`Posting`), the union of several (`Source`), and sets of
 * numbers as ascending Uint32Arrays. Not here: which lists a query needs (search-plan.js).
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;

  const NONE = new Uint32Array(0);

  /**
   * Decode base64 of LEB128 gaps to ascending numbers; the first gap is from 0.
   *
   * @param {string} base64
   */
  function decodeIds(base64) {
    const bytes = atob(base64);
    let count = 0;
    for (let i = 0; i < bytes.length; i++) {
      count += bytes.charCodeAt(i) < 0x80 ? 1 : 0;
    }
    const ids = new Uint32Array(count);
    let number = 0;
    let gap = 0;
    let shift = 0;
    let at = 0;
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes.charCodeAt(i);
      gap |= (byte & 0x7f) << shift;
      shift += 7;
      if (byte < 0x80) {
        number += gap >>> 0;
        ids[at++] = number;
        gap = 0;
        shift = 0;
      }
    }
    return ids;
  }

  /**
   * First index at or after `from` whose id is not below `target`; quick when it is near.
   *
   * @param {Uint32Array} ids
   * @param {number} target
   */
  function seek(ids, target, from = 0) {
    let step = 1;
    let low = from;
    let high = from;
    while (high < ids.length && ids[high] < target) {
      low = high + 1;
      high += step;
      step *= 2;
    }
    high = Math.min(high, ids.length);
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (ids[middle] < target) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /**
   * The ids of `a` that are, or with `keep` false are not, in `b`.
   *
   * @param {Uint32Array} a
   * @param {Uint32Array} b
   * @param {boolean} keep
   */
  function select(a, b, keep) {
    const out = new Uint32Array(a.length);
    let count = 0;
    let at = 0;
    for (const id of a) {
      at = seek(b, id, at);
      if ((b[at] === id) === keep) {
        out[count++] = id;
      }
    }
    return out.subarray(0, count);
  }

  /**
   * The ids that are in both.
   *
   * @param {Uint32Array} a
   * @param {Uint32Array} b
   */
  function intersect(a, b) {
    return a.length <= b.length ? select(a, b, true) : select(b, a, true);
  }

  /**
   * The ids of `a` that are not in `b`.
   *
   * @param {Uint32Array} a
   * @param {Uint32Array} b
   */
  function subtract(a, b) {
    return b.length === 0 ? a : select(a, b, false);
  }

  /** Put lists one after another. @param {Uint32Array[]} lists */
  function concatenate(lists) {
    if (lists.length < 2) {
      return lists[0] || NONE;
    }
    const out = new Uint32Array(lists.reduce((sum, list) => sum + list.length, 0));
    let at = 0;
    for (const list of lists) {
      out.set(list, at);
      at += list.length;
    }
    return out;
  }

  /** The ids that are in any of the lists, each once. @param {Uint32Array[]} lists */
  function unite(lists) {
    if (lists.length < 2) {
      return lists[0] || NONE;
    }
    const sorted = concatenate(lists).sort();
    let count = 0;
    for (let i = 0; i < sorted.length; i++) {
      if (i === 0 || sorted[i] !== sorted[i - 1]) {
        sorted[count++] = sorted[i];
      }
    }
    return sorted.subarray(0, count);
  }

  /** One entry of the dictionary, with its ids all in the shard or in segments of their own. */
  class Posting {
    /**
     * @param {Shard} shard
     * @param {number} i index of the entry in the shard
     * @param {(hash: string) => Promise<SegmentFile>} loadSegment by hash
     * @param {number} segment ids in every segment but the last
     */
    constructor(shard, i, loadSegment, segment) {
      this.df = shard.df[i];
      this.top = shard.top[i];
      this.hashes = (shard.segments && shard.segments[i]) || [];
      this.inline = shard.ids[i];
      this.loadSegment = loadSegment;
      this.segment = segment;
      /** @type {Uint32Array[]} */
      this.read = []; // runs of ids from the start; the inline list is decoded when asked for
    }

    /** The runs of ids known so far, from the best document on. */
    get runs() {
      if (this.hashes.length === 0 && this.read.length === 0) {
        this.read = [decodeIds(this.inline)];
      }
      return this.read;
    }

    /** How many segment files have not been read. */
    get unread() {
      return this.hashes.length === 0 ? 0 : this.hashes.length - this.read.length;
    }

    /** Every id below this number is known. */
    get horizon() {
      if (this.unread === 0) {
        return Infinity;
      }
      const last = this.read[this.read.length - 1];
      return last === undefined ? 0 : last[last.length - 1] + 1;
    }

    /** Make sure that the first `count` segments have been read. @param {number} count */
    async reach(count) {
      const missing = this.hashes.slice(this.read.length, count);
      const files = await Promise.all(missing.map(this.loadSegment));
      this.read.push(...files.map((file) => decodeIds(file.ids)));
    }

    /**
     * The ids at the ranks from `offset` on within this list; reads only their segments.
     *
     * @param {number} offset
     * @param {number} limit
     */
    async at(offset, limit) {
      if (this.hashes.length === 0) {
        return this.runs[0].subarray(offset, offset + limit);
      }
      const first = Math.floor(offset / this.segment);
      const last = Math.floor((offset + limit - 1) / this.segment);
      const files = await Promise.all(this.hashes.slice(first, last + 1).map(this.loadSegment));
      const ids = concatenate(files.map((file) => decodeIds(file.ids)));
      return ids.subarray(offset - first * this.segment, offset - first * this.segment + limit);
    }

    /**
     * Known ids from `low` up to, but not including, `high`, as runs.
     *
     * @param {number} low
     * @param {number} high
     */
    between(low, high) {
      return this.runs.map((run) => run.subarray(seek(run, low), seek(run, high)));
    }

    /** Upper bound of the documents from number `low` on. @param {number} low */
    boundFrom(low) {
      return this.runs.reduce((left, run) => left - seek(run, low), this.df);
    }
  }

  /** The documents of one word, field value or prefix: the union of postings. */
  class Source {
    /**
     * @param {Posting[]} postings
     * @param {Check | null} check what a caption must hold to belong
     *     here; null when a caption cannot tell (fields)
     */
    constructor(postings, check) {
      this.postings = postings;
      this.check = check;
    }

    /** How many segment files have not been read. */
    get unread() {
      return this.postings.reduce((sum, posting) => sum + posting.unread, 0);
    }

    /** Every id below this number is known. */
    get horizon() {
      return this.postings.reduce((least, posting) => Math.min(least, posting.horizon), Infinity);
    }

    /** Read this fraction (0 to 1] of every posting's segments. @param {number} fraction */
    async reach(fraction) {
      const reach = (/** @type {Posting} */ posting) =>
        posting.reach(Math.ceil(posting.hashes.length * fraction));
      await Promise.all(this.postings.map(reach));
    }

    /**
     * Known ids from `low` up to, but not including, `high`.
     *
     * @param {number} low
     * @param {number} high
     */
    between(low, high) {
      const lists = this.postings.map((posting) => concatenate(posting.between(low, high)));
      return unite(lists);
    }

    /** Upper bound of the documents from number `low` on. @param {number} low */
    boundFrom(low) {
      return this.postings.reduce((sum, posting) => sum + posting.boundFrom(low), 0);
    }
  }

  parts.lists = { NONE, Posting, Source, decodeIds, intersect, subtract, unite };
})();
