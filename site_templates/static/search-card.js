/**
 * The answer card: what was understood of what was typed, and what is known of it, in words.
 *
 * Here: the card's text and elements. Not here: finding out (search-answers.js), captions and
 * their hints (search-hints.js).
 *
 * Classes made here for style.css: .answer, .answer-none.
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;
  const { queryOf } = parts.answers;
  const { clipCaption, wordImages: images, wordNumber } = parts.words;
  const { element, searchLink } = parts.tile;

  /** What a listed thing is, to a reader. @type {Record<string, string>} */
  const KINDS = {
    artist: 'an artist on the list',
    celebrity: 'a famous person on the list',
    character: 'a character on the list',
    platform: 'a platform on the list',
    domain: 'a domain',
  };

  /** Among what a rank is. @type {Record<string, string>} */
  const PLURALS = { celebrity: 'famous people' };

  /** What a field needs, where what was typed cannot be. @type {Record<string, string>} */
  const NEEDED = {
    domain: 'a domain, such as domain:example.com',
    host: 'a host, such as host:photos.example.com',
    url: 'a URL, such as url:https://example.com/a.jpg',
    id: 'an image id, a whole number such as id:-123456789',
    year: 'a year, such as year:2015',
  };

  /** A count and its share of all. @param {number} count @param {number} documents */
  function withShare(count, documents) {
    const share = documents > 0 ? (100 * count) / documents : 0;
    return `${images(count)}, ${wordNumber(share, 3)}% of ${wordNumber(documents, 0)}`;
  }

  /** @param {string} query @param {string} [text] */
  const link = (query, text = query) => element('a', { href: searchLink(query) }, text);

  /** @param {string} name @param {(Node | string)[]} value */
  const fact = (name, ...value) =>
    element('div', {}, element('dt', {}, name), element('dd', {}, ...value));

  /**
   * The card; nothing for a query that is no one thing.
   *
   * @param {Understood} understood
   * @param {number | null} found images that its query finds, null where that is not known
   * @param {number} documents images in all
   */
  function answerCard(understood, found, documents) {
    switch (understood.kind) {
      case 'url':
      case 'host':
        return [ofAddress(understood, documents)];
      case 'name':
        return ofNames(understood, documents);
      case 'words':
        return ofWords(understood, found, documents);
      case 'impossible':
        return [impossible(understood)];
      default:
        return [];
    }
  }

  /** What somebody else wrote, cut, and without a say in what stands around it. @param {string} text */
  const quote = (text) => element('bdi', {}, clipCaption(text));

  /** @param {(Node | string)[]} title @param {Node[]} children */
  function card(title, ...children) {
    return element('div', { class: 'answer' }, element('h2', {}, ...title), ...children);
  }

  /** @param {Understood} understood */
  function impossible({ field, text }) {
    const needed = NEEDED[field ?? ''] ?? `a name, such as ${field}:"Claude Monet"`;
    const said = text.trim() === '' ? ['nothing stands after it'] : ['“', quote(text), '” is none'];
    const why = element('p', {}, `${field}: needs ${needed}; `, ...said, '.');
    return card(['Nothing to look for'], why);
  }

  /** @param {Listed} listed @param {number} documents */
  function ofListed(listed, documents) {
    const { field, value, likely, rank, urls, captions, page } = listed;
    const facts = [fact('Images', withShare(listed.images, documents))];
    if (likely !== null && likely !== undefined) {
      facts.push(fact('Probably this one', images(likely)));
    }
    if (rank !== null) {
      facts.push(fact('Rank', `${wordNumber(rank, 0)} among ${PLURALS[field] ?? `${field}s`}`));
      facts.push(fact('Different URLs', wordNumber(urls, 0)));
      facts.push(fact('Different captions', wordNumber(captions, 0)));
    }
    const links = [
      ...(page === null ? [] : [element('a', { href: page }, 'Its page'), ' · ']),
      link(queryOf(listed)),
    ];
    const zero = listed.images === 0 ? [whatZeroMeans(documents)] : [];
    const title = [quote(value), `: ${KINDS[field] ?? field}`];
    return card(title, element('dl', {}, ...facts), ...zero, element('p', {}, ...links));
  }

  /** @param {number} documents */
  function whatZeroMeans(documents) {
    const text =
      `Zero means that none of the ${wordNumber(documents, 0)} captions here has it in a listed ` +
      'spelling. It does not say that no model was trained on it: larger datasets have more.';
    return element('p', { class: 'answer-none' }, text);
  }

  /** @param {Understood} understood @param {number} documents */
  function ofNames({ listed, near, text, field }, documents) {
    if (listed.length > 0) {
      return listed.map((each) => ofListed(each, documents));
    }
    const none = element('p', {}, `No ${field} on the list is called “`, quote(text), '”.');
    return [card(['Not listed: ', quote(text)], none, ...nearby(near))];
  }

  /** @param {Listed[]} near */
  function nearby(near) {
    if (near.length === 0) {
      return [];
    }
    const items = near.map((each) => {
      const what = `${KINDS[each.field] ?? each.field}, ${images(each.images)}`;
      return element('li', {}, link(queryOf(each), each.value), `: ${what}`);
    });
    return [element('p', {}, 'Listed and near to it:'), element('ul', {}, ...items)];
  }

  /**
   * @param {Understood} understood
   * @param {number | null} found
   * @param {number} documents
   */
  function ofWords({ listed, near, text }, found, documents) {
    const cards = listed.map((each) => ofListed(each, documents));
    if (cards.length > 0) {
      return cards;
    }
    if (found === 0) {
      const said = `No caption has all of these words, and no list has this name.`;
      const zero = whatZeroMeans(documents);
      const title = ['Not here: ', quote(text)];
      return [card(title, element('p', {}, said), ...nearby(near), zero)];
    }
    const facts = found === null ? [] : [fact('Images', withShare(found, documents))];
    return [card(['Words in captions: ', quote(text)], element('dl', {}, ...facts))];
  }

  /** @param {Understood} understood @param {number} documents */
  function ofAddress({ kind, text, query, images: own = 0, listed, tried }, documents) {
    const what = kind === 'url' ? 'a URL' : query.startsWith('host:') ? 'a host' : 'a domain';
    const there = tried.filter((each) => each.images > 0);
    if (there.length === 0) {
      const items = tried.map(({ what }) => element('li', {}, quote(what), ': no image'));
      const said = 'Nothing of it is here. This was looked for:';
      return card(
        ['Not here: ', quote(text)],
        element('p', { class: 'answer-none' }, said),
        element('ul', {}, ...items),
      );
    }
    const facts = there.map((each) =>
      fact(each.what, link(each.query, withShare(each.images, documents))),
    );
    for (const { value, rank, urls, captions, page } of listed) {
      facts.push(fact(`Rank of ${value}`, `${wordNumber(rank, 0)} among domains`));
      facts.push(fact('Different URLs', wordNumber(urls, 0)));
      facts.push(fact('Different captions', wordNumber(captions, 0)));
      if (page !== null) {
        facts.push(fact('Its page', element('a', { href: page }, value)));
      }
    }
    const missing =
      own > 0 ? [] : [element('p', { class: 'answer-none' }, `${tried[0].what}: no image.`)];
    return card([quote(text), `: ${what}`], ...missing, element('dl', {}, ...facts));
  }

  parts.card = { KINDS, PLURALS, answerCard };
})();
