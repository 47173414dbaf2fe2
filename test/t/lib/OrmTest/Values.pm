# Random values of many types, and how SQL and JSON write things down.
#
# Not here: tables (Schema) and conditions (Where).
package OrmTest::Values;

use strict;
use warnings;
use utf8;
use Exporter qw(import);

our @EXPORT = qw(seed_random pick chance between shuffled literal identifier json json_text
  type_named type_names random_value random_text);

# Perl's own generator is the same everywhere, so a seed says all.
sub seed_random
{
	my ($seed) = @_;
	srand($seed);
	return;
}

sub between { my ($low, $high) = @_; return $low + int(rand($high - $low + 1)) }
sub chance { my ($percent) = @_; return rand(100) < $percent }
sub pick { return $_[ int(rand(@_)) ] }

sub shuffled
{
	my @list = @_;
	for my $i (reverse 1 .. $#list)
	{
		my $j = int(rand($i + 1));
		@list[ $i, $j ] = @list[ $j, $i ];
	}
	return @list;
}

sub literal
{
	my ($text) = @_;
	return 'NULL' if !defined $text;
	$text =~ s/'/''/g;
	return "'$text'";
}

sub identifier
{
	my ($name) = @_;
	$name =~ s/"/""/g;
	return qq{"$name"};
}

my %escape = ("\b" => '\b', "\f" => '\f', "\n" => '\n', "\r" => '\r', "\t" => '\t', '"' => '\"', '\\' => '\\\\');

sub json_text
{
	my ($text) = @_;
	$text =~ s/([\x01-\x1f"\\])/$escape{$1} \/\/ sprintf('\u%04x', ord($1))/ge;
	return qq{"$text"};
}

# A document from hashes, lists and strings; a reference to a string is a token as it stands.
sub json
{
	my ($value) = @_;
	return 'null' if !defined $value;
	return '{' . join(',', map { json_text($_) . ':' . json($value->{$_}) } sort keys %$value) . '}' if ref $value eq 'HASH';
	return '[' . join(',', map { json($_) } @$value) . ']' if ref $value eq 'ARRAY';
	return $$value if ref $value;
	return json_text($value);
}

my @pieces = ('', 'a', 'B', 'ab', 'x%', '_', '\\', "'", '"', '\\"', "\n", "\t", "\x01", "\x1f", "\x7f", 'é', 'ß', '漢字', '😀',
	'$1', '/*', '--', '{', '}', '[', ',', ' ', '  ', 'null', '%', 'zz', '</script>', "\x{2028}");

sub random_text
{
	return join '', map { chr(between(32, 126)) } 1 .. between(2500, 9000) if chance(1);
	return join '', map { pick(@pieces) } 1 .. between(0, 5);
}

sub random_bytes { return '\\x' . join '', map { sprintf '%02x', between(0, 255) } 1 .. between(0, 20) }
sub random_uuid { return sprintf '%08x-%04x-4%03x-a%03x-%012x', map { int(rand($_)) } 2**32, 2**16, 2**12, 2**12, 2**47 }
sub random_date { return pick('infinity', '-infinity', '0044-03-15 BC', '2024-02-29') if chance(10); return sprintf '%04d-%02d-%02d', between(1900, 2100), between(1, 12), between(1, 28) }
sub random_time { return sprintf '%02d:%02d:%02d%s', between(0, 23), between(0, 59), between(0, 59), pick('', '.5', '.123456', '.000001') }
sub random_stamp { my $date = random_date(); return $date =~ /inf/ ? $date : $date =~ /(.*) BC/ ? "$1 " . random_time() . ' BC' : "$date " . random_time() }
sub random_zone { return pick('+00', '+05:30', '-08', '+01:23:45') }
sub random_stampz { my $stamp = random_stamp(); return $stamp =~ /inf/ ? $stamp : $stamp =~ /(.*) BC/ ? "$1+01 BC" : $stamp . random_zone() }
sub random_numeric { return pick('0', '0.00', '-0.1', '1e30', '123456789012345678901234567890.123456789', 'NaN', '1.10', between(-5, 5)) }
sub quoted { my ($text) = @_; $text =~ s/([\\"])/\\$1/g; return qq{"$text"} }
sub random_list { my ($make) = @_; return '{' . join(',', map { chance(20) ? 'NULL' : $make->() } 1 .. between(0, 4)) . '}' }

sub random_document
{
	my ($depth) = @_;
	my $kind = between(0, $depth > 0 ? 6 : 4);
	return undef if $kind == 0;
	return \pick('true', 'false') if $kind == 1;
	return \pick('0', '1', '-1.50', '1e2', '12345678901234567890') if $kind == 2;
	return join '', map { pick(@pieces) } 0 .. 1 if $kind <= 4;
	return [ map { random_document($depth - 1) } 1 .. between(0, 3) ] if $kind == 5;
	return { map { pick('a', 'b', 'c', 'a b', '"', 'é') => random_document($depth - 1) } 1 .. between(0, 3) };
}

# make: a value as text, or by number one of distinct values; json: how a document may give it;
# order: sortable; equal: has an "="; text: patterns work; casts: types that a foreign key may have as well
my %types = (
	int2 => { sql => 'smallint', make => sub { between(-9, 9) }, json => 'number', order => 1 },
	int4 => { sql => 'integer', make => sub { chance(10) ? pick(2147483647, -2147483648) : between(-9, 9) }, json => 'number', order => 1,
		nth => sub { $_[0] * 7 - 20 }, casts => ['int8'] },
	int8 => { sql => 'bigint', make => sub { chance(20) ? pick('9223372036854775807', '-9223372036854775808', '9007199254740993') : between(-9, 9) },
		json => 'number', order => 1, nth => sub { $_[0] + 1 }, casts => [ 'int4', 'int2' ] },
	numeric => { sql => 'numeric', make => \&random_numeric, json => 'string', order => 1, nth => sub { $_[0] . pick('', '.0', '.00') }, casts => ['int4'] },
	money2 => { sql => 'numeric(10,2)', make => sub { between(-999, 999) / 100 }, json => 'number', order => 1 },
	float4 => { sql => 'real', make => sub { pick('0.1', '-0', '1e10', 'NaN', 'Infinity', between(-3, 3)) }, json => 'string', order => 1 },
	float8 => { sql => 'double precision', make => sub { pick('0.1', '-0', '1e-7', '1e300', 'NaN', '-Infinity', between(-3, 3)) }, json => 'string', order => 1 },
	bool => { sql => 'boolean', make => sub { pick('true', 'false') }, json => 'bare', order => 1 },
	text => { sql => 'text', make => \&random_text, json => 'string', order => 1, text => 1, nth => sub { pick('', ' ', 'é"', "\\\n") . "k$_[0]" }, casts => ['varchar'] },
	varchar => { sql => 'varchar(30)', make => sub { substr random_text(), 0, 20 }, json => 'string', order => 1, text => 1, nth => sub { "v$_[0] " } },
	bpchar => { sql => 'char(5)', make => sub { pick('a', 'b', 'ab', 'é', '') }, json => 'string', order => 1, nth => sub { "c$_[0]" } },
	name => { sql => 'name', make => sub { pick('a', 'pg', 'é"', 'B') }, json => 'string', order => 1 },
	char => { sql => '"char"', make => sub { pick('a', 'b', 'Z') }, json => 'string', order => 1 },
	date => { sql => 'date', make => \&random_date, json => 'string', order => 1, nth => sub { sprintf '2020-%02d-%02d', 1 + $_[0] % 12, 1 + int($_[0] / 12) } },
	time => { sql => 'time', make => \&random_time, json => 'string', order => 1 },
	timetz => { sql => 'timetz', make => sub { random_time() . random_zone() }, json => 'string', order => 1 },
	timestamp => { sql => 'timestamp', make => \&random_stamp, json => 'string', order => 1 },
	timestamptz => { sql => 'timestamptz', make => \&random_stampz, json => 'string', order => 1, nth => sub { sprintf '2020-01-01 00:00:%02d.%d+00', $_[0] % 60, int($_[0] / 60) } },
	interval => { sql => 'interval', make => sub { pick('1 day', '24:00:00', '-1 mon 2 days', '1 year 00:00:00.5', '0') }, json => 'string', order => 1 },
	uuid => { sql => 'uuid', make => \&random_uuid, json => 'string', order => 1, nth => sub { sprintf '%08x-0000-4000-a000-000000000000', $_[0] } },
	jsonb => { sql => 'jsonb', make => sub { json(random_document(2)) }, json => 'document', order => 1 },
	json => { sql => 'json', make => sub { pick('', ' ') . json(random_document(2)) } },
	ints => { sql => 'integer[]', make => sub { random_list(sub { between(-3, 3) }) }, json => 'array', order => 1 },
	texts => { sql => 'text[]', make => sub { random_list(sub { quoted(join '', map { pick(@pieces) } 1 .. 2) }) }, order => 1 },
	grid => { sql => 'numeric[]', make => sub { pick('{}', '{{1,2},{3,4.50}}', '[2:3]={1,NULL}') }, order => 1 },
	bytea => { sql => 'bytea', make => \&random_bytes, json => 'string', order => 1, nth => sub { sprintf '\\x%02x', $_[0] } },
	inet => { sql => 'inet', make => sub { pick('10.0.0.1', '10.0.0.0/8', '::1', '192.168.1.1/24') }, json => 'string', order => 1 },
	range => { sql => 'int4range', make => sub { pick('empty', '[1,5)', '(,3]', '[2,)') }, json => 'string', order => 1 },
	bit => { sql => 'bit(3)', make => sub { pick('101', '000', '111') }, json => 'string', order => 1 },
	oid => { sql => 'oid', make => sub { pick(0, 1259, 4294967295) }, json => 'number', order => 1 },
	point => { sql => 'point', make => sub { pick('(1,2)', '(0.1,-0)') }, none => 1 },
	vector => { sql => 'tsvector', make => sub { pick("'a':1 'b':2", '') }, order => 1 },
	mood => { sql => 'orm_test.mood', make => sub { pick('sad', 'a "b"', 'ok', 'Émile') }, json => 'string', order => 1, nth => undef },
	positive => { sql => 'orm_test.positive', make => sub { between(1, 9) }, json => 'number', order => 1, nth => sub { $_[0] + 1 } },
	label => { sql => 'orm_test.label', make => sub { substr random_text(), 0, 20 }, json => 'string', order => 1, text => 1 },
	numbers => { sql => 'orm_test.numbers', make => sub { random_list(sub { between(1, 3) }) }, order => 1 },
	pair => { sql => 'orm_test.pair', make => sub { pick('(1,x)', '(,)', '(,"a ""b"" \\\\")') }, order => 1 },
);
$types{$_}{name} = $_ for keys %types;

sub type_named { my ($name) = @_; return $types{$name} // die "no type $name" }

# All types, or those that have what is asked for.
sub type_names
{
	my ($what) = @_;
	return grep { !defined $what || $types{$_}{$what} } sort keys %types;
}

sub random_value { my ($type) = @_; return '' . $type->{make}->() }

1;
