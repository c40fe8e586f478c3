/**
 * URLs and hosts as people type or paste them, for the search: one form of every spelling.
 *
 * Here: the canonical URL, which is exactly that of core/cleaning/urls.py, and host names, exactly
 * those of core/cleaning/hosts.py; tests/url_vectors.json holds all of them to it. Not here: the
 * query language (search-query.js), hashes (search-text.js).
 */
(function () {
  'use strict';

  const encoder = new TextEncoder();

  const LAST_CODE = 0x10ffff;

  /**
   * Entities that occur in real URLs; `decodeEntity` also takes numeric ones.
   *
   * @type {Record<string, string>}
   */
  const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  const ENTITY = /&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([0-9a-f]{1,6}));/gi;

  /** What no row's URL ends with, and what else a pasted one may begin with. */
  const SPACE = /[\0-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;
  const UNSEEN = /[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]/;

  /** Quotes and brackets that a pasted URL stands in, how many of them, and what may follow them. */
  const WRAP = /["'`<>()\xab\xbb\u2018-\u201f\u2039\u203a\u3008-\u300f]/;
  const MOST_WRAPS = 8;

  /** A link or picture of Markdown; no URL begins so. */
  const MARKDOWN = /^!?\[[^\]]*\]\(([^\n]*)\)[,;.]*$/;

  /** How a URL of the web begins: as the URL standard has it; and any other. */
  const WEB = /^(?:https?:[/\\]*|[/\\]{2,})/i;
  const OTHER = /^[a-z][a-z0-9+.-]*:\/\//i;
  const STOP = /[,;.]/;

  /** What is in no host, and the end of what the URL standard reads as an IPv4 address. */
  const FORBIDDEN = /[\0-\x20#%*/:<>?@[\\\]^|\x7f]/;
  const NUMBER_LAST = /(?:^|\.)(?:\d+|0x[0-9a-f]*)\.?$/i;
  const MOST_HOST = 253;
  const MOST_AUTHORITY = 512;
  const MOST_PORT = 65535;

  /** A percent sign that begins no escape stays, and so does what would become one with it. */
  const ESCAPE = /%(?![0-9a-f]{2})[0-9a-f]?(?:%[0-9a-f]{2}){0,2}|%([0-9a-f]{2})/gi;
  const UNRESERVED = /[A-Za-z0-9._~-]/;

  /** What no URI may hold as it is; a query no apostrophe either. */
  const FOREIGN_TO_PATHS = /[^!#-;=?-[\]_a-z~]/gu;
  const FOREIGN_TO_QUERIES = /[^!#-&(-;=?-[\]_a-z~]/gu;

  /** Decode an HTML entity: the five of XML, and characters by number. @type {(whole: string, name?: string, decimal?: string, hex?: string) => string} */
  function decodeEntity(whole, name, decimal, hex) {
    if (name) {
      return ENTITIES[name.toLowerCase()];
    }
    const code = decimal ? parseInt(decimal, 10) : parseInt(hex ?? '', 16);
    const control = code < 0x20 || (code >= 0x7f && code < 0xa0);
    const surrogate = code >= 0xd800 && code < 0xe000;
    return control || surrogate || code > LAST_CODE ? whole : String.fromCodePoint(code);
  }

  /**
   * A text without the characters at its end that pass a test.
   *
   * @param {string} text
   * @param {(character: string) => boolean} test
   */
  function trimEnd(text, test) {
    let end = text.length;
    while (end > 0 && test(text[end - 1])) {
      end--;
    }
    return text.slice(0, end);
  }

  /** A text from the first character on that is seen. @param {string} text */
  function trimStart(text) {
    let start = 0;
    while (start < text.length && (SPACE.test(text[start]) || UNSEEN.test(text[start]))) {
      start++;
    }
    return text.slice(start);
  }

  /** @type {(character: string) => boolean} */
  const isSpace = (character) => SPACE.test(character);

  /**
   * What was pasted without space, quotes and brackets around it, as core/cleaning/urls.py has it.
   *
   * @param {string} text
   */
  function unwrap(text) {
    let rest = trimEnd(text, isSpace);
    const link = MARKDOWN.exec(trimStart(rest));
    rest = link ? trimEnd(link[1], isSpace) : rest;
    for (let i = 0; i < MOST_WRAPS; i++) {
      rest = trimStart(rest);
      if (!WRAP.test(rest.slice(0, 1))) {
        break;
      }
      rest = rest.slice(1);
      const inner = trimEnd(rest, (character) => isSpace(character) || STOP.test(character));
      if (WRAP.test(inner.slice(-1))) {
        rest = trimEnd(inner.slice(0, -1), isSpace);
      }
    }
    return rest;
  }

  /**
   * The one spelling of a host: what the browser makes of it, but that names in ASCII are only
   * lower-cased, as the URL standard has it and not every browser.
   *
   * @param {string} text
   * @returns {string | null} null when it is none
   */
  function unifyHost(text) {
    let host = text;
    if (host.includes('%')) {
      try {
        host = decodeURIComponent(host);
      } catch (error) {
        return null; // escapes of no text
      }
    }
    const bracketed = host.startsWith('[');
    if (bracketed ? !/^\[[0-9a-f:.]+\]$/i.test(text) : FORBIDDEN.test(host)) {
      return null;
    }
    if (bracketed || NUMBER_LAST.test(host) || /[^\0-\x7f]/.test(host)) {
      try {
        host = new URL(`http://${host}/`).hostname;
      } catch (error) {
        return null; // a host in no spelling
      }
    }
    host = host.toLowerCase().replace(/\.$/, '');
    const none = host === '' || host.length > MOST_HOST || host.endsWith('.');
    return none || host.includes('%') ? null : host; // Chromium escapes what it ought to refuse
  }

  /**
   * The unified host of an authority, and its port if that is neither 80 nor 443.
   *
   * @param {string} authority
   * @returns {string | null}
   */
  function unifyAuthority(authority) {
    const [, name, digits] = /** @type {string[]} */ (/^([^]*?)(?::(\d*))?$/.exec(authority));
    const port = Number(digits || 80);
    if (Array.from(authority).length > MOST_AUTHORITY || port > MOST_PORT) {
      return null;
    }
    const host = unifyHost(name);
    return host === null || port === 80 || port === 443 ? host : `${host}:${port}`;
  }

  /**
   * A part of a URL with every escape in its one spelling.
   *
   * @param {string} text
   * @param {RegExp} foreign characters that have to be escaped
   */
  function unifyEscapes(text, foreign) {
    const unified = text.replace(ESCAPE, (escape, code) => {
      const character = code ? String.fromCharCode(parseInt(code, 16)) : '';
      const plain = UNRESERVED.test(character) ? character : escape.toUpperCase();
      return code ? plain : escape;
    });
    return unified.replace(foreign, (character) =>
      Array.from(encoder.encode(character), escapeByte).join(''),
    );
  }

  /** @type {(byte: number) => string} */
  const escapeByte = (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;

  /** A path without `.` and `..`; an empty one is `/`. @param {string} path */
  function withoutDots(path) {
    /** @type {string[]} */
    const kept = [];
    const segments = path.split('/').slice(1);
    const last = segments[segments.length - 1];
    for (const segment of segments) {
      if (segment === '..') {
        kept.pop();
      } else if (segment !== '.') {
        kept.push(segment);
      }
    }
    return `/${kept.join('/')}${kept.length > 0 && (last === '.' || last === '..') ? '/' : ''}`;
  }

  /**
   * The form of a URL that the index hashes, exactly as core/cleaning/urls.py makes it, where it is
   * described; tests/url_vectors.json holds both to it.
   *
   * @param {string} url
   * @returns {string} e.g. `i.pinimg.com/a.jpg?x=1`
   */
  function canonicalUrl(url) {
    const text = unwrap(url)
      .replace(/[\t\n\r]/g, '')
      .replace(ENTITY, decodeEntity);
    const [web] = WEB.exec(text) || [''];
    const [other] = (!web && OTHER.exec(text)) || [''];
    const address = text.slice((web || other).length);
    const [, authority, rest] = /** @type {string[]} */ (/^([^/?#\\]*)([^#]*)/.exec(address));
    const mark = rest.indexOf('?');
    const path = rest.slice(0, mark < 0 ? rest.length : mark).replace(/\\/g, '/');
    const query = rest.slice(path.length);
    const host = unifyAuthority(authority) || authority.replace(/[A-Z]+/g, lower);
    return [
      other.toLowerCase(),
      host,
      withoutDots(unifyEscapes(path, FOREIGN_TO_PATHS)),
      unifyEscapes(query, FOREIGN_TO_QUERIES),
    ].join('');
  }

  /** @type {(letters: string) => string} */
  const lower = (letters) => letters.toLowerCase();

  /**
   * Reduce what someone typed for a host or domain (also a whole URL) to its host.
   *
   * @param {string} text
   * @returns {string | null} null when no host is to be had from it
   */
  function hostName(text) {
    const typed = unwrap(text);
    const [scheme] = WEB.exec(typed) || OTHER.exec(typed) || [''];
    const address = typed.slice(scheme.length);
    const [authority] = address.split(/[/?#\\]/, 1);
    const host = authority.replace(/^[^]*@/, '').replace(/:\d*$/, '');
    return unifyHost(host.replace(/^\*\./, ''));
  }

  window.LaionSearchParts.urls = { canonicalUrl, hostName };
})();
