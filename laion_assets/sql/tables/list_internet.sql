-- Internet personalities, those no caption names first, and of these the five that the study of 2022
-- missed: with the other spellings that were found,
-- and how common a name that none of this many rows holds can be ($bound, 95 % confidence).
-- Relations: `celebrities`, `celebrities_variants`.
WITH others AS (
    SELECT
        name,
        sum(beyond)::BIGINT AS images_of_variants,
        string_agg(spelling || ' (' || beyond || ')', ', ' ORDER BY beyond DESC, spelling) AS variants
    FROM celebrities_variants
    WHERE beyond > 0
    GROUP BY name
)
SELECT
    name,
    occupation,
    aliases,
    images,
    images_in_context,
    images_likely,
    coalesce(images_of_variants, 0) AS images_of_variants,
    coalesce(variants, '') AS variants,
    CASE WHEN images = 0 THEN $bound::DOUBLE END AS share_at_most
FROM celebrities
LEFT JOIN others USING (name)
WHERE list_contains(string_split(occupation, '|'), 'internet')
ORDER BY
    images > 0,
    images DESC,
    name NOT IN (
        'Addison Rae', 'Charli D''Amelio', 'David Dobrik', 'Dixie D''Amelio', 'MrBeast'
    ),
    name
