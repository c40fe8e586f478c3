/**
 * Listed names that are near to what was asked, where that is not listed itself.
 *
 * Loaded with search-suggest.js, when nothing was found. Not here: reading the lists
 * (search-answers.js).
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;

  /** Near spellings and names with a word that are told, and letters of a name that may be wrong. */
  const MOST_NEAR = 6;
  const MOST_WRONG = 2;
  const SHORT = 5;

  /**
   * Listed names that are spelled nearly so, or have these words in them; of one field, or of any.
   *
   * @param {string} key
   * @param {string | null} field
   * @returns {Promise<Listed[]>} the most frequent first
   */
  async function nearNames(key, field) {
    if (key === '') {
      return [];
    }
    const { lookUp, names } = parts.answers;
    const { distance } = parts.suggest;
    const letters = Array.from(key);
    const most = letters.length <= SHORT ? 1 : MOST_WRONG;
    const words = key.split(' ');
    const near = (await names()).filter((name) => {
      const isWhole = name !== key && distance(letters, Array.from(name), most) <= most;
      return isWhole || hasWords(name.split(' '), words);
    });
    const found = await Promise.all(near.slice(0, 10 * MOST_NEAR).map(lookUp));
    /** @type {Map<string, Listed>} */
    const once = new Map();
    for (const listed of found.flat()) {
      if (field === null ? listed.field !== 'domain' : listed.field === field) {
        once.set(`${listed.field} ${listed.value}`, listed);
      }
    }
    return Array.from(once.values())
      .sort((a, b) => b.images - a.images)
      .slice(0, MOST_NEAR);
  }

  /** Whether a name has all of some words. @param {string[]} name @param {string[]} words */
  const hasWords = (name, words) => words.every((word) => name.includes(word));

  parts.near = { nearNames };
})();
