/**
 * The search index as the search sees it: an index, and for each search a session that reads it.
 *
 * Not here: how anything lies in files (the other scripts of this layer), what is searched for.
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;
  const { frontDecode } = parts.units;
  const { RowCodes } = parts.rows;
  const { Files } = parts.files;
  const { Pairs, Posting } = parts.postings;
  const { HASHED, Terms } = parts.terms;
  const { Slots } = parts.documents;

  const VERSION = 3;

  class Index {
    /**
     * @param {DirectoryFile} directory the file "directory"; throws Error for another format
     * @param {string} base the index's folder, as the page would link to it
     */
    constructor(directory, base) {
      if (directory.version !== VERSION) {
        throw new Error(
          `the search index has format ${directory.version}, this page reads format ${VERSION}`,
        );
      }
      this.directory = directory;
      this.files = new Files(new URL(base, document.baseURI).href, directory.seal ?? 0);
      const codes = new RowCodes(directory);
      this.terms = new Terms(directory, codes);
      this.slots = new Slots(directory, codes);
      /** @type {Map<number, Pairs>} by number of a common term */
      this.pairs = new Map();
    }

    /** Begin a search. @param {SessionOptions} [options] */
    session(options = {}) {
      return new Reader(this, options);
    }

    /** Take a file that announced itself. @type {IndexFiles['receive']} */
    receive(key, data, bytes) {
      this.files.receive(key, data, bytes);
    }
  }

  /** One search's way to the index: counts what it reads and can be cancelled. */
  class Reader {
    /** @param {Index} index @param {SessionOptions} options */
    constructor(index, { onProgress = null, signal = null }) {
      this.index = index;
      this.directory = index.directory;
      this.onProgress = onProgress;
      this.signal = signal;
      this.requests = 0;
      this.bytes = 0;
      /** @type {Map<number, Row>} */
      this.known = new Map();
      /** @type {ReadSlice} */
      this.read = (wanted) => this.index.files.slice(wanted, this);
    }

    /** A request goes out. */
    asked() {
      this.requests++;
    }

    /** What came over the network. @param {number} bytes */
    arrived(bytes) {
      this.bytes += bytes;
      this.onProgress?.(this);
    }

    /** The terms, once it is known what parts the files of a series. @param {string} series */
    async terms(series) {
      const { files, terms } = this.index;
      if (terms.parted === null && !HASHED.includes(series)) {
        const parted = await files.script('a', 0, this);
        terms.parted = /** @type {Record<string, FrontCoded>} */ (parted);
      }
      return terms;
    }

    /** @type {Session['term']} */
    async term(series, term) {
      const terms = await this.terms(series);
      const entry = await terms.find(series, term, this.read);
      return entry && this.posting(entry);
    }

    /** @type {Session['termsFrom']} */
    async termsFrom(series, prefix, mostBlocks) {
      const terms = await this.terms(series);
      const found = await terms.beginning(series, prefix, mostBlocks, this.read);
      const postings = found.entries.map((entry) => this.posting(entry));
      return { postings, complete: found.complete };
    }

    /** @param {TermEntry} entry */
    posting(entry) {
      this.learn(entry.named, entry.rows());
      return new Posting(entry, this.directory, this.read);
    }

    /** @type {Session['filesOfPrefix']} */
    async filesOfPrefix(series, prefix) {
      return (await this.terms(series)).filesOf(series, prefix).length;
    }

    /** @type {Session['learn']} */
    learn(numbers, rows) {
      rows.forEach((row, i) => this.known.set(numbers[i], row));
    }

    /** @type {Session['knows']} */
    knows(number) {
      return this.known.has(number);
    }

    /** @type {Session['rows']} */
    async rows(numbers) {
      const missing = Array.from(numbers).filter((number) => !this.known.has(number));
      this.learn(missing, await this.index.slots.rows(missing, this.read));
      return Array.from(numbers, (number) => /** @type {Row} */ (this.known.get(number)));
    }

    /** @type {Session['rowsFromRank']} */
    async rowsFromRank(from, count) {
      const found = await this.index.slots.ofRanks(from, count, this.read);
      this.learn(found.numbers, found.rows);
      return found;
    }

    /** @type {Session['rankOf']} */
    rankOf(number) {
      return this.index.slots.rankOf(number);
    }

    /** @type {Session['shared']} */
    async shared(a, b) {
      if (a.common < 0 || b.common < 0) {
        return null;
      }
      const [rarer, other] = a.common >= b.common ? [a, b] : [b, a];
      let pairs = this.index.pairs.get(rarer.common);
      const { list } = /** @type {Posting} */ (rarer).entry;
      if (pairs === undefined && list !== null) {
        pairs = new Pairs(rarer.common, list, this.directory);
        this.index.pairs.set(rarer.common, pairs);
      }
      return pairs ? pairs.shared(other.common, this.read) : null;
    }

    /** @type {Session['suggestions']} */
    async suggestions(typed) {
      const files = (await this.terms('s')).filesOf('s', typed);
      if (typed === '' || files.length === 0) {
        return [];
      }
      if (files.length > 1) {
        const file = await this.index.files.script('s', 0, this);
        const shared = /** @type {Record<string, SuggestionFile>} */ (file);
        const found = Object.entries(shared).find(([start]) => start === typed)?.[1] ?? [
          [],
          [],
          [],
        ];
        return suggestionsOf(found[0], found[1], found[2]);
      }
      const file = await this.index.files.script('s', files[0] + 1, this);
      const [[sames, rests], kinds, counts] = /** @type {CodedSuggestions} */ (file);
      return suggestionsOf(frontDecode(sames, rests), kinds, counts);
    }
  }

  /** @param {string[]} texts @param {string[]} kinds @param {number[]} counts */
  function suggestionsOf(texts, kinds, counts) {
    return texts.map((text, i) => ({ text, kind: kinds[i], count: counts[i] }));
  }

  parts.index = { Index };
})();
