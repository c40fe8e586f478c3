/**
 * How values are worded, for people: numbers, scores, sizes, clipped captions.
 *
 * The same words as the pages' (the filters of core/site): a test compares the tiles of both. Not
 * here: elements (search-tile.js).
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;

  /** What a missing value reads as; never 0 and never blank. */
  const UNKNOWN = 'unknown';

  /** Characters of a caption that a tile shows. */
  const CAPTION_CHARACTERS = 220;

  /**
   * A number with thousands separators: "unknown" for null, and never 0 for what is only very small.
   *
   * @param {number | null} value
   * @param {number} digits decimals at most
   * @returns {string}
   */
  function wordNumber(value, digits) {
    if (value === null) {
      return UNKNOWN;
    }
    const least = 10 ** -digits;
    if (value > 0 && value < least / 2) {
      return `< ${wordNumber(least, digits)}`;
    }
    return value.toLocaleString('en-GB', { maximumFractionDigits: digits });
  }

  /** So many images, in words. @param {number} count */
  function wordImages(count) {
    return `${wordNumber(count, 0)} ${count === 1 ? 'image' : 'images'}`;
  }

  /** What was found, in words. @param {Found} found */
  function wordFound({ total, totalIsExact, atLeast }) {
    if (totalIsExact) {
      return total === 0 ? 'No images' : wordImages(total);
    }
    return `At least ${wordImages(atLeast)}, at most ${wordNumber(total, 0)}`;
  }

  /**
   * A model's score with two decimals. Near 0 and near 1 it gets two more rather than claim the
   * end, and beyond those it is given as below or above: `0.9999`, `<0.0001`.
   *
   * @param {number | null} value
   */
  function wordScore(value) {
    if (value === null) {
      return UNKNOWN;
    }
    const least = 0.0001;
    if (value > 0 && value < least / 2) {
      return `<${least.toFixed(4)}`;
    }
    if (value > 1 - least / 2 && value < 1) {
      return `>${(1 - least).toFixed(4)}`;
    }
    const text = twoDecimals(value);
    const isNearAnEnd = [0, 1].includes(Number(text)) && Number(text) !== value;
    return isNearAnEnd ? value.toFixed(4) : text;
  }

  /** Two decimals; a tie goes to the even digit, as in Python. @param {number} value */
  function twoDecimals(value) {
    const isTie = Number.isInteger(value * 8) && !Number.isInteger(value * 4);
    return (isTie ? Math.round(value * 50) / 50 : value).toFixed(2);
  }

  /**
   * Width by height in pixels.
   *
   * @param {number | null} width
   * @param {number | null} height
   */
  function wordSize(width, height) {
    if (width === null || height === null) {
      return `size ${UNKNOWN}`;
    }
    return `${wordNumber(width, 0)} × ${wordNumber(height, 0)}`;
  }

  /** A path like /2021/03/, the first one of a URL: as sql/cleaning/parse_rows.sql, a test compares. */
  const YEAR = /^https?:\/\/[^/?#]*(?:\/[^?#]*?)??\/((?:199|20[0-2])[0-9])\/(?:0[1-9]|1[0-2])\//i;

  /** The year that a URL tells, or null. @param {string} url */
  function yearOf(url) {
    const found = YEAR.exec(url);
    return found && Number(found[1]);
  }

  /** A caption cut at a word, with its full length when it was cut. @param {string} caption */
  function clipCaption(caption) {
    const characters = Array.from(caption);
    if (characters.length <= CAPTION_CHARACTERS) {
      return caption;
    }
    const head = characters.slice(0, CAPTION_CHARACTERS);
    // Break at a word only where that does not lose much (Chinese has no spaces).
    const space = head.lastIndexOf(' ');
    const end = space >= Math.floor((CAPTION_CHARACTERS * 2) / 3) ? space : CAPTION_CHARACTERS;
    return `${head.slice(0, end).join('')}… (${wordNumber(characters.length, 0)} characters)`;
  }

  parts.words = { clipCaption, wordFound, wordImages, wordNumber, wordScore, wordSize, yearOf };
})();
