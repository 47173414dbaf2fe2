package Results;

# Reads the tables that the client prints, and says what counts in them. The
# report for people and the pages of the documentation both stand on it.
use strict;
use warnings;

# At most so many times the raw rows' time, and at least so many times as fast as the best JSON.
our %limits = (
	W1 => { raw => 1.05, json => 1.0 },
	W2 => { raw => 1.0, json => 2.2 },
	W3u => { raw => 1.0, json => 2.2 },
	W3p => { raw => 1.0, json => 2.2 },
	W4 => { raw => 1.2, json => 1.45 },
	W5 => { raw => 1.2, json => 1.45 },
	W6 => { raw => 1.2, json => 1.7 },
	W7 => { raw => 1.25, json => 1.3 },
	W8 => { raw => 1.2, json => 1.15 },
	W9 => { raw => 0.9 },
	W9l => { raw => 0.02 },
	W10 => { raw => 2.0 },
	W10s => { raw => 2.0 },
	I100000 => { raw => 1.3 },
	R100000 => { raw => 1.3 },
);

# of tables of other shapes: never slower than JSON by hand
sub limits_of { my ($name) = @_; return $limits{$name} || ($name =~ /^M\d/ ? { json => 1.0 } : {}) }

# From Node, to finished objects: mappers take at least so many times as long.
our %orm_limits = (drizzle => 1.7, prisma => 3, typeorm => 3, sequelize => 3, mikroorm => 10, stitch => 1);

# The same for the creation of a graph, which the workloads C1, C2, ... are.
our %write_limits = (drizzle => 10, prisma => 10, typeorm => 10);

# at least so many times as long as orm, or undef
sub mapper_limit {
	my ($workload, $kind) = @_;
	return ($workload =~ /^C/ ? \%write_limits : \%orm_limits)->{$kind};
}

# rows of a table of tab-separated values with a heading, as hashes; comments are left out
sub read_table {
	my ($path) = @_;
	open my $file, '<', $path or die "cannot read $path: $!\n";
	my @lines = grep { !/^#/ } <$file>;
	chomp @lines;
	my @names = split /\t/, shift(@lines) // die "$path is empty\n";
	return map { my %row; @row{@names} = split /\t/; \%row } @lines;
}

# what the runner noted about the machine and the versions
sub read_notes {
	my ($path) = @_;
	open my $file, '<', $path or die "cannot read $path: $!\n";
	return map { /^# ([^:]+): (.*)/ ? ($1 => $2) : () } <$file>;
}

# workloads in the order of the file, each with its variants
sub read_times {
	my ($path) = @_;
	my (@workloads, %seen);
	for my $row (read_table($path)) {
		my $workload = $seen{ $row->{workload} };
		if (!$workload) {
			$workload = $seen{ $row->{workload} } = { name => $row->{workload}, title => $row->{title}, variants => [] };
			push @workloads, $workload;
		}
		push @{ $workload->{variants} }, $row;
	}
	return @workloads;
}

sub best {
	my ($workload, $kind, $measure) = @_;
	my ($best) = sort { $a->{$measure} <=> $b->{$measure} } grep { $_->{kind} eq $kind } @{ $workload->{variants} };
	return $best;
}

# Wall time where client and server shared one CPU, else the server's CPU time.
sub compare {
	my ($workload) = @_;
	my $measure = $workload->{variants}[0]{pinned} ? 'wall_ms' : 'cpu_ms';
	my ($raw, $json, $orm) = map { best($workload, $_, $measure) } qw(raw json orm);
	my %result = (
		measure => $measure eq 'wall_ms' ? 'wall' : 'cpu',
		orm => $orm->{$measure});
	@result{qw(raw orm_to_raw best_raw)} = ($raw->{$measure}, $orm->{$measure} / $raw->{$measure}, $raw->{variant}) if $raw;
	@result{qw(json json_to_orm best_json)} = ($json->{$measure}, $json->{$measure} / $orm->{$measure}, $json->{variant}) if $json;
	return \%result;
}

1;
