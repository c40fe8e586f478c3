/**
 * Sets of documents, as ascending numbers, or as all documents but some.
 *
 * Here: what AND, OR and NOT make of sets. Not here: where the numbers come from
 * (search-sources.js).
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;

  const NONE = new Uint32Array(0);

  /**
   * First index at or after `from` whose number is not below `target`; quick when it is near.
   *
   * @param {ArrayLike<number>} numbers
   * @param {number} target
   */
  function seek(numbers, target, from = 0) {
    let step = 1;
    let low = from;
    let high = from;
    while (high < numbers.length && numbers[high] < target) {
      low = high + 1;
      high += step;
      step *= 2;
    }
    high = Math.min(high, numbers.length);
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (numbers[middle] < target) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /** Whether a number is among ascending ones. @type {(numbers: Uint32Array, number: number) => boolean} */
  const holds = (numbers, number) => numbers[seek(numbers, number)] === number;

  /**
   * The numbers of `a` that are, or with `keep` false are not, in `b`.
   *
   * @param {Uint32Array} a
   * @param {Uint32Array} b
   * @param {boolean} keep
   */
  function select(a, b, keep) {
    const out = new Uint32Array(a.length);
    let count = 0;
    let at = 0;
    for (const number of a) {
      at = seek(b, number, at);
      if ((b[at] === number) === keep) {
        out[count++] = number;
      }
    }
    return out.subarray(0, count);
  }

  /** @type {(a: Uint32Array, b: Uint32Array) => Uint32Array} */
  const intersect = (a, b) => (a.length <= b.length ? select(a, b, true) : select(b, a, true));

  /** @type {(a: Uint32Array, b: Uint32Array) => Uint32Array} */
  const subtract = (a, b) => (b.length === 0 ? a : select(a, b, false));

  /**
   * The numbers of either, each once.
   *
   * @param {Uint32Array} a
   * @param {Uint32Array} b
   */
  function merge(a, b) {
    if (a.length === 0 || b.length === 0) {
      return a.length === 0 ? b : a;
    }
    const out = new Uint32Array(a.length + b.length);
    let count = 0;
    for (let i = 0, j = 0; i < a.length || j < b.length;) {
      const next = j >= b.length || a[i] <= b[j] ? a[i] : b[j];
      i += a[i] === next ? 1 : 0;
      j += b[j] === next ? 1 : 0;
      out[count++] = next;
    }
    return out.subarray(0, count);
  }

  /** The numbers of any of the lists, each once. @param {Uint32Array[]} lists @returns {Uint32Array} */
  function unite(lists) {
    if (lists.length < 3) {
      return lists.reduce(merge, NONE);
    }
    const middle = lists.length >> 1;
    return merge(unite(lists.slice(0, middle)), unite(lists.slice(middle)));
  }

  /** No documents, and all of them. @type {NumberSet} */
  const nothing = { numbers: NONE, but: false };
  /** @type {NumberSet} */
  const everything = { numbers: NONE, but: true };

  /** What is not in a set. @type {(set: NumberSet) => NumberSet} */
  const complement = ({ numbers, but }) => ({ numbers, but: !but });

  /** What is in both sets. @type {(a: NumberSet, b: NumberSet) => NumberSet} */
  function both(a, b) {
    if (a.but && b.but) {
      return { numbers: merge(a.numbers, b.numbers), but: true };
    }
    if (a.but || b.but) {
      const [kept, left] = a.but ? [b, a] : [a, b];
      return { numbers: subtract(kept.numbers, left.numbers), but: false };
    }
    return { numbers: intersect(a.numbers, b.numbers), but: false };
  }

  /** What is in either set. @type {(a: NumberSet, b: NumberSet) => NumberSet} */
  const either = (a, b) => complement(both(complement(a), complement(b)));

  parts.sets = {
    NONE,
    both,
    complement,
    either,
    everything,
    holds,
    intersect,
    nothing,
    seek,
    subtract,
    unite,
  };
})();
