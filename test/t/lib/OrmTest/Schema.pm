# Generates tables with keys, foreign keys and rows, and says which relations
# they give.
#
# Not here: what is asked of them (Where, Tree).
package OrmTest::Schema;

use strict;
use warnings;
use utf8;
use Exporter qw(import);
use List::Util qw(min);
use OrmTest::Values;

our @EXPORT = qw(random_schema schema_sql qualified types_sql pairs);
# for those that make tables of their own
our @EXPORT_OK = qw(new_table add_column add_key add_values add_foreign_key foreign_type foreign_value fill connect_rows);

my @column_names = (
	'select', 'a b', 'q"uote', '$1', 'ünïcödé', 'UPPER', 'user', 'order', 'a.b', '-neg', 'count', 't', 'k', 'ord', 'p', 'l', 'c0',
	'k1', 'rn', 'o1', 'key', 'back\\slash', "it's", "tab\tname", "new\nline", '%s', '/* c */', '--', '?', ':x', 'true', '$op', '$$', 'null', '漢',
	'name', 'active', 'created_at', 'n_' . ('x' x 61), 'é' x 31, 'parent', ' ', 'load', 'where', 'camelCase');
my @table_names = ('users', 'Order', 'select', 't 1 "x"', 'group', 'a.b', 'é', 'posts', 'long_' . ('t' x 58), 'tags', 'k', "it's", '$t', 'pair', 'x');

# the types that columns have beyond the server's own
sub types_sql
{
	return <<'SQL';
CREATE SCHEMA orm_test;
CREATE TYPE orm_test.mood AS ENUM ('sad', 'ok', 'a "b"', 'Émile');
CREATE DOMAIN orm_test.positive AS integer CHECK (VALUE > 0);
CREATE DOMAIN orm_test.label AS varchar(40);
CREATE DOMAIN orm_test.numbers AS integer[];
CREATE TYPE orm_test.pair AS (one integer, "t w" text);
SQL
}

sub pairs { my ($near, $far) = @_; return [ map { [ $near->[$_], $far->[$_] ] } 0 .. $#$near ] }

sub qualified { my ($table) = @_; return identifier($table->{schema}) . '.' . identifier($table->{table}) }

sub new_table
{
	my ($schema, $taken) = @_;
	my ($name) = grep { !$taken->{$schema}{$_} } shuffled(@table_names);
	$taken->{$schema}{$name} = 1;
	return { schema => $schema, table => $name, names => [ shuffled(@column_names) ], columns => [], keys => [], uniques => [], fks => [], indexes => [] };
}

sub add_column
{
	my ($table, $type, %more) = @_;
	my $column = { name => shift @{ $table->{names} }, type => $type, %more };
	push @{ $table->{columns} }, $column;
	return $column;
}

sub add_key
{
	my ($table) = @_;
	my @types = grep { type_named($_)->{nth} } type_names();
	push @{ $table->{keys} }, add_column($table, type_named(pick(@types)), notnull => 1, nth => 1) for 1 .. (chance(35) ? between(2, 3) : 1);
	return;
}

sub add_values
{
	my ($table, $most) = @_;
	add_column($table, type_named(pick(type_names())), notnull => chance(20)) for 1 .. between(1, $most);
	# a second key that others may reference
	if (chance(40))
	{
		my @columns = map { add_column($table, type_named(pick(qw(text int8 uuid))), nth => 1, notnull => chance(50)) } 1 .. between(1, 2);
		push @{ $table->{uniques} }, \@columns;
	}
	return;
}

sub foreign_type
{
	my ($type) = @_;
	return $type->{casts} && chance(30) ? type_named(pick(@{ $type->{casts} })) : $type;
}

my $constraints = 0;

# A foreign key of new columns; options: notnull, unique.
sub add_foreign_key
{
	my ($table, $target, %more) = @_;
	my $to = @{ $target->{uniques} } && chance(35) ? pick(@{ $target->{uniques} }) : $target->{keys};
	my @from = map { add_column($table, foreign_type($_->{type}), notnull => $more{notnull}) } @$to;
	$from[-1]{name} = 'fk_' . ++$constraints . pick('_id', 'Id', '') if chance(30);
	my $fk = { name => 'c' . ++$constraints, table => $table, target => $target, from => \@from, to => $to, unique => $more{unique} };
	push @{ $table->{fks} }, $fk;
	push @{ $table->{uniques_of_fks} }, \@from if $more{unique};
	push @{ $table->{indexes} }, \@from if chance(50);
	return $fk;
}

sub junction
{
	my ($schema, $taken, @ends) = @_;
	my $table = new_table($schema, $taken);
	my @fks = map { add_foreign_key($table, $_, notnull => 1) } @ends;
	$table->{junction} = \@fks;
	$table->{keys} = [ map { @{ $_->{from} } } @fks ];
	add_column($table, type_named(pick(type_names()))) for 1 .. (chance(50) ? between(1, 3) : 0);
	return $table;
}

# ---- rows ----

# A row of the target for a foreign key, the first ones more often; or none.
sub reference
{
	my ($fk) = @_;
	my $rows = $fk->{target}{rows};
	my $nullable = !grep { $_->{notnull} } @{ $fk->{from} };
	return undef if !@$rows || ($nullable && chance(20));
	my $row = $rows->[ int(rand()**3 * @$rows) ];
	return (grep { !defined $row->{ $_->{name} } } @{ $fk->{to} }) ? undef : $row;
}

# The value of a key as a column of another type has it, perhaps in other digits.
sub foreign_value
{
	my ($value, $type) = @_;
	$value =~ s/\.0+$// if $type->{name} =~ /^int/;
	$value .= '.0' if $type->{name} eq 'numeric' && $value !~ /\./ && chance(50);
	return $value;
}

sub set_reference
{
	my ($fk, $row) = @_;
	my $target = reference($fk);
	my @from = @{ $fk->{from} };
	$row->{ $_->{name} } = undef for @from;
	return if !$target;
	$row->{ $from[$_]{name} } = foreign_value($target->{ $fk->{to}[$_]{name} }, $from[$_]{type}) for 0 .. $#from;
	# partly NULL: references nothing
	if (@from > 1 && !$from[0]{notnull} && chance(10)) { $row->{ pick(map { $_->{name} } @from) } = undef }
	else { $row->{"\0to"}{ $fk->{name} } = $target }
	return;
}

sub column_value
{
	my ($column, $number) = @_;
	return undef if !$column->{notnull} && chance($column->{nth} ? 10 : 20);
	return '' . $column->{type}{nth}->($number) if $column->{nth};
	return random_value($column->{type});
}

sub fill
{
	my ($table, $count) = @_;
	my %foreign = map { $_->{name} => 1 } map { @{ $_->{from} } } @{ $table->{fks} };
	my %seen;
	$table->{rows} = [];
	for my $number (shuffled(1 .. $count))
	{
		my %row = map { $_->{name} => $foreign{ $_->{name} } ? undef : column_value($_, $number) } @{ $table->{columns} };
		push @{ $table->{rows} }, \%row;
	}
	return;
}

# Does a row hold values that an earlier one has in a unique set of foreign keys?
sub repeats
{
	my ($table, $row, $seen) = @_;
	my @sets = grep { $_ } $table->{junction} ? $table->{keys} : (), @{ $table->{uniques_of_fks} // [] };
	my @keys;
	for my $i (0 .. $#sets)
	{
		my @values = map { $row->{ $_->{name} } } @{ $sets[$i] };
		next if grep { !defined } @values;
		# 1 and 1.0 are one value
		s/\.0+$// for @values;
		push @keys, join "\0", $i, @values;
	}
	return 1 if grep { $seen->{$_} } @keys;
	$seen->{$_} = 1 for @keys;
	return 0;
}

# Does a row lack what it must reference? What it may leave off becomes NULL.
sub dangles
{
	my ($table, $row) = @_;
	for my $fk (@{ $table->{fks} })
	{
		my $target = $row->{"\0to"}{ $fk->{name} };
		next if $target && !$target->{"\0gone"};
		return 1 if grep { $_->{notnull} } @{ $fk->{from} };
		$row->{ $_->{name} } = undef for $target ? @{ $fk->{from} } : ();
	}
	return 0;
}

# Foreign keys are set once all tables have rows; what cannot have one goes, and what references that.
sub connect_rows
{
	my (@tables) = @_;
	for my $table (@tables)
	{
		my %seen;
		for my $row (@{ $table->{rows} })
		{
			set_reference($_, $row) for @{ $table->{fks} };
			$row->{"\0gone"} = repeats($table, $row, \%seen);
		}
	}
	my $gone = 1;
	while ($gone)
	{
		$gone = 0;
		for my $table (@tables)
		{
			$_->{"\0gone"} ||= dangles($table, $_) && ++$gone for @{ $table->{rows} };
		}
	}
	$_->{rows} = [ grep { !$_->{"\0gone"} } @{ $_->{rows} } ] for @tables;
	return;
}

# ---- the whole ----

# Tables in the given schemas, in the order in which rows can be connected.
sub random_schema
{
	my (@schemas) = @_;
	my %taken;
	my @tables = map { new_table($schemas[ $_ % @schemas ], \%taken) } 1 .. between(3, 4);
	# a table of the same name elsewhere
	if (@schemas > 1 && chance(70))
	{
		my ($one, $other) = @tables[ 0, 1 ];
		$other->{table} = $one->{table} if !$taken{ $other->{schema} }{ $one->{table} };
		$taken{ $other->{schema} }{ $other->{table} } = 1;
	}
	for my $table (@tables)
	{
		add_key($table);
		add_values($table, 5);
	}
	for my $i (0 .. $#tables)
	{
		my @earlier = @tables[ 0 .. ($i ? $i - 1 : 0) ];
		add_foreign_key($tables[$i], pick(@earlier), notnull => $i > 0 && chance(25), unique => chance(20)) for 1 .. ($i ? between(1, 3) : 0);
		add_foreign_key($tables[$i], $tables[$i]) if chance(40);
		add_values($tables[$i], 2) if chance(30);
	}
	# a cycle
	add_foreign_key($tables[0], $tables[-1]) if chance(40);
	push @tables, junction(pick(@schemas), \%taken, pick(@tables), pick(@tables)) for 1 .. between(1, 2);
	fill($_, chance(7) ? 0 : between(4, 18)) for @tables;
	connect_rows(@tables);
	$_->{columns} = [ shuffled(@{ $_->{columns} }) ] for @tables;
	for my $table (@tables) { add_sorted_index($table, $_) for @{ $table->{fks} } }
	return @tables;
}

# Now and then an index gives the rows of a foreign key in an order of other columns.
sub add_sorted_index
{
	my ($table, $fk) = @_;
	my @columns = grep { $_->{type}{order} } @{ $table->{columns} };
	return if !@columns || !chance(50);
	my @items = map { { column => $_, down => chance(50), nulls => pick('', ' FIRST', ' LAST') } } (shuffled(@columns))[ 0 .. min(between(0, 1), $#columns) ];
	push @{ $table->{sorted} }, { links => $fk->{from}, items => \@items };
	return;
}

sub sorted_index_sql
{
	my ($sorted) = @_;
	my @items = map { identifier($_->{column}{name}) . ($_->{down} ? ' DESC' : '') . ($_->{nulls} && " NULLS$_->{nulls}") } @{ $sorted->{items} };
	return join ', ', columns_list(@{ $sorted->{links} }), @items;
}

sub columns_list { return join ', ', map { identifier($_->{name}) } @_ }

sub table_sql
{
	my ($table) = @_;
	my @parts = map { identifier($_->{name}) . ' ' . $_->{type}{sql} . ($_->{notnull} ? ' NOT NULL' : '') } @{ $table->{columns} };
	push @parts, 'PRIMARY KEY (' . columns_list(@{ $table->{keys} }) . ')';
	push @parts, map { 'UNIQUE (' . columns_list(@$_) . ')' } @{ $table->{uniques} }, @{ $table->{uniques_of_fks} // [] };
	my $name = qualified($table);
	my $sql = "CREATE TABLE $name (" . join(', ', @parts) . ");\n";
	$sql .= "CREATE INDEX ON $name (" . columns_list(@$_) . ");\n" for @{ $table->{indexes} };
	$sql .= "CREATE INDEX ON $name (" . sorted_index_sql($_) . ");\n" for @{ $table->{sorted} // [] };
	if (@{ $table->{rows} })
	{
		my @rows = map {
			my $row = $_;
			'(' . join(', ', map { literal($row->{ $_->{name} }) } @{ $table->{columns} }) . ')'
		} @{ $table->{rows} };
		$sql .= "INSERT INTO $name VALUES\n" . join(",\n", @rows) . ";\n";
	}
	return $sql;
}

sub schema_sql
{
	my (@tables) = @_;
	my $sql = join '', map { table_sql($_) } @tables;
	for my $fk (map { @{ $_->{fks} } } @tables)
	{
		$sql .= 'ALTER TABLE ' . qualified($fk->{table}) . " ADD CONSTRAINT $fk->{name} FOREIGN KEY (" . columns_list(@{ $fk->{from} }) .
		  ') REFERENCES ' . qualified($fk->{target}) . ' (' . columns_list(@{ $fk->{to} }) . ");\n";
	}
	return $sql;
}

1;
