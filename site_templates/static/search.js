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
  const { Directory, Documents, Files, Meter } = parts.files;
  const { Planner, allSources } = parts.plan;
  const { Evaluation, range } = parts.evaluation;

  const files = new Files();
  /** @type {Directory | null} */
  let directory = null;
  /** @type {Tokenise | null} */
  let tokeniser = null;

  /**
   * A page of a single list, whose total is known: its first rows come with the list.
   *
   * @param {Posting} posting
   * @param {Documents} documents
   * @param {number} offset
   * @param {number} limit
   */
  async function pageOfOne(posting, documents, offset, limit) {
    const wanted = Math.max(0, Math.min(limit, posting.df - offset));
    const rows = posting.top.slice(offset, offset + wanted);
    const full = rows.filter((row) => row !== null);
    if (full.length === wanted) {
      const numbers = posting.unread === 0 ? await posting.at(offset, wanted) : [];
      return full.map((row, i) => documents.describe(row, numbers[i]));
    }
    const numbers = await posting.at(offset, wanted);
    documents.learn(numbers, rows);
    return describeAll(documents, Array.from(numbers));
  }

  /**
   * Rows of these numbers, as hits.
   *
   * @param {Documents} documents
   * @param {number[]} numbers
   */
  async function describeAll(documents, numbers) {
    const rows = await documents.read(numbers);
    return rows.map((row, i) => documents.describe(row, numbers[i]));
  }

  /**
   * Find hits and total of parsed clauses.
   *
   * @param {Clause[]} clauses
   * @param {Required<Omit<SearchOptions, 'onProgress'>>} options
   * @param {Documents} documents
   * @param {Meter} meter
   * @returns {Promise<Found>}
   */
  async function find(clauses, { limit, offset, exact }, documents, meter) {
    if (parts.query.isNothing(clauses)) {
      return { total: 0, totalIsExact: true, atLeast: 0, hits: [] };
    }
    const planner = new Planner(documents.directory, files, meter, documents, exact);
    const plan = await planner.plan(clauses);
    if (plan.empty) {
      return { total: 0, totalIsExact: true, atLeast: 0, hits: [] };
    }
    if (plan.single) {
      const hits = await pageOfOne(plan.single, documents, offset, limit);
      return { total: plan.single.df, totalIsExact: true, atLeast: plan.single.df, hits };
    }
    if (allSources(plan).length + plan.checks.length + plan.excluded.length === 0) {
      const total = documents.directory.documents;
      const numbers = range(Math.min(offset, total), Math.min(offset + limit, total));
      const hits = await describeAll(documents, Array.from(numbers));
      return { total, totalIsExact: true, atLeast: total, hits };
    }
    const found = await new Evaluation(plan, documents, offset + limit, exact, tokenise).run();
    return { ...found, hits: await describeAll(documents, found.hits.slice(offset)) };
  }

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
   * Search; limits and bounds are described in client/types.d.ts.
   *
   * @type {Search['search']}
   */
  async function search(query, { limit = 20, offset = 0, exact = false, onProgress = null } = {}) {
    wholeNumber(limit, 'limit');
    wholeNumber(offset, 'offset');
    const meter = new Meter(onProgress);
    const documents = new Documents(await ready, files, meter);
    const found = await find(parse(query), { limit, offset, exact }, documents, meter);
    const { total, totalIsExact, atLeast, hits } = found;
    return { total, totalIsExact, atLeast, hits, requests: meter.requests, bytes: meter.bytes };
  }

  /**
   * The document of a rank number.
   *
   * @param {number} number 0 is the best
   * @returns {Promise<Hit>} rejects with RangeError when there is none
   */
  async function documentOf(number) {
    const documents = new Documents(await ready, files, new Meter(null));
    if (wholeNumber(number, 'number') >= documents.directory.documents) {
      throw new RangeError(`there is no image number ${number}`);
    }
    return (await describeAll(documents, [number]))[0];
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
   * Clauses of a query, as search-query.js describes them; throws Error before `ready`.
   *
   * @param {string} query
   */
  function parse(query) {
    return parts.query.parse(query, tokenise, directory ? directory.fields : []);
  }

  /** @type {(directory: Directory) => void} */
  let becomeReady;
  /** @type {(reason: unknown) => void} */
  let giveUp;
  /** @type {Promise<Directory>} */
  const ready = new Promise((resolve, reject) => {
    becomeReady = resolve;
    giveUp = reject;
  });
  ready.catch(() => undefined); // whoever searches hears of it

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
        directory = new Directory(/** @type {DirectoryFile} */ (data));
      } else if (key === 'tokens') {
        tokeniser = makeTokeniser(/** @type {TokenTable} */ (data));
      } else {
        files.receive(key, data, bytes);
      }
    } catch (error) {
      giveUp(error);
    }
    if (directory && tokeniser) {
      becomeReady(directory);
    }
  }

  window.addEventListener('load', () => {
    const missing = tokeniser ? 'directory' : 'token table';
    giveUp(new Error(`the search index file of the ${missing} could not be loaded`));
  });

  window.LaionIndex = receive;
  window.LaionSearch = { search, parse, tokenise, ready, document: documentOf };
})();
