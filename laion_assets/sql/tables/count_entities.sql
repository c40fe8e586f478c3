-- Every name of one list, those with no row too. Relations: `entity_list` (name and what the list
-- says of it), `mentioned` (published rows that mention a name of the list, with `in_context`).
-- Ranked by likely images: those in context for an ambiguous name, all for any other.
WITH rows_of AS (
    SELECT name, count(*) AS images, count(*) FILTER (in_context) AS in_context
    FROM mentioned
    GROUP BY name
),
urls_of AS (
    SELECT name, count(*) AS unique_urls
    FROM (SELECT DISTINCT name, url_digest FROM mentioned)
    GROUP BY name
),
captions_of AS (
    SELECT name, count(*) AS unique_captions
    FROM (SELECT DISTINCT name, caption_digest FROM mentioned)
    GROUP BY name
),
counted AS (
    SELECT
        entity_list.*,
        coalesce(images, 0) AS images,
        coalesce(unique_urls, 0) AS unique_urls,
        coalesce(unique_captions, 0) AS unique_captions,
        CASE WHEN ambiguous THEN coalesce(in_context, 0) END AS images_in_context,
        CASE WHEN ambiguous THEN coalesce(in_context, 0) ELSE coalesce(images, 0) END
            AS images_likely
    FROM entity_list
    LEFT JOIN rows_of USING (name)
    LEFT JOIN urls_of USING (name)
    LEFT JOIN captions_of USING (name)
)
SELECT
    row_number() OVER (ORDER BY images_likely DESC, images DESC, name) AS rank,
    name,
    slug,
    images,
    images / nullif($denominator, 0)::DOUBLE AS share,
    $denominator::BIGINT AS denominator,
    unique_urls,
    unique_captions,
    ambiguous,
    images_in_context,
    images_likely,
    kind,
    row_number() OVER (PARTITION BY kind ORDER BY images_likely DESC, images DESC, name)
        AS rank_in_kind,
    count(*) OVER (PARTITION BY kind) AS listed_in_kind,
    counted.* EXCLUDE (
        name, slug, images, unique_urls, unique_captions, ambiguous, images_in_context,
        images_likely, kind
    )
FROM counted
ORDER BY rank
