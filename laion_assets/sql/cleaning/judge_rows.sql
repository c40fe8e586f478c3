-- Every row of the batch kept or rejected for one reason: the first that applies, in this order.
-- Relations: `parsed` (parse_rows.sql), `hosts` (distinct authorities judged by core/cleaning/hosts.py),
-- `repairs` (captions the repair changed, by row), `removed` (rows that have to go, core/cleaning/removal.py).
-- Parameters: the thresholds of punsafe.
SELECT
    p.row,
    p.image_id,
    CASE
        WHEN d.row IS NOT NULL THEN 'removed'
        WHEN p.damaged THEN 'damaged_line'
        WHEN NOT p.valid_utf8 THEN 'bad_encoding'
        WHEN p.url IS NULL OR regexp_matches(p.url, '^\s*$') THEN 'missing_url'
        WHEN p.caption IS NULL THEN 'missing_caption'
        -- A row shifted by a column: the URL is LAION's NSFW verdict or a number, or is no URL
        -- at all while the caption is a bare number.
        WHEN p.url IN ('UNLIKELY', 'UNSURE', 'NSFW')
            OR TRY_CAST(p.url AS DOUBLE) IS NOT NULL
            OR (NOT contains(p.url, '://') AND TRY_CAST(p.caption AS DOUBLE) IS NOT NULL)
            THEN 'shifted_columns'
        WHEN NOT regexp_matches(p.url, '^(?i:https?)://') THEN 'bad_scheme'
        WHEN h.host IS NULL
            -- control characters, and whitespace other than plain spaces (those may be in a path)
            OR regexp_matches(p.url, '[\x00-\x1F\x7F-\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}]')
            THEN 'bad_url'
        WHEN length(p.url) > 8192 THEN 'oversize_url'
        WHEN length(p.caption) > 100000 THEN 'oversize_caption'
        WHEN coalesce(r.caption, p.caption) = '' THEN 'empty_caption'
    END AS reason,
    p.url,
    coalesce(r.caption, p.caption) AS caption,
    h.host,
    h.domain,
    p.url_year,
    -- Outside its range, or NaN, a value is unknown.
    CASE WHEN p.width BETWEEN 1 AND 100000 THEN CAST(round(p.width) AS INTEGER) END AS width,
    CASE WHEN p.height BETWEEN 1 AND 100000 THEN CAST(round(p.height) AS INTEGER) END AS height,
    CASE WHEN p.similarity BETWEEN -1 AND 1 THEN p.similarity END AS similarity,
    CASE WHEN p.punsafe BETWEEN 0 AND 1 THEN p.punsafe END AS safe_punsafe,
    CASE WHEN p.pwatermark BETWEEN 0 AND 1 THEN p.pwatermark END AS pwatermark,
    CASE WHEN isfinite(p.aesthetic) THEN p.aesthetic END AS aesthetic,
    -- LAION-400M has a verdict in words instead of a score: NSFW, UNSURE or UNLIKELY. A word is no
    -- number, so punsafe stays unknown, and unknown is blurred. The words are known to be
    -- unreliable, so they only ever hide: NSFW is withheld as the highest scores are, UNSURE has no
    -- image, and UNLIKELY (or any other word, or none) clears nothing. Where there is a score as
    -- well, the stricter of the two counts.
    CASE
        WHEN safe_punsafe >= $withheld OR p.verdict = 'NSFW' THEN 'withheld'
        WHEN safe_punsafe >= $no_image OR p.verdict = 'UNSURE' THEN 'no_image'
        WHEN safe_punsafe >= $blurred OR safe_punsafe IS NULL THEN 'blurred'
        ELSE 'shown'
    END AS visibility,
    p.url ILIKE 'http:%' AS plain_http,
    len(string_split(coalesce(r.caption, p.caption), ' '))::INTEGER AS caption_words,
    p.has_width,
    p.has_height,
    p.has_similarity,
    p.has_punsafe,
    p.has_pwatermark,
    p.has_aesthetic
FROM parsed AS p
LEFT JOIN hosts AS h ON h.authority = p.authority
LEFT JOIN repairs AS r ON r.row = p.row
LEFT JOIN removed AS d ON d.row = p.row
ORDER BY p.row
