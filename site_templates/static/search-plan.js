/**
 * From a query's tree to a plan: the same tree with the sources of its clauses.
 *
 * Here: looking up what the clauses need, all at once, and choosing between reading a list, asking
 * a rarer term's list about it, and reading the captions of the few documents left. Not here:
 * phrases (search-phrases.js), carrying the plan out (search-evaluation.js).
 */
(function () {
  'use strict';

  const parts = window.LaionSearchParts;
  const { testOf } = parts.tests;
  const { ListSource, RowSource, hotWithin, noSource } = parts.sources;
  const { write } = parts.language;
  const { Phrases, ROW_BYTES, UNIT_BYTES } = parts.phrases;

  /** Rows that are read to spare a list, unless the total has to be exact. */
  const MOST_ROWS = 64;

  /** Clauses that are looked up when all must hold; captions decide about further ones. */
  const MOST_LOOKED_UP = 12;

  /** What is read beyond what is expected to be needed. */
  const PLENTY = 1.5;

  /** Makes the plan of one search. */
  class Planner {
    /** @param {Lookup} terms */
    constructor(terms) {
      this.terms = terms;
      this.phrases = new Phrases(terms);
      /** @type {Map<string, Promise<PlanNode>>} */
      this.clauses = new Map();
      /** @type {Set<QueryNode>} */
      this.spared = new Set();
    }

    /**
     * The plan of a tree.
     *
     * @param {QueryNode} tree
     * @returns {Promise<PlanNode>}
     */
    async plan(tree) {
      this.spared = this.sparedOf(tree);
      return simplify(await this.resolve(tree));
    }

    /**
     * The clauses, of very many that must all hold, about which captions decide without their being
     * looked up: the shortest, which are the commonest.
     *
     * @param {QueryNode} tree
     * @returns {Set<QueryNode>}
     */
    sparedOf(tree) {
      const words = tree.kind === 'and' ? tree.parts.filter(isWord) : [];
      const length = (/** @type {QueryNode} */ node) => write(node).length;
      return new Set(words.sort((a, b) => length(b) - length(a)).slice(MOST_LOOKED_UP));
    }

    /** @param {QueryNode} node @returns {Promise<PlanNode>} */
    async resolve(node) {
      switch (node.kind) {
        case 'clause':
          return this.spared.has(node)
            ? { kind: 'source', source: this.byCaption(node.clause) }
            : this.clause(node.clause);
        case 'not':
          return { kind: 'not', part: await this.resolve(node.part) };
        default: {
          const resolved = await Promise.all(node.parts.map((part) => this.resolve(part)));
          return { kind: node.kind, parts: resolved };
        }
      }
    }

    /** A clause that captions alone decide about. @param {Clause} clause */
    byCaption(clause) {
      const test = /** @type {RowTest} */ (testOf(clause));
      return new RowSource(null, test, { atMost: this.terms.documents, atLeast: 0 });
    }

    /** What a clause is found by; the same clause is looked up once. @param {Clause} clause */
    clause(clause) {
      const key = write({ kind: 'clause', clause });
      const found = this.clauses.get(key) ?? this.lookUp(clause);
      this.clauses.set(key, found);
      return found;
    }

    /**
     * What the clauses that must all hold find, each alone.
     *
     * @param {QueryNode} tree
     * @returns {Promise<ClauseCount[]>}
     */
    async countsOf(tree) {
      const nodes = tree.kind === 'and' ? tree.parts : [];
      const clauses = nodes.flatMap((node) => (node.kind === 'clause' ? [node] : []));
      return Promise.all(
        clauses.map(async (node) => {
          const found = await this.clause(node.clause);
          const isKnown = found.kind === 'source' && found.source.atLeast === found.source.atMost;
          return { query: write(node), total: isKnown ? found.source.atMost : null };
        }),
      );
    }

    /** @param {Clause} clause @returns {Promise<PlanNode>} */
    async lookUp(clause) {
      if (clause.kind === 'phrase' && clause.prefix) {
        return this.phrases.beginning(clause);
      }
      return { kind: 'source', source: await this.source(clause) };
    }

    /**
     * The source of a clause.
     *
     * @param {Clause} clause
     * @returns {Promise<Source>}
     */
    async source(clause) {
      switch (clause.kind) {
        case 'phrase':
          return this.phrases.phrase(clause.tokens);
        case 'inside':
          return this.phrases.inside(clause);
        case 'prefix':
          return this.prefix(clause);
        case 'field':
          return this.field(clause);
        default:
          return this.list('w', clause.tokens[0], testOf(clause));
      }
    }

    /**
     * @param {Series} series
     * @param {string} term
     * @param {RowTest | null} test
     */
    async list(series, term, test) {
      const posting = await this.terms.term(series, term);
      return posting ? new ListSource([posting], test, this.terms.span) : noSource();
    }

    /** @param {Clause} clause */
    async field(clause) {
      if (clause.meant === null) {
        return noSource();
      }
      const { series, term } = clause.meant;
      const test = testOf(clause);
      const list = await this.list(series, term, series === 'f' ? test : null);
      const isHash = series !== 'f' && test !== null && list.postings.length > 0;
      return isHash ? new RowSource(list, test, { atMost: list.atMost, atLeast: 0 }) : list;
    }

    /** @param {Clause} clause @returns {Promise<Source>} */
    async prefix(clause) {
      const { words, whole } = await this.terms.prefix(clause.tokens[0]);
      const test = /** @type {RowTest} */ (testOf(clause));
      if (words) {
        return new ListSource(words, test, this.terms.span);
      }
      const df = whole?.df ?? null;
      const bounds = { atMost: df ?? this.terms.documents, atLeast: df ?? 0 };
      const source = new RowSource(null, test, bounds);
      source.first = whole;
      return source;
    }

    /**
     * Spare long lists where all must hold: what holds in the rarest part's documents only need be
     * known of those.
     *
     * @param {PlanNode} node
     * @returns {PlanNode}
     */
    restrict(node) {
      if (node.kind === 'or') {
        return { kind: 'or', parts: node.parts.map((part) => this.restrict(part)) };
      }
      if (node.kind !== 'and') {
        return node;
      }
      const rarest = node.parts.reduce((/** @type {Source | null} */ found, part) => {
        const source = part.kind === 'source' && hasNumbers(part.source) ? part.source : null;
        return source && (!found || source.atMost < found.atMost) ? source : found;
      }, null);
      if (!rarest) {
        return node;
      }
      /** @type {Map<Source, Source>} */
      const changed = new Map();
      return changeSources(node, (source, negated) => {
        const other = changed.get(source) ?? this.within(rarest, source, negated);
        changed.set(source, other);
        return other;
      });
    }

    /**
     * What to ask instead of a source when only documents of `rarest` matter.
     *
     * @param {Source} rarest
     * @param {Source} source
     * @param {boolean} negated
     * @returns {Source}
     */
    within(rarest, source, negated) {
      if (source === rarest || source.unread === 0) {
        return source;
      }
      const { single: rare } = rarest;
      const hot = rare && hotWithin(rare, source, this.terms.session.directory);
      if (hot) {
        return hot;
      }
      if (source.test && this.isCheaperByRow(rarest, source, negated)) {
        return new RowSource(null, source.test, { atMost: source.atMost, atLeast: 0 });
      }
      return source;
    }

    /**
     * Whether captions of documents of `rarest` cost less than a source's list.
     *
     * @param {Source} rarest
     * @param {Source} source
     * @param {boolean} negated
     */
    isCheaperByRow(rarest, source, negated) {
      const { count, exact, documents } = this.terms;
      const found = Math.min(1, source.atMost / documents);
      const density = Math.max(negated ? 1 - found : found, 1 / documents);
      const wanted = exact ? Infinity : Math.ceil((PLENTY * count) / density);
      const rows = Math.min(rarest.atMost, wanted);
      const unknown = Math.max(0, rows - (rarest.single?.rows.length ?? 0));
      const part = Math.min(1, (PLENTY * count) / (rarest.atMost * density));
      const list = source.unread * UNIT_BYTES * (exact ? 1 : part);
      return (exact || rows <= MOST_ROWS) && unknown * ROW_BYTES < list;
    }
  }

  /** Whether a node is a word or a phrase. @param {QueryNode} node */
  function isWord(node) {
    return node.kind === 'clause' && ['word', 'phrase'].includes(node.clause.kind);
  }

  /** Whether a source has numbers without asking rows. @param {Source} source */
  function hasNumbers(source) {
    return !(source instanceof RowSource) || source.base !== null;
  }

  /**
   * A plan with other sources.
   *
   * @param {PlanNode} node
   * @param {(source: Source, negated: boolean) => Source} change
   * @returns {PlanNode}
   */
  function changeSources(node, change, negated = false) {
    switch (node.kind) {
      case 'source':
        return { kind: 'source', source: change(node.source, negated) };
      case 'not':
        return { kind: 'not', part: changeSources(node.part, change, !negated) };
      default: {
        const changed = node.parts.map((part) => changeSources(part, change, negated));
        return { kind: node.kind, parts: changed };
      }
    }
  }

  /** A plan that finds nothing. @returns {PlanNode} */
  const nothing = () => ({ kind: 'source', source: noSource() });

  /** @type {(node: PlanNode) => boolean} */
  const isNothing = (node) => node.kind === 'source' && node.source.atMost === 0;

  /** @type {(node: PlanNode) => boolean} */
  const isEverything = (node) => node.kind === 'not' && isNothing(node.part);

  /**
   * A plan without the parts that find nothing, or everything.
   *
   * @param {PlanNode} node
   * @returns {PlanNode}
   */
  function simplify(node) {
    if (node.kind === 'source') {
      return node;
    }
    if (node.kind === 'not') {
      const part = simplify(node.part);
      return part.kind === 'not' ? part.part : { kind: 'not', part };
    }
    const isAnd = node.kind === 'and';
    const simple = node.parts.map(simplify);
    if (simple.some(isAnd ? isNothing : isEverything)) {
      return isAnd ? nothing() : { kind: 'not', part: nothing() };
    }
    const kept = simple.filter((part) => !(isAnd ? isEverything(part) : isNothing(part)));
    const left = once(kept);
    if (left.some((part) => part.kind === 'not' && holds(left, part.part))) {
      return isAnd ? nothing() : { kind: 'not', part: nothing() };
    }
    if (left.length > 1) {
      return { kind: node.kind, parts: left };
    }
    return left[0] ?? (isAnd ? { kind: 'not', part: nothing() } : nothing());
  }

  /** Whether two parts are of one clause. @param {PlanNode} a @param {PlanNode} b */
  const isSame = (a, b) => a.kind === 'source' && b.kind === 'source' && a.source === b.source;

  /** Whether some parts have another among them. @param {PlanNode[]} nodes @param {PlanNode} node */
  const holds = (nodes, node) => nodes.some((other) => isSame(other, node));

  /** Parts without those that stand there already. @param {PlanNode[]} nodes */
  const once = (nodes) => nodes.filter((node, i) => !holds(nodes.slice(0, i), node));

  /** The sources of a plan, each once. @param {PlanNode} node @returns {Source[]} */
  function sourcesOf(node) {
    switch (node.kind) {
      case 'source':
        return [node.source];
      case 'not':
        return sourcesOf(node.part);
      default:
        return Array.from(new Set(node.parts.flatMap(sourcesOf)));
    }
  }

  parts.plan = { PLENTY, Planner, sourcesOf };
})();
