-- Every other spelling that is looked for, over all files; those that never occur have 0. Relations:
-- `tried` (name, kind, spelling) of one list, `variant_parts` (per file, those that occur).
WITH found AS (
    SELECT name, kind, spelling, sum(images) AS images, sum(beyond) AS beyond
    FROM variant_parts
    WHERE list = $list
    GROUP BY name, kind, spelling
)
SELECT
    name,
    kind,
    spelling,
    coalesce(images, 0)::BIGINT AS images,
    coalesce(beyond, 0)::BIGINT AS beyond
FROM tried
LEFT JOIN found USING (name, kind, spelling)
ORDER BY name, images DESC, kind, spelling
