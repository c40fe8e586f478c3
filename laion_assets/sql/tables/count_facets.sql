-- What the list says of its names, and how many are found. Relations: `facet_values` (facet, value,
-- name; a name with several values has a row for each), `counted` (the entity table), `mentioned`.
WITH names_of AS (
    SELECT
        facet,
        value,
        count(*) AS listed,
        count(*) FILTER (images > 0) AS found,
        count(*) FILTER (images = 0) AS zero,
        sum(images)::BIGINT AS mentions,
        sum(images_likely)::BIGINT AS mentions_likely
    FROM facet_values
    JOIN counted USING (name)
    GROUP BY facet, value
),
rows_of AS (
    SELECT facet, value, count(*) AS images, count(*) FILTER (likely) AS images_likely
    FROM (
        SELECT facet, value, place, bool_or(in_context OR NOT ambiguous) AS likely
        FROM facet_values
        JOIN mentioned USING (name)
        JOIN counted USING (name)
        GROUP BY facet, value, place
    )
    GROUP BY facet, value
)
SELECT
    facet,
    value,
    listed,
    found,
    zero,
    mentions,
    mentions_likely,
    coalesce(r.images, 0) AS images,
    coalesce(r.images_likely, 0) AS images_likely
FROM names_of
LEFT JOIN rows_of AS r USING (facet, value)
ORDER BY facet, value = 'unknown', listed DESC, value
