/**
 * Carrying a plan out, in rank order.
 *
 * Documents are numbered by rank, so ascending numbers are in the order of the results, and the
 * first that match are the true top. For a range of numbers every source says which it surely has
 * and which it may have; from these follow the same two sets for the whole plan, and rows decide
 * about what lies between them. Here: how far to read, and what is known of the total so far. Not
 * here: making the plan (search-plan.js), totals that need no reading (search-totals.js).
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;
  const { both, complement, either, everything, nothing, subtract, intersect } = parts.sets;
  const { PLENTY, sourcesOf } = parts.plan;
  const { UNIT_BYTES, ROW_BYTES } = parts.phrases;

  /** Rows that are asked together. */
  const FEWEST_ROWS = 40;
  const MOST_ROWS = 256;

  /** Rows of all images that are looked through together. */
  const MOST_LOOKED_THROUGH = 2048;

  /** How much further to read each time, at least and at most. */
  const LEAST_GROWTH = 2;
  const MOST_GROWTH = 8;

  /**
   * What a plan surely has and may have in a range.
   *
   * @param {PlanNode} node
   * @param {number} low
   * @param {number} high
   * @returns {SurePossible}
   */
  function between(node, low, high) {
    if (node.kind === 'source') {
      return node.source.between(low, high);
    }
    if (node.kind === 'not') {
      const { sure, possible } = between(node.part, low, high);
      return { sure: complement(possible), possible: complement(sure) };
    }
    const join = node.kind === 'and' ? both : either;
    const start = node.kind === 'and' ? everything : nothing;
    return node.parts.reduce(
      (found, part) => {
        const { sure, possible } = between(part, low, high);
        return { sure: join(found.sure, sure), possible: join(found.possible, possible) };
      },
      { sure: start, possible: start },
    );
  }

  /** Whether a row matches. @param {PlanNode} node @param {RowSubject} subject @returns {boolean} */
  function decide(node, subject) {
    switch (node.kind) {
      case 'source':
        return node.source.decide(subject);
      case 'not':
        return !decide(node.part, subject);
      case 'and':
        return node.parts.every((part) => decide(part, subject));
      default:
        return node.parts.some((part) => decide(part, subject));
    }
  }

  /**
   * At most so many match from number `low` on, where there are at most `rest` documents.
   *
   * @param {PlanNode} node
   * @param {number} low
   * @param {number} rest
   * @returns {number}
   */
  function boundFrom(node, low, rest) {
    switch (node.kind) {
      case 'source':
        return Math.min(rest, node.source.boundFrom(low));
      case 'not':
        return rest;
      case 'and':
        return Math.min(...node.parts.map((part) => boundFrom(part, low, rest)));
      default: {
        const bounds = node.parts.map((part) => boundFrom(part, low, rest));
        return Math.min(rest, sum(bounds));
      }
    }
  }

  /** @type {(numbers: number[]) => number} */
  const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);

  /**
   * How many match at least and at most, as far as the terms tell.
   *
   * @param {PlanNode} node
   * @param {number} documents
   * @returns {{atLeast: number, atMost: number}}
   */
  function boundsOf(node, documents) {
    if (node.kind === 'source') {
      return { atLeast: node.source.atLeast, atMost: Math.min(documents, node.source.atMost) };
    }
    if (node.kind === 'not') {
      const { atLeast, atMost } = boundsOf(node.part, documents);
      return { atLeast: documents - atMost, atMost: documents - atLeast };
    }
    const all = node.parts.map((part) => boundsOf(part, documents));
    const least = all.map(({ atLeast }) => atLeast);
    const most = all.map(({ atMost }) => atMost);
    if (node.kind === 'or') {
      return { atLeast: Math.max(...least), atMost: Math.min(documents, sum(most)) };
    }
    const shared = sum(least) - (all.length - 1) * documents;
    return { atLeast: Math.max(0, shared), atMost: Math.min(...most) };
  }

  /**
   * The part of all documents that probably matches.
   *
   * @param {PlanNode} node
   * @param {number} documents
   * @returns {number}
   */
  function density(node, documents) {
    switch (node.kind) {
      case 'source':
        return Math.min(1, node.source.atMost / documents);
      case 'not':
        return 1 - density(node.part, documents);
      case 'and':
        return node.parts.reduce((found, part) => found * density(part, documents), 1);
      default:
        return 1 - node.parts.reduce((left, part) => left * (1 - density(part, documents)), 1);
    }
  }

  /** Carries out one plan. */
  class Evaluation {
    /**
     * @param {PlanNode} plan
     * @param {Lookup} terms
     */
    constructor(plan, terms) {
      this.plan = plan;
      this.terms = terms;
      this.session = terms.session;
      this.documents = terms.documents;
      this.span = terms.span;
      this.sources = sourcesOf(plan);
      this.wanted = terms.count; // matches to find; may be raised at any time
      this.count = 0; // matches given so far
      this.position = 0; // all before it have been decided
      this.high = 0; // end of the range that is being gone through, ...
      this.sure = 0; // ... what will match in it ...
      this.doubtful = 0; // ... and what may
      this.rank = 0; // of the next document, where all are looked through
      this.target = 0;
      this.done = false;
    }

    /** The matches in rank order, some at a time. @returns {AsyncGenerator<Uint32Array>} */
    async *batches() {
      while (this.position < this.span) {
        await this.read();
        const end = this.sources.reduce((end, { horizon }) => Math.min(end, horizon), this.span);
        while (this.position < end) {
          yield* this.stretch(end);
        }
      }
      this.done = true;
    }

    /** Read further, unless what came with the terms has not been looked at. */
    async read() {
      const isKnown = this.target === 0 && this.wanted < Infinity;
      const known = this.sources.reduce((end, { horizon }) => Math.min(end, horizon), Infinity);
      if (isKnown && known > 0) {
        this.target = 1;
        return;
      }
      this.target = this.nextTarget();
      await Promise.all(this.sources.map((source) => source.reach(this.target)));
    }

    /** The number to read to. */
    nextTarget() {
      const { count, position, wanted, span, target } = this;
      if (wanted === Infinity) {
        return span;
      }
      const expected = density(this.plan, this.documents) * this.documents;
      const plenty = this.sources.length > 2 ? PLENTY * LEAST_GROWTH : PLENTY; // many are not alike
      const first = (plenty * wanted * span) / Math.max(expected, Number.MIN_VALUE);
      const met = position / Math.max(count, 1 / MOST_GROWTH);
      const next = target > 1 ? position + PLENTY * (wanted - count) * met : first;
      const least = Math.max(target, position) * LEAST_GROWTH;
      const most = Math.max(target, position) * MOST_GROWTH;
      const bounded = target > 1 ? Math.min(Math.max(next, least), most) : next;
      return bounded > span / LEAST_GROWTH ? span : Math.ceil(bounded);
    }

    /**
     * Go through the numbers up to `end`, or somewhat less far.
     *
     * @param {number} end
     * @returns {AsyncGenerator<Uint32Array>}
     */
    async *stretch(end) {
      const low = this.position;
      const { sure, possible } = between(this.plan, low, end);
      if (possible.but) {
        const { numbers, high } = await this.lookThrough(end);
        const ids = subtract(numbers, possible.numbers);
        const certain = sure.but ? subtract(ids, sure.numbers) : intersect(ids, sure.numbers);
        yield* this.sift(ids, subtract(ids, certain), high);
      } else {
        yield* this.sift(possible.numbers, subtract(possible.numbers, sure.numbers), end);
      }
    }

    /** The next documents of all, and where they end. @param {number} end */
    async lookThrough(end) {
      const rate = Math.max(density(this.plan, this.documents), 1 / MOST_LOOKED_THROUGH);
      const wanted = Math.ceil((PLENTY * (this.wanted - this.count)) / rate);
      const size = Math.min(MOST_LOOKED_THROUGH, Math.max(FEWEST_ROWS, wanted));
      const { numbers } = await this.session.rowsFromRank(this.rank, size);
      const here = Uint32Array.from(numbers.filter((number) => number < end));
      this.rank += here.length;
      const isAll = here.length < numbers.length || numbers.length < size;
      return { numbers: here, high: isAll ? end : here[here.length - 1] + 1 };
    }

    /**
     * Give the candidates that match.
     *
     * @param {Uint32Array} ids ascending
     * @param {Uint32Array} doubtful those that rows decide about
     * @param {number} high end of the range
     */
    async *sift(ids, doubtful, high) {
      this.high = high;
      let at = 0;
      for (let doubt = 0; at < ids.length;) {
        const batch = doubtful.subarray(doubt, doubt + this.rowsAtOnce());
        const refused = await this.refused(batch);
        doubt += batch.length;
        const stop = doubt < doubtful.length ? doubtful[doubt] : Infinity;
        const from = at;
        while (at < ids.length && ids[at] < stop) {
          at++;
        }
        const found = ids.subarray(from, at).filter((number) => !refused.has(number));
        this.count += found.length;
        this.doubtful = doubtful.length - doubt;
        this.sure = ids.length - at - this.doubtful;
        if (found.length > 0) {
          yield found;
        }
      }
      this.position = high;
    }

    /** How many rows to ask together. */
    rowsAtOnce() {
      const left = Math.ceil(PLENTY * (this.wanted - this.count));
      return Math.min(MOST_ROWS, Math.max(FEWEST_ROWS, left));
    }

    /** Those of the numbers that do not match, by their rows. @param {Uint32Array} numbers */
    async refused(numbers) {
      const rows = numbers.length > 0 ? await this.session.rows(numbers) : [];
      /** @type {Set<number>} */
      const refused = new Set();
      rows.forEach((row, i) => {
        if (!decide(this.plan, this.terms.subject(numbers[i], row))) {
          refused.add(numbers[i]);
        }
      });
      return refused;
    }

    /** Bytes that it takes to go through all of it, roughly. */
    get costLeft() {
      const { possible } = between(this.plan, this.position, this.position);
      if (possible.but && !this.done) {
        return Infinity;
      }
      const units = sum(this.sources.map(({ unread }) => unread));
      return units * UNIT_BYTES + this.doubtful * ROW_BYTES;
    }

    /** What is known of the total. @returns {{total: number, atLeast: number}} */
    bounds() {
      if (this.done) {
        return { total: this.count, atLeast: this.count };
      }
      const { documents, count } = this;
      const { atLeast, atMost } = boundsOf(this.plan, documents);
      const low = Math.max(this.high, this.position);
      const here = count + this.sure;
      const rest = boundFrom(this.plan, low, documents - here);
      const total = Math.min(documents, atMost, here + this.doubtful + rest);
      return { total, atLeast: Math.max(here, atLeast) };
    }
  }

  parts.evaluation = { Evaluation, boundsOf };
})();
