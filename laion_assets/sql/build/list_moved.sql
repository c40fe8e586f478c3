-- The names of both builds whose rank moved most, of those that are among the first $first of either:
-- relations `was` and `is_now` (key, rank, images). Names of one build alone are not told: somebody may
-- have asked to be taken out.
SELECT n.key AS name, w.rank AS rank_was, n.rank AS rank_now, w.images AS images_was, n.images AS images_now
FROM was AS w
JOIN is_now AS n USING (key)
WHERE w.rank <> n.rank AND least(w.rank, n.rank) <= $first
ORDER BY abs(w.rank - n.rank) DESC, n.rank, n.key
LIMIT $most
