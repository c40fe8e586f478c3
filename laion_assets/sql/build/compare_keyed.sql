-- How many rows of one table the other has not, by their key, and of those of both how many differ
-- and how many have another rank: relations `was` and `is_now` (key, told, rank).
SELECT
    count(w.told) AS rows_was,
    count(n.told) AS rows_now,
    count(*) FILTER (w.told IS NULL) AS added,
    count(*) FILTER (n.told IS NULL) AS removed,
    count(*) FILTER (w.told <> n.told) AS changed,
    count(*) FILTER (w.rank <> n.rank) AS moved
FROM was AS w
FULL JOIN is_now AS n USING (key)
