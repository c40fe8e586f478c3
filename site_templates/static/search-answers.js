/**
 * What is meant by what someone typed or pasted: a URL, a host, a domain, a listed name, or words;
 * and what is known of it.
 *
 * Here: telling these apart, looking them up in the scripts under `answers/` and in the index. Not
 * here: the card that says it (search-card.js), the query language (search-query.js).
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;
  const { canonicalUrl, hostName } = parts.urls;
  const { SYNONYMS, quoted } = parts.language;
  const { LaionSearch } = window;

  const FNV_PRIME = 0x01000193;
  const FNV_START = 0x811c9dc5;

  /** Labels of a host that may stand before its domain and are tried. */
  const MOST_LABELS = 5;

  /** What is no host for its form alone: a file, a number, an abbreviation. */
  const HOST = /^(?:\*\.)?[^\s/?#@:"<>()]+\.(?:xn--[a-z0-9-]+|\p{L}{2,})\.?(?::\d+)?\/?$/iu;
  const ADDRESS = /^(?:\*\.)?[^\s/?#@"<>()]+\.(?:xn--[a-z0-9-]+|\p{L}{2,})(?::\d+)?[/?#]\S+$/iu;

  /** A field without a value, and how the values of those look that are no names. */
  const EMPTY = /^-?([a-z]+):[\s"\u201c-\u201f]*$/i;
  /** @type {Record<string, RegExp>} */
  const VALUED = { domain: /./, host: /./, url: /./, id: /./, inside: /./, year: /^\s*\d{4}\s*$/ };

  const encoder = new TextEncoder();

  /** The page's own, where it has answers; @type {number} */
  const SHARDS = Number(
    document.querySelector('[data-answers]')?.getAttribute('data-answers') ?? 0,
  );

  /** @type {Map<string, Promise<any>>} */
  const asked = new Map();
  /** @type {Map<string, (content: any) => void>} */
  const waiting = new Map();

  window.LaionAnswers = (name, content) => waiting.get(name)?.(content);

  /**
   * The content of a script under `answers/`; nothing where the site has none.
   *
   * @template Content
   * @param {string} name
   * @param {Content} nothing
   * @returns {Promise<Content>}
   */
  function read(name, nothing) {
    if (SHARDS === 0) {
      return Promise.resolve(nothing);
    }
    const found =
      asked.get(name) ??
      new Promise((resolve) => {
        const script = document.createElement('script');
        waiting.set(name, resolve);
        script.src = `answers/${name}.js`;
        script.addEventListener('error', () => resolve(nothing)); // a card says less then
        document.head.append(script);
      });
    asked.set(name, found);
    return found;
  }

  /** The shard of a key, as core/site/answers.py has it. @param {string} key */
  function shardOf(key) {
    let hash = FNV_START;
    for (const byte of encoder.encode(key)) {
      hash = Math.imul(hash ^ byte, FNV_PRIME) >>> 0;
    }
    return hash % SHARDS;
  }

  /**
   * What is known under a key.
   *
   * @param {string} key
   * @returns {Promise<Listed[]>}
   */
  async function lookUp(key) {
    if (key === '') {
      return [];
    }
    const shard = await read(String(shardOf(key)), /** @type {Record<string, any[][]>} */ ({}));
    const isThere = Object.prototype.hasOwnProperty.call(shard, key);
    const records = isThere ? shard[key] : [];
    return records.map(([field, value, images, likely, rank, urls, captions, page]) => ({
      field,
      value,
      images,
      likely,
      rank,
      urls,
      captions,
      page,
    }));
  }

  /** The key of a name. @param {string} name */
  const fold = (name) => LaionSearch.tokenise(name).join(' ');

  /** How many images a query finds. @param {string} query */
  async function total(query) {
    return (await LaionSearch.search(query, { limit: 0, exact: true })).total;
  }

  /**
   * What is meant, from the text alone.
   *
   * @param {string} typed
   * @param {string[]} fields those of the index
   * @returns {Meaning}
   */
  function meaningOf(typed, fields) {
    const text = typed.trim();
    const { tree, clauses } = LaionSearch.parse(text);
    const [clause] = clauses;
    const [, empty] = EMPTY.exec(text) ?? [];
    const named = empty && (SYNONYMS[empty.toLowerCase()] ?? empty.toLowerCase());
    if (named && (named in VALUED || fields.includes(named))) {
      return { kind: 'empty', text: '', field: named };
    }
    if (clauses.length === 1 && clause.kind === 'field' && !clause.negated && clause.field) {
      return { kind: 'field', text: clause.value ?? '', field: clause.field, clause };
    }
    if (ADDRESS.test(text)) {
      return { kind: 'url', text, field: 'url' };
    }
    if (HOST.test(text) && hostName(text) !== null) {
      return { kind: 'host', text, field: 'domain' };
    }
    const isPlain = clauses.every(
      ({ kind, negated, prefix }) =>
        !negated && !prefix && (kind === 'word' || kind === 'phrase' || kind === 'ignored'),
    );
    const isList = tree !== null && (tree.kind === 'clause' || tree.kind === 'and');
    return { kind: isPlain && isList ? 'words' : 'query', text, field: null };
  }

  /**
   * What is known of what is meant. `query` is what finds it.
   *
   * @param {string} typed
   * @returns {Promise<Understood>}
   */
  async function understand(typed) {
    const { fields } = (await LaionSearch.ready).directory;
    const meaning = meaningOf(typed, fields);
    const { kind, text, field } = meaning;
    if (kind === 'url') {
      return ofUrl(text);
    }
    if (kind === 'host') {
      return ofHost(text, typed);
    }
    if (kind === 'words') {
      return ofWords(text);
    }
    if (kind === 'field' && field !== null) {
      return ofField(meaning, typed);
    }
    if (kind === 'empty') {
      return {
        kind: 'impossible',
        text,
        query: typed.trim(),
        field,
        listed: [],
        tried: [],
        near: [],
      };
    }
    return { kind: 'query', text, query: typed.trim(), listed: [], tried: [], near: [] };
  }

  /**
   * Words, which may be a listed name; where no caption has them, but the name in another spelling,
   * that is what is searched.
   *
   * @param {string} text
   * @returns {Promise<Understood>}
   */
  async function ofWords(text) {
    const listed = await lookUp(fold(text));
    const [most] = [...listed].sort((a, b) => b.images - a.images);
    const isElsewhere =
      most?.images > 0 && (await LaionSearch.search(text, { limit: 0 })).total === 0;
    const query = isElsewhere ? queryOf(most) : text;
    return { kind: 'words', text, query, listed, tried: [], near: [] };
  }

  /**
   * @param {Meaning} meaning
   * @param {string} typed
   * @returns {Promise<Understood>}
   */
  async function ofField({ text, field, clause }, typed) {
    const query = typed.trim();
    const nothing = { kind: /** @type {const} */ ('query'), text, query, tried: [], near: [] };
    if (clause?.meant === null || VALUED[field ?? '']?.test(text) === false) {
      return { ...nothing, kind: 'impossible', field, listed: [] };
    }
    if (field === 'domain' || field === 'host') {
      return ofHost(text, typed, field);
    }
    if (field === 'url') {
      return ofUrl(text);
    }
    if (field === 'year' || field === 'id' || field === 'inside') {
      return { ...nothing, listed: [] };
    }
    const key = fold(text);
    const listed = (await lookUp(key)).filter((each) => each.field === field);
    const near = listed.length > 0 ? [] : await nearTo(key, field);
    return { ...nothing, kind: 'name', field, listed, near };
  }

  /**
   * @param {string} text
   * @returns {Promise<Understood>}
   */
  async function ofUrl(text) {
    const plain = text.replace(/["\u201c-\u201f]/g, '').trim();
    const query = `url:"${plain}"`;
    const canonical = canonicalUrl(plain);
    const host = hostName(plain);
    const images = await total(query);
    /** @type {Tried[]} */
    const tried = [{ what: 'this URL, with http and https', query, images }];
    if (images === 0) {
      const other = canonical.startsWith('www.') ? canonical.slice(4) : `www.${canonical}`;
      const again = `url:"https://${other}"`;
      tried.push({ what: `the same with ${other.split('/')[0]}`, query: again, images: 0 });
      tried[1].images = await total(again);
    }
    const around = host === null ? null : await aroundHost(host);
    tried.push(...(around?.tried ?? []));
    const found = tried.slice(0, 2).find((each) => each.images > 0) ?? tried[0];
    return {
      kind: 'url',
      text: plain,
      query: found.query,
      images: found.images,
      listed: around?.listed ?? [],
      tried,
      near: [],
    };
  }

  /**
   * A host or a domain: whichever of the two it is, and what is around it.
   *
   * @param {string} text
   * @param {string} typed
   * @param {string | null} [only] the field that was named
   * @returns {Promise<Understood>}
   */
  async function ofHost(text, typed, only = null) {
    const host = /** @type {string} */ (hostName(text));
    const { tried, listed } = await aroundHost(host);
    const own = only === null ? tried : tried.filter(({ query }) => query === `${only}:${host}`);
    const found = own.find(({ images }) => images > 0);
    return {
      kind: 'host',
      text: host,
      query: found?.query ?? typed.trim(), // it may be a word with a dot
      images: found?.images ?? 0,
      listed,
      tried,
      near: [],
    };
  }

  /**
   * How many images are on a host, as a domain and as a host, and on what it is a part of.
   *
   * @param {string} host
   */
  async function aroundHost(host) {
    const labels = host.split('.');
    /** @type {Promise<Tried>[]} */
    const asking = [
      count(`the domain ${host}, sub-domains included`, `domain:${host}`),
      count(`exactly the host ${host}`, `host:${host}`),
    ];
    for (let from = 1; from < Math.min(labels.length - 1, MOST_LABELS); from++) {
      const wider = labels.slice(from).join('.');
      asking.push(count(`the whole domain ${wider}`, `domain:${wider}`));
    }
    const tried = await Promise.all(asking);
    const domain = tried.find(({ query, images }) => query.startsWith('domain:') && images > 0);
    const name = domain?.query.slice('domain:'.length) ?? host;
    const listed = (await lookUp(name)).filter(({ field }) => field === 'domain');
    return { tried, listed };
  }

  /**
   * @param {string} what
   * @param {string} query
   * @returns {Promise<Tried>}
   */
  async function count(what, query) {
    return { what, query, images: await total(query) };
  }

  /** Listed names near to a key. @param {string} key @param {string | null} [field] */
  async function nearTo(key, field = null) {
    const { nearNames } = await parts.later('near', 'search-hints.js');
    return nearNames(key, field);
  }

  /**
   * What was understood, with listed names near to it where it was no listed name and is in no
   * caption; `images` is how many its query finds, null where that is not known.
   *
   * @param {Understood} understood
   * @param {number | null} images
   * @returns {Promise<Understood>}
   */
  async function withNear(understood, images) {
    const { kind, text, listed } = understood;
    const isNowhere = kind === 'words' && images === 0 && listed.length === 0;
    return isNowhere ? { ...understood, near: await nearTo(fold(text)) } : understood;
  }

  /** The query for exactly what is listed. @param {Listed} listed */
  const queryOf = ({ field, value }) => `${field}:${quoted(value)}`;

  parts.answers = {
    lookUp,
    names: () => read('names', []),
    queryOf,
    read,
    shardOf,
    understand,
    withNear,
  };
})();
