/**
 * The search engine: `window.LaionSearch`, and `window.LaionIndex`, which the index files call.
 *
 * Here: the public functions. Not here: what they stand on (the other search-*.js files), the page
 * (search-page.js).
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;
  const { makeTokeniser } = parts.text;
  const { Finder } = parts.finding;

  /** Letters of a word for which others are suggested. */
  const SHORTEST = 3;

  /** @type {Index | null} */
  let index = null;
  /** @type {Tokenise | null} */
  let tokeniser = null;
  /** @type {(character: string) => boolean} */
  let isUnspaced = () => false;

  /**
   * A whole number from an option; throws RangeError for anything else.
   *
   * @param {number} value
   * @param {string} name
   */
  function wholeNumber(value, name) {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new RangeError(`${name} must be a whole number, 0 or more`);
    }
    return value;
  }

  /**
   * A session of its own for one search.
   *
   * @param {SessionOptions} [options]
   */
  async function begin(options = {}) {
    return new Finder((await ready).session(options), { tokenise, isUnspaced });
  }

  /**
   * Search; what the options are is described in client/types.d.ts.
   *
   * @type {Search['search']}
   */
  async function search(query, options = {}) {
    const { limit = 20, offset = 0, exact = false, onProgress = null, signal } = options;
    wholeNumber(limit, 'limit');
    wholeNumber(offset, 'offset');
    const finder = await begin({ onProgress, signal });
    const { tree, understood, nothing } = parse(query);
    const none = { total: 0, atLeast: 0, totalIsExact: true, hits: [], counts: [] };
    const found = nothing ? none : await finder.find(tree, { limit, offset, exact });
    const inside = limit > 0 ? await finder.inside(tree, found, exact) : null;
    const { requests, bytes } = finder.session;
    return { ...found, understood, inside, requests, bytes };
  }

  /** All hits in rank order. @type {Search['hits']} */
  async function* hits(query, { signal } = {}) {
    const finder = await begin({ signal });
    const { tree, nothing } = parse(query);
    if (!nothing) {
      yield* finder.hits(tree);
    }
  }

  /** @type {Search['suggest']} */
  async function suggest(typed, { signal } = {}) {
    const { session } = await begin({ signal });
    const others = await parts.later('suggest', 'search-hints.js');
    return others.suggest(String(typed), session, tokenise);
  }

  /** @type {(word: string) => boolean} */
  const canBeMisspelled = (word) => word.length >= SHORTEST && !/^\p{N}+$/u.test(word);

  /** @type {Search['corrections']} */
  async function corrections(query, { signal } = {}) {
    const { session } = await begin({ signal });
    const asking = parse(query).clauses.filter(({ negated, prefix }) => !negated && !prefix);
    const words = new Set(asking.flatMap(({ tokens }) => tokens.filter(canBeMisspelled)));
    const others = await parts.later('suggest', 'search-hints.js');
    const asked = Array.from(words, async (word) => {
      const known = await session.term('w', word);
      return known ? [] : [{ word, better: await others.corrections(word, session) }];
    });
    return (await Promise.all(asked)).flat().filter(({ better }) => better.length > 0);
  }

  /** @type {Search['document']} */
  async function documentOf(number) {
    const finder = await begin();
    const { slots, places } = finder.session.directory;
    const missing = new RangeError(`there is no image number ${number}`);
    if (wholeNumber(number, 'number') >= slots.count * places) {
      throw missing;
    }
    await finder.describe([number - (number % places)]); // every slot has a first one
    const [hit] = await finder.describe([number]).catch(() => {
      throw missing;
    });
    return hit;
  }

  /**
   * Tokens of a text; throws Error before `ready`.
   *
   * @param {string} text
   * @returns {string[]}
   */
  function tokenise(text) {
    if (tokeniser === null) {
      throw new Error('the token table has not been loaded yet');
    }
    return tokeniser(String(text));
  }

  /**
   * What was understood of a query; throws Error before `ready`.
   *
   * @param {string} query
   */
  function parse(query) {
    return parts.query.parse(query, tokenise, index ? index.directory.fields : []);
  }

  /** @type {(index: Index) => void} */
  let becomeReady;
  /** @type {(reason: unknown) => void} */
  let giveUp;
  /** @type {Promise<Index>} */
  const ready = new Promise((resolve, reject) => {
    becomeReady = resolve;
    giveUp = reject;
  });
  ready.catch(() => undefined); // whoever searches hears of it

  /** Where the script that is running lies, for its neighbours. */
  function folderOfScript() {
    const script = /** @type {HTMLScriptElement | null} */ (document.currentScript);
    const path = script?.getAttribute('src') ?? '';
    return path.slice(0, path.lastIndexOf('/') + 1);
  }

  /** A test of characters by flat inclusive ranges. @param {number[]} ranges */
  function inRanges(ranges) {
    return (/** @type {string} */ character) => {
      const code = character.codePointAt(0) ?? -1;
      return ranges.some((first, i) => i % 2 === 0 && code >= first && code <= ranges[i + 1]);
    };
  }

  /**
   * Take an index file: the two of the page itself, or one that was asked for.
   *
   * @param {string} key
   * @param {unknown} data
   * @param {number} bytes
   */
  function receive(key, data, bytes) {
    try {
      if (key === 'directory') {
        const file = /** @type {DirectoryFile} */ (data);
        index = new parts.index.Index(file, folderOfScript());
      } else if (key === 'tokens') {
        const table = /** @type {TokenTable} */ (data);
        tokeniser = makeTokeniser(table);
        isUnspaced = inRanges(table.unspaced);
      } else {
        index?.receive(key, data, bytes);
      }
    } catch (error) {
      giveUp(error);
    }
    if (index && tokeniser) {
      becomeReady(index);
    }
  }

  window.addEventListener('load', () => {
    const missing = tokeniser ? 'directory' : 'token table';
    giveUp(new Error(`the search index file of the ${missing} could not be loaded`));
  });

  window.LaionIndex = receive;
  window.LaionSearch = {
    search,
    hits,
    suggest,
    corrections,
    parse,
    tokenise,
    ready,
    document: documentOf,
  };
})();
