/**
 * Two things compared: what is known of each, and how many images have both.
 *
 * Here: finding it out. Not here: understanding what was typed (search-answers.js), the page
 * (compare-page.js).
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;
  const { queryOf, read, shardOf, understand, withNear } = parts.answers;
  const { LaionSearch } = window;

  /** How many images a query finds. @param {string} query */
  async function total(query) {
    return (await LaionSearch.search(query, { limit: 0, exact: true })).total;
  }

  /** @type {Parts['comparison']['sideOf']} */
  async function sideOf(typed) {
    const understood = await understand(typed);
    const { kind, query, images } = understood;
    const text = understood.text.trim() || query;
    const [chosen = null, ...others] = [...understood.listed].sort((a, b) => b.images - a.images);
    if (kind === 'impossible') {
      return { kind, text, query, images: 0, listed: null, others, near: [], beside: null };
    }
    if (chosen !== null && (kind === 'name' || kind === 'words' || query === queryOf(chosen))) {
      const own = queryOf(chosen);
      const beside = chosen.images > 0 ? await besideOf(chosen) : null;
      const { value } = chosen;
      return {
        kind,
        text: value,
        query: own,
        images: chosen.images,
        listed: chosen,
        others,
        near: [],
        beside,
      };
    }
    const found = images ?? (await total(query));
    const { near } = await withNear(understood, found);
    return { kind, text, query, images: found, listed: null, others: [], near, beside: null };
  }

  /** What stands beside the counts of a listed name: core/site/beside.py. @param {Listed} listed */
  async function besideOf({ field, value }) {
    const key = `${field}:${value}`;
    const shard = await read(`beside-${shardOf(key)}`, /** @type {Record<string, any>} */ ({}));
    if (!Object.prototype.hasOwnProperty.call(shard, key)) {
      return null;
    }
    const [years, domains, words] = shard[key];
    return { years, domains, words };
  }

  /** @type {Parts['comparison']['withBoth']} */
  async function withBoth(a, b) {
    // A query that says OR must not take the other with it.
    const query = [a, b].map((side) => (side.kind === 'query' ? `(${side.query})` : side.query));
    return { query: query.join(' '), images: await total(query.join(' ')) };
  }

  parts.comparison = { sideOf, withBoth };
})();
