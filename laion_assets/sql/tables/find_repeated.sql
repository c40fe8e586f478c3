-- Clusters of two and more published rows of equal URLs, captions or image ids.
SELECT 'url' AS kind, url_digest::VARCHAR AS value, count(*) AS images
FROM published
GROUP BY url_digest
HAVING count(*) > 1
UNION ALL
SELECT 'caption', caption_digest::VARCHAR, count(*)
FROM published
GROUP BY caption_digest
HAVING count(*) > 1
UNION ALL
SELECT 'image_id', image_id::VARCHAR, count(*)
FROM published
GROUP BY image_id
HAVING count(*) > 1
