-- Franchises by how many rows name one of their characters, once per row. Relations: `characters`,
-- `characters_facets`.
WITH first_of AS (
    SELECT franchise, name, images_likely
    FROM (
        SELECT
            unnest(string_split(if(franchise = '', 'unknown', franchise), '|')) AS franchise,
            name,
            images_likely,
            rank
        FROM characters
        WHERE images_likely > 0
    )
    QUALIFY row_number() OVER (PARTITION BY franchise ORDER BY rank) = 1
)
SELECT
    row_number() OVER (ORDER BY f.images_likely DESC, f.images DESC, f.value) AS rank,
    f.value AS franchise,
    listed AS characters_listed,
    found AS characters_found,
    f.images,
    f.images_likely,
    name AS most_named,
    o.images_likely AS most_named_images
FROM characters_facets AS f
LEFT JOIN first_of AS o ON o.franchise = f.value
WHERE facet = 'franchise'
ORDER BY rank
