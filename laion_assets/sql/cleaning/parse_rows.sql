-- One batch of source rows (relation `batch`), with what can be read off each URL and caption.
-- Texts arrive as valid UTF-8; a row whose bytes were not is marked and carries nulls. A damaged line
-- has no URL, and stands where the caption would.
SELECT
    row,
    image_id,
    valid_utf8,
    damaged,
    url,
    caption,
    -- The outer host counts: everything between :// and the next / ? # or backslash.
    regexp_extract(url, '^(?i:https?)://([^/?#\\]*)', 1) AS authority,
    -- Canonical but for scheme, case of the host, default port and fragment ($plain, and no entity);
    -- the others are left to core/cleaning/urls.py.
    regexp_full_match(url, $plain) AND NOT (contains(url, '&') AND contains(url, ';'))
        AND length(authority) <= 253 AS plain_url,
    CASE
        WHEN plain_url THEN sha256(
            regexp_replace(lower(authority), ':(?:80|443)$', '')
            || split_part(substr(url, strpos(url, '://') + 3 + length(authority)), '#', 1)
        )
    END AS url_sha256,
    -- Evidence of the year is a path like /2021/03/, the first one in the outer URL.
    CASE WHEN regexp_matches(url, '/(?:199|20[0-2])[0-9]/(?:0[1-9]|1[0-2])/') THEN TRY_CAST(
        regexp_extract(url, '^(?i:https?)://[^/?#]*(?:/[^?#]*?)??/((?:199|20[0-2])[0-9])/(?:0[1-9]|1[0-2])/', 1)
        AS INTEGER
    ) END AS url_year,
    -- An oversize caption is rejected as found: repairing it first would only cost time.
    NOT damaged AND caption IS NOT NULL AND length(caption) <= 100000
        AND regexp_matches(caption, $suspect)
        AS suspect,
    TRY_CAST(width AS DOUBLE) AS width,
    TRY_CAST(height AS DOUBLE) AS height,
    TRY_CAST(similarity AS DOUBLE) AS similarity,
    TRY_CAST(punsafe AS DOUBLE) AS punsafe,
    TRY_CAST(pwatermark AS DOUBLE) AS pwatermark,
    TRY_CAST(aesthetic AS DOUBLE) AS aesthetic,
    upper(trim(nsfw)) AS verdict,
    width IS NOT NULL AS has_width,
    height IS NOT NULL AS has_height,
    similarity IS NOT NULL AS has_similarity,
    punsafe IS NOT NULL AS has_punsafe,
    pwatermark IS NOT NULL AS has_pwatermark,
    aesthetic IS NOT NULL AS has_aesthetic
FROM batch
