-- Every ambiguous name of the three lists: captions that hold it, and those that also hold a word
-- which makes it likely. Relations: `artists`, `celebrities`, `characters`.
SELECT
    list,
    name,
    images,
    images_in_context,
    images_in_context / nullif(images, 0)::DOUBLE AS share_in_context,
    context
FROM (
    SELECT 'artists' AS list, name, images, images_in_context, context, ambiguous FROM artists
    UNION ALL
    SELECT 'celebrities', name, images, images_in_context, context, ambiguous FROM celebrities
    UNION ALL
    SELECT 'characters', name, images, images_in_context, context, ambiguous FROM characters
)
WHERE ambiguous
ORDER BY images DESC, list, name
