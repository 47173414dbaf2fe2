-- Declaring relations: what is left out is completed, what is doubtful is told.
SET client_min_messages = warning;
CREATE SCHEMA blog;
SET search_path = blog, public;
CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL UNIQUE, name text);
CREATE TABLE profiles (id bigint PRIMARY KEY, user_id bigint UNIQUE REFERENCES users, bio text);
CREATE TABLE posts (
	id bigint PRIMARY KEY,
	user_id bigint NOT NULL REFERENCES users,
	editor_id bigint REFERENCES users,
	reviewer_id bigint,
	"sponsorId" bigint,
	title text NOT NULL,
	posted_at timestamptz
);
CREATE TABLE comments (id bigint PRIMARY KEY, post_id bigint REFERENCES posts ON DELETE CASCADE, body text, author_mail text REFERENCES users (email));
CREATE TABLE tags (id int PRIMARY KEY, label text);
CREATE TABLE post_tag (post_id bigint REFERENCES posts, tag_id int REFERENCES tags, position int, PRIMARY KEY (post_id, tag_id));
CREATE TABLE tag_votes (id int PRIMARY KEY, post_id bigint REFERENCES posts, tag_id int REFERENCES tags);
CREATE TABLE follows (follower_id bigint REFERENCES users, followed_id bigint REFERENCES users, PRIMARY KEY (follower_id, followed_id));
CREATE TABLE orders (shop int, no int, PRIMARY KEY (shop, no));
CREATE TABLE lines (id int PRIMARY KEY, order_no int, order_shop int, FOREIGN KEY (order_no, order_shop) REFERENCES orders (no, shop));
CREATE VIEW authors AS SELECT * FROM users;
SELECT count(*) FROM orm.reflect('blog');
SELECT orm.entity('authors', 'authors', key => '{id}');
RESET client_min_messages;

-- belongs_to: by the only foreign key, by a column named after it, by columns given
SELECT orm.belongs_to('comments', 'article', 'posts');
SELECT orm.belongs_to('posts', 'reviewer', 'users');
SELECT orm.belongs_to('posts', 'sponsor', 'users');
SELECT orm.belongs_to('posts', 'writer', 'users', foreign_key => '{user_id}');
SELECT orm.belongs_to('comments', 'commenter', 'users');
SELECT orm.belongs_to('posts', 'seen_by', 'authors', foreign_key => '{editor_id}');
SELECT orm.belongs_to('lines', 'ordered', 'orders');
-- has_one and has_many
SELECT orm.has_one('users', 'about', 'profiles', eager => true, owned => true, on_missing => 'delete', on_foreign => 'move');
SELECT orm.has_one('users', 'latest', 'posts', foreign_key => '{user_id}', order_by => '{-posted_at,id}');
SELECT orm.has_one('users', 'any_post', 'posts', foreign_key => '{editor_id}');
SELECT orm.has_many('posts', 'remarks', 'comments', order_by => '{id}', lazy => true);
SELECT orm.has_many('users', 'hits', 'posts', foreign_key => '{user_id}', condition => '{"title": {"$ne": ""}}');
SELECT orm.has_many('orders', 'items', 'lines');
SELECT orm.has_many('users', 'remarks', 'comments', foreign_key => '{author_mail}');
-- many_to_many: a pure junction goes before other tables with the same keys
SELECT orm.many_to_many('posts', 'labels', 'tags', order_by => '{-pivot.position}');
SELECT orm.many_to_many('tags', 'voted', 'posts', through => 'tag_votes', pivot => '{}');
SELECT orm.many_to_many('users', 'following', 'users', foreign_key => '{follower_id}');
SELECT relation, name, kind, target, foreign_key, local_key, target_key FROM orm.relations WHERE through IS NULL ORDER BY relation::text, name;
SELECT relation, name, target, foreign_key, local_key, through, target_foreign_key, target_key, pivot FROM orm.relations WHERE through IS NOT NULL ORDER BY relation::text, name;
SELECT relation, name, condition, order_by, eager, lazy, owned, on_missing, on_foreign FROM orm.relations
	WHERE num_nonnulls(condition, order_by, eager, lazy, owned, on_missing, on_foreign) > 0 ORDER BY relation::text, name;

-- a suggested index helps
CREATE INDEX ON blog.posts (user_id);
SELECT orm.has_many('users', 'hits', 'posts', foreign_key => '{user_id}');

-- declaring again replaces, of whatever kind it was
SELECT orm.has_one('users', 'hits', 'posts', foreign_key => '{user_id}', order_by => '{-id}');
SELECT kind FROM orm.relations WHERE name = 'hits';

-- dropping a declared one brings back what the foreign key gives; dropping that hides it
SELECT orm.belongs_to('profiles', 'user', 'users');
SELECT orm.drop_relation('profiles', 'user');
SELECT orm.drop_relation('profiles', 'user');
SELECT name, kind FROM orm.relations WHERE relation = 'profiles'::regclass;
SELECT count(*) FROM orm.describe('profiles') WHERE kind = 'relation';
SELECT orm.belongs_to('profiles', 'user', 'users');
SELECT name, kind FROM orm.relations WHERE relation = 'profiles'::regclass;

-- dropping an entity takes along what leads to it
SELECT orm.drop_entity('tags');
SELECT relation, name FROM orm.relations WHERE target IS NULL OR NOT EXISTS (SELECT FROM orm.entities e WHERE e.relation = target);

SET client_min_messages = warning;
SELECT count(orm.drop_entity(name)) FROM orm.entities;
SELECT count(*) FROM orm.relations;
RESET search_path;
DROP SCHEMA blog CASCADE;
