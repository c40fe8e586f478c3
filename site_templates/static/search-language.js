/**
 * The query language's clauses and tree: what a clause asks the index for, how a query is written.
 *
 * Here: fields and the terms that their values stand for, trees of clauses, the one way of writing
 * a tree down that reads as the same tree again. Not here: reading what was typed (search-query.js).
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;
  const { sha256 } = parts.text;
  const { canonicalUrl, hostName } = parts.urls;

  /** Other names of fields. @type {Record<string, string>} */
  const SYNONYMS = { site: 'domain' };

  /** Fields that the index does not name: they are found by other means. */
  const OWN_FIELDS = ['id', 'inside', 'site', 'url'];

  /** Digits of the terms of the series `u` and `i`. */
  const HEX_DIGITS = 8;

  const SMALLEST_ID = -(2n ** 63n);
  const LARGEST_ID = 2n ** 63n - 1n;

  /** A host as a term: its labels from the last on. @param {string} host */
  function reversed(host) {
    return `@${host.split('.').reverse().join('.')}`;
  }

  /** The id that was typed, in its one spelling; null when it is none. @param {string} value */
  function idOf(value) {
    const [, sign, digits] = /^([+\-\u2212]?)(\d{1,20})$/.exec(value.trim()) ?? [];
    if (digits === undefined) {
      return null;
    }
    const id = BigInt(digits) * (sign === '' || sign === '+' ? 1n : -1n);
    return id >= SMALLEST_ID && id <= LARGEST_ID ? String(id) : null;
  }

  /**
   * What a field makes of its value: the value in its one spelling and the term of a series; null
   * when nothing can have it. Fields that are not here hold names.
   *
   * @type {Record<string, (value: string) => FieldTerm | null>}
   */
  const VALUES = {
    domain(value) {
      const host = hostName(value);
      return host === null ? null : { value: host, series: 'f', term: reversed(host) };
    },
    host(value) {
      const host = hostName(value);
      return host === null ? null : { value: host, series: 'f', term: `${reversed(host)}.` };
    },
    url(value) {
      const url = canonicalUrl(value);
      return { value: url, series: 'u', term: sha256(url).slice(0, HEX_DIGITS) };
    },
    id(value) {
      const id = idOf(value);
      if (id === null) {
        return null;
      }
      const low = BigInt.asUintN(4 * HEX_DIGITS, BigInt(id));
      return { value: id, series: 'i', term: low.toString(16).padStart(HEX_DIGITS, '0') };
    },
    year(value) {
      const year = value.trim();
      return { value: year, series: 'f', term: `:year:${year}` };
    },
  };

  /**
   * The term of a field's value.
   *
   * @param {string} field
   * @param {string} value as typed
   * @param {Tokenise} tokenise
   * @returns {FieldTerm | null}
   */
  function fieldTerm(field, value, tokenise) {
    if (value.trim() === '') {
      return null;
    }
    if (field in VALUES) {
      return VALUES[field](value);
    }
    const name = tokenise(value).join(' ');
    return name === '' ? null : { value: name, series: 'f', term: `:${field}:${name}` };
  }

  /**
   * Several nodes as one: none is null, one is itself, nodes of the same kind are taken in.
   *
   * @param {'and' | 'or'} kind
   * @param {(QueryNode | null)[]} nodes
   * @returns {QueryNode | null}
   */
  function combine(kind, nodes) {
    const inner = nodes.flatMap((node) => (node === null ? [] : takeIn(kind, node)));
    return inner.length > 1 ? { kind, parts: inner } : (inner[0] ?? null);
  }

  /** @type {(kind: 'and' | 'or', node: QueryNode) => QueryNode[]} */
  const takeIn = (kind, node) => (node.kind === kind ? node.parts : [node]);

  /** What is not in a node. @param {QueryNode} node @returns {QueryNode} */
  function negate(node) {
    return node.kind === 'not' ? node.part : { kind: 'not', part: node };
  }

  /** Quoted where it has to be. @param {string} value */
  function quoted(value) {
    const plain = value.replace(/["\u201c-\u201f]/g, ' ').trim();
    return /^[^\s"()*]+$/.test(plain) ? plain : `"${plain}"`;
  }

  /** A clause, without its sign, as it was understood. @param {Clause} clause */
  function writeClause({ kind, tokens, prefix, field, value, meant }) {
    if (kind === 'field' && field !== null) {
      const text = meant?.value ?? value ?? '';
      return `${field}:${field === 'url' ? `"${text}"` : quoted(text)}`;
    }
    const text = tokens.join(' ');
    if (kind === 'inside') {
      return `inside:${quoted(text)}`;
    }
    return `${kind === 'phrase' ? `"${text}"` : text}${prefix ? '*' : ''}`;
  }

  /**
   * A tree as a query that reads as this tree.
   *
   * @param {QueryNode | null} node
   * @returns {string} empty for null
   */
  function write(node) {
    switch (node?.kind) {
      case 'clause':
        return writeClause(node.clause);
      case 'not':
        return `-${writeInner(node.part)}`;
      case 'and':
        return node.parts.map(writeInner).join(' ');
      case 'or':
        return node.parts.map(writeInner).join(' OR ');
      default:
        return '';
    }
  }

  /** The same as a part of something larger. @param {QueryNode} node @returns {string} */
  function writeInner(node) {
    return node.kind === 'and' || node.kind === 'or' ? `(${write(node)})` : write(node);
  }

  /**
   * A tree with other clauses; parts for which there is null are left out.
   *
   * @param {QueryNode | null} node
   * @param {(clause: Clause) => QueryNode | null} change
   * @returns {QueryNode | null}
   */
  function replaceClauses(node, change) {
    switch (node?.kind) {
      case 'clause':
        return change(node.clause);
      case 'not': {
        const part = replaceClauses(node.part, change);
        return part && negate(part);
      }
      case 'and':
      case 'or':
        return combine(
          node.kind,
          node.parts.map((part) => replaceClauses(part, change)),
        );
      default:
        return null;
    }
  }

  parts.language = {
    OWN_FIELDS,
    SYNONYMS,
    combine,
    fieldTerm,
    negate,
    quoted,
    replaceClauses,
    write,
  };
})();
