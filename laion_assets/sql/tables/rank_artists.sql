-- The $names most named artists, by likely images; who is living and who mainly a writer.
SELECT
    rank, name, type, role, list_contains(string_split(role, '|'), 'writer') AS writer,
    born, died, life, images, images_in_context, images_likely, share, denominator
FROM artists
WHERE images_likely > 0
ORDER BY rank
LIMIT $names
