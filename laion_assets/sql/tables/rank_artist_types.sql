-- The $names most named artists of every type; an artist of several types stands under each. A type
-- none of whose artists is named keeps a row without a name. Relation: `artists`.
WITH typed AS (
    SELECT unnest(string_split(type, '|')) AS type, * EXCLUDE (type)
    FROM artists
),
ranked AS (
    SELECT *, row_number() OVER (PARTITION BY type ORDER BY rank) AS position
    FROM typed
    WHERE images_likely > 0
    QUALIFY position <= $names
),
types AS (
    SELECT type, count(*) AS listed, count(*) FILTER (images_likely > 0) AS found
    FROM typed
    GROUP BY type
)
SELECT
    if(type = '', 'unknown', type) AS type,
    listed,
    found,
    position,
    name,
    list_contains(string_split(role, '|'), 'writer') AS writer,
    life,
    images,
    images_in_context,
    images_likely
FROM types
LEFT JOIN ranked USING (type)
ORDER BY listed DESC, type, position
