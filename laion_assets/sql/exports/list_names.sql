-- Which published image, by its rank, names whom; names of withheld rows are not among `ranked`.
SELECT
    rank,
    list,
    name
FROM all_mentions
JOIN ranked USING (place)
ORDER BY rank, list, name
