# Generates load trees: each as a query document and as the one lateral
# statement that a careful hand would write for it.
package OrmTest::Tree;

use strict;
use warnings;
use utf8;
use Exporter qw(import);
use OrmTest::Values;
use OrmTest::Schema;
use OrmTest::Where;

our @EXPORT = qw(take_relations random_tree tree_document tree_sql edges tallies below meets column_of sortable in_order);

# ---- relations ----

# Which relations the foreign keys of the tables should give, found under the
# names that the model has for them. "model" holds, by qualified table name,
# the entity's name and its relations in the model's order, each with name,
# kind and source. Returns what is wrong with them.
sub take_relations
{
	my ($model, @tables) = @_;
	my @wrong;
	for my $table (@tables)
	{
		my $entity = $model->{ $table->{schema} }{ $table->{table} };
		$table->{entity} = $entity->{name};
		my %due = due_relations($table, @tables);
		$table->{relations} = [];
		for my $said (@{ $entity->{relations} })
		{
			my $relation = delete $due{ $said->{source} eq 'declared' ? "declared $said->{name}" : "$said->{kind} $said->{source}" };
			push @wrong, "$entity->{name} has no business with $said->{kind} $said->{name} by $said->{source}" if !$relation;
			push @{ $table->{relations} }, { %$relation, name => $said->{name} } if $relation;
		}
		$table->{relations_missing} = scalar keys %due;
	}
	return @wrong;
}

sub within
{
	my ($inner, $outer) = @_;
	return !grep { my $column = $_; !grep { $_ == $column } @$outer } @$inner;
}

sub due_relations
{
	my ($table, @tables) = @_;
	my %due = map { ("declared $_->{name}" => $_) } @{ $table->{declared} // [] };
	for my $fk (@{ $table->{fks} })
	{
		$due{"belongs_to $fk->{name}"} = { target => $fk->{target}, links => pairs($fk->{from}, $fk->{to}) };
	}
	for my $other (@tables)
	{
		for my $fk (grep { $_->{target} == $table } @{ $other->{fks} })
		{
			my $unique = grep { within($_, $fk->{from}) } $other->{keys}, @{ $other->{uniques_of_fks} // [] };
			my $kind = $unique ? 'has_one' : 'has_many';
			$due{"$kind $fk->{name}"} = { target => $other, links => pairs($fk->{to}, $fk->{from}), many => !$unique };
		}
		my @ends = @{ $other->{junction} // [] };
		for my $i (grep { $ends[$_]{target} == $table } 0 .. $#ends)
		{
			my ($near, $far) = @ends[ $i, 1 - $i ];
			my @pivots = grep { my $column = $_; !grep { $_ == $column } @{ $near->{from} }, @{ $far->{from} } } @{ $other->{columns} };
			$due{"many_to_many $far->{name}"} = { target => $far->{target}, many => 1, through => $other, links => pairs($near->{to}, $near->{from}),
				far_links => pairs($far->{from}, $far->{to}), pivots => \@pivots };
		}
	}
	return %due;
}

# ---- documents ----

sub path_name
{
	my ($name) = @_;
	return $name if $name !~ /[."]/ && $name !~ /^-/ && chance(70);
	$name =~ s/"/""/g;
	return qq{"$name"};
}

sub sortable { return grep { !$_->{type}{none} && $_->{type}{name} ne 'json' } @_ }

sub random_order_item
{
	my ($table) = @_;
	my ($path, $relation) = ('', undef);
	# through one of many, and through rows of several entities, nothing is ordered
	my @to_one = grep { !$_->{many} && !$_->{branches} && !$_->{first} } @{ $table->{relations} };
	if (@to_one && chance(25))
	{
		$relation = pick(@to_one);
		$path = path_name($relation->{name}) . '.';
		$table = $relation->{target};
	}
	my @columns = sortable(@{ $table->{columns} });
	my $column = pick(@columns);
	$path .= path_name($column->{name});
	my $order = { relation => $relation, column => $column, direction => '' };
	if (chance(60))
	{
		$order->{direction} = ' DESC' if chance(50);
		$order->{document} = $order->{direction} ? "-$path" : $path;
		return $order;
	}
	my $direction = pick('asc', 'desc', 'DESC');
	my $nulls = pick('', ' nulls first', ' nulls last');
	$order->{direction} = " $direction$nulls";
	$order->{document} = { $path => "$direction$nulls" };
	return $order;
}

# ---- aggregates ----

my %summed = map { $_ => 1 } qw(smallint integer bigint numeric), 'numeric(10,2)';
# values that are equal are the same text
my %extreme = map { $_ => 1 } qw(smallint integer bigint date timestamp);

# Adds numbers about rows of relations to a node, each with SQL of its own.
sub random_aggregates
{
	my ($node) = @_;
	my $table = $node->{table};
	my %taken = map { $_->{name} => 1 } @{ $table->{columns} }, @{ $table->{relations} };
	my @relations = shuffled(grep { !$_->{branches} } @{ $table->{relations} });
	return if !@relations;
	for my $relation (@relations[ 0 .. between(0, $#relations > 1 ? 1 : $#relations) ])
	{
		my $alias = "$relation->{name}_count";
		push @{ $node->{counts} }, { alias => $alias, relation => $relation, function => 'count' } if chance(60) && !$taken{$alias}++;
	}
	for my $i (1 .. between(0, 3))
	{
		my $relation = pick(@relations);
		my $aggregate = { alias => "number$i" . pick('', 'x', 'É'), relation => $relation, function => 'count' };
		next if $taken{ $aggregate->{alias} }++;
		my @columns = grep { $summed{ $_->{type}{sql} } || $extreme{ $_->{type}{sql} } } @{ $relation->{target}{columns} };
		if (@columns && chance(70))
		{
			my $column = $aggregate->{column} = pick(@columns);
			$aggregate->{function} = pick('count', $summed{ $column->{type}{sql} } ? qw(sum avg) : (), $extreme{ $column->{type}{sql} } ? qw(min max) : ());
		}
		($aggregate->{where}, $aggregate->{where_sql}) = random_where($relation->{target}, 1) if chance(40);
		push @{ $node->{aggregates} }, $aggregate;
	}
	# an object comes out as jsonb keeps it
	$node->{aggregates} = [ sort { bytes_of($a->{alias}) <=> bytes_of($b->{alias}) || $a->{alias} cmp $b->{alias} } @{ $node->{aggregates} } ] if $node->{aggregates};
	return;
}

sub bytes_of { my ($text) = @_; utf8::encode($text); return length $text }

sub aggregates_of { my ($node) = @_; return (@{ $node->{counts} // [] }, @{ $node->{aggregates} // [] }) }

# the relations of a node over whose rows something is counted, one for each filter
sub tallies
{
	my ($node) = @_;
	my %seen;
	return grep { !$seen{ $_->{relation}{name} . ' ' . ($_->{where} && %{ $_->{where} } ? json($_->{where}) : '') }++ } aggregates_of($node);
}

sub aggregates_document
{
	my ($node) = @_;
	my %document;
	$document{count} = [ map { path_name($_->{relation}{name}) } @{ $node->{counts} } ] if $node->{counts};
	for my $aggregate (@{ $node->{aggregates} // [] })
	{
		my $clause = $document{aggregate}{ $aggregate->{alias} } = { relation => path_name($aggregate->{relation}{name}), function => $aggregate->{function} };
		$clause->{property} = $aggregate->{column}{name} if $aggregate->{column};
		$clause->{where} = $aggregate->{where} if $aggregate->{where};
	}
	return %document;
}

# what an index gives sorted, forwards or backwards
sub order_of_index
{
	my ($sorted) = @_;
	my $backwards = chance(50);
	my @order;
	for my $item (@{ $sorted->{items} })
	{
		my $down = $item->{down} != $backwards;
		my $first = ($item->{nulls} ? $item->{nulls} eq ' FIRST' : $item->{down}) != $backwards;
		my $words = ($down ? 'desc' : 'asc') . ' nulls ' . ($first ? 'first' : 'last');
		push @order, { column => $item->{column}, direction => " $words", document => { path_name($item->{column}{name}) => $words } };
	}
	return \@order;
}

# Clauses of one level. "root" wants an order that leaves nothing open.
sub random_clauses
{
	my ($node, $root) = @_;
	my $table = $node->{table};
	($node->{where}, $node->{where_sql}) = random_where($table, 1) if chance($root ? 30 : 25);
	$node->{order} = [ map { random_order_item($table) } 1 .. between(1, 2) ] if chance(40);
	random_aggregates($node) if chance(35);
	for my $aggregate (grep { chance(25) } aggregates_of($node))
	{
		my $down = chance(50);
		push @{ $node->{order} }, { aggregate => $aggregate, direction => $down ? ' DESC' : '', document => ($down ? '-' : '') . path_name($aggregate->{alias}) };
	}
	if ($root)
	{
		push @{ $node->{order} }, map { { document => path_name($_->{name}), column => $_, direction => '' } } @{ $table->{keys} };
	}
	$node->{limit} = pick(0, 1, 1, 2, 3, 10) if chance($root ? 20 : 25);
	if (!$root && $table->{sorted} && chance(35))
	{
		$node->{order} = order_of_index(pick(@{ $table->{sorted} }));
		$node->{limit} = pick(1, 1, 2, 3);
	}
	$node->{offset} = pick(0, 1, 2, 5) if chance(15);
	my @names = map { $_->{name} } @{ $table->{columns} };
	$node->{select} = [ (shuffled(@names))[ 0 .. between(0, 2) - 1 ], chance(10) ? '*' : () ] if chance(25);
	$node->{omit} = [ (shuffled(@names))[ 0 .. between(0, 1) ] ] if chance(15);
	return;
}

# A strategy that can give what is asked of a relation's rows.
sub random_strategy
{
	my ($node) = @_;
	return pick(qw(lateral row_number)) if defined $node->{limit} || $node->{offset};
	my @links = @{ $node->{relation}{links} // [] };
	my $image = @links == 1 && !grep { $_->{type}{name} !~ /^int[248]$/ } @{ $links[0] };
	return pick(qw(ordinality lateral row_number), $image ? qw(any any) : ());
}

# A tree over a table. "most" bounds how many rows hang below one row, "depth" how deep it goes.
sub random_tree
{
	my ($table, $depth, $most, $relation) = @_;
	my $node = { table => $table, relation => $relation, loads => [] };
	my $bare = $relation && chance(50);
	random_clauses($node, !$relation) if !$bare;
	$node->{strategy} = random_strategy($node) if $relation && chance(30);
	my @relations = $depth > 0 ? shuffled(@{ $table->{relations} }) : ();
	splice @relations, between($relation ? 0 : 1, 2) if @relations > 1;
	for my $next (@relations)
	{
		my $rest = $next->{many} ? $most / 5 : $most;
		next if $rest < 1;
		push @{ $node->{loads} }, $next->{branches}
		  ? { relation => $next, branches => [ map { random_tree($_->{target}, $depth - 1, $rest, $_) } @{ $next->{branches} } ], loads => [] }
		  : random_tree($next->{target}, $depth - 1, $rest, $next);
	}
	$node->{listed} = plain_below($node) && chance(60);
	if (!$node->{listed})
	{
		my %rank = map { $table->{relations}[$_]{name} => $_ } 0 .. $#{ $table->{relations} };
		$node->{loads} = [ sort { $rank{ $a->{relation}{name} } <=> $rank{ $b->{relation}{name} } } @{ $node->{loads} } ];
	}
	return $node;
}

# of a morph_to: whether anything is said of one of its types
sub has_types { my ($node) = @_; return grep { has_clauses($_) || @{ $_->{loads} } } @{ $node->{branches} // [] } }
sub has_clauses { my ($node) = @_; return has_types($node) || grep { exists $node->{$_} } qw(where order limit offset select omit counts aggregates strategy) }
sub plain_below { my ($node) = @_; return !grep { has_clauses($_) || !plain_below($_) } @{ $node->{loads} } }

# what a list of paths can say is said in the order of the list at all levels
sub paths
{
	my ($node) = @_;
	return map { my $name = path_name($_->{relation}{name}); my @below = paths($_); @below ? map { "$name.$_" } @below : $name } @{ $node->{loads} };
}

sub tree_document
{
	my ($node) = @_;
	my %document;
	return { types => { map { $_->{relation}{alias} => tree_document($_) } grep { has_clauses($_) || @{ $_->{loads} } || chance(20) } @{ $node->{branches} } } } if $node->{branches} && has_types($node);
	return {} if $node->{branches};
	$document{$_} = $node->{$_} for grep { $node->{$_} } qw(where select omit strategy);
	%document = (%document, aggregates_document($node));
	$document{order} = [ map { $_->{document} } @{ $node->{order} } ] if $node->{order};
	for my $clause (grep { defined $node->{$_} } qw(limit offset))
	{
		my $number = $node->{$clause};
		$document{$clause} = \$number;
	}
	return \%document if !@{ $node->{loads} };
	$document{load} = $node->{listed}
	  ? [ paths($node) ]
	  : { map { my $below = tree_document($_); path_name($_->{relation}{name}) => %$below || chance(30) ? $below : \'true' } @{ $node->{loads} } };
	return \%document;
}

sub below { my ($node) = @_; return map { $_->{branches} ? @{ $_->{branches} } : $_ } @{ $node->{loads} } }
sub edges { my ($node) = @_; my $n = my @below = below($node); $n += edges($_) for @below; return $n }

# ---- SQL ----

my $aliases = 0;

sub column_of { my ($alias, $column) = @_; return $alias . '.' . identifier($column->{name}) }
sub value_sql { my ($alias, $column) = @_; return 'coalesce(to_json(' . column_of($alias, $column) . q{)::text, 'null')} }
sub label_sql { my ($name) = @_; return literal(json_text($name) . ':') }

sub joined { my ($far, $near, $links) = @_; return join ' AND ', map { column_of($far, $_->[1]) . ' = ' . column_of($near, $_->[0]) } @$links }

sub of_type { my ($alias, $type) = @_; return $type ? column_of($alias, $type->{column}) . ' = ' . literal($type->{alias}) : () }

# the conditions that tie the rows of a relation, and of its junction, to one of "near"
sub linked
{
	my ($relation, $far, $through, $near) = @_;
	# a declared one (Declared) says it by itself
	return $relation->{meets}->($near, $far) if $relation->{meets};
	my $first = $relation->{through} ? $through : $far;
	return (joined($first, $near, $relation->{links}), $relation->{through} ? joined($far, $through, $relation->{far_links}) : (),
		of_type($first, $relation->{type}), of_type($near, $relation->{near_type}));
}

# the same in one condition that speaks of nothing but the two rows
sub meets
{
	my ($relation, $far, $near) = @_;
	my $through = 'j' . ++$aliases;
	my $condition = join ' AND ', linked($relation, $far, $through, $near);
	return $relation->{through} ? 'EXISTS (SELECT FROM ' . qualified($relation->{through}) . " $through WHERE $condition)" : $condition;
}

sub object_sql
{
	my (@members) = @_;
	return "'{' || " . join(q{ || ',' || }, @members, ()) . " || '}'" if @members;
	return "'{}'";
}

sub selected
{
	my ($node) = @_;
	my @columns = @{ $node->{table}{columns} };
	my %omitted = map { $_ => 1 } @{ $node->{omit} // [] };
	my %wanted = map { $_ => 1 } @{ $node->{select} // ['*'] };
	return grep { ($wanted{'*'} || $wanted{ $_->{name} }) && !$omitted{ $_->{name} } } @columns;
}

sub entity_sql
{
	my ($node, $alias, $pivot) = @_;
	my @members = map { label_sql($_->{name}) . ' || ' . value_sql($alias, $_) } selected($node);
	push @members, map { label_sql($_->{alias}) . ' || coalesce(to_json(' . aggregate_sql($_, $alias) . q{)::text, 'null')} } aggregates_of($node);
	push @members, map { label_sql($_->{relation}{name}) . ' || ' . relation_sql($_, $alias) } @{ $node->{loads} };
	my @pivots = $pivot ? @{ $node->{relation}{pivots} } : ();
	push @members, q{'"pivot":' || } . object_sql(map { label_sql($_->{name}) . ' || ' . value_sql($pivot, $_) } @pivots) if @pivots;
	return object_sql(@members);
}

# what the rows of a relation are sorted by where nothing else is said
sub in_order
{
	my ($relation, $alias) = @_;
	return (($relation->{order} ? column_of($alias, $relation->{order}{column}) . $relation->{order}{direction} : ()),
		map { column_of($alias, $_) } @{ $relation->{target}{keys} });
}

sub aggregate_sql
{
	my ($aggregate, $near) = @_;
	my $relation = $aggregate->{relation};
	my ($far, $through) = map { $_ . ++$aliases } 'a', 'j';
	my $what = $aggregate->{column} ? column_of($far, $aggregate->{column}) : '*';
	my @conditions = linked($relation, $far, $through, $near);
	push @conditions, $aggregate->{where_sql}->($far) if $aggregate->{where_sql};
	my $from = qualified($relation->{target}) . " AS $far" . ($relation->{through} ? ', ' . qualified($relation->{through}) . " AS $through" : '');
	my $rows = "$from WHERE " . join(' AND ', @conditions);
	# of several rows that a to-one finds it is about the first
	$rows = "(SELECT $far.* FROM $rows ORDER BY " . join(', ', in_order($relation, $far)) . " LIMIT 1) AS $far" if !$relation->{many};
	return "(SELECT $aggregate->{function}($what) FROM $rows)";
}

sub order_sql
{
	my ($node, $alias, $near) = @_;
	my @items;
	# what a relation has for an order of its own
	my $own = $node->{order} ? {} : $node->{relation} // {};
	push @items, $own->{place}->($near, $alias) if $own->{place};
	push @items, column_of($alias, $own->{order}{column}) . $own->{order}{direction} if $own->{order};
	for my $order (@{ $node->{order} // [] })
	{
		my $value = $order->{aggregate} ? aggregate_sql($order->{aggregate}, $alias) : column_of($alias, $order->{column});
		if (my $relation = $order->{relation})
		{
			my $far = 'y' . ++$aliases;
			$value = '(SELECT ' . column_of($far, $order->{column}) . ' FROM ' . qualified($relation->{target}) . " $far WHERE " . meets($relation, $far, $alias) .
			  ($relation->{chosen} ? ' AND ' . $relation->{chosen}->($alias, $far) : '') . ')';
		}
		push @items, $value . $order->{direction};
	}
	push @items, map { column_of($alias, $_) } @{ $node->{table}{keys} };
	return ' ORDER BY ' . join ', ', @items;
}

sub limit_sql
{
	my ($node) = @_;
	return (defined $node->{limit} ? " LIMIT $node->{limit}" : '') . ($node->{offset} ? " OFFSET $node->{offset}" : '');
}

# the entities of a node, numbered in their order: columns e and n
sub rows_sql
{
	my ($node, $alias, $from, $pivot, $near, @conditions) = @_;
	push @conditions, $node->{where_sql}->($alias) if $node->{where_sql};
	my $where = @conditions ? ' WHERE ' . join(' AND ', @conditions) : '';
	my $order = order_sql($node, $alias, $near);
	return 'SELECT ' . entity_sql($node, $alias, $pivot) . " AS e, row_number() OVER ($order) AS n FROM $from$where$order" . limit_sql($node);
}

sub relation_sql
{
	my ($node, $near) = @_;
	my $relation = $node->{relation};
	if ($node->{branches})
	{
		my @cases = map { 'WHEN ' . of_type($near, $_->{relation}{near_type}) . ' THEN ' . relation_sql($_, $near) } @{ $node->{branches} };
		return "CASE @cases ELSE 'null' END";
	}
	my ($far, $through) = map { $_ . ++$aliases } 'x', 'j';
	my $from = qualified($relation->{target}) . " AS $far";
	my @conditions = linked($relation, $far, $through, $near);
	my $rows = $relation->{through}
	  ? rows_sql($node, $far, qualified($relation->{through}) . " AS $through, $from", $through, $near, @conditions)
	  : rows_sql($node, $far, $from, undef, $near, @conditions);
	my $one = $relation->{first} || $relation->{chosen} ? ' ORDER BY s.n LIMIT 1' : '';
	return "coalesce((SELECT s.e FROM ($rows) AS s$one), 'null')" if !$relation->{many};
	return "'[' || coalesce((SELECT string_agg(s.e, ',' ORDER BY s.n) FROM ($rows) AS s), '') || ']'";
}

# Columns e, the entity as text, and n, its place. "condition": further SQL about the table, as a function of the alias.
sub tree_sql
{
	my ($node, $condition) = @_;
	my $alias = 'x' . ++$aliases;
	return rows_sql($node, $alias, qualified($node->{table}) . " AS $alias", undef, undef, $condition ? $condition->($alias) : ());
}

1;
