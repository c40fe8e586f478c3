/**
 * Where the documents of a clause come from: posting lists, read from the best document on.
 *
 * A source knows, for a range of document numbers that its lists have been read for, which documents
 * it surely has and which it may have; a test of the row decides between them. Here: the kinds of
 * sources. Not here: which a query needs (search-plan.js), combining them (search-evaluation.js).
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;
  const { everything, holds, intersect, nothing, seek, unite } = parts.sets;

  /** Units of a list that are read at once rather than in steps. */
  const WHOLE_UNITS = 1024;

  /** Documents of a list that are read beyond what is expected to be needed: about a chunk. */
  const MARGIN = 256;

  /**
   * How many documents of a list to know, so that those before `target` probably are.
   *
   * @param {Posting} posting
   * @param {number} target
   * @param {number} span one past the largest number there is
   */
  function countUpTo(posting, target, span) {
    if (target >= span || posting.unread <= WHOLE_UNITS) {
      return posting.df;
    }
    return Math.min(posting.df, Math.ceil((posting.df * target) / span) + MARGIN);
  }

  /**
   * The known numbers of a list in a range.
   *
   * @param {Uint32Array} numbers
   * @param {number} low
   * @param {number} high
   */
  function within(numbers, low, high) {
    const from = seek(numbers, low);
    return numbers.subarray(from, seek(numbers, high, from));
  }

  /** The documents of any of some terms. */
  class ListSource {
    /**
     * @param {Posting[]} postings
     * @param {RowTest | null} test
     * @param {number} span
     */
    constructor(postings, test, span) {
      this.postings = postings;
      this.test = test;
      this.span = span;
      this.atMost = postings.reduce((sum, posting) => sum + posting.df, 0);
      this.atLeast = postings.reduce((most, posting) => Math.max(most, posting.df), 0);
    }

    /** The one term, or null. */
    get single() {
      return this.postings.length === 1 ? this.postings[0] : null;
    }

    get unread() {
      return this.postings.reduce((sum, posting) => sum + posting.unread, 0);
    }

    get horizon() {
      return this.postings.reduce((least, { horizon }) => Math.min(least, horizon), Infinity);
    }

    /** @param {number} target */
    async reach(target) {
      const { span } = this;
      const missing = this.postings.filter(({ horizon }) => horizon < Math.min(target, span));
      await Promise.all(missing.map((posting) => posting.reach(countUpTo(posting, target, span))));
    }

    /**
     * Those it has from `low` to before `high`; its horizon must be as far.
     *
     * @param {number} low
     * @param {number} high
     */
    numbers(low, high) {
      return unite(this.postings.map(({ numbers }) => within(numbers, low, high)));
    }

    /** @type {Source['between']} */
    between(low, high) {
      const set = { numbers: this.numbers(low, high), but: false };
      return { sure: set, possible: set };
    }

    /** @param {RowSubject} subject */
    decide(subject) {
      if (subject.number < this.horizon || !this.test) {
        return this.postings.some(({ numbers }) => holds(numbers, subject.number));
      }
      return this.test(subject);
    }

    /** At most so many from `low` on. @param {number} low */
    boundFrom(low) {
      return this.postings.reduce((sum, { df, numbers }) => sum + df - seek(numbers, low), 0);
    }
  }

  /** @type {(a: number[], b: number[]) => number[]} */
  const shared = (a, b) => b.filter((start) => a.includes(start));

  /** The documents with runs of tokens, or of characters, at certain places of one another. */
  class RunSource {
    /**
     * @param {{posting: Posting, offset: number}[]} runs each with its place in the whole
     * @param {RowTest} test
     * @param {number} span
     */
    constructor(runs, test, span) {
      this.runs = Array.from(runs).sort((a, b) => a.posting.df - b.posting.df);
      this.lists = this.runs.map(({ posting }) => new ListSource([posting], null, span));
      this.test = test;
      this.atMost = this.runs[0].posting.df;
      this.atLeast = 0;
      /** @type {Posting | null} */
      this.single = null;
    }

    get unread() {
      return this.lists.reduce((sum, list) => sum + list.unread, 0);
    }

    get horizon() {
      return this.lists.reduce((least, { horizon }) => Math.min(least, horizon), Infinity);
    }

    /** @param {number} target */
    async reach(target) {
      await Promise.all(this.lists.map((list) => list.reach(target)));
    }

    /**
     * @param {number} low
     * @param {number} high
     */
    numbers(low, high) {
      const all = this.lists
        .map((list) => list.numbers(low, high))
        .reduce((found, numbers) => intersect(found, numbers));
      return all.filter((number) => this.fits(number));
    }

    /** Whether a document has the runs where they belong. @param {number} number */
    fits(number) {
      /** @type {number[] | null} */
      let starts = null;
      for (const { posting, offset } of this.runs) {
        const places = posting.placesOf(seek(posting.numbers, number));
        const here = Array.from(places, (place) => place - offset);
        starts = starts === null ? here : shared(starts, here);
      }
      return starts !== null && starts.length > 0;
    }

    /** @type {Source['between']} */
    between(low, high) {
      const set = { numbers: this.numbers(low, high), but: false };
      return { sure: set, possible: set };
    }

    /** @param {RowSubject} subject */
    decide(subject) {
      return this.test(subject);
    }

    /** @param {number} low */
    boundFrom(low) {
      return this.lists.reduce((least, list) => Math.min(least, list.boundFrom(low)), Infinity);
    }
  }

  /** Documents that their rows decide about: those of another source, or any. */
  class RowSource {
    /**
     * @param {Source | null} base who can have it; null for anybody
     * @param {RowTest} test
     * @param {{atMost: number, atLeast: number}} bounds
     */
    constructor(base, test, { atMost, atLeast }) {
      this.base = base;
      this.test = test;
      this.atMost = Math.min(atMost, base?.atMost ?? Infinity);
      this.atLeast = atLeast;
      /** @type {Posting | null} */
      this.single = null;
      /** @type {Posting | null} */
      this.first = null;
    }

    get unread() {
      return this.base?.unread ?? 0;
    }

    get horizon() {
      return this.base?.horizon ?? Infinity;
    }

    /** @param {number} target */
    async reach(target) {
      await this.base?.reach(target);
    }

    /** @type {Source['between']} */
    between(low, high) {
      return { sure: nothing, possible: this.base?.between(low, high).possible ?? everything };
    }

    /** @param {RowSubject} subject */
    decide(subject) {
      return this.test(subject);
    }

    /** @param {number} low */
    boundFrom(low) {
      return Math.min(this.atMost, this.base?.boundFrom(low) ?? Infinity);
    }
  }

  /** Of a rarer term's documents, those that have a hot one, as the rarer one's list tells. */
  class HotSource {
    /**
     * @param {Posting} rare
     * @param {number} hot its number among the hot terms
     * @param {RowTest | null} test
     */
    constructor(rare, hot, test) {
      this.rare = rare;
      this.hot = hot;
      this.test = test;
      this.atMost = rare.df;
      this.atLeast = 0;
      /** @type {Posting | null} */
      this.single = null;
    }

    get isRead() {
      return this.rare.unread === 0 && this.rare.hotOf(0) !== null;
    }

    get unread() {
      return this.rare.unread;
    }

    get horizon() {
      return this.isRead ? Infinity : 0;
    }

    async reach() {
      await this.rare.reach(this.rare.df);
    }

    /** Whether document i of the rarer term has the hot one. @param {number} i */
    hasAt(i) {
      return this.rare.hotOf(i)?.includes(this.hot) ?? false;
    }

    /** @type {Source['between']} */
    between(low, high) {
      const { numbers } = this.rare;
      const from = seek(numbers, low);
      const here = numbers.subarray(from, seek(numbers, high, from));
      const set = { numbers: here.filter((_, i) => this.hasAt(from + i)), but: false };
      return { sure: set, possible: set };
    }

    /** @param {RowSubject} subject */
    decide(subject) {
      const i = seek(this.rare.numbers, subject.number);
      return this.rare.numbers[i] === subject.number && this.hasAt(i);
    }

    /** How many there are. */
    async count() {
      await this.reach();
      return this.rare.numbers.reduce((sum, _, i) => sum + Number(this.hasAt(i)), 0);
    }

    /** @param {number} low */
    boundFrom(low) {
      return this.rare.df - seek(this.rare.numbers, low);
    }
  }

  /**
   * What a rarer term's list tells of a source, when that is of one hot term; null when it does not.
   *
   * @param {Posting} rare
   * @param {Source} source
   * @param {DirectoryFile} directory
   */
  function hotWithin(rare, source, directory) {
    const { single } = source;
    const hot = single && 'wf'.includes(single.series) ? directory.hot.indexOf(single.term) : -1;
    const isTold = 'wf'.includes(rare.series) && rare.common < 0 && rare.df > directory.page;
    return hot >= 0 && isTold ? new HotSource(rare, hot, source.test) : null;
  }

  /** A source without documents. */
  const noSource = () => new ListSource([], () => false, 0);

  parts.sources = { ListSource, RowSource, RunSource, hotWithin, noSource };
})();
