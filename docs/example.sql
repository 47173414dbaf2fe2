-- The small blog that the examples of these pages read: plain tables and rows.
SET TimeZone = 'UTC';
SET client_min_messages = warning;

CREATE TABLE users (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name text NOT NULL,
	email text NOT NULL UNIQUE,
	created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE profiles (
	user_id bigint PRIMARY KEY REFERENCES users,
	bio text
);
CREATE TABLE posts (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	author_id bigint NOT NULL REFERENCES users,
	title text NOT NULL,
	published boolean NOT NULL DEFAULT false,
	views int NOT NULL DEFAULT 0
);
CREATE INDEX ON posts (author_id);
CREATE TABLE comments (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	post_id bigint NOT NULL REFERENCES posts,
	user_id bigint REFERENCES users,
	body text NOT NULL
);
CREATE INDEX ON comments (post_id);
CREATE INDEX ON comments (user_id);
CREATE TABLE tags (
	id int PRIMARY KEY,
	name text NOT NULL UNIQUE
);
CREATE TABLE post_tag (
	post_id bigint REFERENCES posts,
	tag_id int REFERENCES tags,
	position int NOT NULL,
	PRIMARY KEY (post_id, tag_id)
);
CREATE INDEX ON post_tag (tag_id);

INSERT INTO users (name, email, created_at) VALUES
	('Ada', 'ada@example.test', '2024-01-01 10:00+00'),
	('Grace', 'grace@example.test', '2024-01-02 10:00+00'),
	('Linus', 'linus@example.test', '2024-01-03 10:00+00');
INSERT INTO profiles VALUES (1, 'Writes notes.'), (2, NULL);
INSERT INTO posts (author_id, title, published, views) VALUES
	(1, 'Engines', true, 120), (1, 'Numbers', false, 3), (2, 'Compilers', true, 75), (2, 'Ships', true, 8);
INSERT INTO comments (post_id, user_id, body) VALUES
	(1, 2, 'Well said.'), (1, 3, 'First!'), (3, 1, 'More of this.'), (4, NULL, 'Where is this?');
INSERT INTO tags VALUES (1, 'history'), (2, 'math'), (3, 'navy');
INSERT INTO post_tag VALUES (1, 2, 1), (1, 1, 2), (2, 2, 1), (4, 3, 1);
RESET client_min_messages;
