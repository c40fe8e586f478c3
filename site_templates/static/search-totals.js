/**
 * Exact totals without reading the lists: of one term, and of whatever is made of two.
 *
 * What two terms share is known for common ones, and for a rarer one beside a hot one its list tells;
 * with their own counts that gives the size of each of the four parts into which two sets divide all
 * documents, and so the total of any query made of the two. Not here: other totals
 * (search-evaluation.js counts or bounds them).
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;
  const { ListSource, hotWithin } = parts.sources;
  const { holds, seek, unite } = parts.sets;
  const { UNIT_BYTES } = parts.phrases;
  const { sourcesOf } = parts.plan;

  /** Bytes of lists that are read to count the documents of several words. */
  const BYTES_FOR_UNION = 12_000;

  /**
   * Whether documents that are in these sources match.
   *
   * @param {PlanNode} node
   * @param {Set<Source>} within
   * @returns {boolean}
   */
  function matches(node, within) {
    switch (node.kind) {
      case 'source':
        return within.has(node.source);
      case 'not':
        return !matches(node.part, within);
      case 'and':
        return node.parts.every((part) => matches(part, within));
      default:
        return node.parts.some((part) => matches(part, within));
    }
  }

  /** How many documents a source has, null when only bounds are known. @param {Source} source */
  function countOf({ atLeast, atMost }) {
    return atLeast === atMost ? atMost : null;
  }

  /**
   * The exact total of a plan, null when it is not to be had so.
   *
   * @param {PlanNode} plan before it was restricted
   * @param {Lookup} terms
   * @returns {Promise<number | null>}
   */
  async function totalOf(plan, terms) {
    const sources = sourcesOf(plan);
    if (plan.kind === 'source' && plan.source instanceof ListSource && !plan.source.single) {
      return unionTotal(plan.source.postings, terms);
    }
    const counts = sources.map(countOf);
    if (sources.length > 2 || counts.includes(null)) {
      return null;
    }
    const [a, b = 0] = /** @type {number[]} */ (counts);
    const [first, second] = sources;
    const shared = second ? await sharedBy(first, second, terms) : 0;
    if (shared === null) {
      return null;
    }
    /** @type {[Source[], number][]} */
    const divided = [
      [[first, second], shared],
      [[first], a - shared],
      [[second], b - shared],
      [[], terms.documents - a - b + shared],
    ];
    const parts = second ? divided : divided.filter(([within]) => !within.includes(second));
    return parts.reduce(
      (total, [within, size]) => total + (matches(plan, new Set(within)) ? size : 0),
      0,
    );
  }

  /**
   * How many documents two sources share, null when that takes more than one short list.
   *
   * @param {Source} a
   * @param {Source} b
   * @param {Lookup} terms
   * @returns {Promise<number | null>}
   */
  async function sharedBy(a, b, terms) {
    const { session } = terms;
    const [rarer, other] = a.atMost <= b.atMost ? [a, b] : [b, a];
    const rare = rarer.single;
    if (!rare) {
      return null;
    }
    if (other.test && rare.rows.length === rare.df) {
      const { test } = other;
      const subjects = rare.rows.map((row, i) => terms.subject(rare.numbers[i], row));
      return subjects.filter((subject) => test(subject)).length;
    }
    if (!other.single) {
      return null;
    }
    if (rare.common >= 0 && other.single.common >= 0) {
      return session.shared(rare, other.single);
    }
    return hotWithin(rare, other, session.directory)?.count() ?? null;
  }

  /**
   * How many documents have any of some words: of one or two large ones by their counts, and those
   * of the small ones that have none of the large; null when that takes long lists.
   *
   * @param {Posting[]} postings
   * @param {Lookup} terms
   * @returns {Promise<number | null>}
   */
  async function unionTotal(postings, terms) {
    const ordered = Array.from(postings).sort((a, b) => b.unread - a.unread);
    let unread = ordered.reduce((sum, posting) => sum + posting.unread, 0);
    const large = [];
    while (unread * UNIT_BYTES > BYTES_FOR_UNION && large.length < ordered.length) {
      unread -= ordered[large.length].unread;
      large.push(ordered[large.length]);
    }
    if (large.length > 2) {
      return null;
    }
    const [a, b] = large;
    const shared = a && b ? await terms.session.shared(a, b) : 0;
    const small = ordered.slice(large.length);
    if (shared === null) {
      return null;
    }
    await Promise.all(small.map((posting) => posting.reach(posting.df)));
    const numbers = unite(small.map((posting) => posting.numbers));
    const has = membership(small, large, terms);
    const others = large.length > 0 ? Array.from(numbers, has) : [];
    if (others.includes(null)) {
      return null;
    }
    const sizes = large.reduce((sum, { df }) => sum + df, 0) - shared;
    return sizes + numbers.length - others.filter(Boolean).length;
  }

  /**
   * Whether documents of the small words have one of the large: by their rows, where these came
   * with a word, or by the hot terms that lists name; null when neither tells.
   *
   * @param {Posting[]} small
   * @param {Posting[]} large
   * @param {Lookup} terms
   * @returns {(number: number) => boolean | null}
   */
  function membership(small, large, terms) {
    const words = new Set(large.map(({ term }) => term));
    /** @type {Map<number, Row>} */
    const rows = new Map();
    for (const { numbers, rows: known } of [...small, ...large]) {
      known.forEach((row, i) => rows.set(numbers[i], row));
    }
    const { hot } = terms.session.directory;
    const hots = large.map(({ term }) => hot.indexOf(term));
    return (number) => {
      const row = rows.get(number);
      if (row) {
        return terms.subject(number, row).tokens.some((token) => words.has(token));
      }
      if (large.every(({ horizon }) => number < horizon)) {
        return large.some(({ numbers }) => holds(numbers, number));
      }
      const posting = small.find(({ numbers }) => holds(numbers, number));
      const named = posting?.hotOf(seek(posting.numbers, number)) ?? null;
      return named === null || hots.includes(-1) ? null : hots.some((n) => named.includes(n));
    };
  }

  parts.totals = { totalOf };
})();
