/**
 * From clauses to a plan: which posting lists to combine, which captions to look at.
 *
 * Here: looking terms up, expanding prefixes, and choosing between reading a list and reading
 * the captions of the few documents left. Not here: parsing (search-query.js), carrying the plan
 * out (search.js).
 *
 * A *check* is {tokens, prefix}: a caption passes when the tokens occur in it as a contiguous
 * run, the last one perhaps only as a beginning. Every word, prefix and phrase has a check; only
 * a phrase always needs it.
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;
  const { lowerBound } = parts.files;
  const { Posting, Source, intersect } = parts.lists;

  /** Index files a search may read beyond the page itself to make its total exact. */
  const FILES_FOR_TOTAL = 64;

  /** The shards of a prefix are read without being asked for an exact total up to this size. */
  const PREFIX_BYTES = 24 * 1024 * 1024;

  /** What a request costs apart from its bytes, in bytes; a rough guess of any network. */
  const REQUEST_BYTES = 65536;

  /** Rough bytes of one row in a block and of one id in a segment, to compare their costs. */
  const ROW_BYTES = 300;
  const ID_BYTES = 1.6;

  /** @typedef {{clause: Clause, sources: (Source | null)[], check: Check | null}} Need */

  /** Makes the plan of one search. */
  class Planner {
    /**
     * @param {Directory} directory
     * @param {IndexFiles} files
     * @param {Meter} meter
     * @param {Documents} documents
     * @param {boolean} exact the total has to be exact whatever it costs
     */
    constructor(directory, files, meter, documents, exact) {
      this.directory = directory;
      this.files = files;
      this.meter = meter;
      this.documents = documents;
      this.exact = exact;
      /** @type {Map<string, Promise<Source | null>>} */
      this.sources = new Map(); // promises, so that a word asked for twice is looked up once
      this.loadSegment = (/** @type {string} */ hash) => directory.loadSegment(hash, files, meter);
    }

    /**
     * @param {Clause[]} clauses
     * @returns {Promise<Plan>}
     */
    async plan(clauses) {
      const useful = clauses.filter((clause) => clause.kind !== 'ignored');
      const wanted = await Promise.all(useful.map((clause) => this.resolve(clause)));
      /** @type {Plan} */
      const plan = {
        empty: false,
        single: null,
        all: new Set(),
        none: new Set(),
        checks: [],
        excluded: [],
      };
      for (const need of wanted) {
        addNeed(plan, need);
      }
      if (!plan.empty) {
        plan.single = onlyPosting(plan);
        this.preferCaptions(plan);
      }
      return plan;
    }

    /**
     * Look up everything a clause is made of.
     *
     * @param {Clause} clause
     * @returns {Promise<Need>}
     */
    async resolve(clause) {
      if (clause.kind === 'field') {
        return { clause, sources: [await this.lookUp(clause.term, null)], check: null };
      }
      const check = { tokens: clause.tokens, prefix: clause.prefix };
      const last = clause.tokens.length - 1;
      const sources = clause.tokens.map((token, i) =>
        clause.prefix && i === last
          ? this.lookUpPrefix(token)
          : this.lookUp(token, { tokens: [token], prefix: false }),
      );
      return { clause, sources: await Promise.all(sources), check };
    }

    /**
     * The source of a term, with no postings when there is no such term.
     *
     * @param {string | null} term
     * @param {Check | null} check
     */
    lookUp(term, check) {
      return this.once(`=${term}`, async () => {
        const shard = term === null ? -1 : this.directory.shardOf(term);
        if (term === null || shard < 0) {
          return new Source([], check);
        }
        const data = await this.directory.loadShard(shard, this.files, this.meter);
        const i = lowerBound(data.names, term);
        return new Source(data.names[i] === term ? [this.posting(data, i)] : [], check);
      });
    }

    /**
     * The source of a prefix, or null when reading its shards costs too much.
     *
     * @param {string} prefix
     */
    lookUpPrefix(prefix) {
      return this.once(`*${prefix}`, async () => {
        const load = (/** @type {number} */ i) =>
          this.directory.loadShard(i, this.files, this.meter);
        const [first, ...others] = this.directory.shardsOf(prefix);
        const data = first === undefined ? [] : [await load(first)];
        const bytes = others.length * this.files.sizeOf(`t${first}`);
        if (!this.exact && others.length > FILES_FOR_TOTAL && bytes > PREFIX_BYTES) {
          return null;
        }
        data.push(...(await Promise.all(others.map(load))));
        const postings = data.flatMap((shard) => this.postingsWithin(shard, prefix));
        return new Source(postings, { tokens: [prefix], prefix: true });
      });
    }

    /**
     * Do this once per key.
     *
     * @param {string} key
     * @param {() => Promise<Source | null>} work
     */
    once(key, work) {
      const source = this.sources.get(key) ?? work();
      this.sources.set(key, source);
      return source;
    }

    /**
     * The postings of a shard's terms that start with a prefix.
     *
     * @param {Shard} data
     * @param {string} prefix
     */
    postingsWithin(data, prefix) {
      const postings = [];
      for (let i = lowerBound(data.names, prefix); i < data.names.length; i++) {
        if (!data.names[i].startsWith(prefix)) {
          break;
        }
        postings.push(this.posting(data, i));
      }
      return postings;
    }

    /**
     * Entry i of a shard.
     *
     * @param {Shard} data
     * @param {number} i
     */
    posting(data, i) {
      return new Posting(data, i, this.loadSegment, this.directory.segment);
    }

    /**
     * Where the complete lists leave few documents, look at their captions rather than reading
     * the segments of common words.
     *
     * @param {Plan} plan
     */
    preferCaptions(plan) {
      const complete = Array.from(plan.all).filter((source) => source.unread === 0);
      const heavy = allSources(plan).filter((source) => source.unread > 0 && source.check);
      if (complete.length === 0 || heavy.length === 0) {
        return;
      }
      learnTops(this.documents, complete);
      const segments = heavy.reduce((sum, source) => sum + source.unread, 0);
      const left = intersectAll(complete, 0, this.directory.documents);
      const most = Math.min(FILES_FOR_TOTAL, Math.floor(segments / this.blockCost()));
      if (this.documents.countBlocks(left, most) <= most) {
        replaceByChecks(plan, heavy);
      }
    }

    /** What reading a block costs, in segments. */
    blockCost() {
      const { block, segment } = this.directory;
      return (REQUEST_BYTES + block * ROW_BYTES) / (REQUEST_BYTES + segment * ID_BYTES);
    }
  }

  /**
   * Add what one clause needs to the plan.
   *
   * @param {Plan} plan
   * @param {Need} need
   */
  function addNeed(plan, { clause, sources, check }) {
    const known = sources.filter((source) => source !== null);
    const impossible = known.some((source) => source.postings.length === 0);
    // A field has no check and needs none.
    const certain = check === null || (clause.kind !== 'phrase' && known.length === sources.length);
    if (clause.negated) {
      if (impossible) {
        return;
      }
      if (certain) {
        known.forEach((source) => plan.none.add(source));
      } else {
        plan.excluded.push({ check, sources: known });
      }
      return;
    }
    plan.empty = plan.empty || impossible;
    known.forEach((source) => plan.all.add(source));
    if (!certain) {
      plan.checks.push(check);
    }
  }

  /** The one posting that is all the plan asks for, or null. @param {Plan} plan */
  function onlyPosting(plan) {
    const [source, ...others] = plan.all;
    const alone = source && others.length === 0 && plan.none.size === 0;
    const simple = alone && plan.checks.length === 0 && plan.excluded.length === 0;
    return simple && source.postings.length === 1 ? source.postings[0] : null;
  }

  /** Every source of a plan, once. @param {Plan} plan */
  function allSources(plan) {
    const excluded = plan.excluded.flatMap(({ sources }) => sources);
    return Array.from(new Set([...plan.all, ...plan.none, ...excluded]));
  }

  /**
   * Take sources out of the plan and ask captions instead.
   *
   * @param {Plan} plan
   * @param {Source[]} sources
   */
  function replaceByChecks(plan, sources) {
    for (const source of sources) {
      const { check } = source;
      if (check && plan.all.delete(source)) {
        plan.checks.push(check);
      }
      if (check && plan.none.delete(source)) {
        plan.excluded.push({ check, sources: [] });
      }
    }
    for (const exclusion of plan.excluded) {
      exclusion.sources = exclusion.sources.filter((source) => !sources.includes(source));
    }
  }

  /**
   * The known ids from `low` up to `high` that are in all of the sources, at least one.
   *
   * @param {Iterable<Source>} sources
   * @param {number} low
   * @param {number} high
   */
  function intersectAll(sources, low, high) {
    const ordered = Array.from(sources).sort((a, b) => a.boundFrom(low) - b.boundFrom(low));
    let ids = ordered[0].between(low, high);
    for (const source of ordered.slice(1)) {
      if (ids.length === 0) {
        break;
      }
      ids = intersect(ids, source.between(ids[0], ids[ids.length - 1] + 1));
    }
    return ids;
  }

  /**
   * Let the documents know the rows that came with the postings.
   *
   * @param {Documents} documents
   * @param {Iterable<Source>} sources
   */
  function learnTops(documents, sources) {
    for (const source of sources) {
      for (const { runs, top } of source.postings) {
        if (runs.length > 0) {
          documents.learn(runs[0], top);
        }
      }
    }
  }

  parts.plan = { FILES_FOR_TOTAL, Planner, allSources, intersectAll, learnTops };
})();
