-- Every name of one list, those with no row too. Relations: `entity_list` (name and what the list
-- says of it), `mentioned` (published rows that mention a name of the list, with `in_context`).
WITH rows_of AS (
    SELECT name, count(*) AS images, count(*) FILTER (in_context) AS in_context
    FROM mentioned
    GROUP BY name
),
urls_of AS (
    SELECT name, count(*) AS unique_urls
    FROM (SELECT DISTINCT name, url FROM mentioned)
    GROUP BY name
),
captions_of AS (
    SELECT name, count(*) AS unique_captions
    FROM (SELECT DISTINCT name, caption FROM mentioned)
    GROUP BY name
)
SELECT
    row_number() OVER (ORDER BY coalesce(images, 0) DESC, name) AS rank,
    name,
    slug,
    coalesce(images, 0) AS images,
    coalesce(images, 0) / nullif($denominator, 0)::DOUBLE AS share,
    $denominator::BIGINT AS denominator,
    coalesce(unique_urls, 0) AS unique_urls,
    coalesce(unique_captions, 0) AS unique_captions,
    ambiguous,
    CASE WHEN ambiguous THEN coalesce(in_context, 0) END AS images_in_context,
    entity_list.* EXCLUDE (name, slug, ambiguous)
FROM entity_list
LEFT JOIN rows_of USING (name)
LEFT JOIN urls_of USING (name)
LEFT JOIN captions_of USING (name)
ORDER BY rank
