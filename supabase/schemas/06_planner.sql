-- How the planner treats a signed-in person's queries. It cannot know how many rows a policy lets
-- through and guesses a handful, so it likes to read all rows of an organization by some smaller index
-- and sort them. Lists are indexed in the order they are asked for; a sort is then the wrong choice,
-- by 5,000 rows to 50. The data API applies a role's settings to each of its transactions.

alter role authenticated set enable_sort = off;
