/**
 * One search from a parsed query to what was found: the hits of a page, and the total.
 *
 * Here: putting plan, evaluation and totals together. Not here: the public functions (search.js).
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;
  const { Lookup } = parts.lookup;
  const { Planner, sourcesOf } = parts.plan;
  const { ListSource } = parts.sources;
  const { Evaluation, boundsOf } = parts.evaluation;
  const { totalOf } = parts.totals;
  const { replaceClauses, write } = parts.language;

  /** Bytes read for a total alone: of what is made of two clauses, and of anything else. */
  const BYTES_FOR_TWO = 300_000;
  const BYTES_FOR_TOTAL = 64_000;

  /** Hits that an export reads together. */
  const EXPORTED = 200;

  /** Finds what queries ask for, in one session. */
  class Finder {
    /**
     * @param {Session} session
     * @param {TextRules} text
     */
    constructor(session, text) {
      this.session = session;
      this.text = text;
    }

    /**
     * The hits and the total of a tree, null for all images.
     *
     * @param {QueryNode | null} tree
     * @param {{limit: number, offset: number, exact: boolean}} options
     * @returns {Promise<Found & {counts: ClauseCount[]}>}
     */
    async find(tree, { limit, offset, exact }) {
      if (tree === null) {
        return this.all(limit, offset);
      }
      const terms = new Lookup(this.session, this.text, { count: offset + limit, exact });
      const planner = new Planner(terms);
      const whole = await planner.plan(tree);
      const named = firstPage(whole, offset, limit);
      const evaluation = this.evaluate(planner.restrict(whole), terms);
      const [numbers, total] = await Promise.all([
        named ?? this.pageOf(evaluation, offset, limit),
        totalOf(whole, terms),
      ]);
      const [hits, bounds] = await Promise.all([
        this.describe(numbers),
        total === null ? this.count(evaluation, whole, terms) : { total, atLeast: total },
      ]);
      const totalIsExact = bounds.total === bounds.atLeast;
      const counts = bounds.total === 0 ? await planner.countsOf(tree) : [];
      return { ...bounds, totalIsExact, hits, counts };
    }

    /**
     * A page of all images.
     *
     * @param {number} limit
     * @param {number} offset
     */
    async all(limit, offset) {
      const total = this.session.directory.documents;
      const size = Math.max(0, Math.min(limit, total - offset));
      const { numbers } =
        size > 0 ? await this.session.rowsFromRank(offset, size) : { numbers: [] };
      const hits = await this.describe(numbers);
      return { total, atLeast: total, totalIsExact: true, hits, counts: [] };
    }

    /**
     * @param {PlanNode} plan
     * @param {Lookup} terms
     */
    evaluate(plan, terms) {
      return new Walk(new Evaluation(plan, terms));
    }

    /**
     * The numbers of a page.
     *
     * @param {Walk} walk
     * @param {number} offset
     * @param {number} limit
     */
    async pageOf(walk, offset, limit) {
      if (limit > 0) {
        await walk.reach(offset + limit);
      }
      return walk.found.slice(offset, offset + limit);
    }

    /**
     * What is to be known of the total, at the cost that it is worth.
     *
     * @param {Walk} walk
     * @param {PlanNode} whole
     * @param {Lookup} terms
     */
    async count(walk, whole, terms) {
      const known = boundsOf(whole, terms.documents);
      if (known.atLeast === known.atMost) {
        return { total: known.atMost, atLeast: known.atMost };
      }
      const sources = sourcesOf(whole);
      const isUnion = sources.some((source) => source instanceof ListSource && !source.single);
      const isOfTwo = sources.length <= 2 && !isUnion;
      const worth = isUnion && sources.length === 1 ? 0 : BYTES_FOR_TOTAL;
      const cost = walk.evaluation.costLeft;
      if (cost <= (isOfTwo ? BYTES_FOR_TWO : worth) || (terms.exact && cost < Infinity)) {
        await walk.reach(Infinity);
      } else if (terms.exact) {
        const others = this.evaluate({ kind: 'not', part: whole }, terms);
        await others.reach(Infinity);
        const total = terms.documents - others.evaluation.count;
        return { total, atLeast: total };
      }
      return walk.evaluation.bounds();
    }

    /**
     * Documents as hits.
     *
     * @param {ArrayLike<number>} numbers
     * @returns {Promise<Hit[]>}
     */
    async describe(numbers) {
      const { columns, visibilities } = this.session.directory;
      const rows = numbers.length > 0 ? await this.session.rows(numbers) : [];
      return rows.map((row, i) => {
        const named = Object.fromEntries(columns.map((column, k) => [column, row[k]]));
        const own = {
          id: row[columns.length],
          visibility: visibilities[Number(named.visibility)],
          number: numbers[i],
          rank: this.session.rankOf(numbers[i]),
        };
        return /** @type {Hit} */ ({ ...named, ...own }); // the format promises the columns
      });
    }

    /**
     * All hits in order.
     *
     * @param {QueryNode | null} tree
     * @returns {AsyncGenerator<Hit>}
     */
    async *hits(tree) {
      if (tree === null) {
        for (let from = 0; from < this.session.directory.documents; from += EXPORTED) {
          yield* (await this.all(EXPORTED, from)).hits;
        }
        return;
      }
      const terms = new Lookup(this.session, this.text, { count: EXPORTED, exact: true });
      const planner = new Planner(terms);
      const evaluation = new Evaluation(planner.restrict(await planner.plan(tree)), terms);
      for await (const numbers of evaluation.batches()) {
        for (let from = 0; from < numbers.length; from += EXPORTED) {
          yield* await this.describe(numbers.subarray(from, from + EXPORTED));
        }
        evaluation.wanted = evaluation.count + EXPORTED;
      }
    }

    /**
     * What holds the same characters inside of longer words, for a query with words in scripts
     * that write without spaces; null for others.
     *
     * @param {QueryNode | null} tree
     * @param {Found} found
     * @param {boolean} exact
     * @returns {Promise<InsideFound | null>}
     */
    async inside(tree, found, exact) {
      let words = 0;
      const wider = replaceClauses(tree, (clause) => {
        const isRun = clause.kind === 'word' || clause.kind === 'phrase';
        const isUnspaced = [...clause.tokens.join('')].every(this.text.isUnspaced);
        if (!isRun || clause.prefix || clause.negated || !isUnspaced) {
          return { kind: 'clause', clause };
        }
        words++;
        return { kind: 'clause', clause: { ...clause, kind: 'inside', field: 'inside' } };
      });
      if (words === 0) {
        return null;
      }
      const { total, atLeast, totalIsExact } = await this.find(wider, {
        limit: 0,
        offset: 0,
        exact,
      });
      const isKnown = totalIsExact && found.totalIsExact;
      return {
        query: write(wider),
        total,
        atLeast,
        more: isKnown ? Math.max(0, total - found.total) : null,
      };
    }
  }

  /** An evaluation, and the first of what it found. */
  class Walk {
    /** @param {Evaluation} evaluation */
    constructor(evaluation) {
      this.evaluation = evaluation;
      this.batches = evaluation.batches();
      /** @type {number[]} */
      this.found = []; // as many as were wanted before the rest is only counted
      this.keep = evaluation.wanted;
    }

    /** Find so many, or all there are. @param {number} count */
    async reach(count) {
      this.evaluation.wanted = count;
      while (this.evaluation.count < count) {
        const { value, done } = await this.batches.next();
        if (done) {
          return;
        }
        for (let i = 0; i < value.length && this.found.length < this.keep; i++) {
          this.found.push(value[i]);
        }
      }
    }
  }

  /**
   * The numbers of a page that came with a term, or those of one whole list; null for others.
   *
   * @param {PlanNode} plan
   * @param {number} offset
   * @param {number} limit
   * @returns {Promise<ArrayLike<number>> | null}
   */
  function firstPage(plan, offset, limit) {
    if (plan.kind !== 'source') {
      return null;
    }
    const { single, first } = plan.source;
    const end = offset + limit;
    const posting =
      single ?? (first && Math.min(end, first.df) <= first.numbers.length ? first : null);
    return posting && numbersOf(posting, offset, end);
  }

  /**
   * @param {Posting} posting
   * @param {number} from
   * @param {number} end
   */
  async function numbersOf(posting, from, end) {
    if (Math.min(end, posting.df) > posting.numbers.length) {
      await posting.reach(Math.min(end, posting.df));
    }
    return posting.numbers.subarray(from, end);
  }

  parts.finding = { Finder };
})();
