-- The $names most named celebrities, by likely images. Relation: `celebrities`.
SELECT
    rank, name, occupation, if(gender = '', 'unknown', gender) AS gender, life,
    images, images_in_context, images_likely, share, denominator
FROM celebrities
WHERE images_likely > 0
ORDER BY rank
LIMIT $names
