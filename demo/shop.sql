-- A small shop: the database that the tour walks through. Plain SQL that knows
-- nothing of orm; every row follows from its number, so that each run is alike.

CREATE SCHEMA shop;
SET search_path = shop;

CREATE TYPE order_status AS ENUM ('open', 'paid', 'sent', 'returned');

CREATE TABLE customers (
	id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name       text NOT NULL,
	email      text NOT NULL UNIQUE,
	created_at timestamptz NOT NULL DEFAULT now()
);

-- one to one: the foreign key is the primary key
CREATE TABLE profile (
	customer_id bigint PRIMARY KEY REFERENCES customers,
	birthday    date,
	newsletter  boolean NOT NULL DEFAULT false,
	interests   text[] NOT NULL DEFAULT '{}'
);

CREATE TABLE addresses (
	id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	customer_id bigint NOT NULL REFERENCES customers,
	street      text NOT NULL,
	city        text NOT NULL,
	country     char(2) NOT NULL
);
CREATE INDEX ON addresses (customer_id);

-- a tree: the table refers to itself
CREATE TABLE categories (
	id        int PRIMARY KEY,
	parent_id int REFERENCES categories,
	name      text NOT NULL
);
CREATE INDEX ON categories (parent_id);

CREATE TABLE products (
	id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	category_id int NOT NULL REFERENCES categories,
	sku         text NOT NULL UNIQUE,
	name        text NOT NULL,
	price       numeric(10,2) NOT NULL,
	details     jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX ON products (category_id);

CREATE TABLE tags (
	id   int PRIMARY KEY,
	name text NOT NULL UNIQUE
);

-- many to many, with a column of its own
CREATE TABLE product_tags (
	product_id bigint REFERENCES products,
	tag_id     int REFERENCES tags,
	position   int NOT NULL,
	PRIMARY KEY (product_id, tag_id)
);
CREATE INDEX ON product_tags (tag_id);

CREATE TABLE orders (
	id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	customer_id bigint NOT NULL REFERENCES customers,
	address_id  bigint REFERENCES addresses,
	status      order_status NOT NULL DEFAULT 'open',
	ordered_at  timestamptz NOT NULL
);
CREATE INDEX ON orders (customer_id, ordered_at);
CREATE INDEX ON orders (address_id);

-- a key of two columns ...
CREATE TABLE order_lines (
	order_id   bigint REFERENCES orders,
	line       int,
	product_id bigint NOT NULL REFERENCES products,
	quantity   int NOT NULL CHECK (quantity > 0),
	price      numeric(10,2) NOT NULL,
	PRIMARY KEY (order_id, line)
);
CREATE INDEX ON order_lines (product_id);

-- ... and a foreign key to it
CREATE TABLE complaints (
	id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	order_id bigint NOT NULL,
	line     int NOT NULL,
	reason   text NOT NULL,
	FOREIGN KEY (order_id, line) REFERENCES order_lines
);
CREATE INDEX ON complaints (order_id, line);

INSERT INTO customers (name, email, created_at)
SELECT first || ' ' || last, lower(first || '.' || last || n || '@example.test'), timestamptz '2024-01-01 09:00+00' + n * interval '7 hours'
FROM generate_series(1, 500) n,
	LATERAL (SELECT (ARRAY['Ada', 'Alan', 'Barbara', 'Donald', 'Edsger', 'Frances', 'Grace', 'Jean', 'Niklaus', 'Radia'])[1 + n % 10],
		(ARRAY['Bartik', 'Hopper', 'Knuth', 'Liskov', 'Lovelace', 'Perlman', 'Turing'])[1 + n % 7]) AS who (first, last);

INSERT INTO profile
SELECT id, date '1960-01-01' + (id * 37 % 15000)::int, id % 3 = 0, (ARRAY['tea', 'chess', 'maps', 'music'])[1:(id % 4)::int]
FROM customers WHERE id % 5 <> 0;

INSERT INTO addresses (customer_id, street, city, country)
SELECT c.id, (1 + c.id * 7 % 120) || ' ' || (ARRAY['High Street', 'Station Road', 'Mill Lane'])[1 + (c.id + n) % 3],
	(ARRAY['Vienna', 'London', 'Zürich', 'Oslo'])[1 + (c.id * n) % 4], (ARRAY['AT', 'GB', 'CH', 'NO'])[1 + (c.id * n) % 4]
FROM customers c, generate_series(1, 2) n WHERE n = 1 OR c.id % 3 = 0
ORDER BY c.id, n;

INSERT INTO categories VALUES
	(1, NULL, 'Everything'), (2, 1, 'Books'), (3, 1, 'Music'), (4, 1, 'Games'),
	(5, 2, 'Novels'), (6, 2, 'Science'), (7, 3, 'Vinyl'), (8, 3, 'Scores'), (9, 4, 'Chess'), (10, 4, 'Cards');

INSERT INTO products (category_id, sku, name, price, details)
SELECT 5 + n % 6, 'SKU-' || lpad(n::text, 4, '0'), initcap(adjective) || ' ' || noun, (5 + n * 13 % 90) + 0.95,
	jsonb_build_object('weight', 100 + n * 17 % 900, 'colour', (ARRAY['red', 'green', 'blue'])[1 + n % 3])
FROM generate_series(1, 300) n,
	LATERAL (SELECT (ARRAY['quiet', 'bright', 'ancient', 'small', 'golden'])[1 + n % 5],
		(ARRAY['Library', 'Atlas', 'Fugue', 'Gambit', 'Sonata', 'Almanac', 'Riddle'])[1 + n % 7]) AS word (adjective, noun);

INSERT INTO tags VALUES (1, 'new'), (2, 'gift'), (3, 'rare'), (4, 'signed'), (5, 'bargain'), (6, 'classic');

INSERT INTO product_tags
SELECT p.id, 1 + (p.id + n * n) % 6, n FROM products p, generate_series(1, 3) n WHERE n <= p.id % 4
ON CONFLICT DO NOTHING;

INSERT INTO orders (customer_id, address_id, status, ordered_at)
SELECT c.id, a.id, (ARRAY['open', 'paid', 'sent', 'sent', 'returned'])[1 + (c.id * 3 + n) % 5]::order_status,
	c.created_at + n * interval '11 days 3 hours'
FROM customers c, LATERAL (SELECT min(id) AS id FROM addresses WHERE customer_id = c.id) a, generate_series(1, 8) n
WHERE n <= c.id % 9
ORDER BY c.id, n;

INSERT INTO order_lines
SELECT o.id, n, p.id, 1 + (o.id + n) % 3, p.price
FROM orders o, generate_series(1, 4) n, LATERAL (SELECT 1 + (o.id * 31 + n * 57) % 300) pick (id) JOIN products p USING (id)
WHERE n <= 1 + o.id % 4;

INSERT INTO complaints (order_id, line, reason)
SELECT order_id, line, (ARRAY['broken', 'too late', 'wrong colour'])[1 + (order_id + line) % 3]
FROM order_lines WHERE (order_id * 7 + line) % 41 = 0
ORDER BY order_id, line;

RESET search_path;
ANALYZE;
