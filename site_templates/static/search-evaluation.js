/**
 * Carrying a plan out, in rank order.
 *
 * Documents are numbered by rank, so every ascending list of numbers is in the order of the
 * results, and the first matches found are the true top. Here: how far to read for a page and its
 * total. Not here: making the plan (search-plan.js), reading rows (search-files.js).
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;
  const { NONE, intersect, subtract, unite } = parts.lists;
  const { FILES_FOR_TOTAL, allSources, intersectAll, learnTops } = parts.plan;

  /** Numbers looked at together when nothing but exclusions limits them. */
  const RANGE = 1 << 18;

  /** Blocks read together while a page fills: few at first, for a page is often full soon. */
  const FIRST_BLOCKS = 4;
  const MOST_BLOCKS = 16;

  /**
   * @typedef {object} Stretch candidates in a range of numbers
   * @property {Uint32Array} ids
   * @property {Uint32Array} doubtful those of `ids` whose captions decide
   * @property {number} end one past the range
   */

  /** Carries out one plan. */
  class Evaluation {
    /**
     * @param {Plan} plan
     * @param {Documents} documents
     * @param {number} need hits wanted, from the best on
     * @param {boolean} exact
     * @param {Tokenise} tokenise
     */
    constructor(plan, documents, need, exact, tokenise) {
      this.plan = plan;
      this.documents = documents;
      this.need = need;
      this.exact = exact;
      this.tokenise = tokenise;
      this.sources = allSources(plan);
      /** @type {number[]} */
      this.hits = []; // the first `need` numbers that match
      this.count = 0; // numbers that match, so far
      this.counting = false; // whether it was decided to go on after the page was full
      this.blocks = FIRST_BLOCKS;
    }

    /**
     * Find the hits, and the total as far as it is cheap.
     *
     * @returns {Promise<Ranked>}
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

    /** What was found, when at most `left` more may match. @param {number} left */
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
     * @returns {Stretch}
     * @param {number} low
     * @param {number} high
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

    /**
     * Go through a stretch; return how many of its candidates were left undecided.
     *
     * @param {Stretch} stretch
     */
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

    /** Count a match, and keep it if the page has room. @param {number} number */
    accept(number) {
      if (this.count++ < this.need) {
        this.hits.push(number);
      }
    }

    /**
     * Whether to go on to the end for the total, with these doubtful ones before `end`.
     *
     * @param {Uint32Array} doubtful
     * @param {number} end
     */
    mayCount(doubtful, end) {
      if (this.exact || this.sources.some((source) => source.unread > 0)) {
        return this.exact;
      }
      const { documents } = this.documents.directory;
      let blocks = this.documents.countBlocks(doubtful, FILES_FOR_TOTAL);
      for (let low = end; low < documents && blocks <= FILES_FOR_TOTAL;) {
        const stretch = this.stretch(low, documents);
        blocks += this.documents.countBlocks(stretch.doubtful, FILES_FOR_TOTAL);
        low = stretch.end;
      }
      return blocks <= FILES_FOR_TOTAL;
    }

    /**
     * The next doubtful ones, as many as a few blocks hold.
     *
     * @param {Uint32Array} doubtful
     * @param {number} from
     */
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

    /** Whether each of these numbers matches, by its caption. @param {Uint32Array} numbers */
    async verdicts(numbers) {
      const rows = await this.documents.read(Array.from(numbers));
      /** @type {Map<number, boolean>} */
      const verdicts = new Map();
      rows.forEach((row, i) => {
        verdicts.set(numbers[i], this.passes(String(row[this.documents.caption])));
      });
      return verdicts;
    }

    /** Whether a caption passes every check and none of the excluded. @param {string} caption */
    passes(caption) {
      const tokens = this.tokenise(caption);
      const { checks, excluded } = this.plan;
      return (
        checks.every((check) => occurs(tokens, check)) &&
        !excluded.some(({ check }) => occurs(tokens, check))
      );
    }

    /** Upper bound of the matches from number `low` on. @param {number} low */
    boundFrom(low) {
      const bounds = Array.from(this.plan.all, (source) => source.boundFrom(low));
      return Math.min(this.documents.directory.documents - low, ...bounds);
    }
  }

  /**
   * Whether tokens hold a run; with `prefix` its last may be only the beginning of one.
   *
   * @param {string[]} tokens
   * @param {Check} check
   */
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

  /**
   * The numbers from `low` up to, but not including, `high`.
   *
   * @param {number} low
   * @param {number} high
   */
  function range(low, high) {
    return high > low ? Uint32Array.from({ length: high - low }, (_, i) => low + i) : NONE;
  }

  parts.evaluation = { Evaluation, range };
})();
