# Relations that are declared over generated tables: through others, by an
# array of keys, by a function, one of many; each as declarations and as the
# condition under which rows meet.
#
# Not here: relations by foreign keys (Tree).
package OrmTest::Declared;

use strict;
use warnings;
use utf8;
use Exporter qw(import);
use OrmTest::Values;
use OrmTest::Schema;
use OrmTest::Tree;

our @EXPORT = qw(declare_relations);

my $number = 0;
my $aliases = 0;

sub new_name { return pick('x', 'Über ', 'a.b ', '$', '"') . ++$number }
sub names { my (@columns) = @_; return '{' . join(',', map { my $name = $_->{name}; $name =~ s/([\\"])/\\$1/g; qq{"$name"} } @columns) . '}' }

# a step of a path, or an item of an order
sub quoted { my ($name) = @_; $name =~ s/"/""/g; return qq{"$name"} }

sub call { my ($function, @arguments) = @_; return "SELECT FROM orm.$function(" . join(', ', @arguments) . ");\n" }

# The first of the rows that meet, as a condition on "far": by a column, then by the target's key.
sub first_of
{
	my ($relation) = @_;
	my $target = $relation->{target};
	my @keys = @{ $target->{keys} };
	return sub {
		my ($near, $far) = @_;
		my $other = 'd' . ++$aliases;
		my @order = in_order($relation, $other);
		return '(' . join(', ', map { column_of($far, $_) } @keys) . ') = (SELECT ' . join(', ', map { column_of($other, $_) } @keys) . ' FROM ' . qualified($target) .
		  " $other WHERE " . meets($relation, $other, $near) . ' ORDER BY ' . join(', ', @order) . ' LIMIT 1)';
	};
}

# rows that are met, of a to-one only that which it gives
sub meets_one
{
	my ($relation, $far, $near) = @_;
	return meets($relation, $far, $near) . ($relation->{chosen} ? ' AND ' . $relation->{chosen}->($near, $far) : '');
}

sub one_of_many
{
	my ($table) = @_;
	my ($many) = grep { $_->{many} && !$_->{through} && !$_->{meets} && !$_->{type} } shuffled(@{ $table->{relations} });
	return if !$many;
	my @columns = sortable(@{ $many->{target}{columns} });
	my $column = pick(@columns);
	my $down = chance(50);
	my $relation = { name => new_name(), target => $many->{target}, links => $many->{links}, order => { column => $column, direction => $down ? ' DESC' : '' } };
	$relation->{chosen} = first_of($relation);
	$relation->{sql} = call('has_one', literal($table->{entity}), literal($relation->{name}), literal($many->{target}{entity}),
		map({ my $side = $_; literal(names(map { $_->[$side] } @{ $many->{links} })) } 1, 0), 'order_by => ARRAY[' . literal(($down ? '-' : '') . quoted($column->{name})) . ']');
	return $relation;
}

sub through
{
	my ($table) = @_;
	my @hops;
	my $at = $table;
	for (1 .. (chance(20) ? 3 : between(1, 2)))
	{
		my @next = grep { !$_->{function} } @{ $at->{relations} } or last;
		push @hops, pick(@next);
		$at = $hops[-1]{target};
	}
	return if !@hops;
	my $single = !grep { $_->{many} } @hops;
	my $many = $single ? chance(20) : chance(85);
	my $relation = { name => new_name(), target => $at, many => $many };
	$relation->{meets} = sub {
		my ($near, $far) = @_;
		my @between = map { 'h' . ++$aliases } @hops[ 1 .. $#hops ];
		my @stops = ($near, @between, $far);
		my $where = join ' AND ', map { meets_one($hops[$_], $stops[ $_ + 1 ], $stops[$_]) } 0 .. $#hops;
		return "($where)" if !@between;
		return 'EXISTS (SELECT FROM ' . join(', ', map { qualified($hops[$_]{target}) . " $between[$_]" } 0 .. $#between) . " WHERE $where)";
	};
	$relation->{chosen} = first_of($relation) if !$many && !$single;
	$relation->{sql} = call($many ? 'has_many_through' : 'has_one_through', literal($table->{entity}), literal($relation->{name}), literal(join '.', map { quoted($_->{name}) } @hops));
	return $relation;
}

# an array column that is added to the table, and filled with keys of the target and others
sub by_array
{
	my ($table, @tables) = @_;
	my ($target) = grep { @{ $_->{keys} } == 1 } shuffled(@tables);
	# a junction's columns are pivots
	return if !$target || $table->{junction};
	my $key = $target->{keys}[0];
	my $column = { name => 'keys ' . ++$number, type => { name => 'keys', sql => $key->{type}{sql} . '[]', none => 1 } };
	push @{ $table->{columns} }, $column;
	my $sql = 'ALTER TABLE ' . qualified($table) . ' ADD COLUMN ' . identifier($column->{name}) . " $column->{type}{sql};\n";
	for my $row (@{ $table->{rows} })
	{
		next if chance(20);
		my @values = map { chance(15) || !@{ $target->{rows} } ? '' . $key->{type}{nth}->(between(1, 30)) : pick(@{ $target->{rows} })->{ $key->{name} } } 1 .. between(0, 5);
		$row->{ $column->{name} } = '{' . join(',', map { my $value = $_; $value =~ s/([\\"])/\\$1/g; chance(10) ? 'NULL' : qq{"$value"} } @values) . '}';
		$sql .= 'UPDATE ' . qualified($table) . ' SET ' . identifier($column->{name}) . ' = ' . literal($row->{ $column->{name} }) . ' WHERE ' .
		  join(' AND ', map { identifier($_->{name}) . ' = ' . literal($row->{ $_->{name} }) } @{ $table->{keys} }) . ";\n";
	}
	my $relation = { name => new_name(), target => $target, many => 1 };
	$relation->{meets} = sub { my ($near, $far) = @_; return column_of($far, $key) . ' = ANY (' . column_of($near, $column) . ')' };
	$relation->{place} = sub { my ($near, $far) = @_; return '(SELECT min(n) FROM unnest(' . column_of($near, $column) . ') WITH ORDINALITY AS u(e, n) WHERE e = ' . column_of($far, $key) . ')' };
	$relation->{sql} = $sql . call('has_many_in', literal($table->{entity}), literal($relation->{name}), literal($target->{entity}), literal($column->{name}));
	return $relation;
}

# a function that gives what another relation gives
sub by_function
{
	my ($table) = @_;
	my $same = pick(@{ $table->{relations} }) or return;
	my $name = 'orm_test.' . identifier('f ' . ++$number);
	my $target = qualified($same->{target});
	my $relation = { name => new_name(), target => $same->{target}, many => 1, function => 1, meets => sub { my ($near, $far) = @_; return meets_one($same, $far, $near) } };
	$relation->{sql} = "CREATE FUNCTION $name(" . qualified($table) . ") RETURNS SETOF $target LANGUAGE sql STABLE AS " .
	  literal("SELECT f.* FROM $target f WHERE " . meets_one($same, 'f', '$1')) . ";\n" .
	  call('has_many_by', literal($table->{entity}), literal($relation->{name}), literal($same->{target}{entity}), literal($name));
	return $relation;
}

# Declares some relations of each kind over the tables, whose relations by
# foreign keys are known (take_relations). Gives the SQL; they stand in
# "declared", to be taken again.
sub declare_relations
{
	my (@tables) = @_;
	my $sql = '';
	for my $make (\&one_of_many, \&by_array, \&by_function, \&through, \&through)
	{
		for my $table (@tables)
		{
			my $relation = chance(35) ? $make->($table, @tables) : undef;
			next if !$relation;
			$sql .= $relation->{sql};
			push @{ $table->{$_} }, $relation for qw(relations declared);
		}
	}
	return $sql;
}

1;
