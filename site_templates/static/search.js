/**
 * The search engine: `window.LaionSearch`, and `window.LaionIndex`, which the index files call.
 *
 * Here: carrying a plan out in rank order, and the public functions. Not here: the page
 * (search-page.js). Documents are numbered by rank, so every ascending list of numbers is in
 * the order of the results, and the first matches found are the true top.
 */
(function () {
  'use strict';

  const parts = (window.LaionSearchParts = window.LaionSearchParts || {});
  const { makeTokeniser } = parts.text;
  const { Directory, Documents, Files, Meter } = parts.files;
  const { NONE, intersect, subtract, unite } = parts.lists;
  const { FILES_FOR_TOTAL, Planner, allSources, intersectAll, learnTops } = parts.plan;

  /** Numbers looked at together when nothing but exclusions limits them. */
  const RANGE = 1 << 18;

  /** Blocks read together while a page fills: few at first, for a page is often full soon. */
  const FIRST_BLOCKS = 4;
  const MOST_BLOCKS = 16;

  const files = new Files();
  let directory = null;
  let tokeniser = null;

  /** Carries out one plan. */
  class Evaluation {
    /**
     * @param {Plan} plan
     * @param {Documents} documents
     * @param {number} need hits wanted, from the best on
     * @param {boolean} exact
     */
    constructor(plan, documents, need, exact) {
      this.plan = plan;
      this.documents = documents;
      this.need = need;
      this.exact = exact;
      this.sources = allSources(plan);
      this.hits = []; // the first `need` numbers that match
      this.count = 0; // numbers that match, so far
      this.counting = false; // whether it was decided to go on after the page was full
      this.blocks = FIRST_BLOCKS;
    }

    /**
     * Find the hits, and the total as far as it is cheap.
     *
     * @returns {Promise<{hits: number[], total: number, totalIsExact: boolean, atLeast: number}>}
     */
    async run() {
      const { documents } = this.documents.directory;
      let fraction = this.firstFraction();
      let position = 0;
      while (position < documents) {
        await Promise.all(this.sources.map((source) => source.reach(fraction)));
        learnTops(this.documents, this.plan.all);
        const end = Math.min(documents, ...this.sources.map((source) => source.horizon));
        while (position < end) {
          const stretch = this.stretch(position, end);
          const left = await this.sift(stretch);
          if (left > 0) {
            return this.result(left + this.boundFrom(stretch.end));
          }
          position = stretch.end;
        }
        if (this.full() && !this.exact && position < documents) {
          return this.result(this.boundFrom(position));
        }
        fraction = Math.min(1, fraction * 2);
      }
      return this.result(0);
    }

    /** What was found, when at most `left` more may match. */
    result(left) {
      const { hits, count } = this;
      return { hits, total: count + left, totalIsExact: left === 0, atLeast: count };
    }

    /** Whether the page is full. */
    full() {
      return this.count >= this.need;
    }

    /** The part of every list to read first: all, unless that is much. */
    firstFraction() {
      const unread = this.sources.reduce((sum, source) => sum + source.unread, 0);
      if (this.exact || unread <= FILES_FOR_TOTAL) {
        return 1;
      }
      const postings = this.sources.flatMap((source) => source.postings);
      return 2 / postings.reduce((most, posting) => Math.max(most, posting.hashes.length), 2);
    }

    /**
     * The candidates from number `low` on, up to `high` or somewhat less far.
     *
     * @returns {{ids: Uint32Array, doubtful: Uint32Array, end: number}} `doubtful`: those of
     *     `ids` whose captions decide
     */
    stretch(low, high) {
      const { all, none, checks, excluded } = this.plan;
      const end = all.size > 0 ? high : Math.min(high, low + RANGE);
      let ids = all.size > 0 ? intersectAll(all, low, end) : range(low, end);
      for (const source of none) {
        ids = subtract(ids, source.between(low, end));
      }
      if (checks.length > 0) {
        return { ids, doubtful: ids, end };
      }
      const suspects = excluded.map(({ sources }) =>
        sources.length > 0 ? intersect(ids, intersectAll(sources, low, end)) : ids,
      );
      return { ids, doubtful: unite(suspects), end };
    }

    /** Go through a stretch; return how many of its candidates were left undecided. */
    async sift({ ids, doubtful, end }) {
      let at = 0;
      let doubt = 0;
      while (at < ids.length) {
        if (this.full() && !this.counting) {
          this.counting = this.mayCount(doubtful.subarray(doubt), end);
          if (!this.counting) {
            return ids.length - at;
          }
        }
        const batch = this.batch(doubtful, doubt);
        const verdicts = await this.verdicts(batch);
        doubt += batch.length;
        const stop = doubt < doubtful.length ? doubtful[doubt] : Infinity;
        for (; at < ids.length && ids[at] < stop; at++) {
          if (verdicts.get(ids[at]) !== false) {
            this.accept(ids[at]);
          }
        }
      }
      return 0;
    }

    /** Count a match, and keep it if the page has room. */
    accept(number) {
      if (this.count++ < this.need) {
        this.hits.push(number);
      }
    }

    /** Whether to go on to the end for the total, with these doubtful ones before `end`. */
    mayCount(doubtful, end) {
      if (this.exact || this.sources.some((source) => source.unread > 0)) {
        return this.exact;
      }
      const { documents } = this.documents.directory;
      let blocks = this.documents.countBlocks(doubtful, FILES_FOR_TOTAL);
      for (let low = end; low < documents && blocks <= FILES_FOR_TOTAL; ) {
        const stretch = this.stretch(low, documents);
        blocks += this.documents.countBlocks(stretch.doubtful, FILES_FOR_TOTAL);
        low = stretch.end;
      }
      return blocks <= FILES_FOR_TOTAL;
    }

    /** The next doubtful ones, as many as a few blocks hold. */
    batch(doubtful, from) {
      const blocks = this.counting ? FILES_FOR_TOTAL : this.blocks;
      this.blocks = Math.min(MOST_BLOCKS, this.blocks * 2);
      let end = from;
      for (let met = 0, last = -1; end < doubtful.length; end++) {
        const block = this.documents.blockOf(doubtful[end]);
        if (block !== last && !this.documents.known.has(doubtful[end])) {
          last = block;
          if (++met > blocks) {
            break;
          }
        }
      }
      return doubtful.subarray(from, end);
    }

    /** Whether each of these numbers matches, by its caption. */
    async verdicts(numbers) {
      const rows = await this.documents.read(Array.from(numbers));
      const verdict = (row, i) => [numbers[i], this.passes(row[this.documents.caption])];
      return new Map(rows.map(verdict));
    }

    /** Whether a caption passes every check and none of the excluded. */
    passes(caption) {
      const tokens = tokeniser(caption);
      const { checks, excluded } = this.plan;
      return (
        checks.every((check) => occurs(tokens, check)) &&
        !excluded.some(({ check }) => occurs(tokens, check))
      );
    }

    /** Upper bound of the matches from number `low` on. */
    boundFrom(low) {
      const bounds = Array.from(this.plan.all, (source) => source.boundFrom(low));
      return Math.min(this.documents.directory.documents - low, ...bounds);
    }
  }

  /** Whether tokens hold a run; with `prefix` its last may be only the beginning of one. */
  function occurs(tokens, { tokens: run, prefix }) {
    const last = run.length - 1;
    for (let start = 0; start + last < tokens.length; start++) {
      const end = tokens[start + last];
      if (prefix ? end.startsWith(run[last]) : end === run[last]) {
        let i = 0;
        while (i < last && tokens[start + i] === run[i]) {
          i++;
        }
        if (i === last) {
          return true;
        }
      }
    }
    return false;
  }

  /** The numbers from `low` up to, but not including, `high`. */
  function range(low, high) {
    return high > low ? Uint32Array.from({ length: high - low }, (_, i) => low + i) : NONE;
  }

  /** A page of a single list, whose total is known: its first rows come with the list. */
  async function pageOfOne(posting, documents, offset, limit) {
    const wanted = Math.max(0, Math.min(limit, posting.df - offset));
    const rows = posting.top.slice(offset, offset + wanted);
    if (rows.length === wanted && !rows.includes(null)) {
      const numbers = posting.unread === 0 ? await posting.at(offset, wanted) : [];
      return rows.map((row, i) => documents.describe(row, numbers[i]));
    }
    const numbers = await posting.at(offset, wanted);
    documents.learn(numbers, rows);
    return describeAll(documents, Array.from(numbers));
  }

  /** Rows of these numbers, as hits. */
  async function describeAll(documents, numbers) {
    const rows = await documents.read(numbers);
    return rows.map((row, i) => documents.describe(row, numbers[i]));
  }

  /** Find hits and total of parsed clauses. */
  async function find(clauses, { limit, offset, exact }, documents, meter) {
    const plan = await new Planner(directory, files, meter, documents, exact).plan(clauses);
    if (plan.empty) {
      return { total: 0, totalIsExact: true, atLeast: 0, hits: [] };
    }
    if (plan.single) {
      const hits = await pageOfOne(plan.single, documents, offset, limit);
      return { total: plan.single.df, totalIsExact: true, atLeast: plan.single.df, hits };
    }
    if (allSources(plan).length + plan.checks.length + plan.excluded.length === 0) {
      const total = directory.documents;
      const numbers = range(Math.min(offset, total), Math.min(offset + limit, total));
      const hits = await describeAll(documents, Array.from(numbers));
      return { total, totalIsExact: true, atLeast: total, hits };
    }
    const found = await new Evaluation(plan, documents, offset + limit, exact).run();
    return { ...found, hits: await describeAll(documents, found.hits.slice(offset)) };
  }

  /** A whole number from an option; throws RangeError for anything else. */
  function wholeNumber(value, name) {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new RangeError(`${name} must be a whole number, 0 or more`);
    }
    return value;
  }

  /**
   * Search.
   *
   * @param {string} query in the query language
   * @param {object} [options]
   * @param {number} [options.limit] hits at most
   * @param {number} [options.offset] better hits to skip
   * @param {boolean} [options.exact] make the total exact whatever it costs
   * @param {function({requests: number, bytes: number})} [options.onProgress] hears of every
   *     file that arrives
   * @returns {Promise<{total: number, totalIsExact: boolean, atLeast: number, hits: object[],
   *     requests: number, bytes: number}>} hits in rank order, always the true ones; when
   *     `totalIsExact` is false, `total` is an upper and `atLeast` a lower bound
   */
  async function search(query, { limit = 20, offset = 0, exact = false, onProgress = null } = {}) {
    wholeNumber(limit, 'limit');
    wholeNumber(offset, 'offset');
    await ready;
    const meter = new Meter(onProgress);
    const documents = new Documents(directory, files, meter);
    const found = await find(parse(query), { limit, offset, exact }, documents, meter);
    const { total, totalIsExact, atLeast, hits } = found;
    return { total, totalIsExact, atLeast, hits, requests: meter.requests, bytes: meter.bytes };
  }

  /**
   * The document of a rank number.
   *
   * @param {number} number 0 is the best
   * @returns {Promise<object>} as in `hits`; rejects with RangeError when there is none
   */
  async function documentOf(number) {
    await ready;
    if (wholeNumber(number, 'number') >= directory.documents) {
      throw new RangeError(`there is no image number ${number}`);
    }
    const documents = new Documents(directory, files, new Meter(null));
    return (await describeAll(documents, [number]))[0];
  }

  /** Tokens of a text; throws Error before `ready`. */
  function tokenise(text) {
    if (tokeniser === null) {
      throw new Error('the token table has not been loaded yet');
    }
    return tokeniser(String(text));
  }

  /** Clauses of a query, as search-query.js describes them; throws Error before `ready`. */
  function parse(query) {
    return parts.query.parse(query, tokenise);
  }

  let becomeReady;
  let giveUp;
  const ready = new Promise((resolve, reject) => {
    becomeReady = resolve;
    giveUp = reject;
  });
  ready.catch(() => undefined); // whoever searches hears of it

  /** Take an index file: the two of the page itself, or one that was asked for. */
  function receive(key, data, bytes) {
    try {
      if (key === 'directory') {
        directory = new Directory(data);
      } else if (key === 'tokens') {
        tokeniser = makeTokeniser(data);
      } else {
        files.receive(key, data, bytes);
      }
    } catch (error) {
      giveUp(error);
    }
    if (directory && tokeniser) {
      becomeReady();
    }
  }

  window.addEventListener('load', () => {
    const missing = tokeniser ? 'directory' : 'token table';
    giveUp(new Error(`the search index file of the ${missing} could not be loaded`));
  });

  window.LaionIndex = receive;
  window.LaionSearch = { search, parse, tokenise, ready, document: documentOf };
})();
