/**
 * What the search page says beside the results: what was understood, what else to try.
 *
 * Here: other queries than the one that was typed, and how they are told; loaded where there may be
 * something to say. Not here: the page itself (search-page.js), finding (search.js).
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;
  const { combine, write } = parts.language;
  const { hasStrayStar } = parts.query;
  const { hostName } = parts.urls;
  const { wordFound, wordImages: images, wordNumber } = parts.words;
  const { element, searchLink } = parts.tile;
  const { LaionSearch } = window;

  /** Suggestions made when nothing was found, at most. */
  const MOST_HINTS = 8;

  /** Double quotes, which would end a quoted URL; and what ends a sentence rather than a URL. */
  const QUOTE = /["\u201c-\u201f]/;
  const STOPS = /[.,;:!?)\]}>'"\xbb\u2019\u2026]+$/;

  const NOTHING =
    'Captions are searched by their letters and digits, and there are none in this. ' +
    'Leave the field empty to see every image.';

  /** @typedef {{text: string, query: string}} Idea another query, and what it changes */

  /** A link to a search, as it is typed. @param {string} query */
  function link(query) {
    return element('a', { href: searchLink(query) }, query);
  }

  /**
   * Everything to say about a search.
   *
   * @param {Answer} found
   * @param {string} typed
   * @param {number} page
   * @returns {Promise<HTMLElement[]>}
   */
  async function messages(found, typed, page) {
    const parsed = LaionSearch.parse(typed);
    if (parsed.nothing) {
      return [element('p', {}, NOTHING)];
    }
    return [
      ...explainStars(parsed.clauses),
      ...explainReading(found.understood, typed, parsed),
      ...insideWords(found),
      ...(await hints(found, typed, page, parsed)),
    ];
  }

  /** Say which stars mean nothing. @param {Clause[]} clauses */
  function explainStars(clauses) {
    return clauses.filter(hasStrayStar).map(({ text }) => {
      const here = element('code', {}, text);
      const [before, after] = ['A star is for the end of a word, so the one in ', ' says nothing.'];
      return element('p', {}, before, here, after);
    });
  }

  /**
   * Say what was understood, where that is not plain from what was typed.
   *
   * @param {string} understood
   * @param {string} typed
   * @param {ParsedQuery} parsed
   */
  function explainReading(understood, typed, { tree, clauses }) {
    const isLogic = /[()]|(?:^|\s)OR(?:\s|$)/.test(typed);
    const isIgnored = clauses.some(({ kind }) => kind === 'ignored');
    if (tree === null || !(isLogic || isIgnored) || alike(understood) === alike(typed)) {
      return [];
    }
    return [element('p', {}, 'Understood as: ', element('code', {}, understood))];
  }

  /** A query without what makes no difference to a reader. @param {string} query */
  function alike(query) {
    const plain = query
      .normalize('NFKD')
      .replace(/\p{M}/gu, '')
      .replace(/[\u201c-\u201f]/g, '"');
    return plain.toLowerCase().split(/\s+/).join(' ').trim();
  }

  /** Say what is inside of longer words, for scripts that write without spaces. @param {Answer} found */
  function insideWords({ inside }) {
    if (inside === null || inside.total === 0 || inside.more === 0) {
      return [];
    }
    const more = inside.more === null ? 'more' : `${wordNumber(inside.more, 0)} more`;
    const where = element('a', { href: searchLink(inside.query) }, `inside longer words: ${more}`);
    return [element('p', { class: 'inside-words' }, where)];
  }

  /**
   * What to try when a page has nothing to show.
   *
   * @param {Answer} found
   * @param {string} typed
   * @param {number} page
   * @param {ParsedQuery} parsed
   */
  async function hints(found, typed, page, { tree }) {
    if (found.hits.length > 0 || tree === null) {
      return [];
    }
    if (found.total > 0 && page > 1) {
      const first = element('a', { href: searchLink(typed) }, 'Go to the first page');
      return [element('p', {}, 'The results end before this page. ', first, '.')];
    }
    const ideas = tree.kind === 'clause' ? widen(tree.clause) : [];
    const others = tree.kind === 'and' ? [...asOneUrl(tree, typed), ...withoutEach(tree)] : [];
    const [corrected, ...items] = await Promise.all([
      corrections(typed),
      ...[...ideas, ...others].slice(0, MOST_HINTS).map(hintItem),
    ]);
    const all = [...corrected, ...items.flat()];
    const nothing = element('p', {}, 'No image has all of this.', all.length ? ' Try:' : '');
    const list = all.length > 0 ? [element('ul', {}, ...all)] : [];
    return [nothing, ...list, ...alone(found.counts)];
  }

  /** How many images each clause finds alone. @param {ClauseCount[]} counts */
  function alone(counts) {
    const items = counts.flatMap(({ query, total }, i) => {
      const known = total === null ? [] : [` (${total === 0 ? 'none' : images(total)})`];
      return [i > 0 ? ', ' : '', link(query), ...known];
    });
    return counts.length > 1 ? [element('p', {}, 'Each alone: ', ...items, '.')] : [];
  }

  /** Words that may be misspelled, with what may be meant. @param {string} typed */
  async function corrections(typed) {
    const found = await LaionSearch.corrections(typed);
    return found.map(({ word, better }) => {
      const links = better.flatMap(({ text, count }, i) => [
        i > 0 ? ', ' : '',
        link(withWord(typed, word, text)),
        ` (${images(count)} with ${text})`,
      ]);
      return element('li', {}, 'no caption has ', element('b', {}, word), ': ', ...links);
    });
  }

  /**
   * A query with another word instead of one.
   *
   * @param {string} typed
   * @param {string} word a token
   * @param {string} other
   */
  function withWord(typed, word, other) {
    const tree = parts.language.replaceClauses(LaionSearch.parse(typed).tree, (clause) => {
      const tokens = clause.tokens.map((token) => (token === word ? other : token));
      return { kind: 'clause', clause: { ...clause, tokens } };
    });
    return write(tree);
  }

  /**
   * An idea as a list item with its count; nothing when it finds nothing either.
   *
   * @param {Idea} idea
   */
  async function hintItem({ text, query }) {
    const found = await LaionSearch.search(query, { limit: 0 });
    const total = found.totalIsExact
      ? wordFound(found)
      : `up to ${wordNumber(found.total, 0)} images`;
    return found.total > 0 ? [element('li', {}, `${text}: `, link(query), ` (${total})`)] : [];
  }

  /**
   * All of a query that begins with a URL as that URL: it may hold ` -` or what looks like a field.
   *
   * @param {{parts: QueryNode[]}} tree
   * @param {string} typed
   * @returns {Idea[]}
   */
  function asOneUrl({ parts: [first] }, typed) {
    const whole = typed.trim().replace(/^url:/i, '');
    return first.kind === 'clause' && first.clause.field === 'url' && !QUOTE.test(whole)
      ? [{ text: 'all of it as one URL', query: `url:"${whole}"` }]
      : [];
  }

  /**
   * The query without one of its parts each.
   *
   * @param {{parts: QueryNode[]}} tree
   * @returns {Idea[]}
   */
  function withoutEach(tree) {
    return tree.parts.map((left) => {
      const rest = tree.parts.filter((part) => part !== left);
      return { text: `without ${write(left)}`, query: write(combine('and', rest)) };
    });
  }

  /**
   * Wider queries than a single clause.
   *
   * @param {Clause} clause
   * @returns {Idea[]}
   */
  function widen(clause) {
    if (clause.field === 'domain' && clause.meant) {
      const query = `host:${clause.meant.value}`;
      return [{ text: 'domains have no sub-domains; as a host name', query }];
    }
    if (clause.field === 'url') {
      const value = clause.value ?? '';
      const host = hostName(value);
      const short = value.replace(STOPS, '');
      return [
        ...(short === value ? [] : [{ text: 'without its end', query: `url:"${short}"` }]),
        ...(host ? [{ text: 'everything on its host', query: `host:${host}` }] : []),
      ];
    }
    if (clause.kind === 'field') {
      return [{ text: 'in captions', query: `"${clause.value}"` }];
    }
    if (clause.kind === 'phrase') {
      const address = { text: 'as a URL', query: `url:${clause.text}` };
      return [address, { text: 'the same words in any order', query: clause.tokens.join(' ') }];
    }
    const longer = `${clause.tokens[0]}*`;
    return clause.kind === 'word' ? [{ text: 'all words that begin so', query: longer }] : [];
  }

  parts.hints = { messages };
})();
