/**
 * Series `u` and `i` of the search index: documents by 32 bits of a hash.
 *
 * Not here: which file and block (search-terms.js), that a row's own hash is the one (search-tests.js).
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;
  const { Decoder } = parts.codes;

  /** Units of a block before its bits: how many documents, the Rice parameter. */
  const HEAD = 3;

  /** The bits of a document number. @param {DirectoryFile} directory */
  const widthOf = ({ slots, places }) => 32 - Math.clz32(slots.count * places);

  /**
   * The numbers of a hash's documents.
   *
   * @param {DirectoryFile} directory
   * @param {Uint16Array} payload of the block
   * @param {string} first hash of the block, 8 hexadecimal digits
   * @param {string} hash sought
   * @returns {Uint32Array}
   */
  function documentsOf(directory, payload, first, hash) {
    const count = (payload[0] << 15) | payload[1];
    const width = widthOf(directory);
    const sought = parseInt(hash, 16);
    const decoder = new Decoder(0, 0, -1);
    decoder.push(payload.subarray(HEAD));
    const found = [];
    let value = parseInt(first, 16);
    for (let i = 0; i < count && value <= sought; i++) {
      value += decoder.code(payload[2]);
      const number = decoder.take(width);
      if (value === sought) {
        found.push(number);
      }
    }
    return Uint32Array.from(found);
  }

  parts.hashes = { documentsOf };
})();
