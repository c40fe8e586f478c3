/**
 * Phrases, and characters inside of longer words: which runs of the index they are made of.
 *
 * The index holds runs of two tokens and, where those are common, of three, with their places; but
 * none with a rare word, whose few captions tell as well. So every phrase is a run, runs at certain
 * places of one another, or a few captions to look at. Not here: other clauses (search-plan.js).
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;
  const { hasRun, testOf } = parts.tests;
  const { ListSource, RowSource, RunSource, noSource } = parts.sources;

  /** Phrases of more tokens are found by some of their runs, and confirmed by captions. */
  const MOST_COVERED = 6;

  /** Runs by which a longer phrase is found. */
  const PICKED = 4;

  /** What a row costs that is read for its caption alone, and a unit of a list, in bytes. */
  const ROW_BYTES = 1400;
  const UNIT_BYTES = 2;

  /** @typedef {{posting: Posting, offset: number, length: number}} Run a run found, and its place */

  /** Finds the sources of phrases for one search. */
  class Phrases {
    /** @param {Lookup} terms */
    constructor(terms) {
      this.terms = terms;
    }

    /**
     * The source of two and more tokens next to one another.
     *
     * @param {string[]} tokens
     * @returns {Promise<Source>}
     */
    async phrase(tokens) {
      return tokens.length > MOST_COVERED ? this.long(tokens) : this.covered(tokens);
    }

    /** @param {string[]} tokens @returns {Promise<Source>} */
    async covered(tokens) {
      const { often } = this.terms.session.directory;
      const [pairs, triples] = await Promise.all([this.runs(tokens, 2), this.runs(tokens, 3)]);
      const test = hasRun(tokens, false);
      if (pairs.includes(null)) {
        return this.byRareWord(tokens, pairs, test);
      }
      const isOften = pairs.map((run) => run !== null && run.posting.df > often);
      if (triples.some((run, i) => run === null && (isOften[i] || isOften[i + 1]))) {
        return noSource();
      }
      const found = [...pairs, ...triples].filter((run) => run !== null);
      return this.ofRuns(found, cheapestCover(tokens.length, found), test);
    }

    /**
     * A long phrase: some pairs of long words lead to the captions.
     *
     * @param {string[]} tokens
     * @returns {Promise<Source>}
     */
    async long(tokens) {
      const places = tokens
        .slice(1)
        .map((token, i) => ({ i, size: token.length + tokens[i].length }));
      places.sort((a, b) => b.size - a.size);
      const picked = places.slice(0, PICKED).map(({ i }) => i);
      const pairs = await Promise.all(picked.map((i) => this.run(tokens, i, 2)));
      const test = hasRun(tokens, false);
      if (pairs.includes(null)) {
        const words = picked.filter((_, n) => pairs[n] === null);
        return this.byRareWordAt(tokens, words, test);
      }
      const found = pairs.filter((run) => run !== null);
      found.sort((a, b) => a.posting.df - b.posting.df);
      const source = this.ofRuns(found, found.slice(0, 2), test);
      return source instanceof RowSource ? source : new RowSource(source, test, source);
    }

    /**
     * The source of runs that cover a phrase, or of the captions of the rarest where that is less.
     *
     * @param {Run[]} found
     * @param {Run[]} cover
     * @param {RowTest} test
     * @returns {Source}
     */
    ofRuns(found, cover, test) {
      const { span, session } = this.terms;
      if (cover.length === 1 && cover[0].offset === 0 && found.length === 1) {
        return new ListSource([cover[0].posting], test, span);
      }
      const rarest = found.reduce((a, b) => (b.posting.df < a.posting.df ? b : a)).posting;
      const unread = cover.reduce((sum, { posting }) => sum + posting.unread, 0);
      const isFew = rarest.df <= session.directory.page;
      if (isFew && rarest.df * ROW_BYTES < unread * UNIT_BYTES && !isWhole(cover)) {
        return new RowSource(new ListSource([rarest], null, span), test, {
          atMost: rarest.df,
          atLeast: 0,
        });
      }
      return isWhole(cover)
        ? new ListSource([cover[0].posting], test, span)
        : new RunSource(cover, test, span);
    }

    /**
     * Runs of so many tokens, each where it begins; null where there is none.
     *
     * @param {string[]} tokens
     * @param {number} length
     */
    runs(tokens, length) {
      const starts = tokens.slice(length - 1).map((_, i) => i);
      return Promise.all(starts.map((i) => this.run(tokens, i, length)));
    }

    /**
     * @param {string[]} tokens
     * @param {number} offset
     * @param {number} length
     * @returns {Promise<Run | null>}
     */
    async run(tokens, offset, length) {
      const term = tokens.slice(offset, offset + length).join(' ');
      const posting = await this.terms.term('b', term);
      return posting && { posting, offset, length };
    }

    /**
     * A phrase some pairs of which the index does not name.
     *
     * @param {string[]} tokens
     * @param {(Run | null)[]} pairs by their place
     * @param {RowTest} test
     */
    byRareWord(tokens, pairs, test) {
      const missing = pairs.flatMap((run, i) => (run === null ? [i] : []));
      return this.byRareWordAt(tokens, missing, test);
    }

    /**
     * Every missing pair has a rare word, whose captions decide, or it occurs nowhere.
     *
     * @param {string[]} tokens
     * @param {number[]} missing places of the pairs
     * @param {RowTest} test
     * @returns {Promise<Source>}
     */
    async byRareWordAt(tokens, missing, test) {
      const { rare } = this.terms.session.directory;
      const rarest = await Promise.all(
        missing.map((i) => this.terms.rarest([tokens[i], tokens[i + 1]])),
      );
      const known = rarest.filter((posting) => posting !== null);
      if (known.length < rarest.length || known.some(({ df }) => df > rare)) {
        return noSource();
      }
      const posting = known.reduce((a, b) => (b.df < a.df ? b : a));
      return this.captionsOf(posting, test);
    }

    /** The documents of a term, as far as their captions pass. @param {Posting} posting @param {RowTest} test */
    captionsOf(posting, test) {
      const list = new ListSource([posting], null, this.terms.span);
      return new RowSource(list, test, { atMost: posting.df, atLeast: 0 });
    }

    /**
     * A phrase whose last token may go on.
     *
     * @param {Clause} clause
     * @returns {Promise<PlanNode>}
     */
    async beginning(clause) {
      const { tokens } = clause;
      const { terms } = this;
      const test = hasRun(tokens, true);
      if (tokens.length > 2) {
        const before = await this.phrase(tokens.slice(0, -1));
        return { kind: 'source', source: new RowSource(before, test, { ...before, atLeast: 0 }) };
      }
      const [first, runs, words] = await Promise.all([
        terms.term('w', tokens[0]),
        terms.beginning('b', tokens.join(' ')),
        terms.beginning('w', tokens[1]),
      ]);
      const { rare } = terms.session.directory;
      if (first === null || (words.complete && words.postings.length === 0)) {
        return { kind: 'source', source: noSource() };
      }
      if (first.df <= rare || !runs.complete || !words.complete) {
        return { kind: 'source', source: this.captionsOf(first, test) };
      }
      const pairs = runs.postings.filter(({ term }) => term.indexOf(' ') === term.lastIndexOf(' '));
      const few = words.postings.filter(({ df }) => df <= rare);
      const named = new ListSource(pairs, test, terms.span);
      const others = new RowSource(new ListSource(few, null, terms.span), test, {
        atMost: first.df,
        atLeast: 0,
      });
      return {
        kind: 'or',
        parts: [
          { kind: 'source', source: named },
          { kind: 'source', source: others },
        ],
      };
    }

    /**
     * Characters of scripts without spaces, wherever in a word.
     *
     * @param {Clause} clause
     * @returns {Promise<Source>}
     */
    async inside(clause) {
      const { terms } = this;
      const all = insideRuns(clause.tokens, terms.isUnspaced);
      if (all.length === 0) {
        return noSource();
      }
      // Of many characters the first and the last lead to few captions, which decide.
      const runs = all.length > 2 ? [all[0], all[all.length - 1]] : all;
      const test = /** @type {RowTest} */ (testOf(clause));
      const found = await Promise.all(
        runs.map(async ({ text, offset }) => ({ posting: await terms.term('c', text), offset })),
      );
      /** @type {{posting: Posting, offset: number}[]} */
      const known = found.flatMap(({ posting, offset }) => (posting ? [{ posting, offset }] : []));
      if (known.length < found.length) {
        return noSource();
      }
      const source =
        known.length > 1
          ? new RunSource(known, test, terms.span)
          : new ListSource([known[0].posting], test, terms.span);
      const isAll =
        all.length === runs.length &&
        clause.tokens.every((token) => Array.from(token).every(terms.isUnspaced));
      return isAll ? source : new RowSource(source, test, { ...source, atLeast: 0 });
    }
  }

  /** Whether one run is all of the phrase. @param {Run[]} cover */
  function isWhole(cover) {
    return cover.length === 1;
  }

  /**
   * The runs that together cover every token at the least cost of their lists.
   *
   * @param {number} size tokens of the phrase
   * @param {Run[]} runs at least all pairs
   */
  function cheapestCover(size, runs) {
    /** @type {{cost: number, cover: Run[]}[]} */
    const best = [{ cost: 0, cover: [] }]; // of the first so many tokens
    for (let end = 1; end <= size; end++) {
      best[end] = { cost: Infinity, cover: [] };
      for (const run of runs) {
        const from = Math.max(0, run.offset);
        if (run.offset + run.length !== end) {
          continue;
        }
        for (let before = from; before < end; before++) {
          const cost = best[before].cost + run.posting.df;
          if (cost < best[end].cost) {
            best[end] = { cost, cover: [...best[before].cover, run] };
          }
        }
      }
    }
    return best[size].cover;
  }

  /**
   * Characters, two and two, with their places; a place is left free between words.
   *
   * @param {string[]} words
   * @param {(character: string) => boolean} isUnspaced
   */
  function insideRuns(words, isUnspaced) {
    const runs = [];
    let place = 0;
    for (const word of words) {
      const characters = Array.from(word);
      for (let i = 0; i < characters.length;) {
        const length = [0, 1].filter(
          (n) => i + n < characters.length && isUnspaced(characters[i + n]),
        ).length;
        if (!isUnspaced(characters[i])) {
          i += 1;
        } else if (length === 2) {
          runs.push({ text: characters[i] + characters[i + 1], offset: place + i });
          i += 2;
        } else {
          const joined = i > 0 && isUnspaced(characters[i - 1]);
          const from = joined ? i - 1 : i;
          runs.push({ text: characters.slice(from, i + 1).join(''), offset: place + from });
          i += 1;
        }
      }
      place += characters.length + 1;
    }
    return runs;
  }

  parts.phrases = { Phrases, ROW_BYTES, UNIT_BYTES };
})();
